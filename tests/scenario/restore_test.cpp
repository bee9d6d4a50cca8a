#include "tests/scenario/office.h"

using namespace stoa;
using namespace stoa::test;

TEST_CASE("what a restored server lost comes back from whoever still has it, under its own author and time")
{
    Office office;
    const v1::Change lost = office.question("After the backup");
    office.does(office.ben(), lost);
    const v1::Change reply = office.answer(lost, "Known to all");
    office.does(office.cleo(), reply);
    const auto before = office.ada().record(*Id::from(reply.target()));

    office.company.restore(Company::Restore::Properly);
    // Their authors' computers are lost: only a reader's copy is left.
    office.ada().connect();
    office.company.settle();
    office.onlineAgain();

    CHECK(office.company.differences() == "");
    for (Desk* desk : {&office.ada(), &office.ben(), &office.cleo(), &office.laptop()}) {
        CHECK(office.titleAt(*desk, lost) == "After the backup");
        const auto after = desk->record(*Id::from(reply.target()));
        REQUIRE(after);
        CHECK(after->SerializeAsString() == before->SerializeAsString());
    }
}

TEST_CASE("a change that was on its way during a restore counts once")
{
    Office office;
    const v1::Change lost = office.question("Accepted and lost");
    office.does(office.ben(), lost);
    const v1::Change rename = office.rename(office.old, "Renamed after the backup");
    REQUIRE(office.ada().submit(rename) == v1::CODE_NONE);
    office.company.settle();
    office.ben().cut();
    const v1::Change offline = office.answer(lost, "Written on a plane");
    REQUIRE(office.ben().submit(offline) == v1::CODE_NONE);

    office.company.restore(Company::Restore::Properly);
    office.onlineAgain();

    CHECK(office.company.differences() == "");
    CHECK(office.ben().outbox().empty());
    CHECK(office.titleAt(office.ada(), lost) == "Accepted and lost");
    CHECK(office.titleAt(office.ada(), office.old) == "Renamed after the backup");
    CHECK(office.ada().record(*Id::from(offline.target())));
}

TEST_CASE("a post that others handed back already is not refused when its author sends it again")
{
    Office office;
    const v1::Change page = office.page("Accepted, but the receipt was lost");
    REQUIRE(office.ben().submit(page) == v1::CODE_NONE);
    const Feed feed{FeedKind::Space, office.lab};
    for (const uint64_t head = office.company.serverFeed(feed).head; office.company.serverFeed(feed).head == head;)
        REQUIRE(office.company.stepTo(office.ben()));
    office.ben().cut();
    office.company.settle();
    REQUIRE(office.titleAt(office.ada(), page) == "Accepted, but the receipt was lost");

    office.company.restore(Company::Restore::Properly);
    office.ada().connect();
    office.company.settle();
    std::string title = "Accepted, but the receipt was lost";
    SECTION("as it was") {}
    SECTION("renamed since")
    {
        title = "Renamed by Ada";
        office.does(office.ada(), office.rename(page, title));
    }
    office.onlineAgain();
    CHECK(office.company.differences() == "");
    CHECK(office.ben().outbox().empty());
    CHECK(office.titleAt(office.cleo(), page) == title);
}

TEST_CASE("another post that came back under a post's id is not taken for it, and its words stay")
{
    Office office;
    const Id other = office.company.addSpace("Other", v1::OPEN);
    office.company.settle();
    office.company.backUp();
    office.laptop().cut();
    const v1::Change mine = office.question("Mine");
    v1::Change taken = mine;
    taken.set_id(office.company.mint.id(office.company.nowMs).str());
    // A changed client, also its author's own, may take an id twice.
    SECTION("in another space")
    {
        taken.mutable_create_post()->set_space(other.str());
    }
    SECTION("with other words")
    {
        taken.mutable_create_post()->set_title("Other words");
    }
    REQUIRE(office.laptop().submit(mine) == v1::CODE_NONE);
    office.does(office.ada(), taken);
    office.company.restore(Company::Restore::Properly);
    office.ben().connect();
    office.company.settle();
    office.onlineAgain();
    CHECK(office.company.differences() == "");
    CHECK(office.titleAt(office.cleo(), mine) == taken.create_post().title());
    REQUIRE(office.laptop().outbox().size() == 1);
    CHECK(office.laptop().outbox().front().state == ChangeState::Refused);
    CHECK(office.laptop().outbox().front().refusal.code == v1::EXISTS);
}

TEST_CASE("what waits for its numbers when the server is restored is sent again")
{
    Office office;
    const v1::Change question = office.question("Receipt came, version did not");
    REQUIRE(office.ben().submit(question) == v1::CODE_NONE);
    // The receipt arrives; the version that it speaks of is still on its way when the line is cut.
    while (office.ben().outbox().front().state != ChangeState::Accepted)
        REQUIRE(office.company.stepTo(office.ben()));
    office.company.restore(Company::Restore::Properly);
    office.onlineAgain();
    CHECK(office.company.differences() == "");
    CHECK(office.ben().outbox().empty());
    CHECK(office.titleAt(office.ada(), question) == "Receipt came, version did not");
}

TEST_CASE("what was changed on both sides of a restore is merged field by field")
{
    Office office;
    const v1::Change first = office.rename(office.old, "Lost title");
    office.laptop().cut();
    office.does(office.ada(), first);
    office.company.restore(Company::Restore::Properly);
    // Somebody who had not seen it works on before it comes back.
    office.laptop().connect();
    office.company.settle();
    office.does(office.laptop(), office.rename(office.old, "Later title"));
    office.onlineAgain();
    CHECK(office.company.differences() == "");
    const auto record = office.ada().record(*Id::from(office.old.target()));
    REQUIRE(record);
    CHECK(record->post().title() == "Later title");
    REQUIRE(record->lost_size() == 1);
    CHECK(record->lost(0).value().text() == "Lost title");
}

TEST_CASE("what was deleted after the backup does not come back to life")
{
    Office office;
    office.does(office.ada(), office.company.mint.remove(*Id::from(office.old.target()), office.company.nowMs));
    office.company.restore(Company::Restore::Properly);
    office.onlineAgain();
    CHECK(office.company.differences() == "");
    CHECK(office.titleAt(office.cleo(), office.old).empty());
}

TEST_CASE("what was made and deleted after the backup does not come back from an older copy")
{
    Office office;
    const v1::Change made = office.question("Thought better of");
    office.does(office.ben(), made);
    office.cleo().cut();
    office.does(office.ben(), office.company.mint.remove(*Id::from(made.target()), office.company.nowMs));
    office.company.restore(Company::Restore::Properly);
    SECTION("the older first")
    {
        office.cleo().connect();
    }
    SECTION("the newer first")
    {
        for (Desk* desk : {&office.ada(), &office.ben(), &office.laptop()})
            desk->connect();
    }
    office.company.settle();
    office.onlineAgain();
    CHECK(office.company.differences() == "");
    for (Desk* desk : {&office.ada(), &office.ben(), &office.cleo(), &office.laptop()})
        CHECK(office.titleAt(*desk, made).empty());
}

TEST_CASE("moves on both sides of a restore make no circle")
{
    Office office;
    const v1::Change rota = office.page("Rota"), lists = office.page("Lists");
    office.does(office.ada(), rota);
    office.does(office.ada(), lists);
    office.company.backUp();
    for (Desk* desk : {&office.ada(), &office.cleo(), &office.laptop()})
        desk->cut();
    const v1::Change lost = office.move(rota, lists);
    office.does(office.ben(), lost);
    office.company.restore(Company::Restore::Properly);
    office.ada().connect();
    office.company.settle();
    office.does(office.ada(), office.move(lists, rota));
    office.onlineAgain();
    CHECK(office.company.differences() == "");
    for (Desk* desk : {&office.ada(), &office.ben(), &office.cleo(), &office.laptop()}) {
        const v1::Record above = *desk->record(*Id::from(rota.target()));
        CHECK(above.post().parent().empty());
        REQUIRE(above.lost_size() == 1);
        CHECK(above.lost(0).change() == lost.id());
        CHECK(desk->record(*Id::from(lists.target()))->post().parent() == rota.target());
    }
}

TEST_CASE("an older copy comes back when it does, and only the newest version counts")
{
    Office office;
    const v1::Change lost = office.question("First title");
    office.does(office.ben(), lost);
    const v1::Change older = office.rename(lost, "Second title");
    office.does(office.ben(), older);
    office.cleo().cut();
    office.does(office.ben(), office.rename(lost, "Third title", older.id()));
    office.company.restore(Company::Restore::Properly);
    SECTION("the older first")
    {
        office.cleo().connect();
        office.company.settle();
        CHECK(office.titleAt(office.cleo(), lost) == "Second title");
        office.ben().connect();
    }
    SECTION("the newer first")
    {
        office.ben().connect();
        office.company.settle();
        office.cleo().connect();
        office.company.settle();
        CHECK(office.titleAt(office.ben(), lost) == "Third title");
        CHECK(office.titleAt(office.cleo(), lost) == "Third title");
    }
    office.company.settle();
    office.onlineAgain();
    CHECK(office.company.differences() == "");
    for (Desk* desk : {&office.ada(), &office.cleo()}) {
        CHECK(office.titleAt(*desk, lost) == "Third title");
        CHECK(desk->record(*Id::from(lost.target()))->lost_size() == 0);
    }
}

TEST_CASE("accounts and memberships are not taken back but wait for the admin")
{
    Office office;
    const Id dora = office.company.addPerson("dora");
    office.company.setMember(office.lab, office.ben().person, v1::MODERATOR);
    office.company.settle();
    office.company.restore(Company::Restore::Properly);
    office.onlineAgain();
    CHECK(office.company.differences() == "");
    CHECK_FALSE(office.ada().record(dora));
    const auto waiting = office.company.notTaken();
    REQUIRE(waiting.size() == 2);
    v1::Record first, second;
    REQUIRE(first.ParseFromString(waiting[0].bytes));
    REQUIRE(second.ParseFromString(waiting[1].bytes));
    CHECK(first.has_person() != second.has_person());
    CHECK(first.has_membership() != second.has_membership());
}

TEST_CASE("a space made after the backup is set aside on every copy and nothing of it is wiped")
{
    Office office;
    const Id young = office.company.addSpace("Young", v1::OPEN);
    office.company.settle();
    const v1::Change question =
        office.company.mint.post(v1::QUESTION, young, {}, "In a space that the server forgot", office.company.nowMs);
    office.does(office.ben(), question);
    office.company.restore(Company::Restore::Properly);
    office.onlineAgain();
    const FollowedFeed* feed = office.ada().replica->feed({FeedKind::Space, young});
    REQUIRE(feed);
    CHECK(feed->setAside);
    CHECK(office.titleAt(office.ada(), question) == "In a space that the server forgot");
}

TEST_CASE("an accepted change does not wait for ever where its feed was set aside")
{
    Office office;
    const Id closed = office.company.addSpace("Closed", v1::PRIVATE);
    office.company.setMember(closed, office.ben().person, v1::CONTRIBUTOR);
    office.company.settle();
    const v1::Change question = office.company.mint.post(v1::QUESTION, closed, {}, "Last words", office.company.nowMs);
    REQUIRE(office.ben().submit(question) == v1::CODE_NONE);
    REQUIRE(office.company.stepTo(office.ben())); // it reaches the server
    REQUIRE(office.company.stepTo(office.ben())); // and is accepted
    office.ben().cut();
    office.company.setMember(closed, office.ben().person, v1::ROLE_NONE);
    office.company.backUp();
    office.company.restore(Company::Restore::Properly);
    office.ben().connect();
    office.company.settle();
    CHECK(office.ben().replica->feed({FeedKind::Space, closed})->setAside);
    CHECK(office.ben().outbox().empty());
}

TEST_CASE("what was accepted in a space that the server forgot without a word stays with who wrote it")
{
    Office office;
    const Id young = office.company.addSpace("Young", v1::OPEN);
    office.company.settle();
    const v1::Change question =
        office.company.mint.post(v1::QUESTION, young, {}, "Receipt came, version did not", office.company.nowMs);
    REQUIRE(office.ben().submit(question) == v1::CODE_NONE);
    while (office.ben().outbox().front().state != ChangeState::Accepted)
        REQUIRE(office.company.stepTo(office.ben()));
    office.company.restore(Company::Restore::ByHand);
    office.ben().connect();
    office.company.settle();
    REQUIRE(office.ben().outbox().size() == 1);
    CHECK(office.ben().outbox().front().state == ChangeState::Refused);
}

TEST_CASE("a space that is given back while they talk is handed back before it is read on")
{
    Office office;
    const Id closed = office.company.addSpace("Closed", v1::PRIVATE);
    office.company.settle();
    office.company.backUp();
    office.company.setMember(closed, office.ben().person, v1::CONTRIBUTOR);
    office.company.settle();
    const v1::Change lost =
        office.company.mint.post(v1::QUESTION, closed, {}, "Of a member that the server forgot", office.company.nowMs);
    office.does(office.ben(), lost);
    office.company.restore(Company::Restore::Properly);
    office.onlineAgain();
    REQUIRE(office.ben().replica->feed({FeedKind::Space, closed})->setAside);
    office.company.setMember(closed, office.ben().person, v1::READER);
    office.company.settle();
    CHECK(office.titleAt(office.ben(), lost) == "Of a member that the server forgot");
    CHECK(office.company.serverFeed({FeedKind::Space, closed}).records == 3);
    CHECK(office.company.differences() == "");
}

TEST_CASE("an old database copied back by hand is noticed at the first version above its head")
{
    Office office;
    const v1::Change lost = office.question("Above the head");
    office.does(office.ben(), lost);
    office.company.restore(Company::Restore::ByHand);
    CHECK(office.company.epoch() == 1);
    office.ada().connect();
    office.company.settle();
    CHECK(office.company.epoch() == 2);
    CHECK(office.ada().ended());
    office.onlineAgain();
    CHECK(office.company.differences() == "");
    for (Desk* desk : {&office.ada(), &office.ben(), &office.cleo(), &office.laptop()})
        CHECK(office.titleAt(*desk, lost) == "Above the head");
}

TEST_CASE("a forged seal ends the conversation and nothing is taken")
{
    Office office;
    const v1::Change lost = office.question("Lost");
    office.does(office.ben(), lost);
    office.company.restore(Company::Restore::Properly);
    office.ada().connect();
    REQUIRE(office.company.deliverHandBack(office.ada(), [](v1::HandBack& handBack) {
        v1::Record record;
        REQUIRE(record.ParseFromString(handBack.versions(0).record()));
        record.mutable_post()->set_title("Forged");
        handBack.mutable_versions(0)->set_record(record.SerializeAsString());
    }));
    office.company.settle();
    CHECK(office.ada().ended());
    CHECK(office.ada().whyEnded()->code == v1::PROTOCOL);
    office.cleo().connect();
    office.company.settle();
    CHECK(office.titleAt(office.cleo(), lost) == "Lost");
}

TEST_CASE("a version that the server never lost is not taken again")
{
    Office office;
    office.company.restore(Company::Restore::Properly);
    office.online();
    const uint64_t head = office.company.serverFeed({FeedKind::Space, office.lab}).head;
    office.onlineAgain();
    CHECK(office.company.serverFeed({FeedKind::Space, office.lab}).head == head);
    CHECK(office.company.differences() == "");
}

TEST_CASE("who missed a restore hands back what was lost before it")
{
    Office office;
    const v1::Change lost = office.question("Lost in the first");
    office.does(office.ben(), lost);
    office.company.restore(Company::Restore::Properly);
    office.cleo().connect(); // knows it too, but stays away from now on
    office.cleo().cut();
    office.company.backUp();
    office.company.restore(Company::Restore::Properly);
    office.onlineAgain();
    CHECK(office.company.differences() == "");
    CHECK(office.titleAt(office.ada(), lost) == "Lost in the first");
}

TEST_CASE("what was lost of a feed that the backup did not have comes back also after another restore")
{
    Office office;
    const auto bookmark = [&](const v1::Change& post) {
        return office.company.mint.mark(v1::BOOKMARK, *Id::from(post.target()), office.ada().person, 1,
                                        office.company.nowMs);
    };
    const v1::Change other = office.question("Bookmarked later");
    office.does(office.ben(), other);
    office.company.backUp();
    office.laptop().cut();
    office.does(office.ada(), bookmark(office.old));
    office.company.restore(Company::Restore::Properly);
    office.laptop().connect();
    office.company.settle();
    office.does(office.laptop(), bookmark(other));
    office.company.backUp();
    office.company.restore(Company::Restore::Properly);
    office.onlineAgain();
    CHECK(office.company.serverFeed({FeedKind::Person, office.ada().person}).records == 2);
    CHECK(office.company.differences() == "");
}

TEST_CASE("more than one message hands back goes on after a cut between two of them")
{
    Office office;
    const int lost = int(limits::pushChangesMax) + 50;
    office.ben().cut();
    for (int i = 0; i < lost; ++i)
        REQUIRE(office.ben().submit(office.question("Lost " + std::to_string(i))) == v1::CODE_NONE);
    office.ben().connect();
    office.company.settle();
    const FeedState before = office.company.serverFeed({FeedKind::Space, office.lab});
    REQUIRE(office.ben().outbox().empty());
    REQUIRE(before.records > uint64_t(lost));
    office.company.restore(Company::Restore::Properly);
    office.ben().connect();
    int handed = 0;
    REQUIRE(office.company.deliverHandBack(office.ben(),
                                           [&](const v1::HandBack& handBack) { handed = handBack.versions_size(); }));
    CHECK(handed == int(limits::pushChangesMax));
    office.ben().cut();
    office.onlineAgain();
    CHECK(office.company.serverFeed({FeedKind::Space, office.lab}).records == before.records);
    CHECK(office.company.differences() == "");
}
