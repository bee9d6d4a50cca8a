#pragma once

// How the bytes of a fuzzer become what a target is given.
//
//   messages := (size message)*     size: 2 bytes, big-endian; the last message may be shorter; 16 of them count
//   files    := file (0xFF file)*   0xFF is in no UTF-8

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::test {

inline std::string_view inputText(const uint8_t* data, size_t size)
{
    return {reinterpret_cast<const char*>(data), size};
}

constexpr size_t messagesMax = 16; // longer talks cost more time than they show anything new

inline std::vector<std::string> splitMessages(std::string_view input)
{
    std::vector<std::string> messages;
    while (input.size() > 2 && messages.size() < messagesMax) {
        const size_t size = size_t(uint8_t(input[0])) << 8 | uint8_t(input[1]);
        input.remove_prefix(2);
        messages.emplace_back(input.substr(0, size));
        input.remove_prefix(std::min(size, input.size()));
    }
    return messages;
}

inline std::string joinMessages(const std::vector<std::string>& messages)
{
    std::string input;
    for (const std::string& message : messages) {
        input += char(message.size() >> 8);
        input += char(message.size());
        input += message;
    }
    return input;
}

inline std::vector<std::string> splitFiles(std::string_view input)
{
    std::vector<std::string> files;
    for (size_t end = 0; end != std::string_view::npos; input.remove_prefix(std::min(end, input.size() - 1) + 1)) {
        end = input.find('\xff');
        files.emplace_back(input.substr(0, end));
        if (end == std::string_view::npos)
            break;
    }
    return files;
}

} // namespace stoa::test
