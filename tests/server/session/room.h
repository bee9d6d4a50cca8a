#pragma once

// People who have a page open at the same time, each in a conversation of their own. What a server does between them is
// done by hand, in its order.

#include "server/session/readers.h"
#include "server/session/session.h"
#include "shared/wire/frame.h"
#include "tests/server/engine/pages.h"

namespace stoa {

class Room : public Pages {
public:
    // One of them, with what they make of what they are sent.
    class Talk {
    public:
        Talk(Room& room, const Id& person, uint32_t number) : person(person), number(number), room_(room)
        {
            SessionDoors doors;
            doors.send = [this](const SharedFrame& frame) {
                queuedBytes += frame->size();
                framesSent.push_back(frame);
                sent_.append(*frame);
            };
            doors.queuedBytes = [this] { return queuedBytes; };
            doors.signIn = [](const v1::Hello&) {};
            doors.admit = [](const SignedIn&) { return Refusal{}; };
            doors.submit = [](const Submission&) { return true; };
            doors.handBack = [](const v1::HandBack&) { return true; };
            doors.signOut = [](const Id&) { return true; };
            doors.pauseReading = [](bool) {};
            doors.finish = [] {};
            doors.watch = [this](const Id& post, bool isOpen) {
                REQUIRE(isOpen != watched.contains(post));
                isOpen ? (void)watched.insert(post) : (void)watched.erase(post);
            };
            doors.presence = [this](const Id& post, const v1::Reader& reader) { room_.readers.say(post, reader); };
            snapshot_ = room.store->snapshot();
            session = std::make_unique<Session>(
                std::move(doors), *snapshot_, [&room] { return room.nowMs; }, number);
            v1::Envelope hello;
            hello.mutable_hello()->set_protocol_min(1);
            hello.mutable_hello()->set_protocol_max(1);
            hello.mutable_hello()->mutable_password();
            session->received(hello);
            session->signInDone(SignedIn{person, newId(1, room.random), "token"});
            REQUIRE(take()->has_welcome());
        }

        void open(const v1::Record& from)
        {
            body = from;
            open(from.id(), from.post().body_version());
        }
        void open(const std::string& post, const v1::TextVersion& version)
        {
            v1::Envelope envelope;
            envelope.mutable_open_text()->set_post(post);
            if (version.revision() > 0)
                *envelope.mutable_open_text()->mutable_version() = version;
            session->received(envelope);
        }
        void close(const Id& post)
        {
            v1::Envelope envelope;
            envelope.mutable_close_text()->set_post(post.str());
            session->received(envelope);
        }
        void isAt(const Id& post, uint64_t from, uint64_t to)
        {
            v1::Envelope envelope;
            v1::Presence& said = *envelope.mutable_presence();
            said.set_post(post.str());
            said.set_revision(room_.present(post).post().body_version().revision());
            said.set_from(from);
            said.set_to(to);
            session->received(envelope);
        }
        v1::RevisionPage history(const Id& post, uint64_t before = 0, uint32_t count = 0)
        {
            v1::Envelope envelope;
            v1::ReadRevisions& asked = *envelope.mutable_read_revisions();
            asked.set_post(post.str());
            asked.set_before(before);
            asked.set_count(count);
            session->received(envelope);
            const auto page = take();
            REQUIRE(page);
            REQUIRE(page->has_revision_page());
            return page->revision_page();
        }

        std::optional<v1::Envelope> take()
        {
            auto next = sent_.next();
            REQUIRE(next);
            return *next;
        }
        bool silent() { return !take(); }
        v1::Revisions revisions()
        {
            const auto next = take();
            REQUIRE(next);
            REQUIRE(next->has_revisions());
            return next->revisions();
        }
        v1::Present present()
        {
            const auto next = take();
            REQUIRE(next);
            REQUIRE(next->has_present());
            return next->present();
        }
        bool isEnded(const Id& post)
        {
            const v1::Revisions told = revisions();
            return told.unknown() && told.post() == post.view() && told.revisions().empty();
        }
        // Follows what was sent until now; gives how many revisions that were.
        size_t follow()
        {
            size_t count = 0;
            while (const auto next = take()) {
                REQUIRE(next->has_revisions());
                const v1::Revisions& told = next->revisions();
                REQUIRE_FALSE(told.unknown());
                REQUIRE(told.post() == body.id());
                REQUIRE(told.after() == body.post().body_version().revision());
                for (const v1::Revision& each : told.revisions()) {
                    CHECK(each.device().empty());
                    REQUIRE(each.after() == body.post().body_version().revision());
                    addRevision(body, each);
                    authors.push_back(each.author());
                    bodies.push_back(body.post().body());
                    ++count;
                }
            }
            return count;
        }
        void takesAll()
        {
            queuedBytes = 0;
            session->drained();
        }

        Id person;
        uint32_t number;
        std::unique_ptr<Session> session;
        size_t queuedBytes = 0;
        std::vector<SharedFrame> framesSent;
        std::set<Id> watched;
        v1::Record body;
        std::vector<std::string> authors, bodies; // of each revision

    private:
        Room& room_;
        std::unique_ptr<Snapshot> snapshot_;
        FrameDecoder sent_{limits::frameBytesMax};
    };

    Talk& enter(const Id& person)
    {
        talks.push_back(std::make_unique<Talk>(*this, person, static_cast<uint32_t>(talks.size() + 1)));
        return *talks.back();
    }
    // Made, and everybody told; gives what was committed.
    Committed make(const v1::Change& change, const Actor& actor) { return makeAll({change}, actor); }
    Committed makeAll(const std::vector<v1::Change>& changes, const Actor& actor)
    {
        Submission submission{.actor = actor, .changes = {}, .device = newId(1, random)};
        for (const v1::Change& made : changes)
            submission.changes.emplace_back().set_change(made.SerializeAsString());
        const Committed committed = engine->submit({&submission, 1});
        for (const v1::Receipt& receipt : committed.receipts[0].receipts())
            REQUIRE_FALSE(receipt.has_refusal());
        tell(committed);
        return committed;
    }
    // Over the newest body.
    void write(size_t at, size_t deleted, std::string_view text, const Id& by)
    {
        make(textOver(present(), replace(at, deleted, text)), {.person = by});
    }
    void tell(const Committed& committed)
    {
        std::vector<std::shared_ptr<const LiveText>> texts;
        for (const auto& news : committed.texts)
            texts.push_back(std::make_shared<const LiveText>(news));
        for (const auto& talk : talks) {
            if (committed.rightsAltered)
                talk->session->rightsAltered();
            for (const auto& text : texts)
                talk->session->text(*text);
            for (const auto& news : committed.news)
                talk->session->news(LiveNews(news));
        }
    }
    // Who is where, to whom it is to be told.
    size_t tellPresence()
    {
        const auto told = readers.take();
        for (const Readers::Told& each : told)
            for (const uint32_t number : each.to)
                talks[number - 1]->session->present(*each.live);
        return told.size();
    }
    void setVisibility(v1::Visibility visibility)
    {
        v1::Change made = change(space);
        v1::FieldEdit& edit = *made.mutable_edit()->add_fields();
        edit.set_field(v1::SPACE_VISIBILITY);
        edit.mutable_value()->set_number(visibility);
        make(made, {.server = true});
    }

    Readers readers;
    std::vector<std::unique_ptr<Talk>> talks;
};

} // namespace stoa
