// A hostile client against the real server over TLS. Each case is an attack; the server stays up, an honest person
// works on meanwhile, and the log tells nothing.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zstd.h>

#include <filesystem>
#include <future>

#include "shared/base/limits.h"
#include "tests/permissions/hostile/target.h"

using namespace stoa;
using namespace stoa::test;

namespace {

using Clock = std::chrono::steady_clock;

// A plain connection, from one of this machine's own addresses.
class Plain {
public:
    explicit Plain(uint16_t port, const char* from = "127.0.0.1") : socket_(::socket(AF_INET, SOCK_STREAM, 0))
    {
        sockaddr_in own{}, server{};
        own.sin_family = server.sin_family = AF_INET;
        server.sin_port = htons(port);
        server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        ::inet_pton(AF_INET, from, &own.sin_addr);
        REQUIRE(::bind(socket_, reinterpret_cast<const sockaddr*>(&own), sizeof own) == 0);
        REQUIRE(::connect(socket_, reinterpret_cast<const sockaddr*>(&server), sizeof server) == 0);
    }
    ~Plain() { ::close(socket_); }
    Plain(const Plain&) = delete;

    void send(std::string_view bytes) const { (void)!::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }
    // Whether the server closes within this time.
    bool closesWithin(std::chrono::milliseconds time) const
    {
        pollfd wanted{socket_, POLLIN, 0};
        char byte = 0;
        return ::poll(&wanted, 1, static_cast<int>(time.count())) > 0 && ::recv(socket_, &byte, 1, 0) <= 0;
    }

private:
    int socket_;
};

std::string head(uint32_t length, char flags = 0)
{
    std::string bytes(4, '\0');
    for (int i = 0; i < 4; ++i)
        bytes[i] = static_cast<char>(length >> (8 * (3 - i)));
    return bytes + flags;
}

int64_t msSince(Clock::time_point begin)
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin).count();
}

std::vector<v1::Code> codes(const v1::Receipts& receipts)
{
    std::vector<v1::Code> all;
    for (const v1::Receipt& each : receipts.receipts())
        all.push_back(each.refusal().code());
    return all;
}

} // namespace

TEST_CASE("T1: who stalls before or after the handshake is let go within seconds")
{
    Target target;
    const auto begin = Clock::now();
    const Plain silent(target.port()), half(target.port());
    half.send("\x16\x03\x01");
    TestClient speechless(target.port());
    target.checkHonest();
    CHECK(silent.closesWithin(std::chrono::seconds(14)));
    CHECK(half.closesWithin(std::chrono::seconds(14)));
    CHECK(speechless.receiveGoodbye().code() == v1::CODE_NONE);
    CHECK(msSince(begin) < 15'000);
    target.end();
}

TEST_CASE("T2: idle connections from one address have a limit, and others still come in")
{
    Target target;
    std::vector<std::unique_ptr<Plain>> idle;
    for (int i = 0; i < 200; ++i)
        idle.push_back(std::make_unique<Plain>(target.port()));
    for (int i = 0; i < 20; ++i)
        CHECK(Plain(target.port()).closesWithin(std::chrono::seconds(5)));
    const Plain elsewhere(target.port(), "127.0.0.2");
    CHECK_FALSE(elsewhere.closesWithin(std::chrono::milliseconds(100)));
    target.checkHonest();
    idle.clear();
    target.end();
}

TEST_CASE("T3: lengths that cannot be cost nothing, and a frame may be cut at every byte")
{
    Target target;
    TestClient ben = target.enter("ben");
    const size_t before = target.peakBytes();
    for (const uint32_t length : {0U, 0x4002U, 0x7fffffffU, 0x80000000U, 0xffffffffU}) {
        TestClient client(target.port());
        client.sendBytes(head(length));
        const v1::Code why = client.receiveGoodbye().code();
        CHECK((why == v1::TOO_LARGE || why == v1::PROTOCOL));
    }
    for (const uint32_t length : {0U, 0x400002U, 0x7fffffffU, 0xffffffffU}) {
        TestClient client = target.enter("ben");
        client.sendBytes(head(length));
        const v1::Code why = client.receiveGoodbye().code();
        CHECK((why == v1::TOO_LARGE || why == v1::PROTOCOL));
    }
    const std::string hello = encodeFrame(helloWithToken(target.tokens["ben"]));
    for (size_t cut = 0; cut < hello.size(); ++cut) {
        TestClient client(target.port());
        client.sendBytes(hello.substr(0, cut));
        client.close();
    }
    CHECK(target.peakBytes() < before + 16 * limits::kMiB);
    target.end();
}

TEST_CASE("T3: a few bytes that unpack to far more are refused by what they say of themselves")
{
    Target target;
    TestClient ben = target.enter("ben");
    const size_t before = target.peakBytes();
    const std::string plain(64 * limits::kMiB, '\0');
    std::string packed(ZSTD_compressBound(plain.size()), '\0');
    packed.resize(ZSTD_compress(packed.data(), packed.size(), plain.data(), plain.size(), 1));
    ben.sendBytes(head(static_cast<uint32_t>(packed.size() + 1), 1) + packed);
    CHECK(ben.receiveGoodbye().code() == v1::TOO_LARGE);
    CHECK(target.peakBytes() < before + 16 * limits::kMiB);
    target.end();
}

TEST_CASE("T4: only TLS 1.3 with this protocol is spoken")
{
    Target target;
    for (const int version : {TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION})
        CHECK_THROWS_AS(TestClient(target.port(), {.tlsVersionMax = version}), TestClient::Gone);
    for (const char* other : {"", "h2", "stoa/2"}) {
        // Some learn it in the handshake, some by its end.
        const auto spoken = [&] {
            TestClient client(target.port(), {.alpn = other});
            client.send(helloWithToken(target.tokens["cleo"]));
            return client.receiveGoodbye().code() != v1::CODE_NONE;
        };
        bool answered = false;
        try {
            answered = spoken();
        } catch (const TestClient::Gone&) {
        }
        CHECK_FALSE(answered);
    }
    for (const char* bytes : {"GET / HTTP/1.1\r\n\r\n", "SSH-2.0-x\r\n"})
        CHECK_NOTHROW(tcpExchange(target.port(), bytes, std::chrono::seconds(5)));
    target.end();
}

TEST_CASE("T5: ten wrong passwords are all that may be tried, also over a restart, and others sign in")
{
    Target target;
    target.enter("ben");
    target.enter("ana");
    for (int i = 0; i < 10; ++i)
        CHECK(target.refusalOf(helloWithPassword("ben", "wrong horse " + std::to_string(i))) == v1::WRONG_CREDENTIALS);
    CHECK(target.refusalOf(helloWithPassword("ben", "correct horse")) == v1::TOO_MANY_ATTEMPTS);
    target.end();
    target.serving.emplace(target.machine);
    CHECK(target.refusalOf(helloWithPassword("ben", "correct horse")) == v1::TOO_MANY_ATTEMPTS);
    TestClient ana(target.port());
    ana.send(helloWithPassword("ana", "correct horse"));
    CHECK(ana.expect(v1::Envelope::kWelcome).has_welcome());
    TestClient ben = target.enter("ben"); // a device that is enrolled already
}

TEST_CASE("T6: neither words nor time tell whether a login exists")
{
    Target target;
    target.enter("ben");
    const auto ask = [&](const std::string& login) {
        TestClient client(target.port());
        const auto begin = Clock::now();
        client.send(helloWithPassword(login, "wrong horse"));
        const std::string answer = client.receive().SerializeAsString();
        return std::pair(answer, std::chrono::duration<double>(Clock::now() - begin).count());
    };
    std::vector<double> known, unknown;
    for (int i = 0; i < 5; ++i) {
        const auto [yes, yesTook] = ask("ben");
        const auto [no, noTook] = ask("nobody");
        CHECK(yes == no);
        known.push_back(yesTook);
        unknown.push_back(noTook);
    }
    std::sort(known.begin(), known.end());
    std::sort(unknown.begin(), unknown.end());
    // Without the hashing of the unknown one it would be a hundredth.
    CHECK(unknown[2] > known[2] / 3);
    CHECK(unknown[2] < known[2] * 3);
    target.end();
}

TEST_CASE("T7: a password that is too long is refused before it is hashed")
{
    Target target;
    target.enter("ben");
    CHECK(target.refusalOf(helloWithPassword("ben", std::string(limits::kMiB, 'x'))) == v1::TOO_LARGE);
    // The shortest of a few: whatever else the machine does only makes it longer.
    const auto shortestMs = [&](const std::string& password) {
        int64_t shortest = 1'000'000;
        for (int i = 0; i < 3; ++i) {
            TestClient client(target.port());
            const auto begin = Clock::now();
            client.send(helloWithPassword("ben", password));
            CHECK(client.receiveGoodbye().code() == v1::WRONG_CREDENTIALS);
            shortest = std::min(shortest, msSince(begin));
        }
        return shortest;
    };
    CHECK(shortestMs(std::string(15'000, 'x')) <= shortestMs("wrong horse"));
    const InviteLink& cleo = target.link["ana"];
    CHECK(target.refusalOf(helloWithInvitation(cleo.code, std::string(15'000, 'x'))) == v1::TOO_LONG);
    target.enter("ana"); // the invitation is still good
    target.end();
}

TEST_CASE("T9: a token that was revoked, signed out, cut or altered opens nothing")
{
    Target target;
    {
        TestClient ben = target.enter("ben");
        v1::Envelope signOut;
        signOut.mutable_sign_out();
        ben.send(signOut);
        CHECK(ben.receiveGoodbye().code() == v1::TOKEN_UNKNOWN);
    }
    const std::string token = target.tokens["cleo"];
    std::string flipped = token;
    flipped[5] = static_cast<char>(flipped[5] ^ 1);
    for (const std::string& each : {target.tokens["ben"], flipped, token.substr(0, 31), token + 'x', std::string(),
                                    target.devices["cleo"].str(), target.people["cleo"].str()})
        CHECK(target.refusalOf(helloWithToken(each)) == v1::TOKEN_UNKNOWN);
    target.end();
}

TEST_CASE("T10: revoking a device and disabling a person end what they have open within a second")
{
    Target target;
    const auto endsWithin = [](TestClient& client, Clock::time_point begin, v1::Code why) {
        CHECK(client.receiveGoodbye().code() == why);
        CHECK(msSince(begin) < 1'000);
    };
    std::vector<TestClient> open;
    for (int i = 0; i < 3; ++i)
        open.push_back(target.enter("ben"));
    target.machine.fine({"device", "revoke", target.devices["ben"].hex()});
    auto begin = Clock::now();
    for (TestClient& each : open)
        endsWithin(each, begin, v1::TOKEN_UNKNOWN);
    CHECK(target.refusalOf(helloWithToken(target.tokens["ben"])) == v1::TOKEN_UNKNOWN);

    TestClient again(target.port());
    again.send(helloWithPassword("ben", "correct horse"));
    const std::string token = again.expect(v1::Envelope::kWelcome).welcome().token();
    target.machine.fine({"person", "disable", "ben"});
    begin = Clock::now();
    endsWithin(again, begin, v1::PERSON_DISABLED_NOW);
    CHECK(target.refusalOf(helloWithToken(token)) == v1::PERSON_DISABLED_NOW);
    CHECK(target.refusalOf(helloWithPassword("ben", "correct horse")) == v1::PERSON_DISABLED_NOW);
    target.end();
}

TEST_CASE("T14: nobody sets an author, a role, a time or a right that is not theirs to set")
{
    Target target;
    TestClient ben = target.enter("ben");
    TestClient cleo = target.enter("cleo");
    const Id me = target.people["ben"], her = target.people["cleo"];
    Mint& mint = target.mint;
    const int64_t nowMs = target.nowMs;
    const auto number = [&](const Id& of, v1::Field field) {
        v1::Change change = mint.change(of, nowMs);
        v1::FieldEdit& edit = *change.mutable_edit()->add_fields();
        edit.set_field(field);
        edit.mutable_value()->set_number(1);
        return change;
    };
    v1::Change asHer = mint.post(v1::QUESTION, target.lab, {}, "Forged", nowMs);
    asHer.mutable_origin()->set_author(her.str());
    v1::Change dated = mint.post(v1::QUESTION, target.lab, {}, "Forged", nowMs);
    dated.mutable_origin()->set_created_ms(1);
    v1::Change sourced = mint.post(v1::QUESTION, target.lab, {}, "Forged", nowMs);
    sourced.mutable_origin()->mutable_source()->set_score(1'000);
    v1::Change admin = mint.change(mint.id(nowMs), nowMs);
    admin.mutable_create_person()->set_login("mallory");
    admin.mutable_create_person()->set_name("Mallory");
    admin.mutable_create_person()->set_admin(true);
    v1::Change space = mint.change(mint.id(nowMs), nowMs);
    space.mutable_create_space()->set_name("Mine");
    space.mutable_create_space()->set_visibility(v1::OPEN);
    // Beside something that is allowed.
    v1::Change among = mint.edit(me, v1::PERSON_ABOUT, "I", {}, nowMs);
    *among.mutable_edit()->add_fields() = number(me, v1::PERSON_ADMIN).edit().fields(0);
    const v1::Receipts refused =
        target.submit(ben, {asHer, dated, sourced, admin, space, among, number(me, v1::PERSON_ADMIN),
                            number(her, v1::PERSON_DISABLED), mint.member(target.lab, me, v1::OWNER, nowMs),
                            mint.edit(her, v1::PERSON_NAME, "Forged", {}, nowMs),
                            mint.edit(target.lab, v1::SPACE_NAME, "Forged", {}, nowMs)});
    for (const v1::Receipt& each : refused.receipts())
        CHECK(each.refusal().code() == v1::NOT_ALLOWED);
    // A vote in her name is none at all: its id follows from who sends it.
    const v1::Change question = mint.post(v1::QUESTION, target.lab, {}, "Honest", nowMs);
    REQUIRE_FALSE(target.submit(cleo, {question}).receipts(0).has_refusal());
    CHECK(codes(target.submit(ben, {mint.mark(v1::VOTE, *Id::from(question.target()), her, 1, nowMs)})) ==
          std::vector{v1::INVALID});

    // Times of a device count for nothing but their distance, and that not into the future.
    for (const int64_t ageMs : {INT64_MIN, int64_t{-40} * 365 * dayMs, int64_t{0}, INT64_MAX}) {
        v1::Change asked = mint.post(v1::QUESTION, target.lab, {}, "When?", nowMs);
        asked.set_made_ms(INT64_MAX);
        REQUIRE_FALSE(target.submit(ben, {asked}, ageMs).receipts(0).has_refusal());
    }
    TestClient reader = target.enter("cleo");
    Target::subscribe(reader, target.lab);
    int mine = 0;
    for (const v1::Version& version : Target::readToHead(reader)) {
        v1::Record record;
        REQUIRE(record.ParseFromString(version.record()));
        CHECK(record.created_ms() >= 0);
        CHECK(record.changed_ms() <= systemWallClock()() + 1'000);
        CHECK(version.record().find("Forged") == std::string::npos);
        mine += record.author() == me.view();
    }
    CHECK(mine == 4);
    target.end();
}

TEST_CASE("T16: who guesses or knows an id learns no more than who makes one up")
{
    Target target;
    TestClient cleo = target.enter("cleo");
    Target::subscribe(cleo, target.vault);
    std::vector<Id> there{target.vault};
    for (const v1::Version& version : Target::readToHead(cleo)) {
        v1::Record record;
        REQUIRE(record.ParseFromString(version.record()));
        there.push_back(*Id::from(record.id()));
    }
    REQUIRE(there.size() >= 4);
    TestClient ben = target.enter("ben");
    const Id me = target.people["ben"];
    Mint& mint = target.mint;
    for (const Id& id : there) {
        const auto answers = [&](const Id& of) {
            Mint same(99); // the same change ids for both
            std::vector<v1::Change> all{
                same.mark(v1::VOTE, of, me, 1, 1),         same.mark(v1::BOOKMARK, of, me, 1, 1),
                same.mark(v1::SEEN, of, me, 1, 1),         same.edit(of, v1::POST_TITLE, "x", {}, 1),
                same.edit(of, v1::SPACE_NAME, "x", {}, 1), same.remove(of, 1),
                same.member(of, me, v1::OWNER, 1),         same.post(v1::QUESTION, of, {}, "x", 1),
                same.post(v1::ANSWER, of, of, "x", 1)};
            all.push_back(same.post(v1::COMMENT, target.lab, of, "x", 1));
            return target.submit(ben, all).SerializeAsString();
        };
        CHECK(answers(id) == answers(mint.id(1)));
        Target::subscribe(ben, id);
        CHECK(Target::heard(ben).empty());
    }
    for (int i = 0; i < 1'000; ++i) {
        Target::subscribe(ben, mint.id(target.nowMs), uint64_t(i % 2));
    }
    CHECK(Target::heard(ben).empty());
    target.end();
}

TEST_CASE("T17: nothing that a person can fetch or provoke holds a word of what is hidden")
{
    Target target;
    TestClient ben(target.port());
    ben.send(helloWithInvitation(target.link["ben"].code, "correct horse"));
    std::vector<v1::Envelope> all{ben.expect(v1::Envelope::kWelcome)};
    const auto keep = [&] {
        const auto heard = Target::heard(ben);
        all.insert(all.end(), heard.begin(), heard.end());
    };
    const v1::Envelope welcome = all[0];
    for (const v1::FeedHead& head : welcome.welcome().feeds()) {
        v1::Envelope subscribe;
        subscribe.mutable_subscribe()->set_feed(head.feed());
        ben.send(subscribe);
    }
    for (const char kind : {'d', 's', 't', 'p'}) {
        for (const Id& owner : {target.vault, target.lab, target.people["cleo"]}) {
            v1::Envelope subscribe;
            subscribe.mutable_subscribe()->set_feed(kind + owner.str());
            for (const uint64_t cursor : {0, 1}) {
                subscribe.mutable_subscribe()->set_cursor(cursor);
                ben.send(subscribe);
            }
        }
    }
    keep();
    // Also live, while the hidden space goes on: made, altered, renamed.
    TestClient cleo = target.enter("cleo");
    const v1::Change asked = target.mint.post(v1::QUESTION, target.vault, {}, hiddenWord, target.nowMs);
    const v1::Receipts fine = target.submit(
        cleo, {asked, target.mint.edit(*Id::from(asked.target()), v1::POST_TITLE, hiddenWord, {}, target.nowMs),
               target.mint.edit(target.vault, v1::SPACE_NAME, std::string("Vault ") + hiddenWord, {}, target.nowMs)});
    for (const v1::Receipt& each : fine.receipts())
        REQUIRE_FALSE(each.has_refusal());
    target.checkHonest();
    keep();
    CHECK(all.size() >= 4);
    CHECK_FALSE(holds(all, hiddenWord));
    for (const v1::Envelope& each : all)
        CHECK((!each.has_batch() || each.batch().feed().substr(1) != target.vault.view()));
    target.end();
}

TEST_CASE("T18: a membership comes neither by a push nor by handing back one that was true once")
{
    Target target;
    TestClient ben = target.enter("ben");
    target.member(ben, "ben", "owner");
    Target::subscribe(ben, target.vault);
    v1::Envelope handBack;
    handBack.mutable_hand_back()->set_feed(Feed{FeedKind::Space, target.vault}.key());
    for (const v1::Version& version : Target::readToHead(ben)) {
        v1::Record record;
        REQUIRE(record.ParseFromString(version.record()));
        if (record.membership().person() == target.people["ben"].view())
            *handBack.mutable_hand_back()->add_versions() = version;
    }
    REQUIRE(handBack.hand_back().versions_size() == 1);
    target.member("ben", "reader");
    (void)Target::heard(ben);

    ben.send(handBack);
    const v1::Envelope answer = ben.receiveUntil([](const v1::Envelope& each) { return each.has_handed_back(); });
    CHECK(answer.handed_back().taken() == 0);
    const Id me = target.people["ben"];
    CHECK(codes(target.submit(ben, {target.mint.member(target.vault, me, v1::OWNER, target.nowMs),
                                    target.mint.edit(target.vault, v1::SPACE_NAME, "Mine", {}, target.nowMs)})) ==
          std::vector{v1::NOT_ALLOWED, v1::NOT_ALLOWED});

    // Under a later number the seal is another one: that ends the conversation, and is told.
    v1::Version& forged = *handBack.mutable_hand_back()->mutable_versions(0);
    forged.set_number(forged.number() + 1'000);
    ben.send(handBack);
    CHECK(ben.receiveGoodbye().code() == v1::PROTOCOL);
    CHECK(target.end().find("event=forged_seal") != std::string::npos);
}

TEST_CASE("T19: what a removed member still sends is refused one by one, and what else they send goes on")
{
    Target target;
    TestClient ben = target.enter("ben");
    target.member(ben, "ben", "contributor");
    Target::subscribe(ben, target.vault);
    (void)Target::readToHead(ben);
    target.removeMember("ben");
    std::vector<v1::Change> queue;
    std::vector<v1::Code> expected;
    for (int i = 0; i < 20; ++i) {
        const bool hidden = i % 2 == 0;
        queue.push_back(target.mint.post(v1::QUESTION, hidden ? target.vault : target.lab, {}, "Mine", target.nowMs));
        expected.push_back(hidden ? v1::NOT_FOUND : v1::CODE_NONE);
    }
    CHECK(codes(target.submit(ben, queue)) == expected);
    CHECK(codes(target.submit(ben, queue)) == expected); // and again
    TestClient cleo = target.enter("cleo");
    REQUIRE_FALSE(target.submit(cleo, {target.mint.post(v1::QUESTION, target.vault, {}, hiddenWord, target.nowMs)})
                      .receipts(0)
                      .has_refusal());
    CHECK_FALSE(holds(Target::heard(ben), hiddenWord));
    target.end();
}

TEST_CASE("T30: what is valid and costly is answered in time, and an honest person waits for none of it")
{
    Target target;
    TestClient ben = target.enter("ben");
    Mint& mint = target.mint;
    const auto begin = Clock::now();

    v1::Change nested = mint.post(v1::QUESTION, target.lab, {}, "x", target.nowMs);
    std::string deep = nested.SerializeAsString();
    for (int i = 0; i < 200; ++i) { // groups within groups, in a field that nobody knows
        deep.insert(deep.begin(), static_cast<char>((15 << 3) | 3));
        deep.push_back(static_cast<char>((15 << 3) | 4));
    }
    std::string unknown = nested.SerializeAsString();
    for (int i = 0; i < 100'000; ++i)
        unknown += {static_cast<char>((14 << 3) | 0), 1};
    v1::Envelope odd;
    for (const std::string& each : {deep, unknown}) {
        odd.mutable_push()->clear_changes();
        odd.mutable_push()->add_changes()->set_change(each);
        ben.send(odd);
        const v1::Envelope receipts = ben.expect(v1::Envelope::kReceipts);
        REQUIRE(receipts.receipts().receipts_size() == 1);
        CHECK(receipts.receipts().receipts(0).has_refusal());
    }
    // An envelope whose nesting is deeper than any may be.
    {
        std::string bytes(300, static_cast<char>((15 << 3) | 3));
        TestClient other = target.enter("ben");
        other.sendBytes(head(static_cast<uint32_t>(bytes.size() + 1)) + bytes);
        CHECK(other.receiveGoodbye().code() == v1::PROTOCOL);
    }
    // The longest text there may be, one byte more, and many tiny changes.
    v1::Change longest = mint.post(v1::QUESTION, target.lab, {}, "Long", target.nowMs);
    longest.mutable_create_post()->set_body(std::string(limits::bodyBytesMax, '`'));
    v1::Change longer = mint.post(v1::QUESTION, target.lab, {}, "Long", target.nowMs);
    longer.mutable_create_post()->set_body(std::string(limits::bodyBytesMax + 1, '`'));
    CHECK(codes(target.submit(ben, {longest})) == std::vector{v1::CODE_NONE});
    CHECK(codes(target.submit(ben, {longer})) == std::vector{v1::TOO_LONG});
    int accepted = 0;
    for (int round = 0; round < 4; ++round) {
        std::vector<v1::Change> tiny;
        for (size_t i = 0; i < limits::pushChangesMax; ++i)
            tiny.push_back(mint.post(v1::QUESTION, target.lab, {}, "x", target.nowMs));
        ben.send(Target::push(tiny));
        target.checkHonest();
        const v1::Envelope receipts = ben.receiveUntil([](const v1::Envelope& each) { return each.has_receipts(); });
        for (const v1::Receipt& each : receipts.receipts().receipts())
            accepted += !each.has_refusal();
    }
    CHECK(accepted == 4 * int(limits::pushChangesMax));
    CHECK(msSince(begin) < 20'000);
    target.end();
}

TEST_CASE("T31: who takes nothing of what they ask for costs little and holds nobody up")
{
    Target target;
    TestClient cleo = target.enter("cleo");
    std::string body(limits::bodyBytesMax / 2, '\0');
    for (size_t i = 0; i < body.size(); i += 16) // hardly smaller when it is packed
        body.replace(i, 16, hash128(std::to_string(i)).str());
    for (char& c : body)
        c = static_cast<char>(' ' + (c & 63));
    for (int i = 0; i < 12; ++i) {
        v1::Change large = target.mint.post(v1::QUESTION, target.lab, {}, "Large", target.nowMs);
        large.mutable_create_post()->set_body(body);
        REQUIRE_FALSE(target.submit(cleo, {large}).receipts(0).has_refusal());
    }
    target.enter("ben");
    const size_t before = target.peakBytes();
    constexpr int slowOnes = 15;
    std::vector<std::unique_ptr<TestClient>> slow;
    for (int i = 0; i < slowOnes; ++i) {
        slow.push_back(std::make_unique<TestClient>(target.port(), TestClient::Options{.receiveBufferBytes = 4096}));
        slow.back()->send(helloWithToken(target.tokens["ben"]));
        slow.back()->expect(v1::Envelope::kWelcome);
        Target::subscribe(*slow.back(), target.lab);
    }
    for (int i = 0; i < 20; ++i)
        target.checkHonest();
    CHECK(target.peakBytes() < before + slowOnes * limits::kMiB * 5);
    slow.clear();
    target.end();
}

TEST_CASE("T32: a flood of what is refused leaves nothing in the database")
{
    Target target;
    TestClient ben = target.enter("ben");
    const auto size = [&] {
        return std::filesystem::file_size(target.machine.data() + "/stoa.db") +
               std::filesystem::file_size(target.machine.data() + "/stoa.db-wal");
    };
    target.checkHonest();
    const auto before = size();
    for (int round = 0; round < 10; ++round) {
        std::vector<v1::Change> changes;
        for (size_t i = 0; i < limits::pushChangesMax; ++i)
            changes.push_back(target.mint.post(v1::QUESTION, target.vault, {}, std::string(400, 'x'), target.nowMs));
        const v1::Receipts receipts = target.submit(ben, changes);
        REQUIRE(receipts.receipts_size() == int(limits::pushChangesMax));
        for (const v1::Receipt& each : receipts.receipts())
            REQUIRE(each.refusal().code() == v1::NOT_FOUND);
    }
    CHECK(size() < before + 256 * limits::kKiB);
    target.end();
}

TEST_CASE("T33: a flood of texts that are none fills no log")
{
    Target target;
    TestClient ben = target.enter("ben");
    const v1::Change good = target.mint.post(v1::QUESTION, target.lab, {}, "Why?", target.nowMs);
    std::string bytes = good.SerializeAsString();
    bytes[bytes.find("Why?")] = '\xff';
    v1::Envelope bad;
    for (size_t i = 0; i < limits::pushChangesMax; ++i)
        bad.mutable_push()->add_changes()->set_change(bytes);
    for (int round = 0; round < 10; ++round) {
        ben.send(bad);
        const v1::Envelope receipts = ben.expect(v1::Envelope::kReceipts);
        for (const v1::Receipt& each : receipts.receipts().receipts())
            REQUIRE(each.refusal().code() == v1::BAD_TEXT);
    }
    v1::Envelope named = helloWithToken(std::string(32, 'x'));
    named.mutable_hello()->set_device_name("a\nevent=signed_in person=forged");
    named.mutable_hello()->set_program("a\nevent=signed_in person=forged");
    CHECK(target.refusalOf(named) == v1::TOKEN_UNKNOWN);
    const std::string log = target.end();
    CHECK(log.size() < 8 * limits::kKiB);
    CHECK(log.find("forged") == std::string::npos);
}
