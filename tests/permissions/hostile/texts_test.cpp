// A hostile client that writes in bodies, against the real server over TLS.

#include "shared/base/limits.h"
#include "tests/permissions/hostile/target.h"

using namespace stoa;
using namespace stoa::test;

namespace {

const std::string honest = "Ask Cleo for a key.";

v1::Change textChange(Target& target, const Id& post, const std::string& bytes)
{
    v1::Change change = target.mint.change(post, target.nowMs);
    change.mutable_edit_text()->set_text(bytes);
    return change;
}

v1::Code codeOf(Target& target, TestClient& client, const v1::Change& change)
{
    const v1::Receipts receipts = target.submit(client, {change});
    REQUIRE(receipts.receipts_size() == 1);
    return receipts.receipts(0).refusal().code();
}

std::string bodyOf(Target& target, const Id& post)
{
    TestClient reader = target.enter("cleo");
    Target::subscribe(reader, target.lab);
    std::string body = "nothing";
    for (const v1::Version& version : Target::readToHead(reader)) {
        v1::Record record;
        REQUIRE(record.ParseFromString(version.record()));
        if (record.id() == post.view())
            body = record.post().body();
    }
    return body;
}

} // namespace

TEST_CASE("T34: changes of a body that are none, or of a body that nobody knows, leave it as it is")
{
    Target target;
    TestClient cleo = target.enter("cleo"), ben = target.enter("ben");
    v1::Change created = target.mint.post(v1::PAGE, target.lab, {}, "Keys", target.nowMs);
    created.mutable_create_post()->set_body(honest);
    REQUIRE(codeOf(target, cleo, created) == v1::CODE_NONE);
    const Id page = *Id::from(created.target());

    const auto bytes = [](const TextChange& change) { return encode(change); };
    const std::string good = bytes(TextChange::replace(0, 3, "Tell"));
    // Cut anywhere, or altered in its first byte, it may be another change, or none; it is answered.
    for (const std::string& none : {std::string("\xff", 1), std::string(200, '\x80'), good.substr(0, good.size() - 1),
                                    std::string("\x05\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 10), good + good,
                                    bytes(TextChange().insert("\xc3\x28"))})
        CHECK(codeOf(target, ben, textChange(target, page, none)) != v1::CODE_NONE);
    // Past the end, by one or by as much as can be said.
    for (const size_t at : {honest.size() + 1, size_t{limits::bodyBytesMax}, size_t{1} << 62})
        CHECK(codeOf(target, ben, textChange(target, page, bytes(TextChange::replace(at, 0, "x")))) != v1::CODE_NONE);
    CHECK(codeOf(target, ben, textChange(target, page, bytes(TextChange::replace(0, honest.size() + 1, "x")))) !=
          v1::CODE_NONE);
    // More steps than a change may have, and more than a body may hold.
    TextChange stutter;
    for (size_t i = 0; i <= limits::textStepsMax / 2; ++i)
        stutter.insert("x").erase(1);
    CHECK(codeOf(target, ben, textChange(target, page, bytes(stutter))) != v1::CODE_NONE);
    CHECK(codeOf(target, ben,
                 textChange(target, page, bytes(TextChange().insert(std::string(limits::bodyBytesMax, 'x'))))) ==
          v1::TOO_LONG);
    // Over a version that never was, or under another seal; and passages settled that are none.
    for (const uint64_t revision : {uint64_t{1}, uint64_t{limits::bodyBytesMax}, UINT64_MAX}) {
        v1::Change change = textChange(target, page, good);
        change.mutable_edit_text()->mutable_base()->set_revision(revision);
        change.mutable_edit_text()->mutable_base()->set_seal(std::string(16, 'x'));
        CHECK(codeOf(target, ben, change) == v1::UNKNOWN_BASE);
    }
    v1::Change settled = textChange(target, page, "");
    v1::TextRange& range = *settled.mutable_edit_text()->add_resolved();
    range.set_from(5);
    range.set_to(2);
    CHECK(codeOf(target, ben, settled) != v1::CODE_NONE);
    target.checkHonest();
    CHECK(bodyOf(target, page) == honest);

    // What is one counts all the same.
    REQUIRE(codeOf(target, ben, textChange(target, page, good)) == v1::CODE_NONE);
    target.end();
}

TEST_CASE(
    "T35: who may not read a post learns nothing of its versions by writing in it, opening it or asking for its past")
{
    Target target;
    TestClient cleo = target.enter("cleo"), ben = target.enter("ben");
    v1::Change created = target.mint.post(v1::PAGE, target.vault, {}, hiddenWord, target.nowMs);
    created.mutable_create_post()->set_body(hiddenWord);
    REQUIRE(codeOf(target, cleo, created) == v1::CODE_NONE);
    const Id page = *Id::from(created.target()), none = target.mint.id(target.nowMs);
    const v1::Receipts made =
        target.submit(cleo, {textChange(target, page, encode(TextChange::replace(0, 0, "More of the ")))});
    REQUIRE(made.receipts(0).revision() > 0);

    for (const Id& post : {page, none}) {
        for (const uint64_t revision : {uint64_t{0}, made.receipts(0).revision(), UINT64_MAX}) {
            v1::Change change = textChange(target, post, encode(TextChange::replace(0, 0, "x")));
            if (revision > 0) {
                change.mutable_edit_text()->mutable_base()->set_revision(revision);
                change.mutable_edit_text()->mutable_base()->set_seal(std::string(16, 'x'));
            }
            CHECK(codeOf(target, ben, change) == v1::NOT_FOUND);
            v1::Envelope open;
            open.mutable_open_text()->set_post(post.str());
            if (revision > 0)
                open.mutable_open_text()->mutable_version()->set_revision(revision);
            ben.send(open);
        }
        v1::Envelope past;
        past.mutable_read_revisions()->set_post(post.str());
        ben.send(past);
    }
    REQUIRE(codeOf(target, cleo, textChange(target, page, encode(TextChange::replace(0, 0, "y")))) == v1::CODE_NONE);
    const auto heard = Target::heard(ben);
    CHECK_FALSE(holds(heard, hiddenWord));
    for (const v1::Envelope& each : heard) {
        CHECK(each.revisions().revisions_size() == 0);
        CHECK(each.revision_page().revisions_size() == 0);
        CHECK_FALSE(each.has_present());
    }
    target.end();
}
