// What a person does in the outbox about a change that was refused.

#include <QAbstractItemModelTester>
#include <QClipboard>
#include <QLineEdit>
#include <QListView>
#include <QMessageBox>

#include "client/models/outbox_model.h"
#include "client/replica/body_drafts.h"
#include "client/replica/queries_review.h"
#include "client/ui/shell/tab.h"
#include "shared/text/codec.h"
#include "shared/text/diff.h"
#include "tests/ui/shell/desktop.h"

using namespace stoa;
using namespace stoa::test;

namespace {

ChangeState stateOf(const Desktop& desktop, const v1::Change& change)
{
    const Reading reading(desktop.worker.replicaPath());
    for (const OutboxRow& row : outbox(reading, 100))
        if (row.change.str() == change.id())
            return row.state;
    return ChangeState::Accepted; // settled
}

int rowsShown(Desktop& desktop)
{
    return seen<QListView>(desktop.place(), "Changes that are not settled")->model()->rowCount();
}

} // namespace

TEST_CASE("The outbox begins with what needs the person, and says why")
{
    Copy copy;
    REQUIRE(copy.submit(copy.ask("A first one that only waits")));
    copy.refused("Which pump?", "The small one hums.");
    Desktop desktop(copy);
    desktop.window.open(outboxLocation());
    CHECK(rowsShown(desktop) == 2);
    CHECK(says(desktop.place(), "Which pump?"));
    CHECK(says(desktop.place(), "Refused"));
    CHECK(says(desktop.place(), "1 needs you"));
}

TEST_CASE("Copying takes along the title, the text and the tags")
{
    Copy copy;
    copy.refused("Which pump?", "The small one hums.");
    Desktop desktop(copy);
    desktop.window.open(outboxLocation());
    QApplication::clipboard()->clear();
    click(desktop.place(), "Copy text");
    const QString copied = QApplication::clipboard()->text();
    CHECK(copied.contains(QStringLiteral("Which pump?")));
    CHECK(copied.contains(QStringLiteral("The small one hums.")));
    CHECK(copied.contains(QStringLiteral("pumps")));
    CHECK(says(desktop.place(), "Copied."));
}

TEST_CASE("A question of a title alone can be copied too")
{
    Copy copy;
    copy.refused("Which pump?", "");
    Desktop desktop(copy);
    desktop.window.open(outboxLocation());
    click(desktop.place(), "Copy text");
    CHECK(QApplication::clipboard()->text().contains(QStringLiteral("Which pump?")));
}

TEST_CASE("Sent again, a refused change waits for the server once more")
{
    Copy copy;
    const v1::Change change = copy.refused("Which pump?", "The small one hums.");
    Desktop desktop(copy);
    desktop.window.open(outboxLocation());
    REQUIRE(stateOf(desktop, change) == ChangeState::Refused);
    click(desktop.place(), "Send again");
    CHECK(eventually([&] { return stateOf(desktop, change) == ChangeState::Waiting; }));
    CHECK(eventually([&] { return says(desktop.place(), "Waiting"); }));
    CHECK_FALSE(seen<QAbstractButton>(desktop.place(), "Send again"));
    CHECK(says(desktop.place(), "On its way again."));
}

TEST_CASE("Discarding asks first; kept it stays, discarded it is gone")
{
    Copy copy;
    const v1::Change change = copy.refused("Which pump?", "The small one hums.");
    Desktop desktop(copy);
    desktop.window.open(outboxLocation());
    click(desktop.place(), "Discard");
    auto* ask = desktop.window.findChild<QMessageBox*>();
    REQUIRE(ask);
    click(*ask, "Keep");
    CHECK(eventually([&] { return !desktop.window.findChild<QMessageBox*>(); }));
    CHECK(stateOf(desktop, change) == ChangeState::Refused);

    click(desktop.place(), "Discard");
    ask = desktop.window.findChild<QMessageBox*>();
    REQUIRE(ask);
    click(*ask, "Discard");
    CHECK(eventually([&] { return rowsShown(desktop) == 0; }));
    CHECK(says(desktop.place(), "Everything is settled"));
    CHECK(outboxCount(Reading(desktop.worker.replicaPath())) == 0);
}

TEST_CASE("A text that could not go into its page is kept as a page of its own, or as a comment")
{
    Copy copy;
    v1::Change change;
    change.set_id(copy.id().str());
    change.set_target(copy.pageId.str());
    change.set_made_ms(copy.nowMs);
    const std::string before = body(*copy.read(), copy.pageId).toStdString();
    const std::string after = "# Gloves\n\nNever wear gloves at a lathe.";
    change.mutable_edit_text()->set_text(encode(diff(before, after)));
    change.mutable_edit_text()->set_shown(hash128(before).str());
    REQUIRE(copy.submit(change));
    copy.refuse(change);
    const auto opened = [&] {
        auto desktop = std::make_unique<Desktop>(copy);
        desktop->window.open(outboxLocation());
        REQUIRE(stateOf(*desktop, change) == ChangeState::Refused);
        return desktop;
    };
    SECTION("a page")
    {
        const auto desktop = opened();
        click(desktop->place(), "Save as a new page");
        REQUIRE(eventually([&] { return stateOf(*desktop, change) == ChangeState::Accepted; }));
        const Reading reading(desktop->worker.replicaPath());
        QStringList bodies;
        for (const PostRow& each : pagesBelow(reading, copy.spaceId, {}))
            bodies.append(each.title + QLatin1Char(':') + body(reading, each.id));
        CHECK(bodies.contains(QStringLiteral("Safety first (my version):") + QString::fromStdString(after)));
    }
    SECTION("a comment")
    {
        const auto desktop = opened();
        click(desktop->place(), "Add as a comment");
        REQUIRE(eventually([&] { return stateOf(*desktop, change) == ChangeState::Accepted; }));
        const auto page = thread(Reading(desktop->worker.replicaPath()), copy.pageId);
        REQUIRE(page);
        REQUIRE(page->comments.size() == 1);
        CHECK(page->comments[0].body.toStdString() == after);
    }
    SECTION("a proposal alone, where one may only read by now")
    {
        v1::Record lab = copy.record(copy.spaceId);
        lab.set_revision(2);
        lab.mutable_space()->set_name("Lab");
        lab.mutable_space()->set_visibility(v1::RESTRICTED);
        REQUIRE(copy.receive(copy.space(), {lab}) == Replica::Received::AtHead);
        const auto desktop = opened();
        CHECK(says(desktop->place(), "You may still read “Safety first”, but not write in it any more."));
        CHECK_FALSE(seen<QAbstractButton>(desktop->place(), "Add as a comment"));
        CHECK_FALSE(seen<QAbstractButton>(desktop->place(), "Save as a new page"));
        CHECK_FALSE(seen<QAbstractButton>(desktop->place(), "Save as a new page…")); // there is no other space
        click(desktop->place(), "Propose it");
        REQUIRE(eventually([&] { return stateOf(*desktop, change) == ChangeState::Accepted; }));
        const Reading reading(desktop->worker.replicaPath());
        const QList<ProposalRow> proposals = proposalsOf(reading, copy.pageId, 10);
        REQUIRE(proposals.size() == 1);
        CHECK(body(reading, proposals[0].row.id).toStdString() == after);
    }
    SECTION("a page in another space, where its own can only be read now")
    {
        const Feed depot{FeedKind::Space, deriveId(1, "test", "depot")};
        copy.within([&] {
            v1::Welcome welcome;
            welcome.set_person(copy.me.str());
            welcome.set_organisation(copy.organisation.str());
            welcome.set_epoch(1);
            for (const Feed& feed : {copy.directory(), copy.personal(), depot})
                welcome.add_feeds()->set_feed(feed.key());
            REQUIRE(copy.replica->welcome(welcome));
        });
        v1::Record other = copy.record(depot.owner);
        other.mutable_space()->set_name("Depot");
        other.mutable_space()->set_visibility(v1::OPEN);
        REQUIRE(copy.receive(depot, {other}) == Replica::Received::AtHead);
        const auto desktop = opened();
        CHECK(says(desktop->place(), "The server no longer serves the space that you wrote this in to you."));
        CHECK_FALSE(seen<QAbstractButton>(desktop->place(), "Propose it"));
        click(desktop->place(), "Save as a new page…");
        auto* field = seen<QLineEdit>(desktop->window, "The space that it is to be in");
        REQUIRE(field);
        QTest::keyClicks(field, QStringLiteral("dep"));
        QTest::keyClick(field, Qt::Key_Return);
        REQUIRE(eventually([&] { return stateOf(*desktop, change) == ChangeState::Accepted; }));
        const Reading reading(desktop->worker.replicaPath());
        const auto pages = pagesBelow(reading, depot.owner, {});
        REQUIRE(pages.size() == 1);
        CHECK(body(reading, pages[0].id).toStdString() == after);
    }
    SECTION("only a page, where its own is gone")
    {
        v1::Record gone = copy.record(copy.pageId);
        gone.set_deleted(true);
        REQUIRE(copy.receive(copy.space(), {gone}) == Replica::Received::AtHead);
        const auto desktop = opened();
        CHECK(says(desktop->place(), "“Safety first”, which you wrote in, was deleted meanwhile."));
        CHECK_FALSE(seen<QAbstractButton>(desktop->place(), "Add as a comment"));
        CHECK_FALSE(seen<QAbstractButton>(desktop->place(), "Propose it"));
        click(desktop->place(), "Save as a new page");
        REQUIRE(eventually([&] { return stateOf(*desktop, change) == ChangeState::Accepted; }));
        const Reading reading(desktop->worker.replicaPath());
        const auto pages = pagesBelow(reading, copy.spaceId, {});
        REQUIRE(pages.size() == 1);
        CHECK(pages[0].title == QStringLiteral("Safety first"));
        CHECK(body(reading, pages[0].id).toStdString() == after);
    }
}

TEST_CASE("What was written in a page that asks for review by now is proposed")
{
    Copy copy;
    const std::string before = body(*copy.read(), copy.pageId).toStdString();
    const std::string after = before + "\n\nNever wear gloves at a lathe.";
    v1::Change change;
    change.set_id(copy.id().str());
    change.set_target(copy.pageId.str());
    change.set_made_ms(copy.nowMs);
    change.mutable_edit_text()->set_text(encode(diff(before, after)));
    change.mutable_edit_text()->set_shown(hash128(before).str());
    REQUIRE(copy.submit(change));
    copy.refuse(change, v1::REVIEWED);
    auto page = record(*copy.read(), copy.pageId);
    REQUIRE(page);
    page->set_revision(page->revision() + 1);
    page->mutable_post()->set_body(before);
    page->mutable_post()->set_review(v1::REVIEW_ASKED);
    REQUIRE(copy.receive(copy.space(), {*page}) == Replica::Received::AtHead);

    Desktop desktop(copy);
    desktop.window.open(outboxLocation());
    REQUIRE(stateOf(desktop, change) == ChangeState::Refused);
    click(desktop.place(), "Propose it");
    REQUIRE(eventually([&] { return stateOf(desktop, change) == ChangeState::Accepted; }));
    const Reading reading(desktop.worker.replicaPath());
    const QList<ProposalRow> proposals = proposalsOf(reading, copy.pageId, 10);
    REQUIRE(proposals.size() == 1);
    CHECK(body(reading, proposals[0].row.id).toStdString() == after);
    // And it is shown.
    REQUIRE(eventually([&] { return desktop.window.currentTab()->location().post == proposals[0].row.id; }));
}

TEST_CASE("A text that could not be stored lies in the outbox, and is gone on with, discarded or made a page")
{
    Copy copy;
    const Draft draft = toDraft({.before = body(*copy.read(), copy.pageId).toStdString(),
                                 .after = "# Gloves\n\nNever wear gloves at a lathe.",
                                 .why = {v1::NOT_ALLOWED},
                                 .title = QStringLiteral("Safety first"),
                                 .tags = {},
                                 .kind = v1::PAGE,
                                 .space = copy.spaceId});
    copy.within([&] {
        copy.replica->saveDraft(bodyDraftPlace(copy.pageId).toStdString(), draft.title.toStdString(),
                                draft.text.toStdString(), {});
    });
    Desktop desktop(copy);
    desktop.window.open(outboxLocation());
    REQUIRE(rowsShown(desktop) == 1);
    CHECK(eventually([&] { return desktop.worker.status().kept == 1; })); // for the line at the bottom
    const auto way = [&] { return seen<QAbstractButton>(desktop.window, "Outbox, 1 needs you"); };
    CHECK(eventually([&] { return way() != nullptr; }));
    CHECK(says(desktop.place(), "1 needs you"));
    CHECK(says(desktop.place(), "What you wrote in “Safety first”"));
    CHECK(says(desktop.place(), "Kept here"));
    CHECK_FALSE(seen<QAbstractButton>(desktop.place(), "Send again"));
    SECTION("gone on with")
    {
        CHECK(says(desktop.place(), "You may write here again."));
        CHECK(seen<QPushButton>(desktop.place(), "Continue editing")->property("kind").toString() ==
              QStringLiteral("primary"));
        const auto* propose = seen<QPushButton>(desktop.place(), "Propose it");
        REQUIRE(propose);
        CHECK(propose->property("kind").toString() == QStringLiteral("plain"));
        CHECK_FALSE(seen<QAbstractButton>(desktop.place(), "Show where it belongs"));
        click(desktop.place(), "Continue editing");
        REQUIRE(eventually([&] { return desktop.here().write; }));
        CHECK(desktop.here().post == copy.pageId);
        click(desktop.place(), "Continue editing");
        CHECK(eventually([&] {
            const Reading reading(desktop.worker.replicaPath());
            return body(reading, copy.pageId).endsWith(QStringLiteral("at a lathe.")) && outbox(reading, 9).size() == 1;
        }));
    }
    SECTION("discarded")
    {
        click(desktop.place(), "Discard");
        auto* ask = desktop.window.findChild<QMessageBox*>();
        REQUIRE(ask);
        click(*ask, "Discard");
        CHECK(eventually([&] { return rowsShown(desktop) == 0; }));
        CHECK(eventually([&] { return !way(); }));
    }
    SECTION("a page")
    {
        click(desktop.place(), "Save as a new page");
        CHECK(eventually([&] {
            const Reading reading(desktop.worker.replicaPath());
            return pagesBelow(reading, copy.spaceId, {}).size() == 2 && outbox(reading, 9).size() == 1;
        }));
    }
}

TEST_CASE("A row of the outbox is read out with its change, its space and its state")
{
    Copy copy;
    copy.refused("Which pump?", "The small one hums.");
    Desktop desktop(copy);
    desktop.window.open(outboxLocation());
    const auto* list = seen<QListView>(desktop.place(), "Changes that are not settled");
    REQUIRE(list);
    const QString read = list->model()->index(0, 0).data(Qt::AccessibleTextRole).toString();
    for (const char* words : {"Question", "Which pump?", "Lab", "Refused"}) {
        INFO(read.toStdString() << " lacks " << words);
        CHECK(read.contains(QString::fromUtf8(words)));
    }
}

TEST_CASE("A long outbox grows as one scrolls, and a receipt alters the one row that it is about")
{
    Copy copy;
    std::vector<v1::Change> written;
    for (int i = 0; i < 450; ++i)
        written.push_back(copy.ask("Question " + std::to_string(i)));
    copy.within([&] {
        for (const v1::Change& change : written)
            REQUIRE(copy.replica->submit(change, {}));
    });
    const auto reading = copy.read();
    OutboxModel model(*reading);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
    tester.setUseFetchMore(false); // else it fetches in the middle of a change
    model.load();
    CHECK(model.rowCount() == OutboxModel::pageRows);
    while (model.canFetchMore({}))
        model.fetchMore({});
    REQUIRE(model.rowCount() == 450);
    const QPersistentModelIndex looked = model.index(300);

    // The first is discarded, the last one refused.
    copy.within([&] { REQUIRE(copy.replica->discard(*Id::from(written.front().id()))); });
    copy.refuse(written.back());
    model.readAgain();
    REQUIRE(model.rowCount() == 449);
    CHECK(looked.row() == 299);
    CHECK(looked.data().toString().contains(QStringLiteral("Question 300")));
    CHECK(model.at(448).state == ChangeState::Refused);
    CHECK(model.at(448).refusal.code == v1::NOT_ALLOWED);
    CHECK(model.at(448).title == QStringLiteral("Question 449"));
}
