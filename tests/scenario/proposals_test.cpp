// A page that asks for review, in a company where not everybody is there at once (docs/decisions/0011-proposals.md).

#include <set>

#include "client/replica/queries_review.h"
#include "shared/domain/fields.h"
#include "shared/domain/review.h"
#include "tests/scenario/company.h"
#include "tests/support/catch.h"

using namespace stoa;
using namespace stoa::test;

namespace {

constexpr int64_t dayMs = 24 * 3'600'000;

// Olga owns a private space in which Ben reads; Cleo and Dana are named to review its handbook; Eve is somebody else.
struct QualityOffice {
    QualityOffice()
    {
        for (const char* name : {"olga", "ben", "cleo", "dana", "eve"})
            desks.push_back(&company.desk(name, company.addPerson(name)));
        space = company.addSpace("Quality", v1::PRIVATE);
        company.setMember(space, olga().person, v1::OWNER);
        for (Desk* desk : {&ben(), &cleo(), &dana()})
            company.setMember(space, desk->person, v1::READER);
        online();
        v1::Change made = company.mint.post(v1::PAGE, space, {}, "Handbook", ++company.nowMs);
        made.mutable_create_post()->set_body("Wash your hands.\n\nLock the door.\n\nSwitch off the light.");
        page = *Id::from(made.target());
        does(olga(), made);
        does(olga(), setOf(page, v1::POST_REVIEW, [](v1::Value& value) { value.set_number(v1::REVIEW_ASKED); }));
        does(olga(), setOf(page, v1::POST_REVIEWERS, [&](v1::Value& value) {
                 value.mutable_refs()->add_ref(cleo().person.str());
                 value.mutable_refs()->add_ref(dana().person.str());
             }));
    }
    Desk& olga() { return *desks[0]; }
    Desk& ben() { return *desks[1]; }
    Desk& cleo() { return *desks[2]; }
    Desk& dana() { return *desks[3]; }
    Desk& eve() { return *desks[4]; }

    // Whoever heard a goodbye comes again, as the program does.
    void online()
    {
        for (Desk* desk : desks)
            desk->connect();
        company.settle();
        for (Desk* desk : desks)
            if (!desk->connected())
                desk->connect();
        company.settle();
    }
    void later(int64_t ms)
    {
        company.nowMs += ms;
        online();
        company.publish();
        online();
    }
    void does(Desk& desk, const v1::Change& change)
    {
        INFO(desk.name);
        REQUIRE(desk.submit(change) == v1::CODE_NONE);
        company.settle();
    }
    v1::Change setOf(const Id& target, v1::Field field, const std::function<void(v1::Value&)>& set)
    {
        v1::Change made = company.mint.change(target, ++company.nowMs);
        v1::FieldEdit& edit = *made.mutable_edit()->add_fields();
        edit.set_field(field);
        set(*edit.mutable_value());
        return made;
    }
    // The whole text with one passage replaced, over the page as this desk has it.
    v1::Change proposes(Desk& desk, const std::string& old, const std::string& now, int64_t dateMs = 0)
    {
        const v1::Post seen = desk.record(page)->post();
        std::string draft = seen.body();
        REQUIRE(draft.find(old) != std::string::npos);
        draft.replace(draft.find(old), old.size(), now);
        v1::Change made = company.mint.post(v1::PROPOSAL, space, page, draft, ++company.nowMs);
        if (seen.has_body_version())
            *made.mutable_create_post()->mutable_base() = seen.body_version();
        made.mutable_create_post()->set_effective_ms(dateMs);
        return made;
    }
    // Of the text that this desk shows.
    v1::Change approves(Desk& desk, const v1::Change& proposal)
    {
        const Id id = *Id::from(proposal.target());
        const uint64_t revision = desk.record(id)->post().body_version().revision();
        return company.mint.mark(v1::APPROVAL, id, desk.person, markOfRevision(revision), ++company.nowMs);
    }
    std::string bodyAt(Desk& desk, const Id& post)
    {
        const auto record = desk.record(post);
        return record ? record->post().body() : std::string();
    }
    std::string bodyAt(Desk& desk, const v1::Change& post) { return bodyAt(desk, *Id::from(post.target())); }
    ProposalRow rowAt(Desk& desk, const v1::Change& post)
    {
        const Reading reading(QString::fromStdString(desk.path()));
        const auto row = proposal(reading, *Id::from(post.target()));
        REQUIRE(row.has_value());
        return *row;
    }
    void requireEverybodyHas(const std::string& text)
    {
        CHECK(company.differences() == "");
        for (Desk* desk : {&olga(), &ben(), &cleo(), &dana()}) {
            INFO(desk->name);
            CHECK(bodyAt(*desk, page) == text);
            CHECK(desk->outbox().empty());
        }
    }

    Company company;
    std::vector<Desk*> desks;
    Id space, page;
};

} // namespace

TEST_CASE("what is proposed without a network is approved by two, one of them without a network, and holds on its date")
{
    QualityOffice office;
    const int64_t dateMs = office.company.nowMs + 7 * dayMs;

    // Ben proposes on a plane, while the page moves on.
    office.ben().cut();
    const v1::Change bens = office.proposes(office.ben(), "Lock the door.", "Lock both doors.", dateMs);
    REQUIRE(office.ben().submit(bens) == v1::CODE_NONE);
    CHECK(office.rowAt(office.ben(), bens).mine);
    const v1::Change cleos = office.proposes(office.cleo(), "Wash your hands.", "Wash your hands well.");
    office.does(office.cleo(), cleos);
    office.does(office.dana(), office.approves(office.dana(), cleos)); // Cleo wrote it: Dana alone
    CHECK(office.bodyAt(office.olga(), office.page) ==
          "Wash your hands well.\n\nLock the door.\n\nSwitch off the light.");
    office.later(dayMs);
    const std::string both = "Wash your hands well.\n\nLock both doors.\n\nSwitch off the light.";
    CHECK(office.bodyAt(office.dana(), bens) == both);
    CHECK(office.rowAt(office.dana(), bens).isCurrent);
    CHECK(office.rowAt(office.dana(), bens).mayApprove);

    // Olga owns the space, and is not named; Ben cannot approve what he wrote; Eve does not know of it.
    CHECK(office.olga().submit(office.approves(office.olga(), bens)) == v1::NOT_ALLOWED);
    CHECK(office.ben().submit(office.approves(office.ben(), bens)) == v1::NOT_ALLOWED);
    CHECK_FALSE(office.eve().record(office.page).has_value());
    CHECK(office.eve().submit(office.company.mint.mark(v1::APPROVAL, *Id::from(bens.target()), office.eve().person, 1,
                                                       ++office.company.nowMs)) == v1::NOT_FOUND);
    CHECK(office.olga().submit(office.company.mint.write(office.page, "", "x", ++office.company.nowMs)) ==
          v1::REVIEWED);

    // Dana approves without a network and comes back a day later.
    office.dana().cut();
    REQUIRE(office.dana().submit(office.approves(office.dana(), bens)) == v1::CODE_NONE);
    CHECK(office.rowAt(office.dana(), bens).myApproval == 1);
    office.does(office.cleo(), office.approves(office.cleo(), bens));
    CHECK(office.rowAt(office.cleo(), bens).state == v1::PROPOSAL_OPEN);
    CHECK(office.rowAt(office.cleo(), bens).outstanding.size() == 1);
    office.later(dayMs);
    for (Desk* desk : {&office.ben(), &office.cleo(), &office.dana()})
        CHECK(office.rowAt(*desk, bens).state == v1::PROPOSAL_WAITING);
    CHECK(office.bodyAt(office.ben(), office.page) ==
          "Wash your hands well.\n\nLock the door.\n\nSwitch off the light.");

    // A third proposal waits for its approvals, and moves with what takes effect on the date.
    const v1::Change olgas = office.proposes(office.olga(), "Switch off the light.", "Switch off all lights.");
    office.does(office.olga(), olgas);
    office.does(office.cleo(), office.approves(office.cleo(), olgas));
    office.company.nowMs = dateMs;
    office.online();
    office.company.publish();
    office.online();
    office.requireEverybodyHas(both);
    CHECK(office.rowAt(office.ben(), bens).state == v1::PROPOSAL_EFFECTIVE);
    CHECK(office.bodyAt(office.ben(), olgas) == "Wash your hands well.\n\nLock both doors.\n\nSwitch off all lights.");
    CHECK(office.rowAt(office.olga(), olgas).isCurrent);
    CHECK(office.rowAt(office.olga(), olgas).outstanding.size() == 2); // Cleo approved another text
    for (Desk* desk : {&office.cleo(), &office.dana()})
        office.does(*desk, office.approves(*desk, olgas));
    office.company.publish();
    office.requireEverybodyHas("Wash your hands well.\n\nLock both doors.\n\nSwitch off all lights.");
}

TEST_CASE("what was written before a page asked for review is kept with its text, and proposed instead")
{
    QualityOffice office;
    office.company.setMember(office.space, office.ben().person, v1::CONTRIBUTOR);
    office.does(office.olga(), office.setOf(office.page, v1::POST_REVIEW,
                                            [](v1::Value& value) { value.set_number(v1::REVIEW_NOT_ASKED); }));
    office.ben().cut();
    const std::string before = office.bodyAt(office.ben(), office.page);
    std::string after = before;
    after.replace(after.find("Lock"), 4, "Shut");
    const v1::Change written = office.company.mint.write(office.page, before, after, ++office.company.nowMs);
    REQUIRE(office.ben().submit(written) == v1::CODE_NONE);
    v1::Change asked =
        office.setOf(office.page, v1::POST_REVIEW, [](v1::Value& value) { value.set_number(v1::REVIEW_ASKED); });
    const v1::Record now = *office.olga().record(office.page);
    for (const v1::Writer& writer : now.writers())
        if (writer.field() == v1::POST_REVIEW)
            asked.mutable_edit()->mutable_fields(0)->set_seen(writer.change());
    office.does(office.olga(), asked);
    office.later(1'000);
    REQUIRE(office.ben().stateOf(written) == ChangeState::Refused);
    CHECK(office.ben().outbox()[0].refusal.code == v1::REVIEWED);
    CHECK(office.bodyAt(office.ben(), office.page) == before);

    std::optional<TextOver> kept;
    {
        const Reading reading(QString::fromStdString(office.ben().path()));
        kept = refusedText(reading, *Id::from(written.id()));
    }
    REQUIRE(kept.has_value());
    CHECK(kept->text.toStdString() == after);
    v1::Change instead = office.company.mint.post(v1::PROPOSAL, office.space, office.page, kept->text.toStdString(),
                                                  ++office.company.nowMs);
    if (kept->base)
        *instead.mutable_create_post()->mutable_base() = *kept->base;
    office.does(office.ben(), instead);
    office.ben().discard(written);
    for (Desk* desk : {&office.cleo(), &office.dana()})
        office.does(*desk, office.approves(*desk, instead));
    office.company.publish();
    office.requireEverybodyHas(after);
}

TEST_CASE("a server that went back learns of what was approved, and of what took effect")
{
    QualityOffice office;
    const v1::Change bens = office.proposes(office.ben(), "Lock the door.", "Lock both doors.");
    const v1::Change cleos = office.proposes(office.cleo(), "Wash your hands.", "Wash your hands well.");
    office.does(office.ben(), bens);
    office.does(office.cleo(), cleos);
    office.does(office.cleo(), office.approves(office.cleo(), bens));
    office.company.backUp();
    office.does(office.dana(), office.approves(office.dana(), bens));
    const std::string effective = "Wash your hands.\n\nLock both doors.\n\nSwitch off the light.";
    CHECK(office.bodyAt(office.ben(), office.page) == effective);
    office.company.restore(Company::Restore::Properly);
    office.later(1'000);
    office.requireEverybodyHas(effective);
    CHECK(office.rowAt(office.olga(), bens).state == v1::PROPOSAL_EFFECTIVE);
    CHECK(office.rowAt(office.olga(), cleos).isCurrent);
    office.does(office.dana(), office.approves(office.dana(), cleos));
    office.company.publish();
    office.requireEverybodyHas("Wash your hands well.\n\nLock both doors.\n\nSwitch off the light.");
}

namespace {

// What people do about one page, drawn by chance, while they come and go; and what must be true of it at any time.
struct Reviewing : QualityOffice {
    explicit Reviewing(uint64_t seed) : draw(seed) { look(); }

    template <class T>
    const T& oneOf(const std::vector<T>& all)
    {
        return all[draw.number(all.size())];
    }
    std::optional<v1::Record> openProposal(Desk& desk)
    {
        for (int i = 0; i < 8 && !proposals.empty(); ++i)
            if (const auto found = desk.record(oneOf(proposals)); found && isOpen(found->post().proposal()))
                return found;
        return std::nullopt;
    }
    // A word of it becomes another one that is nowhere else.
    std::string rewritten(std::string text)
    {
        std::vector<std::string> words{"Wash", "hands", "Lock", "door", "Switch", "light", "word"};
        const std::string& old = oneOf(words);
        const std::string fresh = "word" + std::to_string(++written);
        const size_t at = text.find(old);
        return at == std::string::npos ? text + ' ' + fresh : text.replace(at, old.size(), fresh);
    }
    v1::Change sees(Desk& desk, const Id& target, v1::Field field, const std::function<void(v1::Value&)>& set)
    {
        v1::Change made = setOf(target, field, set);
        const auto record = desk.record(target);
        const v1::Writer* writer = record ? writerOf(*record, field) : nullptr;
        if (writer)
            made.mutable_edit()->mutable_fields(0)->set_seen(writer->change());
        return made;
    }
    std::optional<v1::Change> writes(Desk& desk, const Id& target)
    {
        const auto record = desk.record(target);
        if (!record)
            return std::nullopt;
        const v1::Post& post = record->post();
        v1::Change made = company.mint.write(target, post.body(), rewritten(post.body()), ++company.nowMs);
        if (post.has_body_version())
            *made.mutable_edit_text()->mutable_base() = post.body_version();
        return made;
    }

    std::optional<v1::Change> proposesAnew(Desk& desk)
    {
        const auto seen = desk.record(page);
        v1::Change made = company.mint.post(v1::PROPOSAL, space, page, rewritten(seen->post().body()), ++company.nowMs);
        if (seen->post().has_body_version())
            *made.mutable_create_post()->mutable_base() = seen->post().body_version();
        if (draw.chance(30))
            made.mutable_create_post()->set_effective_ms(company.nowMs + int64_t(draw.number(2 * dayMs)));
        proposals.push_back(*Id::from(made.target()));
        return made;
    }
    std::optional<v1::Change> judges(Desk& desk)
    {
        const auto proposal = openProposal(desk);
        if (!proposal)
            return std::nullopt;
        const int64_t text = markOfRevision(proposal->post().body_version().revision());
        const int64_t value = draw.chance(90) ? text : draw.chance(50) ? -text : 0;
        return company.mint.mark(v1::APPROVAL, *Id::from(proposal->id()), desk.person, value, ++company.nowMs);
    }
    std::optional<v1::Change> alters(Desk& desk)
    {
        const auto proposal = openProposal(desk);
        if (!proposal)
            return std::nullopt;
        const Id id = *Id::from(proposal->id());
        switch (draw.number(4)) {
        case 0:
            return writes(desk, id);
        case 1:
            return sees(desk, id, v1::PROPOSAL_DATE, [&](v1::Value& value) {
                value.set_number(draw.chance(50) ? 0 : company.nowMs + int64_t(draw.number(dayMs)));
            });
        case 2:
            return sees(desk, id, v1::PROPOSAL_REASON,
                        [&](v1::Value& value) { value.set_text("reason " + std::to_string(++written)); });
        default:
            return sees(desk, id, v1::PROPOSAL_STATE, [&](v1::Value& value) {
                value.set_number(draw.chance(50) ? v1::PROPOSAL_WITHDRAWN : v1::PROPOSAL_DECLINED);
            });
        }
    }
    std::optional<v1::Change> reopens(Desk& desk)
    {
        return proposals.empty() ? std::nullopt
                                 : std::optional(sees(desk, oneOf(proposals), v1::PROPOSAL_STATE,
                                                      [](v1::Value& value) { value.set_number(v1::PROPOSAL_OPEN); }));
    }
    std::optional<v1::Change> governs()
    {
        company.publish(); // what was written before is given out before
        if (draw.chance(40))
            return sees(olga(), page, v1::POST_REVIEW, [&](v1::Value& value) {
                value.set_number(draw.chance(75) ? v1::REVIEW_ASKED : v1::REVIEW_NOT_ASKED);
            });
        return sees(olga(), page, v1::POST_REVIEWERS, [&](v1::Value& value) {
            value.mutable_refs();
            for (Desk* each : {&ben(), &cleo(), &dana()})
                if (draw.chance(40))
                    value.mutable_refs()->add_ref(each->person.str());
        });
    }

    void act()
    {
        Desk& desk = *desks[draw.number(4)];
        const uint64_t what = draw.number(100);
        std::optional<v1::Change> made;
        if (what < 20)
            made = proposesAnew(desk);
        else if (what < 60)
            made = judges(desk);
        else if (what < 72)
            made = alters(desk);
        else if (what < 76)
            made = reopens(desk);
        else if (what < 80)
            made = writes(desk, page);
        else if (what < 85)
            made = governs();
        else if (what < 92 && &desk != &olga())
            desk.connected() ? desk.cut() : desk.connect();
        else
            goesOn();
        if (made)
            (void)(made->target() == page.view() && made->has_edit() ? olga() : desk).submit(*made);
        company.settle();
        look();
    }
    // Time passes; sometimes the server goes back.
    void goesOn()
    {
        if (draw.chance(20))
            company.backUp(), isBackedUp = true;
        if (isBackedUp && draw.chance(15)) {
            company.restore(Company::Restore::Properly);
            wentBack = true;
            online();
        }
        company.nowMs += int64_t(draw.number(dayMs));
        company.publish();
    }
    // What was refused is let go of.
    void discardRefused()
    {
        for (Desk* desk : desks)
            for (const OutboxRow& row : desk->outbox())
                if (row.state == ChangeState::Refused || row.state == ChangeState::Blocked) {
                    v1::Change refused;
                    refused.set_id(row.change.str());
                    desk->discard(refused);
                }
    }

    // Olga always hears of everything: what she holds is what the server holds.
    void look()
    {
        if (!olga().connected())
            online();
        const auto now = olga().record(page);
        REQUIRE(now.has_value());
        bool isProposed = false;
        for (const Id& id : proposals) {
            const auto found = olga().record(id);
            if (!found || found->post().proposal().state() != v1::PROPOSAL_EFFECTIVE)
                continue;
            const v1::Proposal& proposal = found->post().proposal();
            isProposed = isProposed || proposal.became().revision() == now->post().body_version().revision();
            if (effective.insert(id).second)
                requireApproved(*now, *found);
        }
        const bool isAnother = last && last->post().body_version().revision() != now->post().body_version().revision();
        const bool asked =
            last && last->post().review() == v1::REVIEW_ASKED && now->post().review() == v1::REVIEW_ASKED;
        if (isAnother && asked && !wentBack)
            CHECK(isProposed);
        wentBack = false;
        last = now;
    }
    // By those who had to, and of exactly this.
    void requireApproved(const v1::Record& now, const v1::Record& proposal)
    {
        const v1::Proposal& said = proposal.post().proposal();
        const std::set<std::string> approvers(said.approvers().begin(), said.approvers().end());
        std::set<std::string> named(now.post().reviewers().begin(), now.post().reviewers().end());
        named.erase(proposal.author());
        CHECK_FALSE(approvers.contains(proposal.author()));
        CHECK(approvers == (named.empty() ? std::set{olga().person.str()} : named));
        for (const std::string& each : approvers) {
            const auto mark = olga().record(markId(*Id::from(proposal.id()), *Id::from(each), v1::APPROVAL));
            REQUIRE(mark.has_value());
            CHECK(mark->mark().value() == markOfRevision(proposal.post().body_version().revision()));
        }
        CHECK(said.effective_ms() <= company.nowMs);
        if (said.became().revision() == now.post().body_version().revision())
            CHECK(now.post().body() == proposal.post().body());
    }

    Mint draw;
    std::vector<Id> proposals;
    std::set<Id> effective;
    std::optional<v1::Record> last;
    int written = 0;
    bool isBackedUp = false;
    bool wentBack = false;
};

} // namespace

TEST_CASE("whatever people do, nothing takes effect that those who had to did not approve, and all hold the same")
{
    constexpr uint64_t seeds = 5;
    size_t effective = 0;
    for (uint64_t seed = 1; seed <= seeds; ++seed) {
        INFO("seed " << seed);
        Reviewing world(seed);
        for (int i = 0; i < 80; ++i)
            world.act();
        world.online();
        world.company.publish();
        world.online();
        world.discardRefused();
        world.look();
        CHECK(world.company.differences() == "");
        effective += world.effective.size();
    }
    CHECK(effective > seeds); // else little was tried
}
