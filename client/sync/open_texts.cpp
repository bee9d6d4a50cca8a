// Bodies that are open: their revisions as they are accepted, and who else has them open (docs/decisions/0009, 0010).

#include <algorithm>

#include "client/sync/syncer.h"
#include "shared/base/limits.h"
#include "shared/domain/revision.h"
#include "shared/text/codec.h"
#include "shared/text/places.h"

namespace stoa {

namespace {

constexpr int textStartOverMax = 8; // what was on its way when it was asked for anew counts as well
constexpr size_t stepsMax = 64;     // of which an older place is found again

constexpr NoteKind textGapKind{"revisions_do_not_follow", {"cursor", "after", "upto"}};
constexpr NoteKind textUnknownKind{"text_unknown", {"revision"}};
constexpr NoteKind textFullKind{"revisions_without_record", {"after", "upto"}};

uint64_t uptoOf(const v1::Revisions& told)
{
    return told.revisions().empty() ? told.after() : told.revisions().rbegin()->version().revision();
}

// Who has said nothing yet is nowhere.
bool hasPlace(const v1::Reader& reader)
{
    return reader.revision() > 0 || reader.from() > 0 || reader.to() > 0 || reader.writing();
}

} // namespace

void Syncer::openText(const Id& post)
{
    if (texts_[post].views++ == 0)
        openTexts();
}

void Syncer::closeText(const Id& post)
{
    const auto found = texts_.find(post);
    if (found == texts_.end() || --found->second.views > 0)
        return;
    if (found->second.isOpen)
        say().mutable_close_text()->set_post(post.str());
    texts_.erase(found);
    openTexts(); // there is room for another one
}

// Those that are not open at the server, as far as their bodies are here and are not what it did not know.
void Syncer::openTexts()
{
    if (phase_ != Phase::Following || texts_.empty())
        return;
    size_t count = 0;
    for (const auto& [post, open] : texts_)
        count += open.isOpen;
    for (auto& [post, open] : texts_) {
        if (open.isOpen)
            continue;
        if (count >= limits_.open_texts_max())
            return;
        const std::optional<v1::TextVersion> version = replica_.bodyVersion(post);
        if (!version || (open.unknown && isSameVersion(*version, *open.unknown)))
            continue;
        askForText(post, open);
        ++count;
    }
}

void Syncer::askForText(const Id& post, OpenText& open)
{
    v1::OpenText& asked = *say().mutable_open_text();
    asked.set_post(post.str());
    if (const auto version = replica_.bodyVersion(post); version && version->revision() > 0)
        *asked.mutable_version() = *version;
    open.isOpen = true;
    open.unknown.reset();
    open.steps.clear();
    sayPresence(post, open);
}

void Syncer::setPresence(const Id& post, uint64_t from, uint64_t to, bool writing)
{
    const auto found = texts_.find(post);
    if (found == texts_.end())
        return;
    found->second.mine = {from, to, writing};
    sayPresence(post, found->second);
}

void Syncer::sayPresence(const Id& post, const OpenText& open)
{
    const auto version = open.isOpen && open.mine ? replica_.bodyVersion(post) : std::nullopt;
    if (!version)
        return;
    const std::vector<uint64_t> places = replica_.serverPlaces(post, {open.mine->from, open.mine->to});
    v1::Presence& presence = *say().mutable_presence();
    presence.set_post(post.str());
    presence.set_revision(version->revision());
    presence.set_from(places[0]);
    presence.set_to(places[1]);
    presence.set_writing(open.mine->writing);
}

void Syncer::revisions(const v1::Revisions& told)
{
    const auto post = Id::from(told.post());
    const auto found = post ? texts_.find(*post) : texts_.end();
    // It may have been closed while this was on its way.
    if (found == texts_.end() || !found->second.isOpen)
        return;
    OpenText& open = found->second;
    if (told.unknown())
        return textUnknown(*post, open);
    const uint64_t before = replica_.bodyVersion(*post).value_or(v1::TextVersion()).revision();
    const Replica::Received received = replica_.receive(told);
    switch (received) {
    case Replica::Received::Stored:
        for (const v1::Revision& each : told.revisions())
            if (each.version().revision() > before)
                noteStep(open, each);
        textsMoved();
        return pump(); // what waits for its own revision
    case Replica::Received::Elsewhere:
        note(textGapKind, {before, told.after(), uptoOf(told)});
        if (open.startedOver++ < textStartOverMax)
            return askForText(*post, open);
        return end(v1::PROTOCOL);
    case Replica::Received::Full:
        note(textFullKind, {told.after(), uptoOf(told)});
        say().mutable_close_text()->set_post(post->str());
        [[fallthrough]];
    case Replica::Received::Unknown: // it went while this was on its way
        open.isOpen = false;
        open.isAltered = open.isAltered || !open.told.empty();
        open.readers.clear();
        open.steps.clear();
        open.unknown = replica_.bodyVersion(*post);
        return;
    default:
        return end(v1::PROTOCOL);
    }
}

// The body that was here before a revision is the one that it is a change of.
void Syncer::noteStep(OpenText& open, const v1::Revision& revision)
{
    Result<TextChange> text = decode(revision.text());
    if (!text)
        return;
    open.steps.push_back({revision.after(), revision.version().revision(), revision.author(), std::move(*text)});
    if (open.steps.size() > stepsMax)
        open.steps.pop_front();
}

// Not there for this person, or it knows no such body: then what is here beyond the record counts no more.
void Syncer::textUnknown(const Id& post, OpenText& open)
{
    open.isOpen = false;
    open.unknown = replica_.bodyVersion(post);
    note(textUnknownKind, {open.unknown ? open.unknown->revision() : 0});
    open.readers.clear();
    open.steps.clear();
    open.isAltered = true;
    replica_.giveUpRevisions(post);
    openTexts();
}

void Syncer::present(const v1::Present& told)
{
    const auto post = Id::from(told.post());
    const auto found = post ? texts_.find(*post) : texts_.end();
    if (found == texts_.end() || !found->second.isOpen)
        return;
    OpenText& open = found->second;
    if (told.all())
        open.readers.clear();
    for (const v1::Reader& each : told.readers()) {
        if (each.left())
            open.readers.erase(each.session());
        else if (!Id::from(each.person()) || std::max(each.from(), each.to()) > limits::bodyBytesMax)
            continue;
        else if (open.readers.contains(each.session()) || open.readers.size() < limits::presentMax)
            open.readers[each.session()] = each;
    }
    open.isAltered = true;
}

// A body or what is pending on it may be another one now.
void Syncer::textsMoved()
{
    for (auto& [post, open] : texts_)
        open.isAltered = open.isAltered || !open.readers.empty();
}

void Syncer::tellPresent()
{
    for (auto& [post, open] : texts_) {
        if (!std::exchange(open.isAltered, false))
            continue;
        const uint64_t revision = replica_.bodyVersion(post).value_or(v1::TextVersion()).revision();
        std::vector<TextReader> readers;
        std::vector<uint64_t> places;
        for (auto& [session, reader] : open.readers) {
            const bool isSomewhere = hasPlace(reader);
            for (const OpenText::Step& step : open.steps) {
                if (!isSomewhere || step.after != reader.revision())
                    continue;
                const bool own = step.author == reader.person();
                reader.set_from(placeAfter(reader.from(), step.text, own));
                reader.set_to(placeAfter(reader.to(), step.text, own));
                reader.set_revision(step.revision);
            }
            // Of a body that is not here, or not any more, until the next word of it.
            readers.push_back({.person = *Id::from(reader.person()),
                               .session = session,
                               .placed = isSomewhere && reader.revision() == revision,
                               .writing = reader.writing()});
            places.push_back(reader.from());
            places.push_back(reader.to());
        }
        places = replica_.shownPlaces(post, std::move(places));
        for (size_t i = 0; i < readers.size(); ++i) {
            if (!readers[i].placed)
                continue;
            readers[i].from = places[2 * i];
            readers[i].to = places[2 * i + 1];
        }
        if (readers == open.told)
            continue;
        open.told = readers;
        actions_.present.push_back({post, std::move(readers)});
    }
}

void Syncer::textsApart()
{
    for (auto& [post, open] : texts_) {
        open.isAltered = open.isAltered || !open.told.empty();
        open.isOpen = false;
        open.unknown.reset();
        open.startedOver = 0;
        open.readers.clear();
        open.steps.clear();
    }
}

} // namespace stoa
