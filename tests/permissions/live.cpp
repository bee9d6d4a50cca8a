#include "tests/permissions/matrix.h"

#include "server/engine/texts.h"
#include "tests/permissions/asking.h"

namespace stoa::test {

namespace {

struct Listener {
    const Who* who; // null: olga
    std::unique_ptr<Conversation> talk;
};

bool reads(const Organisation& o, const Listener& listener, const Feed& feed)
{
    if (listener.who)
        return o.reads(*listener.who, feed);
    return feed.kind != FeedKind::Person || feed.owner == o.olga; // an owner everywhere
}

std::string nameOf(const Listener& listener)
{
    return listener.who ? listener.who->name : "olga";
}

std::vector<Listener> listeners(Organisation& o)
{
    std::vector<Listener> all;
    const std::string olgas = o.enrol(o.olga);
    const auto add = [&](const Who* who, const std::string& token) {
        auto talk = std::make_unique<Conversation>(o, who ? o.forbidden(*who) : std::vector<std::string>());
        const v1::Envelope welcome = talk->enter(token);
        for (const v1::FeedHead& head : welcome.welcome().feeds())
            talk->subscribe(head.feed(), head.head());
        (void)talk->heard();
        all.push_back({who, std::move(talk)});
    };
    for (const Who& who : o.everybody)
        if (who.active)
            add(&who, who.token);
    add(nullptr, olgas);
    return all;
}

// Who may read it hears of it, once; nobody else hears anything.
void expectNews(Organisation& o, std::vector<Listener>& all, const Committed& committed, const Feed& feed, Tally& tally,
                const std::string& what)
{
    for (Listener& listener : all) {
        listener.talk->tell(committed);
        const auto heard = listener.talk->heard();
        const bool right = reads(o, listener, feed) ? heard.size() == 1 && isOf(heard[0], feed) : heard.empty();
        tally.check("live", right && listener.talk->leaked == 0,
                    nameOf(listener) + " hears of " + what + ":" + said(heard));
    }
}

} // namespace

void checkLive(Organisation& o, Tally& tally)
{
    const Table table(rights);
    std::vector<Listener> all = listeners(o);
    const Feed directory{FeedKind::Directory, o.organisation};
    const Actor server{.server = true}, import{.server = true, .import = true}, olga{.person = o.olga};
    const Who& stranger = o.everybody.front();

    for (const Place& place : o.places) {
        const Feed feed{FeedKind::Space, place.id};
        const auto post = [&](v1::PostKind kind) {
            const Id under = kind == v1::ANSWER                          ? o.others.at({place.id, "QUESTION"})
                           : kind == v1::COMMENT || kind == v1::PROPOSAL ? o.others.at({place.id, "PAGE"})
                                                                         : Id{};
            v1::Change made = o.mint.post(kind, place.id, under, "text " + place.word, o.nowMs);
            made.mutable_origin()->set_author(stranger.person.str());
            return made;
        };
        for (const std::string& column : table.columns) {
            if ((column == "ORGANISATION" || column == "PERSON") && &place != &o.places.front())
                continue;
            if (column == "REVIEWED")
                continue; // news as of any page
            v1::PostKind kind = v1::POST_NONE;
            const bool isPost = v1::PostKind_Parse(column, &kind);
            for (const auto& [row, cells] : table.rows) {
                const std::string cell = table.cell(row, column, false) + table.cell(row, column, true);
                if (cell.find_first_not_of("-.") == std::string::npos)
                    continue;
                const std::string what = row + " of " + column + in(place);
                ++o.nowMs; // what is set later wins
                if (row == "create" && !isPost) {
                    v1::Change made = o.mint.change(o.mint.id(o.nowMs), o.nowMs);
                    if (column == "PERSON") {
                        made.mutable_create_person()->set_login(wordOf(made.id()));
                        made.mutable_create_person()->set_name("New");
                        expectNews(o, all, o.commit(made, server), directory, tally, what);
                    } else if (column == "MEMBERSHIP") {
                        made = o.mint.member(place.id, o.cleo, v1::READER, o.nowMs);
                        expectNews(o, all, o.commit(made, server), feed, tally, what);
                    }
                    continue; // of a new space below
                }
                Id target;
                Feed expected = column == "ORGANISATION" || column == "PERSON" ? directory : feed;
                if (isPost) {
                    const v1::Change made = post(kind);
                    expectNews(o, all, o.commit(made, import), feed, tally, "create of " + column + in(place));
                    if (row == "create")
                        continue;
                    target = *Id::from(made.target());
                } else {
                    target = column == "PERSON" ? o.cleo : *o.record(place, column, nullptr);
                }
                v1::MarkKind mark = v1::MARK_NONE;
                const bool isMark = v1::MarkKind_Parse(row, &mark);
                if (mark == v1::BOOKMARK || mark == v1::SEEN)
                    expected = {FeedKind::Person, o.olga};
                v1::Change change = changeOf(o, row, o.olga, target, place.word);
                if (row == "PERSON_NAME" || row == "PERSON_ABOUT" || row == "ORGANISATION_NAME")
                    change.mutable_edit()->mutable_fields(0)->mutable_value()->set_text("Everybody may know");
                // As it is already: of those who lose or gain a right there is another part.
                if (row == "SPACE_VISIBILITY")
                    change.mutable_edit()->mutable_fields(0)->mutable_value()->set_number(place.visibility);
                if (row == "PERSON_DISABLED" || row == "SPACE_REVIEW")
                    change.mutable_edit()->mutable_fields(0)->mutable_value()->set_number(0);
                if (row == "POST_ACCEPTED") {
                    const v1::Change answer = o.mint.post(v1::ANSWER, place.id, target, place.word, o.nowMs);
                    expectNews(o, all, o.commit(answer, server), feed, tally, "create of ANSWER" + in(place));
                    change.mutable_edit()->mutable_fields(0)->mutable_value()->set_ref(answer.target());
                }
                if (row == "edit_text")
                    o.nowMs += limits::publishPauseMs; // a draft was moved with its page just now
                expectNews(o, all, o.commit(change, isMark ? olga : import), expected, tally, what);
            }
        }
    }

    // A new space is told to who may read it, and nothing of it to anybody else.
    for (const v1::Visibility visibility : {v1::OPEN, v1::RESTRICTED, v1::PRIVATE}) {
        v1::Change made = o.mint.change(o.mint.id(o.nowMs), o.nowMs);
        made.mutable_create_space()->set_name("New");
        made.mutable_create_space()->set_visibility(visibility);
        const Committed committed = o.commit(made, server);
        const std::string key = Feed{FeedKind::Space, *Id::from(made.target())}.key();
        for (Listener& listener : all) {
            listener.talk->tell(committed);
            const auto heard = listener.talk->heard();
            const bool told = heard.size() == 1 && heard[0].feeds().feeds_size() == 1 &&
                              heard[0].feeds().feeds(0).feed() == key && heard[0].feeds().lost_size() == 0;
            tally.check("live", visibility == v1::PRIVATE ? heard.empty() : told,
                        nameOf(listener) + " hears of a new " + v1::Visibility_Name(visibility) +
                            " space:" + said(heard));
        }
    }
}

} // namespace stoa::test
