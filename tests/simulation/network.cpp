// The connections: the server's ends of them, and the wires in between.

#include "tests/simulation/world.h"

namespace stoa::test {

namespace {

constexpr int64_t presenceMs = 50;     // as the server's
constexpr int slowQueueWeight = 3'000; // bytes that wait for a slow reader count so much

} // namespace

void World::post(const std::shared_ptr<Link>& link, std::function<void(Session&)> work,
                 std::shared_ptr<const Rights> rights)
{
    if (!link->serverOpen)
        return;
    link->posts.push_back([link = link.get(), work = std::move(work), rights = std::move(rights)] {
        link->postedRights = rights;
        work(*link->session);
        link->postedRights.reset();
    });
    later(draw(!healing_ && mint_.chance(15) ? 1'500 : 4), [this, link] { runPost(link); });
}

void World::runPost(const std::shared_ptr<Link>& link)
{
    if (!link->serverOpen || link->posts.empty())
        return;
    const auto work = std::move(link->posts.front());
    link->posts.pop_front();
    work();
}

std::shared_ptr<Link> World::openLink(const Id& person)
{
    const auto link = std::make_shared<Link>();
    const std::weak_ptr<Link> weak = link;
    link->serverOpen = true;
    link->person = person;
    link->snapshot = store_->snapshot();
    link->serverHeardMs = agenda_.nowMs();
    SessionDoors doors;
    doors.send = [this, weak](const SharedFrame& frame) { serverSends(weak.lock(), frame); };
    doors.queuedBytes = [raw = link.get()] {
        const bool slow = raw->device && raw->device->slow;
        return raw->down.bytes.size() * size_t(slow ? slowQueueWeight : 1);
    };
    doors.signIn = [this, raw = link.get()](const v1::Hello&) {
        raw->session->signInDone(SignedIn{raw->person, mint_.id(agenda_.nowMs()), {}});
    };
    doors.admit = [](const SignedIn&) { return Refusal{}; };
    doors.submit = [this, weak](Submission submission) {
        takeSubmission(weak.lock(), std::move(submission));
        return true;
    };
    doors.handBack = [this, weak](const v1::HandBack& versions) {
        later(1 + draw(5), [this, self = weak.lock(), versions] { takeBack(self, versions); });
        return true;
    };
    doors.signOut = [](const Id&) { return false; };
    doors.pauseReading = [this, weak](bool paused) {
        const auto self = weak.lock();
        self->paused = paused;
        if (!paused)
            put(self, true, {});
    };
    doors.finish = [this, weak] { later(1, [this, self = weak.lock()] { closeServerEnd(self); }); };
    doors.presence = [this](const Id& post, const v1::Reader& reader) {
        readers_.say(post, reader);
        if (!std::exchange(readersAsked_, true))
            later(presenceMs, [this] { tellReaders(); });
    };
    link->session = std::make_unique<Session>(
        std::move(doors), *link->snapshot, [this] { return agenda_.nowMs() + serverOffsetMs_; }, ++sessions_);
    links_.push_back(link);
    return link;
}

void World::tellReaders()
{
    readersAsked_ = false;
    for (const Readers::Told& told : readers_.take())
        for (const auto& link : links_)
            if (std::ranges::find(told.to, link->session->number()) != told.to.end())
                post(
                    link, [live = told.live](Session& session) { session.present(*live); }, rights_);
}

void World::serverSends(const std::shared_ptr<Link>& link, const SharedFrame& frame)
{
    FrameDecoder decoder(limits::frameBytesMax);
    decoder.append(*frame);
    v1::Envelope envelope = **decoder.next();
    checkSent(*link, envelope);
    const bool divisible = envelope.has_batch() && envelope.batch().versions_size() > 1;
    if (!healing_ && divisible && has(Fault::SplitBatch) && mint_.chance(50)) {
        count(Fault::SplitBatch);
        v1::Batch& whole = *envelope.mutable_batch();
        const int at = 1 + int(mint_.number(uint64_t(whole.versions_size() - 1)));
        v1::Envelope first;
        v1::Batch& part = *first.mutable_batch();
        part.set_feed(whole.feed());
        part.set_after(whole.after());
        part.set_upto(whole.versions(at - 1).number());
        for (int i = 0; i < at; ++i)
            *part.add_versions() = whole.versions(i);
        whole.set_after(part.upto());
        whole.mutable_versions()->DeleteSubrange(0, at);
        put(link, false, encodeFrame(first));
        put(link, false, encodeFrame(envelope));
        return;
    }
    put(link, false, *frame);
}

// Of a post; empty where it is not there.
std::string World::feedOf(const std::string& post) const
{
    after_->refresh();
    const auto located = after_->find(Id::from(post).value_or(Id{}));
    after_->rest();
    return located ? located->feed.key() : std::string();
}

// Nobody is sent what they may not read, as of now or as of the commit that is being told.
void World::checkSent(const Link& link, const v1::Envelope& envelope) const
{
    const Id person = link.session->person();
    const auto check = [&](const std::string& key) {
        const auto feed = Feed::from(key);
        for (const auto& rights : {rights_, link.postedRights}) {
            if (!rights)
                continue;
            const auto found = rights->find(person);
            if (feed && found != rights->end() && found->second.contains(*feed))
                return;
        }
        throw Broken("nobody is sent what they may not read", person.hex() + " is sent something of " + toHex(key));
    };
    if (envelope.has_batch())
        check(envelope.batch().feed());
    for (const v1::FeedHead& head : envelope.feeds().feeds())
        check(head.feed());
    for (const v1::FeedHead& head : envelope.welcome().feeds())
        check(head.feed());
    if (envelope.revision_page().revisions_size() > 0)
        check(feedOf(envelope.revision_page().post()));
    if (envelope.revisions().revisions_size() > 0)
        check(feedOf(envelope.revisions().post()));
    if (envelope.has_present())
        check(feedOf(envelope.present().post()));
}

void World::closeServerEnd(const std::shared_ptr<Link>& link)
{
    if (!link->serverOpen)
        return;
    link->serverOpen = false;
    link->session->ended();
    link->session.reset();
    link->snapshot.reset();
    link->posts.clear();
    link->up.bytes.clear();
    std::erase(links_, link);
    put(link, false, {}); // the end of the stream, after what is under way
}

void World::watchSilence()
{
    for (const auto& link : std::vector(links_))
        if (agenda_.nowMs() - link->serverHeardMs > limits::silenceMs)
            closeServerEnd(link);
    later(15'000, [this] { watchSilence(); });
}

// ---- the wires

void World::put(const std::shared_ptr<Link>& link, bool up, std::string_view bytes)
{
    Pipe& pipe = up ? link->up : link->down;
    pipe.bytes += bytes;
    if (std::exchange(pipe.moving, true))
        return;
    int64_t delayMs = draw(plan_.latencyMs);
    if (!healing_ && has(Fault::Delay) && mint_.chance(5)) {
        count(Fault::Delay);
        delayMs += 1'000 + draw(8'000);
    }
    if (!healing_ && !up && link->device && link->device->slow)
        delayMs += 500;
    later(std::max(delayMs, pipe.heldUntilMs - agenda_.nowMs()), [this, link, up] { arrive(link, up); });
}

void World::arrive(const std::shared_ptr<Link>& link, bool up)
{
    Pipe& pipe = up ? link->up : link->down;
    pipe.moving = false;
    if (!healing_ && pipe.heldUntilMs > agenda_.nowMs())
        return put(link, up, {});
    if (up && (!link->serverOpen || link->paused))
        return;
    Device* device = link->device;
    if (!up && !device)
        return pipe.bytes.clear();
    if (!up && pipe.bytes.empty()) {
        if (!link->serverOpen)
            hangUp(*device, true);
        return;
    }
    size_t size = pipe.bytes.size();
    if (!healing_ && !up && device->slow)
        size = std::min<size_t>(size, 1 + mint_.number(400));
    else if (mint_.chance(30))
        size = 1 + mint_.number(size);
    pipe.decoder.append(std::string_view(pipe.bytes).substr(0, size));
    pipe.bytes.erase(0, size);
    if (up)
        link->serverHeardMs = agenda_.nowMs();
    while (up ? link->serverOpen : link->device == device) {
        auto next = pipe.decoder.next();
        if (!next)
            throw Broken("nobody breaks the protocol", "a frame that is none");
        if (!*next)
            break;
        if (up)
            link->session->received(**next);
        else
            received(*device, **next);
    }
    if (!up && link->serverOpen)
        link->session->drained();
    if (!pipe.bytes.empty() || (!up && !link->serverOpen && link->device))
        put(link, up, {});
}

} // namespace stoa::test
