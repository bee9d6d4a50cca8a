#include "shared/domain/feed.h"
#include "shared/domain/shape.h"
#include "tests/support/catch.h"

#include <QDateTime>

#include "client/commands/commands.h"
#include "client/commands/sentences.h"

using namespace stoa;

namespace {

Pen pen()
{
    Pen made;
    made.person.bytes[0] = 9;
    made.now = [] { return int64_t{1'700'000'000'000}; };
    made.random = [n = uint8_t{0}](std::span<uint8_t> bytes) mutable {
        for (uint8_t& byte : bytes)
            byte = ++n;
    };
    return made;
}

Id id(uint8_t n)
{
    Id made;
    made.bytes[15] = n;
    return made;
}

SyncStatus status(SyncStatus::State state)
{
    SyncStatus made;
    made.state = state;
    return made;
}

// Just after noon by this computer's clock.
qint64 noon()
{
    return QDateTime(QDate(2026, 3, 5), QTime(12, 0, 30)).toMSecsSinceEpoch();
}

const QLocale english(QLocale::English, QLocale::UnitedKingdom);

QString said(const SyncStatus& status)
{
    return statusText(status, noon(), english);
}

} // namespace

TEST_CASE("each verb makes a change of the right shape")
{
    v1::Record question;
    question.set_id(id(5).str());
    question.mutable_post()->set_kind(v1::QUESTION);
    v1::Record space;
    space.set_id(id(1).str());
    space.mutable_space()->set_name("Space");
    v1::Charter charter;
    charter.set_problem("Nobody finds anything.");
    for (const v1::Change& change : {
             askQuestion(pen(), id(1), QStringLiteral("Why?"), QStringLiteral("Because."), {QStringLiteral("a")}),
             answerQuestion(pen(), id(1), id(2), QStringLiteral("So.")),
             commentOn(pen(), id(1), id(2), QStringLiteral("Hm.")),
             editBody(pen(), id(2), "before", "after"),
             vote(pen(), id(2), -1),
             bookmark(pen(), id(2), true),
             markSeen(pen(), id(1), 1'700'000'000'000),
             acceptAnswer(pen(), question, id(3)),
             editCharter(pen(), space, charter),
         }) {
        CAPTURE(change.DebugString());
        CHECK(change.id().size() == 16);
        CHECK(change.made_ms() == 1'700'000'000'000);
        CHECK(checkShape(change).has_value());
    }
}

TEST_CASE("a page is made where it is wanted, and of title and tags what differs is edited")
{
    const v1::Change made =
        createPage(pen(), id(1), id(2), QStringLiteral(" A  page "), QStringLiteral("Text"), {QStringLiteral("one")});
    CHECK(made.create_post().kind() == v1::PAGE);
    CHECK(made.create_post().space() == id(1).str());
    CHECK(made.create_post().parent() == id(2).str());
    CHECK(made.create_post().title() == "A page");
    CHECK(made.create_post().body() == "Text");
    REQUIRE(made.create_post().tags_size() == 1);

    v1::Record page;
    page.set_id(id(5).str());
    page.mutable_post()->set_title("A page");
    page.mutable_post()->add_tags("one");
    CHECK(editPost(pen(), page, QStringLiteral("A page"), {QStringLiteral("one")}).edit().fields_size() == 0);
    const v1::Change edited = editPost(pen(), page, QStringLiteral("A page"), {QStringLiteral("two")});
    REQUIRE(edited.edit().fields_size() == 1);
    CHECK(edited.target() == id(5).str());
    CHECK(edited.edit().fields(0).field() == v1::POST_TAGS);
}

TEST_CASE("a mark has the id that follows from target, person and kind")
{
    CHECK(vote(pen(), id(2), 1).target() == markId(id(2), pen().person, v1::VOTE).str());
    CHECK(vote(pen(), id(2), 1).id() != vote(pen(), id(2), 1).target());
}

TEST_CASE("an edit names the change that wrote what its author saw, and only what differs")
{
    v1::Record space;
    space.set_id(id(1).str());
    space.mutable_space()->mutable_charter()->set_problem("Old");
    space.mutable_space()->mutable_charter()->set_audience("All");
    v1::Writer& writer = *space.add_writers();
    writer.set_field(v1::CHARTER_PROBLEM);
    writer.set_change(id(7).str());
    v1::Charter charter = space.space().charter();
    charter.set_problem("New");
    const v1::Change change = editCharter(pen(), space, charter);
    REQUIRE(change.edit().fields_size() == 1);
    CHECK(change.edit().fields(0).field() == v1::CHARTER_PROBLEM);
    CHECK(change.edit().fields(0).seen() == id(7).str());
    CHECK(change.edit().fields(0).value().text() == "New");
}

TEST_CASE("what was made of a text is made of what somebody else made of it meanwhile")
{
    CHECK(movedOnto("zero\none\n", "one\n", "one\ntwo\n") == "zero\none\ntwo\n");
    CHECK(movedOnto("same", "same", "other") == "other");
    CHECK(movedOnto("other", "same", "same") == "other");
}

TEST_CASE("the status bar says where things stand")
{
    using State = SyncStatus::State;
    SyncStatus upToDate = status(State::UpToDate);
    upToDate.upToDateMs = QDateTime(QDate(2026, 3, 5), QTime(10, 32)).toMSecsSinceEpoch();
    CHECK(said(upToDate) == QStringLiteral("Up to date, 10:32"));
    upToDate.upToDateMs -= qint64{24} * 3600 * 1000;
    CHECK(said(upToDate) == QStringLiteral("Up to date, yesterday, 10:32"));

    SyncStatus offline = status(State::Offline);
    CHECK(said(offline) == QStringLiteral("Offline"));
    offline.waiting = 7; // changes; people count texts
    offline.unsent = 3;
    CHECK(said(offline) == QStringLiteral("Offline, 3 changes waiting"));
    offline.unsent = 1;
    CHECK(said(offline) == QStringLiteral("Offline, 1 change waiting"));
    offline.unsent = 0;
    CHECK(said(offline) == QStringLiteral("Offline"));
    offline.refused = 2;
    offline.kept = 1;
    CHECK(said(offline) == QStringLiteral("Offline, 2 refused, 1 text kept"));

    SyncStatus fetching = status(State::Fetching);
    fetching.feedName = QStringLiteral("Handbook");
    fetching.held = 4'120;
    fetching.total = 9'880;
    CHECK(said(fetching) == QStringLiteral("Fetching Handbook, 4,120 of 9,880"));

    SyncStatus sending = status(State::Sending);
    sending.waiting = sending.unsent = 3;
    CHECK(said(sending) == QStringLiteral("Sending 3 changes"));
    sending.accepted = 2;
    sending.unsent = 1;
    CHECK(said(sending) == QStringLiteral("Sending 1 change"));
    sending.accepted = 3;
    sending.unsent = 0;
    CHECK(said(sending) == QStringLiteral("Sent"));
    CHECK(said(status(State::SignedOut)) == QStringLiteral("Not signed in"));
    CHECK(said(status(State::SignInAgain)) == QStringLiteral("Sign in again"));
}

TEST_CASE("every refusal has a sentence of its own")
{
    QStringList sentences;
    const auto* codes = v1::Code_descriptor();
    for (int i = 0; i < codes->value_count(); ++i) {
        if (codes->value(i)->number() == v1::CODE_NONE)
            continue;
        const QString sentence = refusalSentence(Refusal{static_cast<v1::Code>(codes->value(i)->number())});
        CAPTURE(codes->value(i)->name());
        CHECK(sentence.size() > 15);
        CHECK(sentence.endsWith(QLatin1Char('.')));
        CHECK_FALSE(sentence.contains(QStringLiteral("does not know. An update may help")));
        CHECK_FALSE(sentences.contains(sentence));
        sentences << sentence;
    }
    CHECK(refusalSentence({v1::TOO_LONG, v1::POST_TITLE, 500, 0}).contains(QStringLiteral("500")));
    CHECK(refusalSentence({v1::TOO_MANY_ATTEMPTS, v1::FIELD_NONE, 0, 125'000}).contains(QStringLiteral("3 minutes")));
}

TEST_CASE("changes read as a person would say them")
{
    OutboxRow row;
    row.act = v1::Change::kCreatePost;
    row.kind = v1::ANSWER;
    row.title = QStringLiteral("How do I book a room?");
    CHECK(changeText(row) == QStringLiteral("Answer to “How do I book a room?”"));
    row.title = QString(200, QLatin1Char('x'));
    CHECK(changeText(row).size() < 80);
    row.act = v1::Change::kSetMark;
    row.mark = v1::VOTE;
    row.value = -1;
    row.title = QStringLiteral("Q");
    CHECK(changeText(row) == QStringLiteral("Vote against “Q”"));
    row.state = ChangeState::Refused;
    row.refusal = {v1::NOT_ALLOWED, v1::FIELD_NONE, 0, 0};
    CHECK(stateSentence(row).startsWith(QStringLiteral("Refused: Your role")));
    row.act = v1::Change::kEditText;
    row.kind = v1::PAGE;
    CHECK(changeText(row) == QStringLiteral("Change to the text of “Q”"));
    row.kind = v1::COMMENT;
    CHECK(changeText(row) == QStringLiteral("Change to a comment on “Q”"));
}

TEST_CASE("that a copy differed is told with its time and the file, without raising an alarm")
{
    SyncStatus upToDate = status(SyncStatus::State::UpToDate);
    const QString before = said(upToDate);
    CHECK(statusDetail(upToDate, noon(), english).isEmpty());
    upToDate.differedMs = noon() - 60'000;
    CHECK(said(upToDate) == before);
    CHECK(statusDetail(upToDate, noon(), english) ==
          QStringLiteral("The copy of a space differed from the server's and was fetched again: 11:59."));
    upToDate.blackBox = QStringLiteral("profile/blackbox/one.txt");
    CHECK(statusDetail(upToDate, noon(), english).contains(QStringLiteral("profile/blackbox/one.txt")));
}

TEST_CASE("of several people three are named, and how many others there are")
{
    const auto text = [](const std::vector<const char*>& names, qsizetype shownMax = 3) {
        QStringList all;
        for (const char* name : names)
            all << QString::fromLatin1(name);
        return peopleText(all, shownMax).toStdString();
    };
    CHECK(text({}).empty());
    CHECK(text({"Ada"}) == "Ada");
    CHECK(text({"Ada", ""}) == "Ada and somebody who left");
    CHECK(text({"", "Ada", "Bo"}) == "Somebody who left, Ada and Bo");
    CHECK(text({"Ada", "Bo", "Cy", "Dot"}) == "Ada, Bo, Cy and 1 other");
    CHECK(text(std::vector<const char*>(1'003, "Ada")) == "Ada, Ada, Ada and 1,000 others");
    CHECK(text({"Ada", "Bo", "Cy", "Dot"}, 4) == "Ada, Bo, Cy and Dot");
}
