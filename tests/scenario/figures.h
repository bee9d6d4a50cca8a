#pragma once

// What a replica counts of its records, held against counting anew.

#include <string>

namespace stoa::test {

// Empty, or what is wrong with the figures of the replica in this file. `scratch` is one that does not exist.
std::string wrongFigures(const std::string& path, const std::string& scratch);

} // namespace stoa::test
