#include "shared/markup/entities.h"

#include <charconv>

#include <gumbo.h>

namespace stoa {

namespace {

constexpr size_t nameBytesMax = 33;   // the longest name of HTML, with "&" and ";"
constexpr size_t lookedUpMax = 1'000; // different names in one text; further ones stay as they are

// The HTML parser holds the table of names.
std::string lookUp(const std::string& entity)
{
    GumboOutput* output = gumbo_parse_with_options(&kGumboDefaultOptions, entity.data(), entity.size());
    std::string found = entity;
    const GumboNode* html = output->root;
    if (html->type == GUMBO_NODE_ELEMENT && html->v.element.children.length > 0) {
        const auto* body =
            static_cast<const GumboNode*>(html->v.element.children.data[html->v.element.children.length - 1]);
        if (body->type == GUMBO_NODE_ELEMENT && body->v.element.children.length == 1) {
            const auto* text = static_cast<const GumboNode*>(body->v.element.children.data[0]);
            if (text->type == GUMBO_NODE_TEXT || text->type == GUMBO_NODE_WHITESPACE)
                found = text->v.text.text;
        }
    }
    gumbo_destroy_output(&kGumboDefaultOptions, output);
    // HTML also knows names without ";": "&nothing;" begins with one, and is no name.
    const bool whole = !found.ends_with(';') || entity == "&semi;";
    return whole ? found : entity;
}

std::string numeric(std::string_view entity)
{
    const bool hex = entity.size() > 3 && (entity[2] == 'x' || entity[2] == 'X');
    const std::string_view digits = entity.substr(hex ? 3 : 2, entity.size() - (hex ? 4 : 3));
    uint32_t character = 0;
    const auto end = digits.data() + digits.size();
    const auto read = std::from_chars(digits.data(), end, character, hex ? 16 : 10);
    if (digits.empty() || read.ptr != end)
        return std::string(entity);
    std::string out;
    appendUtf8(out, read.ec == std::errc() ? character : 0xfffd);
    return out;
}

} // namespace

void appendUtf8(std::string& out, uint32_t character)
{
    if (character == 0 || character > 0x10ffff || (character >= 0xd800 && character < 0xe000))
        character = 0xfffd;
    if (character < 0x80) {
        out.push_back(static_cast<char>(character));
        return;
    }
    const int more = character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
    constexpr uint8_t heads[] = {0, 0xc0, 0xe0, 0xf0};
    out.push_back(static_cast<char>(heads[more] | character >> (6 * more)));
    for (int i = more - 1; i >= 0; --i)
        out.push_back(static_cast<char>(0x80 | (character >> (6 * i) & 0x3f)));
}

std::string EntityDecoder::decode(std::string_view entity)
{
    if (entity.size() < 4 || entity.size() > nameBytesMax)
        return std::string(entity);
    if (entity[1] == '#')
        return numeric(entity);
    const std::string key(entity);
    if (const auto found = known_.find(key); found != known_.end())
        return found->second;
    if (known_.size() >= lookedUpMax)
        return key;
    return known_.emplace(key, lookUp(key)).first->second;
}

std::string decodeEntities(std::string_view text)
{
    EntityDecoder decoder;
    std::string out;
    while (!text.empty()) {
        const size_t start = text.find('&');
        out.append(text.substr(0, start));
        if (start == std::string_view::npos)
            break;
        text.remove_prefix(start);
        size_t end = 1;
        while (end < text.size() && end < nameBytesMax && text[end] != ';' && text[end] != '&' && text[end] != ' ')
            ++end;
        if (end < text.size() && text[end] == ';') {
            out += decoder.decode(text.substr(0, end + 1));
            text.remove_prefix(end + 1);
        } else {
            out.push_back('&');
            text.remove_prefix(1);
        }
    }
    return out;
}

} // namespace stoa
