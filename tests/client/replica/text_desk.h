#pragma once

// A shelf with one question, whose text the server has in numbered versions.

#include "shared/text/codec.h"
#include "shared/text/diff.h"
#include "tests/client/replica/shelf.h"

namespace stoa::test {

inline constexpr auto every = [](const Feed&) { return true; };

inline v1::TextVersion version(uint64_t revision)
{
    v1::TextVersion version;
    version.set_revision(revision);
    version.set_seal(hash128(std::to_string(revision)).str());
    return version;
}

// What the server made of a body of that number.
inline v1::Revision revision(uint64_t after, uint64_t number, const TextChange& text, const std::string& change = {})
{
    v1::Revision made;
    *made.mutable_version() = version(number);
    made.set_after(after);
    made.set_text(encode(text));
    made.set_change(change);
    return made;
}

inline v1::Revision revision(uint64_t after, uint64_t number, const std::string& before, const std::string& now,
                             const std::string& change = {})
{
    return revision(after, number, diff(before, now), change);
}

class Desk : public Shelf {
public:
    explicit Desk(const std::string& body, uint64_t revision = 0)
    {
        question_ = question("Title");
        post = idOf(question_);
        REQUIRE(serve(body, revision) == Replica::Received::AtHead);
    }

    v1::Record with(const std::string& body, uint64_t revision, const v1::Change& writer = {})
    {
        question_.set_revision(question_.revision() + 1);
        question_.mutable_post()->set_body(body);
        if (revision > 0)
            *question_.mutable_post()->mutable_body_version() = version(revision);
        question_.clear_writers();
        if (!writer.id().empty()) {
            question_.add_writers()->set_field(v1::POST_BODY);
            question_.mutable_writers(0)->set_change(writer.id());
        }
        return question_;
    }
    Replica::Received serve(const std::string& body, uint64_t revision, const v1::Change& writer = {})
    {
        return receive(space(), {with(body, revision, writer)});
    }
    // The body as it is written, ahead of its record.
    Replica::Received tell(const std::vector<v1::Revision>& revisions)
    {
        v1::Revisions told;
        told.set_post(post.str());
        told.set_after(revisions.front().after());
        for (const v1::Revision& each : revisions)
            *told.add_revisions() = each;
        Replica::Received received{};
        within([&] { received = replica->receive(told); });
        return received;
    }
    // The server was restored, and begins another epoch; its heads are as they were.
    void restored(uint32_t epoch)
    {
        v1::Welcome welcome;
        welcome.set_person(me.str());
        welcome.set_organisation(organisation.str());
        welcome.set_epoch(epoch);
        for (const Feed& feed : {directory(), personal(), space()}) {
            v1::FeedHead& head = *welcome.add_feeds();
            head.set_feed(feed.key());
            head.set_head(replica->feed(feed)->cursor);
        }
        within([&] { REQUIRE(replica->welcome(welcome)); });
        if (replica->feed(space())->anew)
            REQUIRE(receive(wholeFeed(space())) == Replica::Received::AtHead);
    }
    std::string shown() { return stoa::body(*read(), post).toStdString(); }

    v1::Change edit(const std::string& before, const std::string& after, const std::string& summary = {})
    {
        v1::Change change;
        change.set_id(id().str());
        change.set_target(post.str());
        change.set_made_ms(nowMs);
        change.mutable_edit_text()->set_text(encode(diff(before, after)));
        change.mutable_edit_text()->set_shown(hash128(before).str());
        change.mutable_edit_text()->set_summary(summary);
        return change;
    }
    v1::Change write(const std::string& after)
    {
        const v1::Change change = edit(shown(), after);
        REQUIRE(submit(change));
        REQUIRE(shown() == after);
        return change;
    }
    // What leaves now.
    std::vector<v1::Change> send()
    {
        std::vector<v1::Change> sent;
        within([&] {
            const auto waiting = replica->waiting(pushLimits(), every);
            replica->markSent(waiting);
            for (const auto& each : waiting)
                REQUIRE(sent.emplace_back().ParseFromString(each.bytes));
        });
        return sent;
    }
    std::vector<v1::Change> sendUnanswered()
    {
        std::vector<v1::Change> sent;
        within([&] {
            for (const auto& each : replica->unreceipted(0, pushLimits()))
                REQUIRE(sent.emplace_back().ParseFromString(each.bytes));
        });
        return sent;
    }
    void accept(const v1::Change& change, uint64_t revision)
    {
        v1::Receipt receipt;
        receipt.set_change(change.id());
        receipt.set_revision(revision);
        within([&] { replica->settle(receipt); });
    }
    void refuse(const v1::Change& change, v1::Code code)
    {
        v1::Receipt receipt;
        receipt.set_change(change.id());
        receipt.mutable_refusal()->set_code(code);
        within([&] { replica->settle(receipt); });
    }
    QList<OutboxRow> rows() { return outbox(*read(), 99); }
    std::string made(const v1::Change& change, const std::string& of)
    {
        return *applyTo(of, *decode(change.edit_text().text()));
    }

    Id post;

private:
    v1::Record question_;
};

} // namespace stoa::test
