// Bodies as they are written, between real connections.

#include "shared/text/codec.h"
#include "tests/server/net/office.h"

namespace stoa {

namespace {

v1::Envelope opening(const Id& post)
{
    v1::Envelope envelope;
    envelope.mutable_open_text()->set_post(post.str());
    return envelope;
}

v1::Envelope cursorIn(const Id& post, uint64_t at)
{
    v1::Envelope envelope;
    envelope.mutable_presence()->set_post(post.str());
    envelope.mutable_presence()->set_from(at);
    envelope.mutable_presence()->set_to(at);
    return envelope;
}

bool tellsOf(const v1::Envelope& envelope, const std::function<bool(const v1::Reader&)>& wanted)
{
    return std::ranges::any_of(envelope.present().readers(), wanted);
}

} // namespace

TEST_CASE("what one writes comes to all who have the post open, on every thread, and so does where they are")
{
    Office office;
    v1::Change made = office.question("Why?");
    made.mutable_create_post()->set_body("one");
    const Id post = *Id::from(made.target());
    std::vector<TestClient> clients;
    std::vector<Id> people{office.ada, office.ben};
    for (int i = 0; i < 6; ++i)
        clients.push_back(office.enter(people[size_t(i % 2)]));
    TestClient& ada = clients[0];
    ada.send(push({made}));
    CHECK_FALSE(
        ada.receiveUntil([](const v1::Envelope& e) { return e.has_receipts(); }).receipts().receipts(0).has_refusal());
    for (TestClient& each : clients) {
        each.send(opening(post));
        const v1::Envelope answer = each.receiveUntil([](const v1::Envelope& e) { return e.has_revisions(); });
        CHECK_FALSE(answer.revisions().unknown());
        CHECK(answer.revisions().revisions().empty());
    }
    uint64_t after = 0;
    for (int i = 0; i < 5; ++i) {
        v1::Change change = office.change(post);
        change.mutable_edit_text()->set_text(encode(TextChange::replace(0, 0, "a")));
        ada.send(push({change}));
        // Who wrote it hears first that it was accepted.
        const v1::Envelope receipts =
            ada.receiveUntil([](const v1::Envelope& e) { return e.has_receipts() || e.has_revisions(); });
        REQUIRE(receipts.has_receipts());
        const uint64_t revision = receipts.receipts().receipts(0).revision();
        for (TestClient& each : clients) {
            const v1::Revisions told =
                each.receiveUntil([](const v1::Envelope& e) { return e.has_revisions(); }).revisions();
            CHECK(told.after() == after);
            REQUIRE(told.revisions_size() == 1);
            CHECK(told.revisions(0).version().revision() == revision);
            CHECK(told.revisions(0).change() == change.id());
            CHECK(told.revisions(0).author() == office.ada.view());
            CHECK(told.revisions(0).device().empty());
        }
        after = revision;
    }

    clients[1].send(cursorIn(post, 2));
    clients[1].send(cursorIn(post, 3));
    uint32_t session = 0;
    for (size_t i = 0; i < clients.size(); ++i) {
        if (i == 1)
            continue;
        const v1::Envelope told = clients[i].receiveUntil([](const v1::Envelope& e) {
            return tellsOf(e, [](const v1::Reader& reader) { return reader.to() == 3; });
        });
        for (const v1::Reader& reader : told.present().readers()) {
            if (reader.to() != 3)
                continue;
            CHECK(reader.person() == office.ben.view());
            session = reader.session();
        }
    }
    clients[1].close();
    const auto hasLeft = [&](const v1::Envelope& e) {
        return tellsOf(e, [&](const v1::Reader& reader) { return reader.session() == session && reader.left(); });
    };
    for (size_t i = 0; i < clients.size(); ++i)
        if (i != 1)
            CHECK(clients[i].receiveUntil(hasLeft).has_present());

    // The space is closed to them: what they have open ends, and what is written afterwards goes to nobody.
    v1::Change closed = office.change(office.space);
    v1::FieldEdit& edit = *closed.mutable_edit()->add_fields();
    edit.set_field(v1::SPACE_VISIBILITY);
    edit.mutable_value()->set_number(v1::PRIVATE);
    office.order(closed);
    v1::Change later = office.change(post);
    later.mutable_edit_text()->set_text(encode(TextChange::replace(0, 0, "later")));
    office.order(later);
    for (size_t i = 0; i < clients.size(); ++i) {
        if (i == 1)
            continue;
        const v1::Envelope end = clients[i].receiveUntil([](const v1::Envelope& e) { return e.has_revisions(); });
        CHECK(end.revisions().unknown());
        v1::Envelope ping;
        ping.mutable_ping();
        clients[i].send(ping);
        const v1::Envelope next =
            clients[i].receiveUntil([](const v1::Envelope& e) { return e.has_pong() || e.has_revisions(); });
        CHECK(next.has_pong());
    }
    office.stop(); // with posts open and cursors on their way
}

} // namespace stoa
