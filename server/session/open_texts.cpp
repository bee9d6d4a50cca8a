// Bodies as they are written, who reads them, and their history (docs/decisions/0009-live-revisions.md).

#include "server/session/session.h"
#include "shared/base/limits.h"
#include "shared/base/plant.h"
#include "shared/domain/may.h"

namespace stoa {

namespace {

constexpr NoteKind textBehindKind{"reads_revisions_from_store", {"cursor", "after", "upto", "queued_bytes"}};

// Whether the first is a change of the body with this number, and each next one of the one before.
bool followOn(const std::vector<v1::Revision>& revisions, uint64_t after)
{
    for (const v1::Revision& each : revisions) {
        if (each.after() != after)
            return false;
        after = each.version().revision();
    }
    return true;
}

} // namespace

std::optional<Located> Session::readablePost(const Id& post) const
{
    auto there = snapshot_.find(post);
    if (!there || !there->record->has_post())
        return std::nullopt;
    if (!mayRead(there->feed, Actor{.person = person_}, snapshot_, snapshot_.organisation()) &&
        !STOA_PLANT("rights not read for texts"))
        return std::nullopt;
    return there;
}

bool Session::knowsBody(const v1::Record& record, const v1::TextVersion& version) const
{
    const v1::TextVersion& ofRecord = record.post().body_version();
    if (version.revision() == 0)
        return true; // whether all since is here, sending it shows
    if (version.revision() == ofRecord.revision())
        return version.seal() == ofRecord.seal();
    const auto stored = snapshot_.revision(*Id::from(record.id()), version.revision());
    return stored && stored->version().seal() == version.seal();
}

void Session::openText(const v1::OpenText& asked)
{
    const auto post = Id::from(asked.post());
    if (!post)
        return;
    const bool isNew = !texts_.contains(*post);
    {
        const View view(snapshot_);
        const auto there = isNew && texts_.size() >= limits::openTextsMax ? std::nullopt : readablePost(*post);
        // Of what may not be read, and of what is not there, the same is said.
        if (!there || !knowsBody(*there->record, asked.version()))
            return closeText(*post, true);
        OpenText& open = texts_[*post];
        open.feed = there->feed;
        open.revision = asked.version().revision();
        open.answered = open.live = false;
        if (isNew) {
            open.reader.set_person(person_.str());
            open.reader.set_session(number_);
        }
    }
    if (isNew && doors_.watch)
        doors_.watch(*post, true);
    if (isNew && doors_.presence)
        doors_.presence(*post, texts_[*post].reader);
    sendBulk();
}

void Session::closeText(const Id& post, bool isUnknown)
{
    if (const auto open = texts_.extract(post); !open.empty()) {
        v1::Reader reader;
        reader.set_person(person_.str());
        reader.set_session(number_);
        reader.set_left(true);
        if (doors_.presence)
            doors_.presence(post, reader);
        if (doors_.watch)
            doors_.watch(post, false);
    }
    if (!isUnknown)
        return;
    v1::Envelope envelope;
    envelope.mutable_revisions()->set_post(post.str());
    envelope.mutable_revisions()->set_unknown(true);
    send(envelope);
}

void Session::closeTexts()
{
    while (!texts_.empty())
        closeText(Id(texts_.begin()->first), false);
}

void Session::sendTexts(std::optional<View>& view)
{
    for (auto next = texts_.begin(); next != texts_.end();) {
        const Id post = next->first;
        OpenText& open = next++->second;
        // Sending may close it.
        for (bool more = true; more && !open.live && doors_.queuedBytes() < limits::bulkBelowBytes;) {
            if (!view)
                view.emplace(snapshot_);
            more = sendText(post, open);
            if (!hasOpen(post))
                break;
        }
    }
}

// A piece of what is newer; false where there is no more, or none for now.
bool Session::sendText(const Id& post, OpenText& open)
{
    const auto there = readablePost(post);
    if (!there)
        return false; // word of that is under way
    const auto newer = snapshot_.revisionsAfter(post, open.revision, limits::batchBytes);
    const bool isGap = newer.empty() && open.revision < there->record->post().body_version().revision();
    if (isGap || !followOn(newer, open.revision)) {
        closeText(post, true);
        return false;
    }
    open.live = newer.empty();
    if (open.live && open.answered)
        return false;
    v1::Envelope envelope;
    v1::Revisions& told = *envelope.mutable_revisions();
    told.set_post(post.str());
    told.set_after(open.revision);
    for (const v1::Revision& each : newer)
        *told.add_revisions() = withoutDevice(each);
    if (!newer.empty())
        open.revision = newer.back().version().revision();
    open.answered = true;
    send(envelope);
    return !open.live;
}

void Session::text(const LiveText& live)
{
    const TextNews& news = live.news();
    const auto found = texts_.find(news.post);
    if (phase_ != Phase::SignedIn || found == texts_.end())
        return;
    if (news.gone)
        return closeText(news.post, true);
    OpenText& open = found->second;
    if (!open.live || open.revision >= live.upto())
        return;
    if (open.revision == news.after && doors_.queuedBytes() < limits::bulkBelowBytes) {
        doors_.send(live.frame());
        open.revision = live.upto();
        return noteLive(live);
    }
    Note note{.atMs = clock_(), .kind = &textBehindKind};
    note.numbers = {open.revision, news.after, live.upto(), doors_.queuedBytes()};
    box_.add(note.ofId(news.post.view()));
    open.live = false;
    sendBulk();
}

void Session::presence(const v1::Presence& said)
{
    const auto post = Id::from(said.post());
    const auto found = post ? texts_.find(*post) : texts_.end();
    // It may have been closed while this was on its way; what lies beyond any body is nobody's cursor.
    if (found == texts_.end() || std::max(said.from(), said.to()) > limits::bodyBytesMax)
        return;
    v1::Reader& reader = found->second.reader;
    reader.set_revision(said.revision());
    reader.set_from(said.from());
    reader.set_to(said.to());
    reader.set_writing(said.writing());
    if (doors_.presence)
        doors_.presence(*post, reader);
}

void Session::present(const LivePresent& live)
{
    const v1::Present& told = live.present();
    const auto post = Id::from(told.post());
    const auto found = post ? texts_.find(*post) : texts_.end();
    if (phase_ != Phase::SignedIn || found == texts_.end())
        return;
    if (doors_.queuedBytes() >= limits::bulkBelowBytes) {
        found->second.missesPresent = true;
        return;
    }
    const auto isMine = [this](const v1::Reader& each) { return each.session() == number_; };
    if (std::ranges::none_of(told.readers(), isMine))
        return doors_.send(live.frame());
    v1::Envelope envelope;
    v1::Present& others = *envelope.mutable_present();
    others = told;
    others.clear_readers();
    for (const v1::Reader& each : told.readers())
        if (!isMine(each))
            *others.add_readers() = each;
    if (others.all() || others.readers_size() > 0)
        send(envelope);
}

// Who leaves and comes again is told of all who are there.
void Session::catchUpWithReaders()
{
    for (auto& [post, open] : texts_) {
        if (!open.missesPresent || !doors_.presence || doors_.queuedBytes() >= limits::bulkBelowBytes)
            continue;
        open.missesPresent = false;
        v1::Reader away = open.reader;
        away.set_left(true);
        doors_.presence(post, away);
        doors_.presence(post, open.reader);
    }
}

void Session::readRevisions(const v1::ReadRevisions& asked)
{
    const auto post = Id::from(asked.post());
    if (!post)
        return;
    v1::Envelope envelope;
    v1::RevisionPage& page = *envelope.mutable_revision_page();
    page.set_post(post->str());
    page.set_before(asked.before());
    const View view(snapshot_);
    const size_t count =
        asked.count() == 0 ? limits::revisionPageMax : std::min<size_t>(asked.count(), limits::revisionPageMax);
    std::optional<uint64_t> oldest;
    if (readablePost(*post)) {
        const uint64_t upto = asked.before() == 0 ? UINT64_MAX : asked.before() - 1;
        for (const v1::Revision& each : snapshot_.revisionsUpTo(*post, upto, count, limits::batchBytes)) {
            oldest = each.version().revision();
            *page.add_revisions() = withoutDevice(each);
        }
    }
    page.set_first(!oldest || *oldest == 0 || snapshot_.revisionsUpTo(*post, *oldest - 1, 1, 1).empty());
    send(envelope);
}

} // namespace stoa
