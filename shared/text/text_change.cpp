#include "shared/text/text_change.h"

#include "shared/text/utf8.h"

namespace stoa {

using Kind = TextStep::Kind;

namespace {

// Goes through the text by code points, and looks at no more of it than is gone through.
class TextReader {
public:
    explicit TextReader(std::string_view text) : rest_(text) {}

    std::string_view rest() const { return rest_; }
    // INVALID where there are fewer.
    Result<std::string_view> take(size_t count)
    {
        const size_t bytes = bytesOfCodePoints(rest_, count);
        const std::string_view taken = rest_.substr(0, bytes);
        if (bytes == rest_.size() && countCodePoints(taken) < count)
            return v1::INVALID;
        rest_.remove_prefix(bytes);
        return taken;
    }

private:
    std::string_view rest_;
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
    std::string out;
    out.reserve(text.size() + change.inserted().size());
    std::string_view inserted = change.inserted();
    for (const TextStep& step : change.steps()) {
        if (step.kind == Kind::Insert) {
            out.append(inserted.substr(0, step.bytes));
            inserted.remove_prefix(step.bytes);
            continue;
        }
        const Result<std::string_view> taken = reader.take(step.count);
        if (!taken)
            return taken.error();
        if (step.kind == Kind::Retain)
            out.append(*taken);
    }
    out.append(reader.rest());
    return out;
}

Result<TextChange> invert(const TextChange& change, std::string_view before)
{
    TextReader reader(before);
    TextChange out;
    for (const TextStep& step : change.steps()) {
        if (step.kind == Kind::Insert) {
            out.erase(step.count);
            continue;
        }
        const Result<std::string_view> taken = reader.take(step.count);
        if (!taken)
            return taken.error();
        if (step.kind == Kind::Retain)
            out.retain(step.count);
        else
            out.insert(*taken, step.count);
    }
    return out;
}

} // namespace stoa
