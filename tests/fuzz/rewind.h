#pragma once

// Takes a SQLite database back to an earlier state while its connections stay open: opening them and preparing their
// statements costs more than most inputs do. All that was written since lies in the log, behind the end that the
// log's index told then; so the index is put back (https://www.sqlite.org/walformat.html, "The WAL-Index File
// Format"), and each connection notices with its next transaction. None may be open meanwhile, and nothing may have
// been written back from the log.

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "shared/base/assert.h"

namespace stoa::test {

class Rewind {
public:
    // To the state of now.
    explicit Rewind(const std::filesystem::path& database)
        : index_(database.string() + "-shm", std::ios::in | std::ios::out | std::ios::binary), then_(read())
    {
        STOA_ASSERT(then_.size() > writtenBackAt + sizeof(uint32_t));
    }

    void operator()()
    {
        STOA_ASSERT(read().compare(writtenBackAt, sizeof(uint32_t), then_, writtenBackAt, sizeof(uint32_t)) == 0);
        index_.seekp(0);
        index_.write(then_.data(), std::streamsize(then_.size()));
        index_.flush();
        STOA_ASSERT(index_.good());
    }

private:
    static constexpr size_t writtenBackAt = 96; // how many frames of the log were
    static constexpr size_t indexBytes = 32 * 1024;

    std::string read()
    {
        std::string bytes(indexBytes, '\0');
        index_.seekg(0);
        index_.read(bytes.data(), std::streamsize(bytes.size()));
        bytes.resize(size_t(index_.gcount()));
        index_.clear();
        return bytes;
    }

    // Stays open: closing it would let go of the locks that this process has on the file.
    std::fstream index_;
    std::string then_;
};

} // namespace stoa::test
