#include "shared/domain/apply.h"

#include "shared/domain/shape.h"
#include "tests/shared/domain/world.h"
#include "tests/support/catch.h"

using namespace stoa;
using stoa::test::World;

TEST_CASE("a question, its answer and their comments form one thread")
{
    World w;
    const Id question = w.addPost(v1::QUESTION, {}, w.ben);
    const Id answer = w.addPost(v1::ANSWER, question, w.cleo);
    const Id comment = w.addPost(v1::COMMENT, answer, w.ben);
    CHECK(w.record(question).post().root() == question.view());
    CHECK(w.record(answer).post().root() == question.view());
    CHECK(w.record(comment).post().root() == question.view());
    CHECK(w.record(answer).author() == w.cleo.view());
    CHECK(w.record(answer).created_ms() == w.nowMs);
    CHECK(w.record(answer).revision() == 1);
}

TEST_CASE("posts hang only where they belong")
{
    World w;
    const Id question = w.addPost(v1::QUESTION, {}, w.ben);
    const Id answer = w.addPost(v1::ANSWER, question, w.cleo);
    const Id comment = w.addPost(v1::COMMENT, answer, w.cleo);
    const Id page = w.addPost(v1::PAGE, {}, w.ben);
    const auto refusal = [&](v1::PostKind kind, const Id& parent) {
        return w.submit(w.post(kind, w.space, parent, "x"), World::as(w.ben));
    };
    CHECK(refusal(v1::ANSWER, answer) == v1::INVALID);
    CHECK(refusal(v1::ANSWER, page) == v1::INVALID);
    CHECK(refusal(v1::COMMENT, comment) == v1::INVALID);
    CHECK(refusal(v1::QUESTION, question) == v1::INVALID);
    CHECK(refusal(v1::PAGE, question) == v1::INVALID);
    CHECK(refusal(v1::ANSWER, {}) == v1::INVALID);
    CHECK(refusal(v1::ANSWER, w.id()) == v1::NOT_FOUND);
    CHECK(refusal(v1::PAGE, page) == v1::CODE_NONE);
    CHECK(refusal(v1::COMMENT, page) == v1::CODE_NONE);
}

TEST_CASE("a post is refused in a space that its parent is not in")
{
    World w;
    const Id question = w.addPost(v1::QUESTION, {}, w.ben);
    const Id other = w.addSpace(v1::OPEN);
    CHECK(w.submit(w.post(v1::ANSWER, other, question, "x"), World::as(w.ben)) == v1::NOT_FOUND);
}

TEST_CASE("what is needed must be there and nothing may be too long")
{
    World w;
    const auto ask = [&](const std::string& title, const std::string& body) {
        v1::Change change = w.post(v1::QUESTION, w.space, {}, title);
        change.mutable_create_post()->set_body(body);
        return w.submit(change, World::as(w.ben));
    };
    CHECK(ask("  ", "") == v1::EMPTY);
    CHECK(ask(std::string(limits::titleBytesMax, 'x'), "") == v1::CODE_NONE);
    CHECK(ask(std::string(limits::titleBytesMax + 1, 'x'), "") == v1::TOO_LONG);
    CHECK(ask("x", std::string(limits::bodyBytesMax, 'x')) == v1::CODE_NONE);
    CHECK(ask("x", std::string(limits::bodyBytesMax + 1, 'x')) == v1::TOO_LONG);
    CHECK(ask("x", std::string("a\0b", 3)) == v1::BAD_TEXT);
    CHECK(ask("x", "\xff\xfe") == v1::BAD_TEXT);
    CHECK(ask("\xe2\x80\xae"
              "right to left",
              "e\xcc\x81") == v1::CODE_NONE);

    v1::Change tagged = w.post(v1::QUESTION, w.space, {}, "x");
    tagged.mutable_create_post()->add_tags("one");
    tagged.mutable_create_post()->add_tags("one");
    CHECK(w.submit(tagged, World::as(w.ben)) == v1::INVALID);
}

TEST_CASE("a kind, a field or a value from the future waits for the server's upgrade")
{
    World w;
    v1::Change unknownField = w.post(v1::QUESTION, w.space, {}, "x");
    unknownField.mutable_create_post()
        ->GetReflection()
        ->MutableUnknownFields(unknownField.mutable_create_post())
        ->AddVarint(99, 1);
    CHECK(w.submit(unknownField, World::as(w.ben)) == v1::NEWER_THAN_SERVER);

    v1::Change unknownAct = w.change(w.id());
    unknownAct.GetReflection()->MutableUnknownFields(&unknownAct)->AddLengthDelimited(77, "x");
    CHECK(w.submit(unknownAct, World::as(w.ben)) == v1::NEWER_THAN_SERVER);

    v1::Change unknownKind = w.post(static_cast<v1::PostKind>(42), w.space, {}, "x");
    CHECK(w.submit(unknownKind, World::as(w.ben)) == v1::NEWER_THAN_SERVER);

    CHECK(w.submit(w.change(w.id()), World::as(w.ben)) == v1::INVALID);
}

TEST_CASE("what a client says about author and time is refused")
{
    World w;
    v1::Change forged = w.post(v1::QUESTION, w.space, {}, "x");
    forged.mutable_origin()->set_author(w.cleo.str());
    CHECK(w.submit(forged, World::as(w.ben)) == v1::NOT_ALLOWED);
    CHECK(w.submit(forged, World::as(w.ada)) == v1::NOT_ALLOWED);

    forged.mutable_origin()->set_created_ms(1000);
    CHECK(w.submit(forged, World::import()) == v1::CODE_NONE);
    CHECK(w.record(*Id::from(forged.target())).author() == w.cleo.view());
    CHECK(w.record(*Id::from(forged.target())).created_ms() == 1000);
}

TEST_CASE("an id is used once")
{
    World w;
    const v1::Change first = w.post(v1::QUESTION, w.space, {}, "x");
    CHECK(w.accept(first, World::as(w.ben)));
    v1::Change second = w.post(v1::QUESTION, w.space, {}, "y");
    second.set_target(first.target());
    CHECK(w.submit(second, World::as(w.cleo)) == v1::EXISTS);
}

TEST_CASE("an id that a hidden record has reads as if nothing were there")
{
    World w;
    const Id hidden = w.addSpace(v1::PRIVATE);
    REQUIRE(w.accept(w.member(hidden, w.cleo, v1::OWNER), World::server()));
    const v1::Change secret = w.post(v1::QUESTION, hidden, {}, "x");
    REQUIRE(w.accept(secret, World::as(w.cleo)));
    v1::Change post = w.post(v1::QUESTION, w.space, {}, "y");
    post.set_target(secret.target());
    CHECK(w.submit(post, World::as(w.ben)) == v1::NOT_FOUND);
    CHECK(w.submit(post, World::as(w.cleo)) == v1::EXISTS);
    v1::Change space = w.change(hidden);
    space.mutable_create_space()->set_name("Mine");
    space.mutable_create_space()->set_visibility(v1::OPEN);
    CHECK(w.submit(space, World::as(w.ada)) == v1::NOT_FOUND);
    v1::Change person = w.change(hidden);
    person.mutable_create_person()->set_login("dan");
    person.mutable_create_person()->set_name("Dan");
    CHECK(w.submit(person, World::as(w.ada)) == v1::NOT_FOUND);
}

TEST_CASE("nobody creates something where a membership or a mark belongs")
{
    World w;
    const Id page = w.addPost(v1::PAGE, {}, w.ben);
    for (const Id& taken : {membershipId(w.space, w.cleo), markId(page, w.cleo, v1::VOTE),
                            markId(page, w.cleo, v1::BOOKMARK), markId(w.space, w.cleo, v1::SEEN)}) {
        v1::Change post = w.post(v1::QUESTION, w.space, {}, "x");
        post.set_target(taken.str());
        CHECK(w.submit(post, World::as(w.ben)) == v1::INVALID);
        CHECK(w.submit(post, World::import()) == v1::INVALID);
        v1::Change person = w.change(taken);
        person.mutable_create_person()->set_login("dan");
        person.mutable_create_person()->set_name("Dan");
        CHECK(w.submit(person, World::as(w.ada)) == v1::INVALID);
        v1::Change space = w.change(taken);
        space.mutable_create_space()->set_name("Space");
        space.mutable_create_space()->set_visibility(v1::OPEN);
        CHECK(w.submit(space, World::as(w.ada)) == v1::INVALID);
        v1::Change organisation = w.change(taken);
        organisation.mutable_create_organisation()->set_name("Second");
        CHECK(w.submit(organisation, World::as(w.ada)) == v1::INVALID);
        CHECK_FALSE(w.find(taken).has_value());
    }
    CHECK(w.submit(w.member(w.space, w.cleo, v1::READER), World::as(w.ada)) == v1::CODE_NONE);
    CHECK(w.submit(w.mark(v1::VOTE, page, w.cleo, 1), World::as(w.cleo)) == v1::CODE_NONE);
}

TEST_CASE("memberships and marks are set under reserved ids only")
{
    World w;
    const Id page = w.addPost(v1::PAGE, {}, w.ben);
    v1::Change member = w.member(w.space, w.cleo, v1::READER);
    member.set_target(w.id().str());
    CHECK_FALSE(checkShape(member).has_value());
    v1::Change vote = w.mark(v1::VOTE, page, w.cleo, 1);
    vote.set_target(w.id().str());
    CHECK_FALSE(checkShape(vote).has_value());
    // Another membership's id is reserved, and still not the one that follows.
    member.set_target(membershipId(w.space, w.ben).str());
    CHECK(w.submit(member, World::as(w.ada)) == v1::INVALID);
}

TEST_CASE("logins are unique")
{
    World w;
    v1::Change again = w.change(w.id());
    again.mutable_create_person()->set_login("ben");
    again.mutable_create_person()->set_name("Other Ben");
    CHECK(w.submit(again, World::as(w.ada)) == v1::EXISTS);
    again.mutable_create_person()->set_login("with space");
    CHECK(w.submit(again, World::as(w.ada)) == v1::INVALID);
}

TEST_CASE("whoever saw the present value replaces it whatever clocks say")
{
    World w;
    const Id question = w.addPost(v1::QUESTION, {}, w.ben, "one");
    const v1::Change two = w.editText(question, v1::POST_TITLE, "two");
    REQUIRE(w.submitAt(two, World::as(w.ben), w.nowMs + 1000) == v1::CODE_NONE);
    REQUIRE(w.submitAt(w.editText(question, v1::POST_TITLE, "three", two.id()), World::as(w.ben), w.nowMs - 1000) ==
            v1::CODE_NONE);
    CHECK(w.record(question).post().title() == "three");
    CHECK(w.record(question).lost_size() == 0);
    CHECK(w.record(question).revision() == 3);
}

TEST_CASE("between concurrent writers the later wins and the other is kept")
{
    for (const bool laterFirst : {false, true}) {
        World w;
        const Id page = w.addPost(v1::PAGE, {}, w.ben, "one");
        const v1::Change early = w.editText(page, v1::POST_TITLE, "early");
        const v1::Change late = w.editText(page, v1::POST_TITLE, "late");
        const auto submitEarly = [&] { return w.submitAt(early, World::as(w.ben), w.nowMs + 1); };
        const auto submitLate = [&] { return w.submitAt(late, World::as(w.cleo), w.nowMs + 2); };
        REQUIRE((laterFirst ? submitLate() : submitEarly()) == v1::CODE_NONE);
        REQUIRE((laterFirst ? submitEarly() : submitLate()) == v1::CODE_NONE);
        const v1::Record& record = w.record(page);
        CHECK(record.post().title() == "late");
        REQUIRE(record.lost_size() == 1);
        CHECK(record.lost(0).value().text() == "early");
        CHECK(record.lost(0).author() == w.ben.view());
        CHECK(record.lost(0).change() == early.id());
    }
}

TEST_CASE("concurrent writers at the same moment are ordered by change id")
{
    World w;
    const Id page = w.addPost(v1::PAGE, {}, w.ben, "one");
    v1::Change a = w.editText(page, v1::POST_TITLE, "a");
    v1::Change b = w.editText(page, v1::POST_TITLE, "b");
    const std::string winner = a.id() > b.id() ? "a" : "b";
    REQUIRE(w.accept(a, World::as(w.ben)));
    REQUIRE(w.accept(b, World::as(w.cleo)));
    CHECK(w.record(page).post().title() == winner);
}

TEST_CASE("fields merge one by one")
{
    World w;
    REQUIRE(w.accept(w.member(w.space, w.ben, v1::OWNER), World::server()));
    REQUIRE(w.accept(w.editText(w.space, v1::CHARTER_PROBLEM, "problem"), World::as(w.ben)));
    REQUIRE(w.accept(w.editText(w.space, v1::CHARTER_AUDIENCE, "audience"), World::as(w.ben)));
    CHECK(w.record(w.space).space().charter().problem() == "problem");
    CHECK(w.record(w.space).space().charter().audience() == "audience");
    CHECK(w.record(w.space).lost_size() == 0);
}

TEST_CASE("lost values are bounded in number and in bytes")
{
    World w;
    const Id page = w.addPost(v1::PAGE, {}, w.ben, "one");
    for (int i = 0; i < 40; ++i) {
        REQUIRE(w.submitAt(w.editText(page, v1::POST_TITLE, "t" + std::to_string(i)), World::as(w.ben), w.nowMs + i) ==
                v1::CODE_NONE);
    }
    CHECK(w.record(page).lost_size() == static_cast<int>(limits::lostValuesMax));
    CHECK(w.record(page).lost(15).value().text() == "t38");
    for (int i = 0; i < 4; ++i) {
        const std::string body(limits::bodyBytesMax, static_cast<char>('a' + i));
        REQUIRE(w.submitAt(w.editText(page, v1::POST_BODY, body), World::import(), w.nowMs + i) == v1::CODE_NONE);
    }
    CHECK(w.record(page).ByteSizeLong() <= limits::recordBytesMax);
    CHECK(w.record(page).post().body()[0] == 'd');
}

TEST_CASE("the asker accepts an answer to their own question and nobody else does")
{
    World w;
    const Id question = w.addPost(v1::QUESTION, {}, w.ben);
    const Id other = w.addPost(v1::QUESTION, {}, w.ben);
    const Id answer = w.addPost(v1::ANSWER, question, w.cleo);
    CHECK(w.submit(w.editRef(question, v1::POST_ACCEPTED, answer), World::as(w.cleo)) == v1::NOT_ALLOWED);
    CHECK(w.submit(w.editRef(other, v1::POST_ACCEPTED, answer), World::as(w.ben)) == v1::INVALID);
    CHECK(w.submit(w.editRef(question, v1::POST_ACCEPTED, w.id()), World::as(w.ben)) == v1::NOT_FOUND);
    CHECK(w.submit(w.editRef(question, v1::POST_ACCEPTED, answer), World::as(w.ben)) == v1::CODE_NONE);
    CHECK(w.record(question).post().accepted() == answer.view());
}

TEST_CASE("the tree of pages stays a tree")
{
    World w;
    const Id top = w.addPost(v1::PAGE, {}, w.ben);
    const Id middle = w.addPost(v1::PAGE, top, w.ben);
    const Id leaf = w.addPost(v1::PAGE, middle, w.ben);
    CHECK(w.submit(w.editRef(top, v1::POST_PARENT, leaf), World::as(w.ben)) == v1::INVALID);
    CHECK(w.submit(w.editRef(top, v1::POST_PARENT, top), World::as(w.ben)) == v1::INVALID);
    CHECK(w.submit(w.editRef(leaf, v1::POST_PARENT, top), World::as(w.ben)) == v1::CODE_NONE);
    CHECK(w.submit(w.editRef(leaf, v1::POST_PARENT, {}), World::as(w.ben)) == v1::CODE_NONE);

    Id deepest = top;
    for (size_t depth = 1; depth < limits::pathDepthMax; ++depth)
        deepest = w.addPost(v1::PAGE, deepest, w.ben);
    CHECK(w.submit(w.post(v1::PAGE, w.space, deepest, "x"), World::as(w.ben)) == v1::CODE_NONE);
    const Id below = w.addPost(v1::PAGE, deepest, w.ben);
    CHECK(w.submit(w.post(v1::PAGE, w.space, below, "x"), World::as(w.ben)) == v1::TOO_LONG);
}

TEST_CASE("votes are marks: the newest value counts and nobody votes for themselves")
{
    World w;
    const Id question = w.addPost(v1::QUESTION, {}, w.ben);
    CHECK(w.submit(w.mark(v1::VOTE, question, w.ben, 1), World::as(w.ben)) == v1::NOT_ALLOWED);
    CHECK(w.submit(w.mark(v1::VOTE, question, w.cleo, 2), World::as(w.cleo)) == v1::INVALID);
    CHECK(w.submit(w.mark(v1::VOTE, question, w.cleo, 1), World::as(w.cleo)) == v1::CODE_NONE);
    CHECK(w.submit(w.mark(v1::VOTE, question, w.cleo, 1), World::as(w.cleo)) == v1::CODE_NONE);
    CHECK(w.lastVersions == 0);
    CHECK(w.submit(w.mark(v1::VOTE, question, w.cleo, -1), World::as(w.cleo)) == v1::CODE_NONE);
    const Id id = markId(question, w.cleo, v1::VOTE);
    CHECK(w.record(id).mark().value() == -1);
    CHECK(w.find(id)->feed == Feed{FeedKind::Space, w.space});
    // Somebody else's mark cannot be set: its id does not follow from who sends.
    CHECK(w.submit(w.mark(v1::VOTE, question, w.cleo, 1), World::as(w.ada)) == v1::INVALID);
}

TEST_CASE("bookmarks and what was seen lie with the person, and seen only grows")
{
    World w;
    const Id page = w.addPost(v1::PAGE, {}, w.ben);
    REQUIRE(w.accept(w.mark(v1::BOOKMARK, page, w.ben, 1), World::as(w.ben)));
    CHECK(w.find(markId(page, w.ben, v1::BOOKMARK))->feed == Feed{FeedKind::Person, w.ben});
    REQUIRE(w.accept(w.mark(v1::SEEN, w.space, w.ben, 500), World::as(w.ben)));
    REQUIRE(w.accept(w.mark(v1::SEEN, w.space, w.ben, 300), World::as(w.ben)));
    CHECK(w.record(markId(w.space, w.ben, v1::SEEN)).mark().value() == 500);
    // By a clock that is ten years ahead.
    REQUIRE(w.accept(w.mark(v1::SEEN, w.space, w.ben, w.nowMs + 315'000'000'000), World::as(w.ben)));
    CHECK(w.record(markId(w.space, w.ben, v1::SEEN)).mark().value() == w.nowMs);
}

TEST_CASE("a deleted post leaves a tombstone with nothing of it")
{
    World w;
    const Id question = w.addPost(v1::QUESTION, {}, w.ben, "secret");
    CHECK(w.submit(w.remove(question), World::as(w.cleo)) == v1::NOT_ALLOWED);
    REQUIRE(w.accept(w.remove(question), World::as(w.ben)));
    const v1::Record& tombstone = w.record(question);
    CHECK(tombstone.deleted());
    CHECK(tombstone.thing_case() == v1::Record::THING_NOT_SET);
    CHECK(tombstone.SerializeAsString().find("secret") == std::string::npos);
    CHECK(w.submit(w.post(v1::ANSWER, w.space, question, "x"), World::as(w.cleo)) == v1::NOT_FOUND);
    CHECK(w.submit(w.remove(question), World::as(w.ben)) == v1::NOT_FOUND);
}
