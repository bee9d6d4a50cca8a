#include "shared/text/text_change.h"

#include "shared/text/utf8.h"

namespace stoa {

using Kind = TextStep::Kind;

namespace {

// Goes through the text by code points. Where every one is a byte, nothing is searched for.
class TextReader {
public:
    explicit TextReader(std::string_view text) : rest_(text), left_(countCodePoints(text)) {}

    size_t left() const { return left_; }
    std::string_view rest() const { return rest_; }
    std::string_view take(size_t count)
    {
        const size_t bytes = left_ == rest_.size() ? count : bytesOfCodePoints(rest_, count);
        const std::string_view taken = rest_.substr(0, bytes);
        rest_.remove_prefix(bytes);
        left_ -= count;
        return taken;
    }

private:
    std::string_view rest_;
    size_t left_;
};

} // namespace

TextChange TextChange::replace(size_t at, size_t deleted, std::string_view inserted)
{
    TextChange change;
    change.steps_.reserve(3);
    change.retain(at).insert(inserted).erase(deleted);
    return change;
}

TextChange& TextChange::insert(std::string_view text)
{
    return insert(text, countCodePoints(text));
}

void TextChange::reserve(size_t steps, size_t insertedBytes)
{
    steps_.reserve(steps);
    inserted_.reserve(insertedBytes);
}

size_t TextChange::reach() const
{
    size_t reach = 0;
    for (const TextStep& step : steps_)
        if (step.kind != Kind::Insert)
            reach += step.count;
    return reach;
}

Result<std::string> applyTo(std::string_view text, const TextChange& change)
{
    TextReader reader(text);
    if (reader.left() < change.reach())
        return v1::INVALID;
    std::string out;
    out.reserve(text.size() + change.inserted().size());
    std::string_view inserted = change.inserted();
    for (const TextStep& step : change.steps()) {
        switch (step.kind) {
        case Kind::Retain:
            out.append(reader.take(step.count));
            break;
        case Kind::Delete:
            reader.take(step.count);
            break;
        case Kind::Insert:
            out.append(inserted.substr(0, step.bytes));
            inserted.remove_prefix(step.bytes);
            break;
        }
    }
    out.append(reader.rest());
    return out;
}

Result<TextChange> invert(const TextChange& change, std::string_view before)
{
    TextReader reader(before);
    if (reader.left() < change.reach())
        return v1::INVALID;
    TextChange out;
    for (const TextStep& step : change.steps()) {
        switch (step.kind) {
        case Kind::Retain:
            reader.take(step.count);
            out.retain(step.count);
            break;
        case Kind::Delete:
            out.insert(reader.take(step.count), step.count);
            break;
        case Kind::Insert:
            out.erase(step.count);
            break;
        }
    }
    return out;
}

} // namespace stoa
