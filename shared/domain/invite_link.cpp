#include "shared/domain/invite_link.h"

#include <charconv>
#include <optional>

#include "shared/base/limits.h"
#include "shared/base/text.h"

namespace stoa {

namespace {

constexpr std::string_view scheme = "stoa://";
constexpr size_t hostBytesMax = 253;

bool isAlnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::string encode(std::string_view text)
{
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : text) {
        if (isAlnum(c) || c == '-' || c == '.' || c == '_' || c == '~') {
            encoded += c;
        } else {
            const auto byte = static_cast<uint8_t>(c);
            encoded += {'%', digits[byte >> 4], digits[byte & 15]};
        }
    }
    return encoded;
}

std::optional<std::string> decode(std::string_view text)
{
    std::string decoded;
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += text[i];
            continue;
        }
        const auto byte = fromHex(text.substr(i + 1, 2));
        if (text.size() - i < 3 || !byte || byte->size() != 1)
            return std::nullopt;
        decoded += *byte;
        i += 2;
    }
    if (!isCleanUtf8(decoded))
        return std::nullopt;
    return decoded;
}

bool hostIsValid(std::string_view host, bool bracketed)
{
    if (host.empty() || host.size() > hostBytesMax)
        return false;
    for (const char c : host) {
        const bool inName = isAlnum(c) || c == '-' || c == '.' || c == '_';
        const bool inAddress = isAlnum(c) || c == ':' || c == '.';
        if (!(bracketed ? inAddress : inName))
            return false;
    }
    return bracketed ? host.find(':') != host.npos : host.front() != '-' && host.front() != '.';
}

// Splits "stoa://ADDRESS/PATH?QUERY"; path and query without their marks.
struct Parts {
    ServerAddress server;
    std::string_view path;
    std::string_view query;
};

LinkError split(std::string_view text, Parts& parts)
{
    text = trim(text);
    if (text.size() > linkBytesMax)
        return LinkError::TooLong;
    if (!text.starts_with(scheme))
        return LinkError::NotStoa;
    text.remove_prefix(scheme.size());
    const size_t slash = text.find('/');
    if (const LinkError wrong = parseAddress(text.substr(0, slash), parts.server); wrong != LinkError::None)
        return wrong;
    if (slash == text.npos)
        return LinkError::Path;
    text.remove_prefix(slash + 1);
    const size_t mark = text.find('?');
    parts.path = text.substr(0, mark);
    parts.query = mark == text.npos ? std::string_view() : text.substr(mark + 1);
    return LinkError::None;
}

// The value of one key of the query, which must be there exactly once.
LinkError value(std::string_view query, std::string_view key, std::string& out)
{
    int found = 0;
    while (!query.empty()) {
        const size_t end = query.find('&');
        const std::string_view pair = query.substr(0, end);
        query = end == query.npos ? std::string_view() : query.substr(end + 1);
        const size_t equals = pair.find('=');
        if (pair.substr(0, equals) != key || equals == pair.npos)
            continue;
        ++found;
        auto decoded = decode(pair.substr(equals + 1));
        if (!decoded)
            return LinkError::Encoding;
        out = std::move(*decoded);
    }
    return found == 1 && !out.empty() ? LinkError::None : LinkError::Missing;
}

} // namespace

LinkError parseAddress(std::string_view text, ServerAddress& address)
{
    const bool bracketed = text.starts_with('[');
    const size_t colon = text.rfind(':');
    if (colon == text.npos)
        return LinkError::Address;
    std::string_view host = text.substr(0, colon);
    if (bracketed) {
        if (host.size() < 2 || host.back() != ']')
            return LinkError::Address;
        host = host.substr(1, host.size() - 2);
    }
    const std::string_view digits = text.substr(colon + 1);
    uint16_t port = 0;
    const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (failed != std::errc{} || end != digits.data() + digits.size() || port == 0 || !hostIsValid(host, bracketed))
        return LinkError::Address;
    address = {std::string(host), port};
    return LinkError::None;
}

std::string printAddress(const ServerAddress& address)
{
    const bool brackets = address.host.find(':') != std::string::npos;
    return (brackets ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

LinkError parseInviteLink(std::string_view text, InviteLink& link)
{
    Parts parts;
    if (const LinkError wrong = split(text, parts); wrong != LinkError::None)
        return wrong;
    if (parts.path != "join")
        return LinkError::Path;
    InviteLink found{.server = parts.server};
    std::string code;
    std::string pin;
    const std::pair<std::string_view, std::string*> wanted[] = {
        {"organisation", &found.organisation}, {"login", &found.login}, {"code", &code}, {"pin", &pin}};
    for (const auto& [key, out] : wanted) {
        if (const LinkError wrong = value(parts.query, key, *out); wrong != LinkError::None)
            return wrong;
    }
    if (found.organisation.size() > limits::titleBytesMax || found.login.size() > limits::loginBytesMax)
        return LinkError::TooLong;
    const auto codeRaw = fromHex(code);
    if (!codeRaw || codeRaw->size() != inviteCodeBytes)
        return LinkError::Code;
    const auto pinRaw = fromHex(pin);
    if (!pinRaw || pinRaw->size() != pinBytes)
        return LinkError::Pin;
    found.code = *codeRaw;
    found.pin = *pinRaw;
    link = std::move(found);
    return LinkError::None;
}

LinkError parsePostLink(std::string_view text, PostLink& link)
{
    Parts parts;
    if (const LinkError wrong = split(text, parts); wrong != LinkError::None)
        return wrong;
    constexpr std::string_view prefix = "post/";
    if (!parts.path.starts_with(prefix))
        return LinkError::Path;
    const auto id = Id::fromHex(parts.path.substr(prefix.size()));
    if (!id || !parts.query.empty())
        return LinkError::Post;
    link = {parts.server, *id};
    return LinkError::None;
}

std::string printInviteLink(const InviteLink& link)
{
    return std::string(scheme) + printAddress(link.server) + "/join?organisation=" + encode(link.organisation) +
           "&login=" + encode(link.login) + "&code=" + toHex(link.code) + "&pin=" + toHex(link.pin);
}

std::string printPostLink(const PostLink& link)
{
    return std::string(scheme) + printAddress(link.server) + "/post/" + link.post.hex();
}

std::string_view linkErrorSentence(LinkError error)
{
    switch (error) {
    case LinkError::None:
        return "The link is fine.";
    case LinkError::NotStoa:
        return "This is not a Stoa link: it does not begin with stoa://.";
    case LinkError::TooLong:
        return "The link is longer than a Stoa link can be.";
    case LinkError::Address:
        return "The link names no server, or not as HOST:PORT.";
    case LinkError::Path:
        return "The link leads to nothing that this program knows.";
    case LinkError::Encoding:
        return "The link is damaged: a character in it is not encoded as it should be.";
    case LinkError::Missing:
        return "The link is not complete. Please copy the whole of it.";
    case LinkError::Code:
        return "The link is damaged: its invitation code is not whole. Please copy the whole of it.";
    case LinkError::Pin:
        return "The link is damaged: the fingerprint of the server's key is not whole.";
    case LinkError::Post:
        return "The link is damaged: it does not name a post.";
    }
    return "The link is damaged.";
}

} // namespace stoa
