#include "shared/markup/html_scan.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <vector>

#include "shared/markup/characters.h"

namespace stoa {

namespace {

constexpr size_t depthMax = 200;
constexpr size_t attributeBytesMax = 8192;

// Where an element ends by itself, and what its end may close.
enum class Role { Inline, Block, Paragraph, Item, List, Table, Section, Row, Cell, Void };

struct Element {
    std::string_view written; // as it goes on
    Role role;
};

const std::unordered_map<std::string_view, Element>& elements()
{
    static const std::unordered_map<std::string_view, Element> known = [] {
        std::unordered_map<std::string_view, Element> map;
        const auto add = [&](Role role, std::initializer_list<std::string_view> names) {
            for (const std::string_view name : names)
                map.emplace(name, Element{name, role});
        };
        add(Role::Inline, {"a", "b", "strong", "i", "em", "s", "strike", "del", "code", "tt"});
        add(Role::Block, {"div", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre"});
        add(Role::Paragraph, {"p"});
        add(Role::Item, {"li"});
        add(Role::List, {"ul", "ol"});
        add(Role::Table, {"table"});
        add(Role::Section, {"thead", "tbody", "tfoot", "caption"});
        add(Role::Row, {"tr"});
        add(Role::Cell, {"td", "th"});
        add(Role::Void, {"br", "hr", "img"});
        for (const std::string_view name :
             {"address", "article", "aside", "center", "dd", "details", "dl", "dt", "fieldset", "figcaption", "figure",
              "footer", "form", "header", "main", "nav", "section", "summary"})
            map.emplace(name, Element{"div", Role::Block});
        return map;
    }();
    return known;
}

bool isSpace(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

bool isLetter(char c)
{
    return (c | 32) >= 'a' && (c | 32) <= 'z';
}

class Tamer {
public:
    explicit Tamer(std::string_view html) : html_(html) {}

    std::string run()
    {
        while (at_ < html_.size()) {
            const size_t open = std::min(html_.find('<', at_), html_.size());
            out_.append(html_.substr(at_, open - at_));
            at_ = open;
            if (at_ == html_.size())
                break;
            const char next = at_ + 1 < html_.size() ? html_[at_ + 1] : '\0';
            if (isLetter(next) || (next == '/' && at_ + 2 < html_.size() && isLetter(html_[at_ + 2]))) {
                tag();
            } else if (next == '!' || next == '?' || next == '/') {
                skipComment();
                part();
            } else {
                out_.append("&lt;");
                ++at_;
            }
        }
        while (!open_.empty())
            pop();
        return std::move(out_);
    }

private:
    // So that what stood apart does not become one: "&am<x>p;" is no "&".
    void part() { out_.append("<!---->"); }

    void skipComment()
    {
        const bool comment = html_.substr(at_, 4) == "<!--";
        size_t end = comment ? html_.find("-->", at_ + 4) : html_.find('>', at_);
        if (comment && (html_.substr(at_ + 4, 1) == ">" || html_.substr(at_ + 4, 2) == "->"))
            end = html_.find('>', at_);
        else if (comment && end != std::string_view::npos)
            end += 2;
        at_ = end == std::string_view::npos ? html_.size() : end + 1;
    }

    void tag()
    {
        const bool closing = html_[at_ + 1] == '/';
        at_ += closing ? 2 : 1;
        std::string name;
        for (; at_ < html_.size() && !isSpace(html_[at_]) && html_[at_] != '>' && html_[at_] != '/'; ++at_) {
            if (name.size() < 16)
                name.push_back(lower(html_[at_]));
        }
        attributes_.clear();
        if (!readAttributes())
            return;
        if (!closing && (name == "script" || name == "style")) {
            skipRaw(name);
            part();
            return;
        }
        const auto found = elements().find(name);
        if (found == elements().end())
            part();
        else if (closing)
            end(found->second);
        else
            begin(found->second);
    }

    // Up to and with ">"; false: the text ends before.
    bool readAttributes()
    {
        while (at_ < html_.size()) {
            while (at_ < html_.size() && (isSpace(html_[at_]) || html_[at_] == '/'))
                ++at_;
            if (at_ == html_.size())
                return false;
            if (html_[at_] == '>') {
                ++at_;
                return true;
            }
            const size_t nameStart = at_++;
            while (at_ < html_.size() && !isSpace(html_[at_]) && html_[at_] != '>' && html_[at_] != '/' &&
                   html_[at_] != '=')
                ++at_;
            const std::string_view name = html_.substr(nameStart, at_ - nameStart);
            while (at_ < html_.size() && isSpace(html_[at_]))
                ++at_;
            if (at_ == html_.size() || html_[at_] != '=')
                continue;
            ++at_;
            while (at_ < html_.size() && isSpace(html_[at_]))
                ++at_;
            if (at_ == html_.size())
                return false;
            std::string_view value;
            if (html_[at_] == '"' || html_[at_] == '\'') {
                const size_t end = html_.find(html_[at_], at_ + 1);
                if (end == std::string_view::npos) {
                    at_ = html_.size();
                    return false;
                }
                value = html_.substr(at_ + 1, end - at_ - 1);
                at_ = end + 1;
            } else {
                const size_t start = at_;
                while (at_ < html_.size() && !isSpace(html_[at_]) && html_[at_] != '>')
                    ++at_;
                value = html_.substr(start, at_ - start);
            }
            keep(name, value);
        }
        return false;
    }

    void keep(std::string_view name, std::string_view value)
    {
        constexpr std::array<std::string_view, 5> kept = {"href", "src", "alt", "class", "start"};
        if (name.size() > 5 || value.size() > attributeBytesMax || attributes_.size() > 2 * attributeBytesMax)
            return;
        std::string small;
        for (const char c : name)
            small.push_back(lower(c));
        if (std::find(kept.begin(), kept.end(), small) == kept.end())
            return;
        attributes_.append(" ").append(small).append("=\"");
        for (const char c : value) {
            if (c == '"')
                attributes_.append("&quot;");
            else
                attributes_.push_back(c);
        }
        attributes_.push_back('"');
    }

    void skipRaw(std::string_view name)
    {
        for (size_t end = html_.find("</", at_); end != std::string_view::npos; end = html_.find("</", end + 2)) {
            const std::string_view rest = html_.substr(end + 2, name.size());
            const bool same = rest.size() == name.size() && std::equal(rest.begin(), rest.end(), name.begin(),
                                                                       [](char a, char b) { return lower(a) == b; });
            if (!same)
                continue;
            const size_t close = html_.find('>', end);
            at_ = close == std::string_view::npos ? html_.size() : close + 1;
            return;
        }
        at_ = html_.size();
    }

    static bool isBlock(Role role) { return role != Role::Inline && role != Role::Void; }

    void begin(const Element& element)
    {
        switch (element.role) {
        case Role::Inline:
            if (element.written == "a")
                popUntil([](const Element& e) { return e.written == "a"; },
                         [](const Element& e) { return isBlock(e.role); });
            break;
        case Role::Item:
            popRole(Role::Item, {Role::List, Role::Cell, Role::Table});
            popRole(Role::Paragraph, {Role::Item, Role::Cell, Role::Table});
            break;
        case Role::Section:
            popRole(Role::Section, {Role::Table});
            break;
        case Role::Row:
            popRole(Role::Row, {Role::Table});
            break;
        case Role::Cell:
            popRole(Role::Cell, {Role::Table, Role::Row});
            break;
        case Role::Void:
            if (element.written == "hr")
                popRole(Role::Paragraph, {Role::Cell, Role::Table});
            break;
        default:
            popRole(Role::Paragraph, {Role::Cell, Role::Table});
        }
        if (element.role != Role::Void) {
            if (open_.size() >= depthMax) {
                ++leftOut_[element.written];
                part();
                return;
            }
            open_.push_back(element);
        }
        out_.append("<").append(element.written).append(attributes_).append(">");
    }

    void end(const Element& element)
    {
        if (element.role == Role::Void) {
            part();
            return;
        }
        if (auto left = leftOut_.find(element.written); left != leftOut_.end() && left->second > 0) {
            --left->second;
            part();
            return;
        }
        const auto same = [&](const Element& e) { return e.written == element.written; };
        const bool ofTable = element.role == Role::Table || element.role == Role::Section ||
                             element.role == Role::Row || element.role == Role::Cell;
        const auto stops = [&](const Element& e) {
            if (element.role == Role::Inline)
                return isBlock(e.role);
            return ofTable ? e.role == Role::Table : e.role == Role::Cell || e.role == Role::Table;
        };
        if (!popUntil(same, stops))
            part();
    }

    void popRole(Role role, std::initializer_list<Role> stops)
    {
        popUntil([&](const Element& e) { return e.role == role; },
                 [&](const Element& e) { return std::find(stops.begin(), stops.end(), e.role) != stops.end(); });
    }

    // Closes the innermost element that is wanted, with all in it, unless one that stops lies between.
    template <class Wanted, class Stops>
    bool popUntil(const Wanted& wanted, const Stops& stops)
    {
        for (size_t i = open_.size(); i-- > 0;) {
            if (wanted(open_[i])) {
                while (open_.size() > i)
                    pop();
                return true;
            }
            if (stops(open_[i]))
                return false;
        }
        return false;
    }

    void pop()
    {
        out_.append("</").append(open_.back().written).append(">");
        open_.pop_back();
    }

    std::string_view html_;
    size_t at_ = 0;
    std::string out_;
    std::string attributes_; // of the present tag, as they go on
    std::vector<Element> open_;
    std::unordered_map<std::string_view, size_t> leftOut_; // begun too deep and not ended yet
};

} // namespace

std::string tameHtml(std::string_view html)
{
    return Tamer(html).run();
}

} // namespace stoa
