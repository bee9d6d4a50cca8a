#include <random>

#include <sqlite3.h>

#include "tests/server/engine/pages.h"
#include "tests/support/file_limit.h"

namespace stoa {

TEST_CASE("a text change alters the body, and its receipt tells the revision")
{
    Pages w;
    const uint64_t head = w.state().head;
    v1::Change change = w.text(replace(4, 3, "2"));
    change.mutable_edit_text()->set_summary("A figure");
    const uint64_t revision = w.accepted(change, w.ben);
    CHECK(revision == epochStart + 1);
    CHECK(w.body() == "one 2 three");
    CHECK(w.state().head == head + 1);

    const v1::Record record = w.record();
    CHECK(record.author() == w.ada.view());
    CHECK(record.revision() == 2);
    CHECK(writerOf(record, v1::POST_BODY)->author() == w.ben.view());
    CHECK(writerOf(record, v1::POST_BODY)->change() == change.id());
    const auto kept = w.revisions();
    REQUIRE(kept.size() == 1);
    CHECK(kept[0].version().SerializeAsString() == record.post().body_version().SerializeAsString());
    CHECK(kept[0].version().seal().size() == 16);
    CHECK(kept[0].after() == 0);
    CHECK(kept[0].change() == change.id());
    CHECK(kept[0].author() == w.ben.view());
    CHECK(kept[0].time_ms() == w.nowMs);
    CHECK(kept[0].summary() == "A figure");
    w.requireWhole();
}

TEST_CASE("what was changed may be said after it was changed")
{
    Pages w;
    const uint64_t written = w.accepted(w.text(replace(4, 3, "2")), w.ben);
    w.pause();
    v1::Change said = w.text(TextChange());
    said.mutable_edit_text()->set_summary("A figure");
    const uint64_t revision = w.accepted(said, w.ben);
    CHECK(revision == written + 1);
    CHECK(w.presentBody() == "one 2 three");
    const auto kept = w.revisions();
    REQUIRE(kept.size() == 2);
    CHECK(kept[1].summary() == "A figure");
    CHECK(kept[1].text().empty());
    CHECK(w.accepted(w.text(TextChange()), w.ben) == 0); // nothing is done, and nothing said
    CHECK(w.revisions().size() == 2);
    w.requireWhole();
}

TEST_CASE("what two people wrote over one body stands both, what was accepted later first")
{
    Pages w;
    const v1::Record base = w.record();
    const uint64_t first = w.accepted(w.textOver(base, replace(0, 0, "A")), w.ada);
    const uint64_t second = w.accepted(w.textOver(base, replace(0, 0, "B")), w.ben);
    CHECK(second == first + 1);
    const uint64_t third = w.accepted(w.textOver(base, replace(13, 0, "!")), w.ben);
    CHECK(third == second + 1);
    CHECK(w.presentBody() == "BAone two three!");
    w.requireWhole();
}

TEST_CASE("a text change that is repeated is answered as before and made once")
{
    Pages w;
    const v1::Change change = w.text(replace(0, 3, "1"));
    const v1::Receipt first = w.submit(change, {.person = w.ben});
    CHECK(first.revision() > 0);
    CHECK(first.feed() == w.feed().key());
    w.open();
    CHECK(w.submit(change, {.person = w.ben}).SerializeAsString() == first.SerializeAsString());
    CHECK(w.submit(change, {.person = w.ada}).refusal().code() == v1::ID_REUSED);
    CHECK(w.presentBody() == "1 two three");
    CHECK(w.revisions().size() == 1);
}

TEST_CASE("a change over a body that the server does not know is refused, and nothing is stored")
{
    Pages w;
    w.accepted(w.text(replace(0, 3, "1")), w.ada);
    w.pause();
    w.accepted(w.text(replace(0, 1, "one")), w.ada);
    v1::Change change = w.text(replace(0, 0, "x"));
    v1::TextVersion& base = *change.mutable_edit_text()->mutable_base();
    const v1::TextVersion first = w.revisions()[0].version();
    const uint64_t head = w.state().head;
    SECTION("with a number that it never gave")
    {
        base.set_revision(base.revision() + 7);
    }
    SECTION("with the newest number, of another line")
    {
        base.mutable_seal()->back() ^= 1;
    }
    SECTION("with an older number, of another line")
    {
        base = first;
        base.mutable_seal()->back() ^= 1;
    }
    SECTION("with a number before the first")
    {
        base.set_revision(1);
    }
    const v1::Receipt receipt = w.submit(change, {.person = w.ben});
    CHECK(receipt.refusal().code() == v1::UNKNOWN_BASE);
    CHECK(receipt.refusal().field() == v1::POST_BODY);
    CHECK(w.state().head == head);
    CHECK(w.revisions().size() == 2);
    // Every body that the page had is one.
    const auto append = [&](size_t length) {
        change.set_id(newId(1, w.random).str());
        change.mutable_edit_text()->set_text(encode(replace(length, 0, "!")));
        CHECK(w.accepted(change, w.ben) > 0);
    };
    base = w.present().post().body_version();
    append(13);
    base = first;
    append(11);
    change.mutable_edit_text()->clear_base();
    append(13);
    CHECK(w.presentBody() == "one two three!!!");
    w.requireWhole();
}

TEST_CASE("where two people rewrote one passage the record says so, until somebody resolves it")
{
    Pages w;
    const v1::Record base = w.record();
    w.accepted(w.textOver(base, replace(4, 3, "2")), w.ada);
    w.accepted(w.textOver(base, replace(4, 3, "zwei")), w.ben);
    CHECK(w.presentBody() == "one zwei2 three");
    CHECK(w.contested() == std::vector<TextRange>{{4, 8}, {8, 9}}); // where the one ends the other begins
    CHECK(w.revisions().back().contested_size() == 2);
    w.pause();
    CHECK(w.record().post().contested_size() == 2);

    const v1::Record both = w.record();
    w.accepted(w.textOver(both, replace(0, 0, "and then ")), w.ben);
    CHECK(w.contested() == std::vector<TextRange>{{13, 17}, {17, 18}});
    // Made over the body without the words in front: the range moves with the text.
    v1::Change resolving = w.textOver(both, replace(4, 5, "two"));
    v1::TextRange& range = *resolving.mutable_edit_text()->add_resolved();
    range.set_from(4);
    range.set_to(9);
    SECTION("by other words")
    {
        w.accepted(resolving, w.ada);
        CHECK(w.presentBody() == "and then one two three");
    }
    SECTION("as it stands")
    {
        resolving.mutable_edit_text()->clear_text();
        CHECK(w.accepted(resolving, w.ada) > 0);
        CHECK(w.presentBody() == "and then one zwei2 three");
    }
    CHECK(w.contested().empty());
    w.pause();
    CHECK(w.record().post().contested().empty());
    w.requireWhole();
}

TEST_CASE("what two people type over one passage at once, letter by letter, stands as two whole versions of it")
{
    Pages w;
    using Ranges = std::vector<TextRange>;
    const v1::Record base = w.record();
    w.accepted(w.textOver(base, replace(4, 3, "t")), w.ada);
    w.accepted(w.textOver(base, replace(4, 3, "z")), w.ben);
    CHECK(w.presentBody() == "one zt three");
    CHECK(w.contested() == Ranges{{4, 5}, {5, 6}});
    const v1::Record seen = w.present();
    w.accepted(w.textOver(seen, replace(6, 0, "w")), w.ada);
    w.accepted(w.textOver(seen, replace(5, 0, "we")), w.ben);
    CHECK(w.presentBody() == "one zwetw three");
    CHECK(w.contested() == Ranges{{4, 7}, {7, 9}});
    w.accepted(w.textOver(w.present(), replace(9, 0, "o\nand more,")), w.ada);
    w.accepted(w.textOver(w.present(), replace(7, 0, "i")), w.ben);
    CHECK(w.presentBody() == "one zweitwo\nand more, three");
    CHECK(w.contested() == Ranges{{4, 8}, {8, 11}}); // the further line is none of it
    SECTION("one of them is written anew")
    {
        w.accepted(w.textOver(w.present(), replace(8, 3, "2")), w.ada);
        CHECK(w.presentBody() == "one zwei2\nand more, three");
        CHECK(w.contested() == Ranges{{4, 8}, {8, 9}});
    }
    SECTION("until somebody deletes one of them")
    {
        const int from = GENERATE(4, 8);
        w.accepted(w.textOver(w.present(), replace(size_t(from), from == 4 ? 4 : 3, "")), w.ada);
        CHECK(w.contested().empty());
    }
    w.pause();
    CHECK(w.record().post().contested_size() == int(w.contested().size()));
    w.requireWhole();
}

TEST_CASE("a change that alters nothing any more is accepted and makes no revision")
{
    Pages w;
    const v1::Record base = w.record();
    CHECK(w.accepted(w.textOver(base, replace(0, 4, "")), w.ada) > 0);
    const v1::Change same = w.textOver(base, replace(0, 4, ""));
    CHECK(w.accepted(same, w.ben) == 0);
    v1::Change resolving = w.text(TextChange());
    resolving.mutable_edit_text()->add_resolved()->set_to(3);
    CHECK(w.accepted(resolving, w.ben) == 0);
    CHECK(w.revisions().size() == 1);
    CHECK(w.accepted(same, w.ben) == 0);
    w.requireWhole();
}

TEST_CASE("a record takes its number at once after a pause, else when nothing more comes, and at last in any case")
{
    Pages w;
    const auto type = [&] { w.accepted(w.textOver(w.present(), replace(0, 0, "x")), w.ada); };
    const uint64_t head = w.state().head;
    const auto given = [&] { return w.state().head - head; };
    type();
    CHECK(given() == 1);
    CHECK_FALSE(w.engine->nextPublicationMs());

    w.nowMs += 1'000;
    const int64_t firstMs = w.nowMs;
    type();
    CHECK(given() == 1);
    CHECK(w.engine->nextPublicationMs() == firstMs + limits::publishPauseMs);
    w.nowMs += limits::publishPauseMs - 1;
    CHECK(w.engine->publishTexts().news.empty());
    CHECK(given() == 1);
    SECTION("nothing more comes")
    {
        w.nowMs += 1;
        const Committed committed = w.engine->publishTexts();
        REQUIRE(committed.news.size() == 1);
        CHECK(committed.news[0]->upto == head + 2);
        CHECK(given() == 2);
        CHECK(w.body() == w.presentBody());
        CHECK_FALSE(w.engine->nextPublicationMs());
        w.nowMs += limits::publishPauseMs;
        type();
        CHECK(given() == 3);
    }
    SECTION("more comes all the time")
    {
        while (given() == 1) {
            REQUIRE(w.nowMs < firstMs + limits::publishLatestMs);
            type();
            w.nowMs += limits::publishPauseMs / 2;
            w.engine->publishTexts();
        }
        CHECK(w.nowMs >= firstMs + limits::publishLatestMs);
        CHECK(w.body() == w.presentBody());
    }
    SECTION("more than it may lack")
    {
        std::vector<v1::Change> many;
        for (uint64_t lacks = 2; lacks < limits::unpublishedMax; ++lacks)
            many.push_back(w.textOver(w.record(), replace(0, 0, "x")));
        w.submitAll(many, {.person = w.ada});
        CHECK(given() == 1);
        type();
        CHECK(given() == 2);
        CHECK(w.body() == w.presentBody());
    }
    SECTION("more text than it may lack")
    {
        w.accepted(w.textOver(w.present(), replace(0, 0, std::string(limits::unpublishedBytesMax, 'x'))), w.ada);
        CHECK(given() == 2);
        CHECK(w.body() == w.presentBody());
    }
    SECTION("the clock is set back")
    {
        w.nowMs -= 3'600'000;
        w.engine->publishTexts();
        CHECK(given() == 2);
    }
    SECTION("the server starts again")
    {
        w.open();
        CHECK(given() == 1);
        CHECK(w.engine->nextPublicationMs() == firstMs + limits::publishPauseMs);
        w.nowMs += 1;
        w.engine->publishTexts();
        CHECK(given() == 2);
        CHECK(w.body() == "xxone two three");
    }
    w.requireWhole();
}

TEST_CASE("when a record was given out is forgotten once it is long ago")
{
    Pages w;
    const Id other = w.post(v1::PAGE, "other", w.ada);
    w.accepted(w.text(replace(0, 0, "x")), w.ada);
    CHECK(w.store->begin()->publication(w.page));
    w.nowMs += limits::publishPauseMs;
    w.accepted(w.text(other, replace(0, 0, "x")), w.ada);
    const auto transaction = w.store->begin();
    CHECK_FALSE(transaction->publication(w.page));
    CHECK(transaction->publication(other));
}

TEST_CASE("one turn gives out no more records than it may")
{
    Pages w;
    std::vector<v1::Change> made, first, second;
    for (size_t i = 0; i < limits::publishedAtOnceMax + 5; ++i) {
        made.push_back(w.question("Why?"));
        for (auto* changes : {&first, &second}) {
            changes->push_back(w.change(*Id::from(made.back().target())));
            changes->back().mutable_edit_text()->set_text(encode(replace(0, 0, "x")));
        }
    }
    for (const auto* changes : {&made, &first, &second})
        w.submitAll(*changes, {.person = w.ada});
    w.nowMs += limits::publishPauseMs;
    w.engine->publishTexts();
    CHECK(w.unpublished().size() == 5);
    CHECK(w.engine->nextPublicationMs() <= w.nowMs);
    w.engine->publishTexts();
    CHECK(w.unpublished().empty());
    w.requireWhole();
}

TEST_CASE("other fields change while the record lacks revisions, and lose none of them")
{
    Pages w;
    w.accepted(w.text(replace(0, 3, "1")), w.ada);
    w.accepted(w.text(replace(2, 3, "2")), w.ben);
    v1::Change renamed = w.change(w.page);
    v1::FieldEdit& edit = *renamed.mutable_edit()->add_fields();
    edit.set_field(v1::POST_TITLE);
    edit.mutable_value()->set_text("Numbers");
    CHECK(w.submit(renamed, {.person = w.ben}).effects_size() == 1);
    CHECK(w.body() == "1 two three");
    w.requireWhole();
    w.pause();
    CHECK(w.body() == "1 2 three");
    CHECK(w.record().post().title() == "Numbers");
    w.requireWhole();
}

TEST_CASE("what is deleted leaves no revision")
{
    Pages w;
    w.accepted(w.text(replace(0, 3, "1")), w.ada);
    w.accepted(w.text(replace(2, 3, "2")), w.ben);
    v1::Change gone = w.change(w.page);
    gone.mutable_delete_();
    REQUIRE_FALSE(w.submit(gone, {.person = w.ada}).has_refusal());
    CHECK(w.revisions().empty());
    w.pause();
    CHECK(w.record().deleted());
    CHECK(w.refused(w.textOver(w.record(), replace(0, 0, "x")), w.ben) == v1::NOT_FOUND);
    w.requireWhole();
}

TEST_CASE("an imported body is a revision as well")
{
    Pages w;
    const Actor import{.server = true, .import = true};
    const v1::Record base = w.record();
    w.accepted(w.text(replace(4, 3, "2")), w.ada);
    w.accepted(w.textOver(base, replace(4, 3, "zwei")), w.ben);
    REQUIRE(w.contested() == std::vector<TextRange>{{4, 8}, {8, 9}});
    const v1::Record before = w.record();
    w.nowMs += 1'000;
    const v1::Receipt receipt = w.submit(w.importedBody("Eins, one zwei2 three"), import);
    REQUIRE(receipt.effects_size() == 1);
    CHECK(receipt.revision() == 0);
    CHECK(w.body() == "Eins, one zwei2 three");
    CHECK(w.contested() == std::vector<TextRange>{{10, 14}, {14, 15}});
    CHECK(w.revisions().size() == 3);
    CHECK(w.revisions().back().change().empty());
    // What people wrote before it came is put into it.
    w.accepted(w.textOver(before, replace(13 - 2, 0, "!")), w.ben);
    CHECK(w.presentBody() == "Eins, one zwei2 three!");
    w.requireWhole();
    SECTION("and does not win against what is newer")
    {
        v1::Change late = w.importedBody("Nothing");
        late.mutable_edit()->mutable_fields(0)->clear_seen();
        Submission submission{.actor = import};
        submission.changes.emplace_back().set_change(late.SerializeAsString());
        submission.changes.back().set_age_ms(500'000);
        CHECK(w.engine->submit({&submission, 1}).receipts[0].receipts(0).effects_size() == 1);
        CHECK(w.body() == "Eins, one zwei2 three!");
        CHECK(w.record().lost(w.record().lost_size() - 1).value().text() == "Nothing");
        CHECK(w.unpublished().empty());
        w.requireWhole();
    }
}

TEST_CASE("who may change which body")
{
    Pages w;
    const Id cleo = w.person("cleo"), dana = w.person("dana");
    const Id question = w.post(v1::QUESTION, "why", w.ada);
    const Id answer = w.post(v1::ANSWER, "because", w.ben, question);
    w.role(cleo, v1::READER);
    w.role(dana, v1::MODERATOR);
    const auto tries = [&](const Id& post, const Id& who) {
        return w.submit(w.textOver(w.present(post), replace(0, 0, "x")), {.person = who}).refusal().code();
    };
    CHECK(tries(w.page, w.ben) == v1::CODE_NONE);
    CHECK(tries(w.page, cleo) == v1::NOT_ALLOWED);
    CHECK(tries(answer, w.ben) == v1::CODE_NONE);
    CHECK(tries(answer, w.ada) == v1::NOT_ALLOWED);
    CHECK(tries(answer, dana) == v1::CODE_NONE);
    CHECK(w.refused(w.textOver(w.present(answer), replace(0, 9, "")), w.ben) == v1::EMPTY);

    // Of what somebody may not read they learn nothing, whatever body they name.
    v1::Change closed = w.change(w.space);
    v1::FieldEdit& edit = *closed.mutable_edit()->add_fields();
    edit.set_field(v1::SPACE_VISIBILITY);
    edit.mutable_value()->set_number(v1::PRIVATE);
    REQUIRE_FALSE(w.submit(closed, {.server = true}).has_refusal());
    v1::Change guess = w.text(replace(0, 0, "x"));
    CHECK(w.refused(guess, w.ada) == v1::NOT_FOUND);
    guess.mutable_edit_text()->mutable_base()->set_revision(5);
    guess.mutable_edit_text()->mutable_base()->set_seal(std::string(16, 's'));
    CHECK(w.refused(guess, w.ada) == v1::NOT_FOUND);
    CHECK(w.refused(guess, cleo) == v1::NOT_ALLOWED);
    CHECK(w.refused(guess, dana) == v1::UNKNOWN_BASE);
    w.requireWhole();
}

TEST_CASE("of a commit that fails nothing is stored, and nothing is waited for")
{
    Pages w;
    w.accepted(w.text(replace(0, 3, "1")), w.ada);
    const v1::Change change = w.text(replace(2, 3, std::string(100'000, 'x')));
    w.store->checkpoint();
    {
        const test::FileLimit full(16 * 1024);
        CHECK_THROWS_AS(w.submit(change, {.person = w.ben}), StorageError);
    }
    CHECK_FALSE(w.engine->nextPublicationMs());
    CHECK(w.revisions().size() == 1);
    w.requireWhole();
    CHECK(w.accepted(change, w.ben) == w.revisions()[0].version().revision() + 1);
    CHECK(w.engine->nextPublicationMs());

    w.nowMs += limits::publishPauseMs;
    w.store->checkpoint();
    {
        const test::FileLimit full(16 * 1024);
        CHECK_THROWS_AS(w.engine->publishTexts(), StorageError);
    }
    CHECK(w.body() == "1 two three");
    CHECK(w.engine->nextPublicationMs() <= w.nowMs);
    w.engine->publishTexts();
    CHECK(w.body() == w.presentBody());
    w.requireWhole();
}

TEST_CASE("a database of before there were revisions takes text changes")
{
    Pages w;
    w.engine.reset();
    w.store.reset();
    {
        sqlite3* database = nullptr;
        REQUIRE(sqlite3_open((w.directory.path() / "stoa.db").c_str(), &database) == SQLITE_OK);
        REQUIRE(sqlite3_exec(database,
                             "DROP TABLE revision; DROP TABLE publication; DROP TABLE open_proposal; DROP TABLE judge; "
                             "PRAGMA user_version = 3",
                             nullptr, nullptr, nullptr) == SQLITE_OK);
        sqlite3_close(database);
    }
    w.open();
    CHECK(w.body() == "one two three");
    CHECK(w.accepted(w.text(replace(0, 3, "1")), w.ben) > 0);
    CHECK(w.body() == "1 two three");
    w.open();
    CHECK(w.revisions().size() == 1);
    w.requireWhole();
}

TEST_CASE("a change over a body that too much was done to since is refused")
{
    Pages w;
    const v1::Record base = w.record();
    for (int i = 0; i < 4; ++i) {
        w.accepted(w.textOver(w.present(), replace(0, i == 0 ? 0 : 1'900'000, std::string(1'900'000, 'a' + i))), w.ada);
        w.pause();
    }
    CHECK(w.refused(w.textOver(base, replace(0, 0, "x")), w.ben) == v1::UNKNOWN_BASE);
    CHECK(w.accepted(w.text(replace(0, 0, "x")), w.ben) > 0);
}

TEST_CASE("a body is what its revisions make of it, whatever people do at once")
{
    std::mt19937 dice(5);
    const auto below = [&](size_t limit) { return limit == 0 ? 0 : dice() % limit; };
    Pages w;
    std::vector<v1::Record> seen{w.record()}; // by the devices, some of them long ago
    const v1::Record created = w.record();
    for (int i = 0; i < 150; ++i) {
        const v1::Record& base = seen[seen.size() - 1 - below(std::min<size_t>(seen.size(), 6))];
        const size_t length = base.post().body().size();
        const size_t at = below(length + 1);
        w.accepted(w.textOver(base, replace(at, below(std::min<size_t>(length - at + 1, 4)),
                                            std::string(below(4), static_cast<char>('a' + i % 26)))),
                   below(2) == 0 ? w.ada : w.ben);
        w.nowMs += static_cast<int64_t>(below(2'500));
        w.engine->publishTexts();
        if (below(3) == 0)
            seen.push_back(w.record());
        if (below(20) == 0)
            w.open();
    }
    w.requireWhole();
    // Read from the beginning on, they come to what was told when each was accepted.
    const v1::Record now = w.present();
    CHECK(withRevisions(created, w.revisions()).SerializeAsString() == now.SerializeAsString());
    w.nowMs += limits::publishLatestMs;
    w.engine->publishTexts();
    CHECK(w.record().SerializeAsString() == now.SerializeAsString());
}

} // namespace stoa
