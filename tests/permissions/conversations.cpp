#include "tests/permissions/matrix.h"

#include "tests/permissions/asking.h"

namespace stoa::test {

void checkMessages(Organisation& o, Tally& tally)
{
    const Table table(messages);
    const auto* kinds = v1::Envelope::descriptor()->FindOneofByName("message");
    std::vector<std::pair<std::string, v1::Envelope>> all{{"nothing", {}}};
    for (int i = 0; i < kinds->field_count(); ++i) {
        v1::Envelope envelope;
        envelope.GetReflection()->MutableMessage(&envelope, kinds->field(i));
        all.emplace_back(kinds->field(i)->name(), std::move(envelope));
    }
    tally.check("messages", all.size() == table.rows.size(), "the table has a message that the protocol has not");

    const auto ask = [&](Conversation& talk, const std::string& kind, const v1::Envelope& message,
                         const std::string& phase, const std::string& who) {
        talk.say(message);
        const bool nothing = talk.carryOut().empty();
        const auto heard = talk.heard();
        const std::string& expected = table.cell(kind, phase);
        v1::Code code = v1::CODE_NONE;
        const bool right = expected == "silence"    ? heard.empty()
                         : expected == "pong"       ? heard.size() == 1 && heard[0].has_pong()
                         : expected == "signed_out" ? heard.empty() && talk.signedOut == 1
                         : v1::Code_Parse(expected, &code)
                             ? heard.size() == 1 && heard[0].goodbye().why().code() == code && talk.finished
                             : false;
        tally.check("messages", right && nothing && talk.leaked == 0,
                    who + " says " + kind + ' ' + phase + said(heard));
    };
    v1::Envelope byPassword;
    byPassword.mutable_hello()->set_protocol_min(1);
    byPassword.mutable_hello()->set_protocol_max(1);
    byPassword.mutable_hello()->mutable_password()->set_login("olga");
    for (const auto& [kind, message] : all) {
        Conversation before(o, {});
        ask(before, kind, message, "BEFORE", "nobody");
        Conversation signingIn(o, {});
        signingIn.say(byPassword);
        ask(signingIn, kind, message, "SIGNING_IN", "nobody");
        Conversation ended(o, {});
        ended.session->goodbye({v1::BUSY});
        (void)ended.heard();
        ask(ended, kind, message, "ENDED", "nobody");
        for (const Who& who : o.everybody) {
            if (!who.active)
                continue;
            Conversation talk(o, o.forbidden(who));
            (void)talk.enter(who.token);
            ask(talk, kind, message, "SIGNED_IN", who.name);
        }
    }

    const auto refused = [&](const std::string& token, v1::Code code, const std::string& who) {
        Conversation talk(o, {});
        talk.hello(token);
        const auto heard = talk.heard();
        tally.check("messages", heard.size() == 1 && heard[0].goodbye().why().code() == code && talk.finished,
                    who + " signs in:" + said(heard));
    };
    refused("", v1::TOKEN_UNKNOWN, "nobody");
    refused(std::string(32, 'x'), v1::TOKEN_UNKNOWN, "a guess");
    for (const Who& who : o.everybody) {
        if (!who.active) {
            refused(who.token, v1::PERSON_DISABLED_NOW, who.name);
            continue;
        }
        const std::string token = o.enrol(who.person);
        o.engine->revokeDevice(o.deviceOf(token));
        refused(token, v1::TOKEN_UNKNOWN, who.name + " with a revoked device");
        std::string other = who.token;
        other.back() = static_cast<char>(other.back() ^ 1);
        refused(other, v1::TOKEN_UNKNOWN, who.name + " with one bit wrong");
    }
}

void checkReading(Organisation& o, Tally& tally)
{
    std::vector<Feed> feeds = o.feeds();
    std::map<Feed, std::set<std::string>> there;
    for (const Feed& feed : feeds)
        for (const StoredVersion& version : o.versions(feed))
            if (!version.deleted)
                there[feed].insert(version.id.str());
    for (const FeedKind kind : {FeedKind::Directory, FeedKind::Space, FeedKind::Staff, FeedKind::Person})
        feeds.push_back({kind, o.missing});
    for (const Who& who : o.everybody) {
        if (!who.active)
            continue;
        Conversation talk(o, o.forbidden(who));
        const v1::Envelope welcome = talk.enter(who.token);
        std::set<std::string> told, wanted;
        for (const v1::FeedHead& head : welcome.welcome().feeds())
            told.insert(head.feed());
        for (const Feed& feed : feeds)
            if (o.reads(who, feed))
                wanted.insert(feed.key());
        for (const Feed& feed : feeds)
            tally.check("catching up", told.contains(feed.key()) == wanted.contains(feed.key()),
                        who.name + " is told of " + toHex(feed.key()));
        tally.check("catching up", told == wanted, who.name + " is told of other feeds");
        for (const Feed& feed : feeds) {
            for (const uint64_t cursor : {uint64_t{0}, uint64_t{1}, uint64_t{1} << 60}) {
                talk.subscribe(feed.key(), cursor);
                const auto heard = talk.heard();
                const std::string what =
                    who.name + " reads " + toHex(feed.key()) + " from " + std::to_string(cursor) + ":" + said(heard);
                bool right = talk.leaked == 0;
                if (o.reads(who, feed)) {
                    std::set<std::string> got;
                    for (const v1::Envelope& each : heard) {
                        right = right && isOf(each, feed);
                        for (const v1::Version& version : each.batch().versions()) {
                            v1::Record record;
                            right = right && record.ParseFromString(version.record());
                            if (!record.deleted())
                                got.insert(record.id());
                        }
                    }
                    right = right && got == there[feed] && !heard.empty() && heard.back().batch().last();
                } else if (const bool isSpaces = feed.kind == FeedKind::Space || feed.kind == FeedKind::Staff;
                           isSpaces && cursor != 0 && feed.owner != o.missing) {
                    // Whoever read some of it once is to hear that it is lost; nobody guesses a space's id.
                    right = right && heard.size() == 1 && heard[0].feeds().feeds_size() == 0 &&
                            heard[0].feeds().lost_size() == 1 && heard[0].feeds().lost(0) == feed.key();
                } else {
                    right = right && heard.empty();
                }
                tally.check("catching up", right, what);
            }
            // What they say that they have read of it alters no answer, unless they may read it.
            for (const uint64_t cursor : {uint64_t{0}, uint64_t{1}}) {
                talk.subscribe(feed.key(), cursor);
                (void)talk.heard();
                const std::string honest = talk.lastBytes;
                talk.subscribeFalsely(feed.key(), cursor, o.state(feed).head);
                const auto heard = talk.heard();
                const bool parts = heard.size() == 1 && heard[0].parted().feed() == feed.key();
                tally.check("catching up", o.reads(who, feed) ? parts : talk.lastBytes == honest,
                            who.name + " says to have read of " + toHex(feed.key()) + ":" + said(heard));
            }
        }
    }
}

} // namespace stoa::test
