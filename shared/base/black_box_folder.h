#pragma once

// Where black boxes are kept: a folder with a bounded number of bounded files, of which none is written twice within
// an hour for the same cause and the same thing, and none is given up for another before it is an hour old. So neither
// a peer nor a mistake of one's own fills the disk, and what was written first of a flood, which tells most, stays.

#include <cstdint>
#include <string>

#include "shared/base/black_box.h"

namespace stoa {

class BlackBoxFolder {
public:
    // The folder is made with the first file.
    BlackBoxFolder(std::string path, size_t filesMax) : path_(std::move(path)), filesMax_(filesMax) {}

    struct Kept {
        std::string file;    // its path; empty: not written
        std::string problem; // why, as a sentence, where it is the disk
    };
    // Blocks on the disk, throws nothing. `nowMs` by the wall clock.
    Kept keep(const BlackBoxReport& report, int64_t nowMs) const;

    const std::string& path() const { return path_; }
    // How many there are.
    size_t count() const;

    static constexpr size_t fileBytesMax = 128 * 1024; // what is longer is cut
    static constexpr int64_t againMs = 3'600'000;

private:
    std::string path_;
    size_t filesMax_;
};

} // namespace stoa
