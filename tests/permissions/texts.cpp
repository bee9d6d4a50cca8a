// Bodies as they are written, who reads them, and their history.

#include "tests/permissions/matrix.h"

#include "tests/permissions/asking.h"

namespace stoa::test {

namespace {

const v1::PostKind written[] = {v1::PAGE, v1::QUESTION, v1::ANSWER, v1::COMMENT};

v1::Envelope opening(const Id& post, uint64_t revision = 0)
{
    v1::Envelope envelope;
    envelope.mutable_open_text()->set_post(post.str());
    if (revision > 0)
        envelope.mutable_open_text()->mutable_version()->set_revision(revision);
    return envelope;
}

v1::Envelope historyOf(const Id& post)
{
    v1::Envelope envelope;
    envelope.mutable_read_revisions()->set_post(post.str());
    return envelope;
}

v1::Envelope presenceIn(const Id& post)
{
    v1::Envelope envelope;
    envelope.mutable_presence()->set_post(post.str());
    envelope.mutable_presence()->set_from(1);
    return envelope;
}

LivePresent somebodyIn(const Id& post, const Id& person)
{
    v1::Present present;
    present.set_post(post.str());
    v1::Reader& reader = *present.add_readers();
    reader.set_person(person.str());
    reader.set_session(7);
    return LivePresent(present);
}

bool tells(const std::vector<v1::Envelope>& heard, const Id& post, bool isUnknown)
{
    return heard.size() == 1 && heard[0].revisions().post() == post.view() &&
           heard[0].revisions().unknown() == isUnknown && (heard[0].revisions().revisions_size() == 0) == isUnknown;
}

// Everybody opens each kind of post in each space.
void checkOpening(Organisation& o, Tally& tally)
{
    std::vector<std::unique_ptr<Conversation>> kept;
    for (const Who& who : o.everybody) {
        if (!who.active)
            continue;
        kept.push_back(std::make_unique<Conversation>(o, o.forbidden(who)));
        (void)kept.back()->enter(who.token);
    }
    for (const Place& place : o.places) {
        const Feed feed{FeedKind::Space, place.id};
        for (const v1::PostKind kind : written) {
            const Id post = o.others.at({place.id, v1::PostKind_Name(kind)});
            const std::string what = v1::PostKind_Name(kind) + in(place);
            o.order(changeOf(o, "edit_text", o.olga, post, place.word));
            ++o.nowMs;
            auto talk = kept.begin();
            for (const Who& who : o.everybody) {
                if (!who.active)
                    continue;
                Conversation& by = **talk++;
                const bool reads = o.reads(who, feed);
                const auto check = [&](bool right, const std::string& does, const std::vector<v1::Envelope>& heard) {
                    tally.check("texts", right && by.leaked == 0,
                                who.name + ' ' + does + ' ' + what + ":" + said(heard));
                };
                by.say(opening(post));
                auto heard = by.heard();
                check(tells(heard, post, !reads) && by.open.contains(post) == reads, "opens", heard);
                by.say(opening(post, 1)); // nobody ever had that one
                heard = by.heard();
                check(tells(heard, post, true) && by.open.empty(), "opens a version that is none of", heard);
                by.say(historyOf(post));
                heard = by.heard();
                check(heard.size() == 1 && heard[0].revision_page().post() == post.view() &&
                          heard[0].revision_page().first() && (heard[0].revision_page().revisions_size() >= 2) == reads,
                      "reads the history of", heard);
                // Of what may not be read the same is said as of what is not there.
                for (const Id& gone : {o.missing, o.deleted.at({place.id, v1::PostKind_Name(kind)})}) {
                    for (auto ask : {opening(gone), historyOf(gone), presenceIn(gone)}) {
                        by.say(ask);
                        auto none = by.heard();
                        if (reads || none.empty()) {
                            check(none.size() == !ask.has_presence(), "asks for what is not there beside", none);
                            continue;
                        }
                        by.say(ask.has_open_text() ? opening(post) : historyOf(post));
                        heard = by.heard();
                        if (none[0].has_revisions())
                            none[0].mutable_revisions()->set_post(post.str());
                        else
                            none[0].mutable_revision_page()->set_post(post.str());
                        check(heard.size() == 1 && heard[0].SerializeAsString() == none[0].SerializeAsString(),
                              "can tell what is not there from", heard);
                    }
                }
                by.present.clear();
                by.say(presenceIn(post));
                check(by.present.empty() && by.heard().empty(), "is in, without having opened,", {});
                by.say(opening(post)); // and stays
                (void)by.heard();
            }
            // What is written goes to who may read it, and so does who is there.
            const Committed committed = o.commit(changeOf(o, "edit_text", o.olga, post, place.word), {.server = true});
            talk = kept.begin();
            for (const Who& who : o.everybody) {
                if (!who.active)
                    continue;
                Conversation& by = **talk++;
                const bool reads = o.reads(who, feed);
                by.tell(committed);
                auto heard = by.heard();
                tally.check("texts", (reads ? tells(heard, post, false) : heard.empty()) && by.leaked == 0,
                            who.name + " hears what is written in " + what + ":" + said(heard));
                by.present.clear();
                by.say(presenceIn(post));
                by.session->present(somebodyIn(post, o.olga));
                heard = by.heard();
                const bool present = heard.size() == 1 && heard[0].present().readers(0).person() == o.olga.view() &&
                                     by.present.size() == 1 && by.present[0].second.person() == who.person.view();
                tally.check("texts", reads ? present : heard.empty() && by.present.empty(),
                            who.name + " and others in " + what + ":" + said(heard));
                v1::Envelope close;
                close.mutable_close_text()->set_post(post.str());
                by.say(close);
            }
            const Committed later = o.commit(changeOf(o, "edit_text", o.olga, post, place.word), {.server = true});
            for (const auto& each : kept) {
                each->tell(later);
                tally.check("texts", each->heard().empty() && each->open.empty(), "who has closed " + what);
            }
        }
    }
}

// Somebody has a post open in a space that is taken from them.
void checkClosing(Organisation& o, Tally& tally, v1::Role role, bool isClosed)
{
    const std::string name = v1::Role_Name(role) + (isClosed ? " shut out" : " removed");
    const std::string after = wordOf("texts after " + name);
    const Id person = o.addPerson(wordOf(o.mint.id(o.nowMs).str()));
    const Id space = o.addSpace("Space", isClosed ? v1::OPEN : v1::PRIVATE);
    if (!isClosed)
        o.setMember(space, person, role);
    const v1::Change made = o.mint.post(v1::PAGE, space, {}, "text", o.nowMs);
    o.order(made);
    const Id page = *Id::from(made.target());
    const auto write = [&](const std::string& text) {
        return o.commit(o.mint.write(page, {}, text, o.nowMs), {.server = true});
    };
    (void)write("before");
    Conversation talk(o, {after}), slow(o, {after});
    const auto check = [&](bool right, const std::string& what, const std::vector<v1::Envelope>& heard) {
        tally.check("texts", right && talk.leaked + slow.leaked == 0, name + ": " + what + said(heard));
    };
    const std::string token = o.enrol(person);
    for (Conversation* each : {&talk, &slow}) {
        (void)each->enter(token);
        each->say(opening(page));
        const auto heard = each->heard();
        check(tells(heard, page, false), "opens", heard);
    }
    slow.queuedBytes = limits::bulkBelowBytes;
    slow.tell(write("missed"));
    check(slow.heard().empty(), "takes nothing", {});

    v1::Value hidden;
    hidden.set_number(v1::PRIVATE);
    const Committed lost = o.commit(isClosed ? o.edited(space, v1::SPACE_VISIBILITY, hidden)
                                             : o.mint.member(space, person, v1::ROLE_NONE, o.nowMs),
                                    {.server = true});
    const Committed later = write(after);
    // Word of it is still under way.
    slow.queuedBytes = 0;
    slow.session->drained();
    check(slow.heard().empty(), "reads on before hearing of it", {});
    slow.say(opening(page));
    auto heard = slow.heard();
    check(tells(heard, page, true), "opens anew before hearing of it", heard);
    slow.say(historyOf(page));
    heard = slow.heard();
    check(heard.size() == 1 && heard[0].revision_page().revisions().empty(), "reads the history before that", heard);

    talk.present.clear();
    for (Conversation* each : {&talk, &slow}) {
        each->tell(lost);
        heard = each->heard();
        check(!heard.empty() && heard[0].feeds().lost_size() > 0 && heard.size() == (each == &talk ? 2 : 1) &&
                  each->open.empty(),
              "hears what is lost", heard);
        each->tell(later);
        each->session->present(somebodyIn(page, o.olga));
        each->say(presenceIn(page));
        each->session->drained();
        check(each->heard().empty(), "hears nothing later", {});
    }
    check(talk.present.size() == 1 && talk.present[0].second.left(), "is seen no more", {});
}

} // namespace

void checkTexts(Organisation& o, Tally& tally)
{
    checkOpening(o, tally);
    for (const v1::Role role : {v1::READER, v1::CONTRIBUTOR, v1::MODERATOR, v1::OWNER})
        checkClosing(o, tally, role, false);
    checkClosing(o, tally, v1::CONTRIBUTOR, true);
}

} // namespace stoa::test
