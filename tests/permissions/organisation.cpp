#include "tests/permissions/organisation.h"

#include "server/auth/password.h"
#include "server/store/sqlite/sqlite_store.h"
#include "shared/base/assert.h"
#include "shared/domain/feed.h"

namespace stoa::test {

namespace {

v1::Value textValue(const std::string& text)
{
    v1::Value value;
    value.set_text(text);
    return value;
}

v1::Value numberValue(int64_t number)
{
    v1::Value value;
    value.set_number(number);
    return value;
}

} // namespace

std::vector<v1::PostKind> postKinds()
{
    std::vector<v1::PostKind> kinds;
    for (int i = 1; i < v1::PostKind_descriptor()->value_count(); ++i)
        kinds.push_back(static_cast<v1::PostKind>(v1::PostKind_descriptor()->value(i)->number()));
    return kinds;
}

std::string wordOf(const std::string& name)
{
    std::string word;
    for (const char c : hash128(name).str())
        word += static_cast<char>('a' + static_cast<unsigned char>(c) % 26);
    return word;
}

Organisation::Organisation()
{
    store = std::make_unique<RehearsalStore>(openSqliteStore(directory_.path() / "server.db"));
    engine = std::make_unique<Engine>(*store, std::string(32, 'k'), [this] { return nowMs; });
    const Random random = [this](std::span<uint8_t> bytes) {
        for (uint8_t& byte : bytes)
            byte = static_cast<uint8_t>(mint.number(256));
    };
    const auto made = engine->createOrganisation("Example", random);
    STOA_ASSERT(made);
    organisation = *made;
    missing = mint.id(nowMs);
    olga = addPerson("olga");
    cleo = addPerson("cleo");
    for (const auto& [name, visibility, hasMembers] :
         {std::tuple{"open", v1::OPEN, true}, std::tuple{"restricted", v1::RESTRICTED, true},
          std::tuple{"private", v1::PRIVATE, true}, std::tuple{"closed", v1::PRIVATE, true},
          std::tuple{"hidden", v1::PRIVATE, false}, std::tuple{"foreign", v1::PRIVATE, false}}) {
        Place place{.name = name, .visibility = visibility, .hasMembers = hasMembers, .word = wordOf(name)};
        place.staffWord = wordOf("staff of " + place.name);
        // What is closed now was open to everybody once.
        place.id = addSpace(place.name + " " + place.word, place.name == "closed" ? v1::OPEN : visibility);
        places.push_back(place);
    }
    addEverybody();
    for (const Place& place : places)
        fill(place);
    order(edited(place("closed").id, v1::SPACE_VISIBILITY, numberValue(v1::PRIVATE)));
    for (const Place& place : places) {
        for (const Who& each : everybody) {
            if (!place.hasMembers || each.member == Standing::None)
                setMember(place.id, each.person, v1::ROLE_NONE);
            else
                setMember(place.id, each.person, static_cast<v1::Role>(each.member));
        }
    }
    for (const Who& each : everybody) {
        if (each.active)
            continue;
        auto& talk = unaware[each.name] = std::make_unique<Conversation>(*this, forbidden(each));
        (void)talk->enter(each.token);
        order(disabled(each.person));
    }
}

Organisation::~Organisation() = default;

void Organisation::addEverybody()
{
    const auto add = [&](Who each) {
        each.person = addPerson(each.name, each.admin);
        each.token = enrol(each.person);
        everybody.push_back(each);
    };
    add({.name = "stranger", .wasThere = false});
    add({.name = "reader", .member = Standing::Reader});
    add({.name = "contributor", .member = Standing::Contributor});
    add({.name = "moderator", .member = Standing::Moderator});
    add({.name = "owner", .member = Standing::Owner});
    add({.name = "removed-member"});
    add({.name = "owner-made-reader", .member = Standing::Reader});
    add({.name = "admin", .admin = true, .wasThere = false});
    add({.name = "admin-and-reader", .member = Standing::Reader, .admin = true});
    add({.name = "disabled-owner", .member = Standing::Owner, .active = false});
    add({.name = "disabled-admin", .admin = true, .active = false});
    for (const Place& place : places) {
        setMember(place.id, olga, v1::OWNER);
        for (const Who& each : everybody)
            if (each.wasThere && place.name != "foreign")
                setMember(place.id, each.person, v1::OWNER);
    }
}

Id Organisation::by(const Id& author, v1::Change change, const std::string& word)
{
    v1::CreatePost& post = *change.mutable_create_post();
    if (post.kind() != v1::SECTION)
        post.set_body("body " + word);
    if (post.kind() == v1::PAGE || post.kind() == v1::QUESTION)
        post.add_tags(word);
    change.mutable_origin()->set_author(author.str());
    (void)commit(change, {.server = true, .import = true});
    return *Id::from(change.target());
}

std::pair<Id, Id> Organisation::addThread(const Place& in, const Id& author, v1::PostKind kind)
{
    const auto post = [&](v1::PostKind of, const Id& under) {
        return mint.post(of, in.id, under, "text " + in.word, nowMs);
    };
    const Id question = kind == v1::ANSWER ? by(olga, post(v1::QUESTION, {}), in.word) : Id{};
    const Id page = kind == v1::COMMENT || kind == v1::PROPOSAL ? by(olga, post(v1::PAGE, {}), in.word) : Id{};
    const Id made = by(author, post(kind, kind == v1::ANSWER ? question : page), in.word);
    return {made, kind == v1::QUESTION ? by(olga, post(v1::ANSWER, made), in.word) : Id{}};
}

void Organisation::fill(const Place& in)
{
    for (int field = v1::CHARTER_PROBLEM; field <= v1::CHARTER_EXCLUDED; ++field)
        if (field != v1::CHARTER_TARGET_DATE)
            order(edited(in.id, static_cast<v1::Field>(field), textValue("charter " + in.word)));
    for (const v1::PostKind kind : postKinds()) {
        const std::string column = v1::PostKind_Name(kind);
        const auto keep = [&](const std::pair<Id, Id>& made, auto& where, const std::string& key) {
            where[{in.id, key}] = made.first;
            if (!made.second.isNull())
                answers[made.first] = made.second;
        };
        keep(addThread(in, olga, kind), others, column);
        const Id gone = addThread(in, olga, kind).first;
        order(mint.remove(gone, nowMs));
        deleted[{in.id, column}] = gone;
        for (const Who& each : everybody)
            keep(addThread(in, each.person, kind), own, column + each.name);
    }
    const auto reviewed = [&](const Id& author) {
        const Id page = by(author, mint.post(v1::PAGE, in.id, {}, "text " + in.word, nowMs), in.word);
        order(edited(page, v1::POST_REVIEW, numberValue(v1::REVIEW_ASKED)));
        return page;
    };
    others[{in.id, "REVIEWED"}] = reviewed(olga);
    for (const Who& each : everybody)
        own[{in.id, "REVIEWED" + each.name}] = reviewed(each.person);
    // What lies below something that was deleted lives on, hidden from lists.
    const Id question = by(olga, mint.post(v1::QUESTION, in.id, {}, "text " + in.word, nowMs), in.word);
    below[{in.id, "ANSWER"}] = by(olga, mint.post(v1::ANSWER, in.id, question, "text " + in.word, nowMs), in.word);
    below[{in.id, "COMMENT"}] = by(olga, mint.post(v1::COMMENT, in.id, question, "text " + in.word, nowMs), in.word);
    order(mint.remove(question, nowMs));

    const Id page = others.at({in.id, "PAGE"}), asked = others.at({in.id, "QUESTION"});
    const Id mine = own.at({in.id, "PAGE" + everybody[0].name});
    (void)commit(mint.mark(v1::VOTE, mine, olga, 1, nowMs), {.person = olga});
    others[{in.id, "MARK"}] = markId(mine, olga, v1::VOTE);
    others[{in.id, "MEMBERSHIP"}] = membershipId(in.id, olga);
    (void)commit(mint.mark(v1::BOOKMARK, page, olga, 1, nowMs), {.person = olga});
    others[{in.id, "BOOKMARK"}] = markId(page, olga, v1::BOOKMARK);
    for (const Who& each : everybody) {
        if (in.name != "foreign" && (each.wasThere || in.visibility != v1::PRIVATE || in.name == "closed")) {
            for (const v1::MarkKind kind : {v1::VOTE, v1::BOOKMARK})
                (void)commit(mint.mark(kind, asked, each.person, 1, nowMs), {.person = each.person});
            (void)commit(mint.mark(v1::SEEN, in.id, each.person, nowMs, nowMs), {.person = each.person});
            own[{in.id, "BOOKMARK" + each.name}] = markId(asked, each.person, v1::BOOKMARK);
            own[{in.id, "MARK" + each.name}] = markId(asked, each.person, v1::VOTE);
        }
        if (each.wasThere && in.name != "foreign")
            own[{in.id, "MEMBERSHIP" + each.name}] = membershipId(in.id, each.person);
    }

    // Nothing is written to the feed for the staff yet; who reads it is decided all the same.
    const Feed staff{FeedKind::Staff, in.id};
    v1::Record record;
    record.set_id(mint.id(nowMs).str());
    record.set_revision(1);
    record.set_author(olga.str());
    record.mutable_post()->set_kind(v1::PAGE);
    record.mutable_post()->set_space(in.id.str());
    record.mutable_post()->set_title(in.staffWord);
    for (Place& place : places)
        if (place.id == in.id)
            place.staffRecord = *Id::from(record.id());
    StoredVersion version{.number = (uint64_t{1} << limits::epochShift) + 1, .id = *Id::from(record.id())};
    version.bytes = record.SerializeAsString();
    version.seal = engine->seal(staff, version.number, version.id, version.bytes, nowMs);
    const auto transaction = store->begin();
    transaction->put({staff, record}, version);
    transaction->commit();
}

const Who& Organisation::who(const std::string& name) const
{
    return *std::find_if(everybody.begin(), everybody.end(), [&](const Who& each) { return each.name == name; });
}

const Place& Organisation::place(const std::string& name) const
{
    return *std::find_if(places.begin(), places.end(), [&](const Place& each) { return each.name == name; });
}

std::optional<Id> Organisation::record(const Place& in, const std::string& column, const Who* owner) const
{
    if (column == "ORGANISATION")
        return owner ? std::nullopt : std::optional(organisation);
    if (column == "PERSON")
        return owner ? owner->person : olga;
    if (column == "SPACE")
        return owner ? std::nullopt : std::optional(in.id);
    const auto& where = owner ? own : others;
    const auto found = where.find({in.id, owner ? column + owner->name : column});
    return found == where.end() ? std::nullopt : std::optional(found->second);
}

Standing Organisation::standing(const Who& who, const Place& in) const
{
    if (!who.active)
        return Standing::None;
    return standingIn(in.visibility, in.hasMembers ? who.member : Standing::None);
}

bool Organisation::reads(const Who& who, const Feed& feed) const
{
    static const Table table(readers);
    const std::string& cell = table.cell(std::string(1, static_cast<char>(feed.kind)), "MAY");
    if (!who.active)
        return false;
    if (cell == "S")
        return feed.owner == who.person;
    for (const Place& place : places)
        if (place.id == feed.owner)
            return names(cell, standing(who, place), who.admin);
    return feed == Feed{FeedKind::Directory, organisation} && names(cell, Standing::None, who.admin);
}

std::vector<Feed> Organisation::feeds() const
{
    std::vector<Feed> all{{FeedKind::Directory, organisation}, {FeedKind::Person, olga}};
    for (const Place& place : places) {
        all.push_back({FeedKind::Space, place.id});
        all.push_back({FeedKind::Staff, place.id});
    }
    for (const Who& each : everybody)
        all.push_back({FeedKind::Person, each.person});
    return all;
}

std::vector<std::pair<std::string, Feed>> Organisation::canaries() const
{
    std::vector<std::pair<std::string, Feed>> all;
    for (const Place& place : places) {
        all.emplace_back(place.word, Feed{FeedKind::Space, place.id});
        all.emplace_back(place.staffWord, Feed{FeedKind::Staff, place.id});
        // Of private feeds it is the ids of what lies there.
        all.emplace_back(others.at({place.id, "BOOKMARK"}).str(), Feed{FeedKind::Person, olga});
        for (const Who& each : everybody)
            if (const auto found = own.find({place.id, "BOOKMARK" + each.name}); found != own.end())
                all.emplace_back(found->second.str(), Feed{FeedKind::Person, each.person});
    }
    return all;
}

std::vector<std::string> Organisation::forbidden(const Who& who) const
{
    std::vector<std::string> all;
    for (const auto& [bytes, feed] : canaries())
        if (!reads(who, feed))
            all.push_back(bytes);
    return all;
}

Committed Organisation::commit(const v1::Change& change, const Actor& actor)
{
    Submission submission{.actor = actor, .changes = {}};
    submission.changes.emplace_back().set_change(change.SerializeAsString());
    Committed committed = engine->submit({&submission, 1});
    if (committed.receipts[0].receipts(0).has_refusal())
        throw std::logic_error("what the matrix stands on was refused: " + change.ShortDebugString() + ": " +
                               committed.receipts[0].receipts(0).refusal().ShortDebugString());
    return committed;
}

Id Organisation::addPerson(const std::string& login, bool admin)
{
    const Id id = mint.id(nowMs);
    v1::Change made = mint.change(id, nowMs);
    made.mutable_create_person()->set_login(login);
    made.mutable_create_person()->set_name(login);
    made.mutable_create_person()->set_admin(admin);
    order(made);
    return id;
}

Id Organisation::addSpace(const std::string& name, v1::Visibility visibility)
{
    const Id id = mint.id(nowMs);
    v1::Change made = mint.change(id, nowMs);
    made.mutable_create_space()->set_name(name);
    made.mutable_create_space()->set_visibility(visibility);
    order(made);
    return id;
}

void Organisation::setMember(const Id& space, const Id& person, v1::Role role)
{
    order(mint.member(space, person, role, nowMs));
}

v1::Change Organisation::edited(const Id& target, v1::Field field, const v1::Value& value)
{
    v1::Change change = mint.change(target, nowMs);
    v1::FieldEdit& edit = *change.mutable_edit()->add_fields();
    edit.set_field(field);
    *edit.mutable_value() = value;
    return change;
}

v1::Change Organisation::disabled(const Id& person)
{
    return edited(person, v1::PERSON_DISABLED, numberValue(1));
}

std::string Organisation::enrol(const Id& person)
{
    const std::string token = mint.id(nowMs).str() + mint.id(nowMs).str();
    const auto transaction = store->begin();
    transaction->addDevice({.id = mint.id(nowMs), .person = person, .name = "a device", .madeMs = nowMs},
                           sha256(token));
    transaction->commit();
    return token;
}

Id Organisation::deviceOf(const std::string& token)
{
    return store->begin()->deviceByToken(sha256(token))->id;
}

std::vector<StoredVersion> Organisation::versions(const Feed& feed)
{
    const auto snapshot = store->snapshot();
    snapshot->refresh();
    return snapshot->versionsAfter(feed, 0, 0, 64 * limits::kMiB);
}

FeedState Organisation::state(const Feed& feed)
{
    const auto snapshot = store->snapshot();
    snapshot->refresh();
    return snapshot->feedState(feed);
}

// ---- Conversation

Conversation::Conversation(Organisation& organisation, std::vector<std::string> words)
    : forbidden(std::move(words)), organisation_(organisation), snapshot_(organisation.store->snapshot())
{
    SessionDoors doors;
    doors.send = [this](const SharedFrame& frame) { bytes_ += *frame; };
    doors.queuedBytes = [this] { return queuedBytes; };
    doors.signIn = [](const v1::Hello&) {};
    doors.admit = [](const SignedIn&) { return Refusal{}; };
    doors.submit = [this](Submission submission) {
        submissions_.push_back(std::move(submission));
        return true;
    };
    doors.handBack = [this](v1::HandBack versions) {
        handBacks_.push_back(std::move(versions));
        return true;
    };
    doors.signOut = [this](const Id&) {
        ++signedOut;
        return true;
    };
    doors.pauseReading = [](bool) {};
    doors.finish = [this] { finished = true; };
    doors.watch = [this](const Id& post, bool isOpen) { isOpen ? (void)open.insert(post) : (void)open.erase(post); };
    doors.presence = [this](const Id& post, const v1::Reader& reader) { present.emplace_back(post, reader); };
    session = std::make_unique<Session>(std::move(doors), *snapshot_, [this] { return organisation_.nowMs; });
}

void Conversation::hello(const std::string& token)
{
    v1::Envelope envelope;
    envelope.mutable_hello()->set_protocol_min(1);
    envelope.mutable_hello()->set_protocol_max(1);
    envelope.mutable_hello()->set_token(token);
    session->received(envelope);
}

v1::Envelope Conversation::enter(const std::string& token)
{
    hello(token);
    const auto told = heard();
    STOA_ASSERT(told.size() == 1 && told[0].has_welcome());
    return told[0];
}

void Conversation::say(const v1::Envelope& envelope)
{
    session->received(envelope);
}

void Conversation::subscribe(const std::string& feed, uint64_t cursor)
{
    v1::Envelope envelope;
    envelope.mutable_subscribe()->set_feed(feed);
    envelope.mutable_subscribe()->set_cursor(cursor);
    session->received(envelope);
}

void Conversation::subscribeFalsely(const std::string& feed, uint64_t cursor, uint64_t number)
{
    v1::Envelope envelope;
    v1::Subscribe& subscribe = *envelope.mutable_subscribe();
    subscribe.set_feed(feed);
    subscribe.set_cursor(cursor);
    v1::Witness& witness = *subscribe.mutable_trail()->add_witnesses();
    witness.set_number(number);
    witness.set_seal(std::string(16, 'x'));
    subscribe.add_awaited(organisation_.missing.view().data(), organisation_.missing.view().size());
    session->received(envelope);
}

std::vector<Committed> Conversation::carryOut()
{
    std::vector<Committed> all;
    for (Submission& submission : std::exchange(submissions_, {})) {
        all.push_back(organisation_.engine->submit({&submission, 1}));
        session->receipts(all.back().receipts[0]);
    }
    for (const v1::HandBack& handBack : std::exchange(handBacks_, {})) {
        HandedBack done = organisation_.engine->handBack(session->person(), handBack);
        if (done.forged)
            session->goodbye({v1::PROTOCOL});
        else
            session->handedBack(done.answer);
        all.push_back(std::move(done.committed));
    }
    return all;
}

void Conversation::tell(const Committed& committed)
{
    if (committed.rightsAltered)
        session->rightsAltered();
    for (const auto& news : committed.texts)
        session->text(LiveText(news));
    for (const auto& news : committed.news)
        session->news(LiveNews(news));
}

std::vector<v1::Envelope> Conversation::heard()
{
    std::vector<v1::Envelope> all;
    FrameDecoder decoder(limits::frameBytesMax);
    lastBytes = std::exchange(bytes_, {});
    decoder.append(lastBytes);
    for (auto next = decoder.next();; next = decoder.next()) {
        STOA_ASSERT(next);
        if (!*next)
            return all;
        all.push_back(std::move(**next));
        const std::string plain = all.back().SerializeAsString();
        leaked += std::any_of(forbidden.begin(), forbidden.end(),
                              [&](const std::string& word) { return plain.find(word) != std::string::npos; });
    }
}

v1::Envelope pushOf(const v1::Change& change)
{
    v1::Envelope envelope;
    envelope.mutable_push()->add_changes()->set_change(change.SerializeAsString());
    return envelope;
}

} // namespace stoa::test
