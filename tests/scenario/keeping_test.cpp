// A page was deleted, moved, locked or taken from somebody while they wrote in it without a network: what they are
// told, what they can make of their words, and that the words arrive.

#include "client/commands/keeping.h"
#include "client/commands/placing.h"
#include "client/commands/task_places.h"
#include "client/replica/body_drafts.h"
#include "client/replica/queries_review.h"
#include "shared/markup/document.h"
#include "tests/scenario/company.h"
#include "tests/support/catch.h"

using namespace stoa;
using namespace stoa::test;

namespace {

// Olga owns a private space with a handbook in it, in which Ben and Cleo write; Ben can also write in an open one.
struct SharedHandbook {
    SharedHandbook()
    {
        for (const char* name : {"olga", "ben", "cleo"})
            desks.push_back(&company.desk(name, company.addPerson(name)));
        space = company.addSpace("Quality", v1::PRIVATE);
        lab = company.addSpace("Lab", v1::OPEN);
        company.setMember(space, olga().person, v1::OWNER);
        for (Desk* desk : {&ben(), &cleo()})
            company.setMember(space, desk->person, v1::CONTRIBUTOR);
        online();
        page = newPage("Handbook", {}, before);
    }
    Desk& olga() { return *desks[0]; }
    Desk& ben() { return *desks[1]; }
    Desk& cleo() { return *desks[2]; }

    // Whoever heard a goodbye comes again, as the program does, also after the half minutes until all is in its record.
    void online()
    {
        comeAgain();
        company.publish();
        comeAgain(); // they heard nothing for so long
    }
    void comeAgain()
    {
        for (Desk* desk : desks)
            desk->connect();
        company.settle();
        for (Desk* desk : desks)
            if (!desk->connected())
                desk->connect();
        company.settle();
    }
    void does(Desk& desk, const v1::Change& change)
    {
        INFO(desk.name);
        REQUIRE(desk.submit(change) == v1::CODE_NONE);
        company.settle();
    }
    Id newPage(const std::string& title, const Id& above, const std::string& body)
    {
        v1::Change made = company.mint.post(v1::PAGE, space, above, title, ++company.nowMs);
        made.mutable_create_post()->set_body(body);
        does(olga(), made);
        return *Id::from(made.target());
    }
    Pen pen(Desk& desk)
    {
        return {desk.person, [this] { return ++company.nowMs; },
                [this](std::span<uint8_t> bytes) {
                    for (uint8_t& byte : bytes)
                        byte = uint8_t(company.mint.number(256));
                }};
    }
    // Ben is on a plane, and writes.
    v1::Change benWrites(const Id& in)
    {
        ben().cut();
        const v1::Change written = editBody(pen(ben()), in, before, after);
        REQUIRE(ben().submit(written) == v1::CODE_NONE);
        return written;
    }
    // What Ben's outbox says of it once he is back.
    Keeping benReturns(const v1::Change& written)
    {
        online();
        REQUIRE(ben().stateOf(written) == ChangeState::Refused);
        const Reading reading(QString::fromStdString(ben().path()));
        const QList<OutboxRow> all = outbox(reading, 100);
        for (const OutboxRow& row : all)
            if (row.change.view() == written.id())
                if (const auto kept = keeping(reading, pen(ben()), row, all))
                    return *kept;
        FAIL("nothing of it is kept");
        return {};
    }
    // As the window does: what was refused goes once the words are elsewhere.
    Id benKeeps(const std::optional<v1::Change>& as, const Keeping& kept)
    {
        REQUIRE(as.has_value());
        does(ben(), *as);
        for (const Id& each : kept.settles) {
            v1::Change settled;
            settled.set_id(each.str());
            ben().discard(settled);
        }
        online();
        CHECK(ben().outbox().empty());
        CHECK(company.differences() == "");
        return *Id::from(as->target());
    }
    void keepDraft(Desk& desk, const Id& post, const BodyDraft& draft)
    {
        const Draft kept = toDraft(draft);
        desk.replica->begin();
        desk.replica->saveDraft(bodyDraftPlace(post).toStdString(), kept.title.toStdString(), kept.text.toStdString(),
                                {});
        (void)desk.replica->commit();
    }
    // As his window leaves it that could not store what he typed.
    void benHasDraft(v1::Code why)
    {
        keepDraft(ben(), page,
                  {.before = before,
                   .after = after,
                   .why = {why},
                   .title = QStringLiteral("Handbook"),
                   .tags = {},
                   .kind = v1::PAGE,
                   .space = space});
    }
    Keeping draftOfBen()
    {
        const Reading reading(QString::fromStdString(ben().path()));
        const QList<OutboxRow> all = outbox(reading, 100);
        REQUIRE(all.size() == 1);
        REQUIRE(all[0].isDraft);
        CHECK(outboxCount(reading) == 1);
        const auto kept = keeping(reading, pen(ben()), all[0], all);
        REQUIRE(kept);
        return *kept;
    }
    std::string bodyAt(Desk& desk, const Id& post)
    {
        const auto record = desk.record(post);
        return record && !record->deleted() ? record->post().body() : std::string();
    }
    void deletes(Desk& desk, const Id& post)
    {
        Removal found;
        {
            const Reading reading(QString::fromStdString(desk.path()));
            found = removal(reading, pen(desk), *stoa::post(reading, post));
        }
        REQUIRE(found.barrier == Removal::Barrier::None);
        for (const v1::Change& each : found.changes)
            does(desk, each);
    }

    const std::string before = "Wash your hands.\n\nLock the door.";
    const std::string after = "Wash your hands.\n\nLock both doors, and the gate.";
    Company company;
    std::vector<Desk*> desks;
    Id space, lab, page;
};

} // namespace

TEST_CASE("what was written in a page that was deleted becomes a page of its own")
{
    SharedHandbook office;
    const v1::Change written = office.benWrites(office.page);
    office.deletes(office.olga(), office.page);
    const Keeping kept = office.benReturns(written);
    CHECK(kept.happened == QStringLiteral("“Handbook”, which you wrote in, was deleted meanwhile."));
    CHECK(kept.text.toStdString() == office.after);
    CHECK(kept.title == QStringLiteral("Handbook"));
    CHECK_FALSE(kept.asProposal);
    CHECK_FALSE(kept.asComment);
    const Id made = office.benKeeps(kept.asPage, kept);
    CHECK(office.bodyAt(office.cleo(), made) == office.after);
}

TEST_CASE("what lies below a deleted page goes with it, and what was written there is kept")
{
    SharedHandbook office;
    const Id below = office.newPage("Doors", office.page, office.before);
    const v1::Change written = office.benWrites(below);
    office.deletes(office.olga(), office.page);
    CHECK(office.bodyAt(office.cleo(), below).empty());
    const Keeping kept = office.benReturns(written);
    const Id made = office.benKeeps(kept.asPage, kept);
    CHECK(office.bodyAt(office.olga(), made) == office.after);
}

TEST_CASE("a page that was written for a place that is gone becomes one at the top, with what was written in it since")
{
    SharedHandbook office;
    office.ben().cut();
    const v1::Change made = createPage(office.pen(office.ben()), office.space, office.page, QStringLiteral("Doors"),
                                       QStringLiteral("One."), {QStringLiteral("safety")});
    REQUIRE(office.ben().submit(made) == v1::CODE_NONE);
    REQUIRE(office.ben().submit(editBody(office.pen(office.ben()), *Id::from(made.target()), "One.", "One. Two.")) ==
            v1::CODE_NONE);
    office.deletes(office.olga(), office.page);
    const Keeping kept = office.benReturns(made);
    CHECK(kept.title == QStringLiteral("Doors"));
    CHECK(kept.text == QStringLiteral("One. Two."));
    CHECK(kept.body == kept.text);
    const Id page = office.benKeeps(kept.asPage, kept);
    CHECK(office.bodyAt(office.olga(), page) == "One. Two.");
    REQUIRE(office.olga().record(page)->post().tags_size() == 1);
    CHECK(office.olga().record(page)->post().tags(0) == "safety");
}

TEST_CASE("what hangs on a refused page is kept with it where it was written in it, and else by itself")
{
    SharedHandbook office;
    Desk& ben = office.ben();
    ben.cut();
    const v1::Change made = createPage(office.pen(ben), office.space, office.page, QStringLiteral("Doors"),
                                       QStringLiteral("One."), {QStringLiteral("safety")});
    REQUIRE(ben.submit(made) == v1::CODE_NONE);
    const Id id = *Id::from(made.target());
    REQUIRE(ben.submit(editBody(office.pen(ben), id, "One.", "One. Two.")) == v1::CODE_NONE);
    REQUIRE(ben.submit(editPost(office.pen(ben), *ben.record(id), QStringLiteral("Gates"),
                                {QStringLiteral("locks")})) == v1::CODE_NONE);
    const v1::Change child =
        createPage(office.pen(ben), office.space, id, QStringLiteral("Hinges"), QStringLiteral("Oil."), {});
    REQUIRE(ben.submit(child) == v1::CODE_NONE);
    const Id childId = *Id::from(child.target());
    REQUIRE(ben.submit(editBody(office.pen(ben), childId, "Oil.", "Oil them.")) == v1::CODE_NONE);
    const v1::Change comment =
        commentOn(office.pen(ben), office.space, id, QStringLiteral("Which gate?\n\nThe big one?"));
    REQUIRE(ben.submit(comment) == v1::CODE_NONE);
    office.deletes(office.olga(), office.page);
    office.online();
    const ChangeState state = ben.stateOf(child);
    CHECK((state == ChangeState::Refused || state == ChangeState::Blocked)); // it was on its way with the page, or not
    const auto keepingOf = [&](const v1::Change& change) {
        const Reading reading(QString::fromStdString(ben.path()));
        const QList<OutboxRow> all = outbox(reading, 100);
        for (const OutboxRow& row : all)
            if (row.change.view() == change.id())
                return keeping(reading, office.pen(ben), row, all).value();
        throw std::runtime_error("not in the outbox");
    };
    const auto keep = [&](const Keeping& kept) {
        REQUIRE(kept.asPage);
        office.does(ben, *kept.asPage);
        for (const Id& each : kept.settles) {
            v1::Change settled;
            settled.set_id(each.str());
            ben.discard(settled);
        }
        office.online();
        return *office.olga().record(*Id::from(kept.asPage->target()));
    };
    // In whatever order: nothing of one goes with the other.
    const bool childFirst = GENERATE(false, true);
    if (childFirst)
        CHECK(keep(keepingOf(child)).post().body() == "Oil them.");
    const v1::Record page = keep(keepingOf(made));
    CHECK(page.post().title() == "Gates");
    CHECK(page.post().body() == "One. Two.");
    REQUIRE(page.post().tags_size() == 1);
    CHECK(page.post().tags(0) == "locks");
    if (!childFirst) {
        const v1::Record below = keep(keepingOf(child));
        CHECK(below.post().title() == "Hinges");
        CHECK(below.post().body() == "Oil them.");
    }
    const Keeping words = keepingOf(comment);
    CHECK(words.text == QStringLiteral("Which gate?\n\nThe big one?"));
    CHECK(keep(words).post().body().ends_with("The big one?"));
    CHECK(ben.outbox().empty());
    CHECK(office.company.differences() == "");
}

TEST_CASE("what was not even handed over when a page went is in the outbox, and becomes a page called the same")
{
    SharedHandbook office;
    office.benHasDraft(v1::NOT_FOUND);
    office.deletes(office.olga(), office.page);
    const Keeping kept = office.draftOfBen();
    CHECK(kept.happened == QStringLiteral("“Handbook”, which you wrote in, was deleted meanwhile."));
    CHECK(kept.title == QStringLiteral("Handbook"));
    CHECK_FALSE(kept.mayContinue);
    CHECK_FALSE(kept.asProposal);
    CHECK_FALSE(kept.asComment);
    const Id made = office.benKeeps(kept.asPage, kept);
    CHECK(office.bodyAt(office.cleo(), made) == office.after);
    CHECK(office.cleo().record(made)->post().title() == "Handbook");
}

TEST_CASE(
    "who may not write in a page for a while has their words in the outbox, and nothing is stored by itself later")
{
    SharedHandbook office;
    office.company.setMember(office.space, office.ben().person, v1::READER);
    office.online();
    office.benHasDraft(v1::NOT_ALLOWED);
    const Keeping barred = office.draftOfBen();
    CHECK(barred.happened == QStringLiteral("You may still read “Handbook”, but not write in it any more."));
    CHECK_FALSE(barred.mayContinue);
    CHECK_FALSE(barred.asPage);
    SECTION("proposed, over what others wrote meanwhile")
    {
        office.does(office.cleo(),
                    editBody(office.pen(office.cleo()), office.page, office.before, "Dear all.\n\n" + office.before));
        office.online();
        const Keeping now = office.draftOfBen();
        const Id made = office.benKeeps(now.asProposal, now);
        CHECK(office.bodyAt(office.olga(), made) == "Dear all.\n\n" + office.after);
    }
    SECTION("gone on with, where the right comes back")
    {
        office.company.setMember(office.space, office.ben().person, v1::CONTRIBUTOR);
        office.online();
        const Keeping again = office.draftOfBen();
        CHECK(again.mayContinue);
        CHECK(again.happened.startsWith(QStringLiteral("You may write here again.")));
        CHECK(office.bodyAt(office.olga(), office.page) == office.before);
        CHECK(office.bodyAt(office.ben(), office.page) == office.before);
    }
    SECTION("in another space, where the whole one is closed")
    {
        office.company.setMember(office.space, office.ben().person, v1::ROLE_NONE);
        office.online();
        const Keeping closed = office.draftOfBen();
        CHECK(closed.happened.contains(QStringLiteral("not open to you")));
        CHECK(closed.text.toStdString() == office.after);
        const v1::Change elsewhere = keepAsPage(office.pen(office.ben()), closed, office.lab);
        CHECK(office.bodyAt(office.cleo(), office.benKeeps(elsewhere, closed)) == office.after);
    }
}

TEST_CASE("where nothing else is known of it a page is called as its first line, which is not in its text once more")
{
    SharedHandbook office;
    BodyDraft draft;
    draft.before = "x";
    draft.after = "## Doors and *gates*\n\nLock both.";
    office.keepDraft(office.ben(), office.company.mint.id(office.company.nowMs), draft);
    const Keeping kept = office.draftOfBen();
    CHECK(kept.title == QStringLiteral("Doors and *gates*"));
    const v1::Change page = keepAsPage(office.pen(office.ben()), kept, office.lab);
    CHECK(page.create_post().body() == "Lock both.");
    CHECK(kept.text.toStdString() == draft.after);
}

TEST_CASE("what was written in something below a page that is deleted meanwhile stays with who wrote it")
{
    SharedHandbook office;
    v1::Change below;
    SECTION("a comment")
    {
        below = commentOn(office.pen(office.ben()), office.space, office.page, QString::fromStdString(office.before));
    }
    SECTION("a proposal")
    {
        below = proposeOver(office.pen(office.ben()), *office.ben().record(office.page), nullptr, office.before + "!",
                            QStringLiteral("Louder"));
    }
    office.does(office.ben(), below);
    office.online();
    office.ben().cut();
    const Id id = *Id::from(below.target());
    const v1::Change written = editBody(office.pen(office.ben()), id, office.bodyAt(office.ben(), id), office.after);
    REQUIRE(office.ben().submit(written) == v1::CODE_NONE);
    office.deletes(office.olga(), office.page);
    const Keeping kept = office.benReturns(written);
    CHECK(kept.text.toStdString() == office.after);
    CHECK(office.bodyAt(office.olga(), office.benKeeps(kept.asPage, kept)) == office.after);
}

TEST_CASE("what was written in a page that was moved is in the page, wherever it lies")
{
    SharedHandbook office;
    const Id other = office.newPage("Safety", {}, "x");
    const v1::Change written = office.benWrites(office.page);
    office.does(office.cleo(), movePage(office.pen(office.cleo()), *office.cleo().record(office.page), other));
    office.online();
    CHECK(office.ben().outbox().empty());
    for (Desk* desk : office.desks) {
        CHECK(office.bodyAt(*desk, office.page) == office.after);
        CHECK(desk->record(office.page)->post().parent() == other.str());
    }
}

TEST_CASE("a box that two people tick at once is ticked, and the next one takes the tick away")
{
    SharedHandbook office;
    const Id list = office.newPage("List", {}, "- [ ] wash\n- [ ] lock\n");
    const auto tick = [&](Desk& desk, size_t block) {
        const std::string text = office.bodyAt(desk, list);
        REQUIRE(desk.submit(editBody(office.pen(desk), list, text, tickBox(text, block).value())) == v1::CODE_NONE);
    };
    const auto isTicked = [&](Desk& desk, size_t block) {
        return parseMarkdown(office.bodyAt(desk, list)).blocks.at(block).task == Task::Done;
    };
    office.ben().cut();
    office.cleo().cut();
    tick(office.ben(), 0);
    tick(office.cleo(), 0);
    tick(office.cleo(), 1);
    office.online();
    for (Desk* desk : office.desks) {
        CHECK(isTicked(*desk, 0));
        CHECK(isTicked(*desk, 1));
    }
    office.ben().cut();
    office.cleo().cut();
    tick(office.ben(), 0);
    tick(office.cleo(), 0);
    office.online();
    for (Desk* desk : office.desks)
        CHECK_FALSE(isTicked(*desk, 0));
    tick(office.olga(), 0);
    office.online();
    CHECK(office.bodyAt(office.ben(), list) == "- [x] wash\n- [x] lock\n");
    CHECK(office.company.differences() == "");
}

TEST_CASE("what was written in a page that asks for review by now is proposed, put below it, or a page of its own")
{
    SharedHandbook office;
    const v1::Change written = office.benWrites(office.page);
    office.does(office.olga(),
                setReview(office.pen(office.olga()), *office.olga().record(office.page), v1::REVIEW_ASKED));
    const Keeping kept = office.benReturns(written);
    CHECK(kept.happened.contains(QStringLiteral("asks for review")));
    CHECK(kept.text.toStdString() == office.after);
    SECTION("proposed")
    {
        const Id made = office.benKeeps(kept.asProposal, kept);
        CHECK(office.bodyAt(office.olga(), made) == office.after);
        office.does(office.olga(), approve(office.pen(office.olga()), *office.olga().record(made)));
        office.online();
        CHECK(office.bodyAt(office.cleo(), office.page) == office.after);
    }
    SECTION("below it")
    {
        const Id made = office.benKeeps(kept.asComment, kept);
        CHECK(office.bodyAt(office.cleo(), made) == office.after);
        CHECK(office.cleo().record(made)->post().parent() == office.page.str());
    }
    SECTION("a page of its own")
    {
        CHECK(office.bodyAt(office.cleo(), office.benKeeps(kept.asPage, kept)) == office.after);
    }
}

TEST_CASE("whoever may only read by now proposes what they wrote, or makes a page of it elsewhere")
{
    SharedHandbook office;
    const v1::Change written = office.benWrites(office.page);
    office.company.setMember(office.space, office.ben().person, v1::READER);
    const Keeping kept = office.benReturns(written);
    CHECK(kept.happened.contains(QStringLiteral("still read")));
    CHECK(kept.text.toStdString() == office.after);
    CHECK_FALSE(kept.asPage);
    CHECK_FALSE(kept.asComment);
    SECTION("proposed")
    {
        CHECK(office.bodyAt(office.olga(), office.benKeeps(kept.asProposal, kept)) == office.after);
    }
    SECTION("elsewhere")
    {
        const v1::Change elsewhere = keepAsPage(office.pen(office.ben()), kept, office.lab);
        CHECK(office.bodyAt(office.cleo(), office.benKeeps(elsewhere, kept)) == office.after);
    }
}

TEST_CASE(
    "whoever may not even read any more has their words, and makes a page of them in a space that is open to them")
{
    SharedHandbook office;
    const v1::Change written = office.benWrites(office.page);
    office.company.setMember(office.space, office.ben().person, v1::ROLE_NONE);
    const Keeping kept = office.benReturns(written);
    CHECK_FALSE(office.ben().record(office.page).has_value());
    CHECK(kept.happened.contains(QStringLiteral("not open to you")));
    CHECK(kept.text.toStdString() == office.after);
    CHECK_FALSE(kept.asPage);
    CHECK_FALSE(kept.asProposal);
    CHECK_FALSE(kept.asComment);
    QList<SpaceRow> open;
    {
        const Reading reading(QString::fromStdString(office.ben().path()));
        open = spacesForPages(reading, office.pen(office.ben()));
    }
    REQUIRE(open.size() == 1);
    CHECK(open[0].id == office.lab);
    const v1::Change elsewhere = keepAsPage(office.pen(office.ben()), kept, open[0].id);
    CHECK(office.bodyAt(office.cleo(), office.benKeeps(elsewhere, kept)) == office.after);
}

TEST_CASE("a deletion that waits says what it deletes, and what lies below has one of its own")
{
    SharedHandbook office;
    office.newPage("Doors", office.page, "x");
    office.olga().cut();
    office.deletes(office.olga(), office.page);
    QStringList titles;
    for (const OutboxRow& row : office.olga().outbox())
        titles.append(row.title);
    CHECK(titles == QStringList{QStringLiteral("Doors"), QStringLiteral("Handbook")});
}

TEST_CASE("a page is deleted by its author or a moderator, and nobody's pages with it that are not theirs to delete")
{
    SharedHandbook office;
    const auto asks = [&](Desk& desk, const Id& post) {
        const Reading reading(QString::fromStdString(desk.path()));
        return removal(reading, office.pen(desk), *stoa::post(reading, post));
    };
    v1::Change bens = office.company.mint.post(v1::PAGE, office.space, {}, "Ben's", ++office.company.nowMs);
    office.does(office.ben(), bens);
    const Id his = *Id::from(bens.target());
    CHECK(asks(office.cleo(), office.page).barrier == Removal::Barrier::NotAllowed);
    CHECK(asks(office.ben(), his).barrier == Removal::Barrier::None);
    const Id olgas = office.newPage("Below Ben's", his, "x");
    CHECK(asks(office.ben(), his).barrier == Removal::Barrier::OthersBelow);
    CHECK(asks(office.ben(), his).changes.isEmpty());
    const Removal all = asks(office.olga(), his);
    CHECK(all.below == 1);
    REQUIRE(all.changes.size() == 2);
    CHECK(all.changes[0].target() == olgas.str());
}

TEST_CASE("a page can lie anywhere in its space but below itself")
{
    SharedHandbook office;
    const Id below = office.newPage("Doors", office.page, "x");
    const Id deeper = office.newPage("Locks", below, "x");
    const Id other = office.newPage("Safety", {}, "x");
    const Reading reading(QString::fromStdString(office.cleo().path()));
    QStringList places;
    for (const PlaceRow& row : placesFor(reading, *stoa::post(reading, below), 100))
        places << row.title;
    CHECK(places == QStringList{QStringLiteral("The top of the space"), QStringLiteral("Safety")});
    CHECK(isBelow(reading, deeper, office.page));
    CHECK(isBelow(reading, below, below));
    CHECK_FALSE(isBelow(reading, other, office.page));
    CHECK(placesFor(reading, *stoa::post(reading, deeper), 100).size() == 3);
    CHECK(placesFor(reading, *stoa::post(reading, deeper), 2).size() == 2);
}
