#include "tests/simulation/letters.h"

#include <algorithm>

#include "shared/base/limits.h"
#include "shared/text/codec.h"

namespace stoa::test {

using Kind = TextStep::Kind;

namespace {

// Longer ones would take most of the time, and hold nothing that short ones do not.
constexpr size_t bytesMax = 20'000;

std::vector<std::string> lettersOf(std::string_view text)
{
    std::vector<std::string> letters;
    for (const char byte : text) {
        const bool goesOn = (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
        if (goesOn && !letters.empty())
            letters.back() += byte;
        else
            letters.emplace_back(1, byte);
    }
    return letters;
}

} // namespace

std::optional<Letters> Letters::of(const Id& post, const Snapshot& snapshot)
{
    Letters out;
    size_t bytes = 0;
    bool whole = false;
    for (v1::Revision& each : snapshot.revisionsUpTo(post, UINT64_MAX, SIZE_MAX, SIZE_MAX)) {
        if (whole || (!out.revisions_.empty() && out.revisions_.back().after() != each.version().revision()))
            break;
        bytes += each.text().size();
        whole = each.after() == each.version().revision();
        out.revisions_.push_back(std::move(each));
    }
    const auto located = snapshot.find(post);
    if (!whole || bytes > bytesMax || !located)
        return std::nullopt;
    // A record may have come back without the revisions that made its body.
    if (located->record->post().body_version().revision() > out.revisions_.front().version().revision())
        return std::nullopt;
    std::reverse(out.revisions_.begin(), out.revisions_.end());
    for (size_t place = 0; place < out.revisions_.size(); ++place)
        if (!out.add(out.revisions_[place], place))
            return std::nullopt;
    return out;
}

// What is inserted goes right behind the letter that it was put behind, ahead of what others had deleted there
// (docs/decisions/0007).
bool Letters::add(const v1::Revision& revision, size_t place)
{
    const auto change = decode(revision.text());
    if (!change)
        return false;
    std::vector<Letter> out;
    size_t at = 0;
    std::string_view inserted = change->inserted();
    for (const TextStep& step : change->steps()) {
        if (step.kind == Kind::Insert) {
            for (std::string& bytes : lettersOf(inserted.substr(0, step.bytes)))
                out.push_back({std::move(bytes), place});
            inserted.remove_prefix(step.bytes);
            continue;
        }
        for (size_t count = step.count; count > 0; --count) {
            while (at < letters_.size() && letters_[at].died != never)
                out.push_back(letters_[at++]);
            if (at == letters_.size())
                return false;
            out.push_back(letters_[at++]);
            if (step.kind == Kind::Delete)
                out.back().died = place;
        }
    }
    out.insert(out.end(), letters_.begin() + int64_t(at), letters_.end());
    letters_ = std::move(out);
    return true;
}

std::optional<size_t> Letters::placeOf(const v1::TextVersion& version) const
{
    for (size_t place = 0; place < revisions_.size(); ++place) {
        const v1::TextVersion& there = revisions_[place].version();
        if (there.revision() == version.revision() && (version.revision() == 0 || there.seal() == version.seal()))
            return place;
    }
    return std::nullopt;
}

std::string Letters::bodyAt(size_t place) const
{
    std::string body;
    for (const Letter& each : letters_)
        if (each.livesAt(place))
            body += each.bytes;
    return body;
}

std::optional<std::string> Letters::with(std::string_view bytes, size_t base, size_t now) const
{
    const auto change = decode(bytes);
    if (!change)
        return std::nullopt;
    // What it puts before the first letter of its base and behind each; and whether it deletes that letter.
    const auto count =
        size_t(std::count_if(letters_.begin(), letters_.end(), [&](const Letter& each) { return each.livesAt(base); }));
    std::vector<std::string> inserts(count + 1);
    std::vector<bool> deleted(count);
    size_t at = 0;
    std::string_view inserted = change->inserted();
    for (const TextStep& step : change->steps()) {
        if (step.kind == Kind::Insert) {
            inserts[at] += inserted.substr(0, step.bytes);
            inserted.remove_prefix(step.bytes);
        } else if (at + step.count > count) {
            return std::nullopt;
        } else {
            std::fill_n(deleted.begin() + int64_t(at), step.count, step.kind == Kind::Delete);
            at += step.count;
        }
    }
    std::string body = inserts[0];
    at = 0;
    for (const Letter& each : letters_) {
        const bool isOfBase = each.livesAt(base);
        if (each.livesAt(now) && !(isOfBase && deleted[at]))
            body += each.bytes;
        if (isOfBase)
            body += inserts[++at];
    }
    return body;
}

std::string wronglyAccepted(const v1::Change& change, const v1::Receipt& receipt, const Snapshot& before,
                            const Snapshot& after)
{
    const auto letters = Letters::of(*Id::from(change.target()), after);
    if (!letters)
        return {};
    const auto& revisions = letters->revisions();
    const auto base = letters->placeOf(change.edit_text().base());
    if (receipt.revision() == 0) { // others had done all of it
        const size_t newest = revisions.size() - 1;
        const auto with = base ? letters->with(change.edit_text().text(), *base, newest) : std::nullopt;
        const std::string body = letters->bodyAt(newest);
        if (!base)
            return "it was made over a body that the server does not know";
        return with == body ? "" : "it leaves \"" + body + "\" instead of making \"" + with.value_or("nothing") + '"';
    }
    const auto made = std::find_if(revisions.begin() + 1, revisions.end(), [&](const v1::Revision& each) {
        return each.change() == change.id() && each.version().revision() == receipt.revision();
    });
    if (made == revisions.end() || before.revision(*Id::from(change.target()), receipt.revision()))
        return {}; // it came back with what others handed back
    const auto place = size_t(made - revisions.begin());
    if (!base || *base >= place)
        return "it was made over a body that the server does not know";
    const auto wanted = letters->with(change.edit_text().text(), *base, place - 1);
    if (!wanted)
        return "it reaches past the end of the body that it was made over";
    const std::string body = letters->bodyAt(place);
    return body == *wanted ? std::string() : "it makes \"" + body + "\" instead of \"" + *wanted + '"';
}

std::string wrongBody(const v1::Record& record, const Snapshot& after)
{
    const v1::Post& post = record.post();
    uint64_t from = 0;
    for (const v1::TextRange& range : post.contested()) {
        if (range.from() < from || range.to() <= range.from())
            return "its passages with two versions are in disorder";
        from = range.to();
    }
    if (from > post.body().size() || (from > 0 && from > lettersOf(post.body()).size()))
        return "its passages with two versions lie beyond its end";
    if (size_t(post.contested_size()) > limits::contestedMax)
        return "it has more passages with two versions than it may";
    const auto letters = post.has_body_version() ? Letters::of(*Id::from(record.id()), after) : std::nullopt;
    const auto place = letters ? letters->placeOf(post.body_version()) : std::nullopt;
    if (!place)
        return {}; // it came back without the revisions that made it
    const std::string body = letters->bodyAt(*place);
    return body == post.body() ? std::string() : "its body is \"" + post.body() + "\" instead of \"" + body + '"';
}

} // namespace stoa::test
