#pragma once

// The links that Stoa opens, as text and as values. Pure functions; whatever a link contains comes from
// outside and is checked here against strict limits before anything is done with it.
//
//   stoa://HOST:PORT/join?organisation=NAME&login=LOGIN&code=HEX&pin=HEX
//   stoa://HOST:PORT/post/HEX
//
// HOST is a name, an IPv4 address, or an IPv6 address in brackets. Values are percent-encoded UTF-8.

#include <cstdint>
#include <string>
#include <string_view>

#include "shared/base/ids.h"

namespace stoa {

struct ServerAddress {
    std::string host; // without brackets
    uint16_t port = 0;

    friend bool operator==(const ServerAddress&, const ServerAddress&) = default;
};

// An invitation: whoever opens it first sets the password of `login`.
struct InviteLink {
    ServerAddress server;
    std::string organisation;
    std::string login;
    std::string code; // 16 raw bytes
    std::string pin;  // 32 raw bytes: SHA-256 of the server certificate's SubjectPublicKeyInfo

    friend bool operator==(const InviteLink&, const InviteLink&) = default;
};

struct PostLink {
    ServerAddress server;
    Id post;

    friend bool operator==(const PostLink&, const PostLink&) = default;
};

enum class LinkError {
    None,
    NotStoa, // does not begin with stoa://
    TooLong,
    Address,  // no host, no port, or not ones that can be
    Path,     // neither /join nor /post/...
    Encoding, // a broken percent-encoding, or text that is not clean UTF-8
    Missing,  // a part of the invitation is missing, or is there twice
    Code,     // not 32 hexadecimal digits
    Pin,      // not 64 hexadecimal digits
    Post,     // not 32 hexadecimal digits
};

constexpr size_t linkBytesMax = 4096;
constexpr size_t inviteCodeBytes = 16;
constexpr size_t pinBytes = 32;

// "HOST:PORT" in all three forms of a host, and back.
LinkError parseAddress(std::string_view text, ServerAddress& address);
std::string printAddress(const ServerAddress& address);

// Fills the value and says None, or says what is wrong and leaves the value as it was.
LinkError parseInviteLink(std::string_view text, InviteLink& link);
LinkError parsePostLink(std::string_view text, PostLink& link);

std::string printInviteLink(const InviteLink& link);
std::string printPostLink(const PostLink& link);

// In English, for logs and the command line; the desktop words it in its own language.
std::string_view linkErrorSentence(LinkError error);

} // namespace stoa
