#include "shared/domain/may.h"

#include "tests/shared/domain/world.h"
#include "tests/support/catch.h"

using namespace stoa;
using stoa::test::World;

TEST_CASE("visibility gives the role of those who are not members")
{
    World w;
    CHECK(roleIn(w.space, World::as(w.ben), w) == v1::CONTRIBUTOR);
    CHECK(roleIn(w.addSpace(v1::RESTRICTED), World::as(w.ben), w) == v1::READER);
    CHECK(roleIn(w.addSpace(v1::PRIVATE), World::as(w.ben), w) == v1::ROLE_NONE);
    CHECK(roleIn(w.addSpace(v1::PRIVATE), World::as(w.ada), w) == v1::ROLE_NONE);
}

TEST_CASE("restricted spaces are read by all and written by members")
{
    World w;
    const Id space = w.addSpace(v1::RESTRICTED);
    const auto ask = [&] { return w.submit(w.post(v1::QUESTION, space, {}, "x"), World::as(w.ben)); };
    CHECK(ask() == v1::NOT_ALLOWED);
    REQUIRE(w.accept(w.member(space, w.ben, v1::CONTRIBUTOR), World::as(w.ada)));
    CHECK(ask() == v1::CODE_NONE);
    REQUIRE(w.accept(w.member(space, w.ben, v1::ROLE_NONE), World::as(w.ada)));
    CHECK(ask() == v1::NOT_ALLOWED);
}

TEST_CASE("what is in a private space does not exist for others")
{
    World w;
    const Id space = w.addSpace(v1::PRIVATE);
    REQUIRE(w.accept(w.member(space, w.cleo, v1::OWNER), World::as(w.ada)));
    const v1::Change question = w.post(v1::QUESTION, space, {}, "x");
    REQUIRE(w.accept(question, World::as(w.cleo)));
    const Id id = *Id::from(question.target());
    CHECK(w.submit(w.post(v1::QUESTION, space, {}, "x"), World::as(w.ben)) == v1::NOT_FOUND);
    CHECK(w.submit(w.post(v1::ANSWER, space, id, "x"), World::as(w.ben)) == v1::NOT_FOUND);
    CHECK(w.submit(w.editText(id, v1::POST_TITLE, "y"), World::as(w.ben)) == v1::NOT_FOUND);
    CHECK(w.submit(w.mark(v1::VOTE, id, w.ben, 1), World::as(w.ben)) == v1::NOT_FOUND);
    CHECK(w.submit(w.remove(id), World::as(w.ben)) == v1::NOT_FOUND);
    CHECK(w.submit(w.member(space, w.ben, v1::READER), World::as(w.ben)) == v1::NOT_FOUND);
    CHECK_FALSE(mayRead({FeedKind::Space, space}, World::as(w.ben), w, w.directory));
    CHECK(mayRead({FeedKind::Space, space}, World::as(w.cleo), w, w.directory));
    CHECK_FALSE(mayRead({FeedKind::Staff, space}, World::as(w.ben), w, w.directory));
    CHECK(mayRead({FeedKind::Staff, space}, World::as(w.cleo), w, w.directory));
}

TEST_CASE("a private feed is its person's alone")
{
    World w;
    CHECK(mayRead({FeedKind::Person, w.ben}, World::as(w.ben), w, w.directory));
    CHECK_FALSE(mayRead({FeedKind::Person, w.ben}, World::as(w.ada), w, w.directory));
    CHECK(mayRead({FeedKind::Directory, w.directory}, World::as(w.ben), w, w.directory));
    CHECK_FALSE(mayRead({FeedKind::Directory, w.space}, World::as(w.ben), w, w.directory));
}

TEST_CASE("disabled people may nothing")
{
    World w;
    const Id question = w.addPost(v1::QUESTION, {}, w.ben);
    v1::Change disable = w.change(w.ben);
    v1::FieldEdit* edit = disable.mutable_edit()->add_fields();
    edit->set_field(v1::PERSON_DISABLED);
    edit->mutable_value()->set_number(1);
    CHECK(w.submit(disable, World::as(w.cleo)) == v1::NOT_ALLOWED);
    REQUIRE(w.accept(disable, World::as(w.ada)));
    CHECK(w.submit(w.editText(question, v1::POST_TITLE, "y"), World::as(w.ben)) == v1::NOT_FOUND);
    CHECK_FALSE(mayRead({FeedKind::Directory, w.directory}, World::as(w.ben), w, w.directory));
    CHECK_FALSE(mayRead({FeedKind::Person, w.ben}, World::as(w.ben), w, w.directory));
}

TEST_CASE("owners edit the charter, everybody improves pages, askers and moderators retitle questions")
{
    World w;
    REQUIRE(w.accept(w.member(w.space, w.cleo, v1::MODERATOR), World::server()));
    const Id page = w.addPost(v1::PAGE, {}, w.cleo);
    const Id question = w.addPost(v1::QUESTION, {}, w.ada);
    CHECK(w.submit(w.editText(w.space, v1::CHARTER_PROBLEM, "x"), World::as(w.cleo)) == v1::NOT_ALLOWED);
    CHECK(w.submit(w.editText(page, v1::POST_TITLE, "y"), World::as(w.ben)) == v1::CODE_NONE);
    CHECK(w.submit(w.editText(question, v1::POST_TITLE, "y"), World::as(w.ben)) == v1::NOT_ALLOWED);
    CHECK(w.submit(w.editText(question, v1::POST_TITLE, "y"), World::as(w.cleo)) == v1::CODE_NONE);
    CHECK(w.submit(w.editText(question, v1::POST_TITLE, "y"), World::as(w.ada)) == v1::CODE_NONE);
    CHECK(w.submit(w.editText(page, v1::POST_BODY, "y"), World::as(w.cleo)) == v1::NOT_ALLOWED);
    CHECK(w.submit(w.editText(w.ben, v1::PERSON_NAME, "Ben"), World::as(w.ben)) == v1::CODE_NONE);
    CHECK(w.submit(w.editText(w.ben, v1::PERSON_NAME, "Ben"), World::as(w.cleo)) == v1::NOT_ALLOWED);
}

TEST_CASE("people, spaces and the organisation are made by admins")
{
    World w;
    v1::Change person = w.change(w.id());
    person.mutable_create_person()->set_login("dan");
    person.mutable_create_person()->set_name("Dan");
    CHECK(w.submit(person, World::as(w.ben)) == v1::NOT_ALLOWED);
    CHECK(w.submit(person, World::as(w.ada)) == v1::CODE_NONE);
    v1::Change organisation = w.change(w.id());
    organisation.mutable_create_organisation()->set_name("Second");
    CHECK(w.submit(organisation, World::as(w.ada)) == v1::EXISTS);
}
