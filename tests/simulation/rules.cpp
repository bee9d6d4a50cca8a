#include "tests/simulation/rules.h"

#include <algorithm>

namespace stoa::test {

namespace {

const v1::Person* activePerson(const std::optional<Located>& located)
{
    const bool active = located && !located->record->deleted() && located->record->has_person() &&
                        !located->record->person().disabled();
    return active ? &located->record->person() : nullptr;
}

v1::Role roleOf(const Id& space, const Id& person, const Reader& reader)
{
    const auto membership = reader.find(membershipId(space, person));
    if (membership && membership->record->membership().role() != v1::ROLE_NONE)
        return membership->record->membership().role();
    const auto located = reader.find(space);
    if (!located || located->record->deleted())
        return v1::ROLE_NONE;
    const v1::Visibility visibility = located->record->space().visibility();
    return visibility == v1::OPEN ? v1::CONTRIBUTOR : visibility == v1::RESTRICTED ? v1::READER : v1::ROLE_NONE;
}

bool mayEdit(v1::Field field, const v1::Record& record, const Id& person, bool admin, v1::Role role)
{
    const bool author = record.author() == person.view();
    switch (field / 10) {
    case 1:
        return admin;
    case 2:
        return admin || ((field == v1::PERSON_NAME || field == v1::PERSON_ABOUT) && record.id() == person.view());
    case 3:
        return role >= v1::OWNER;
    default:
        if (field == v1::POST_BODY)
            return false;
        if (field == v1::POST_ACCEPTED)
            return author && role >= v1::READER;
        if (record.post().kind() == v1::QUESTION)
            return (author && role >= v1::CONTRIBUTOR) || role >= v1::MODERATOR;
        return role >= v1::CONTRIBUTOR;
    }
}

bool isRight(v1::Field field)
{
    return field == v1::SPACE_VISIBILITY || field == v1::PERSON_DISABLED || field == v1::PERSON_ADMIN;
}

} // namespace

bool mayDo(const v1::Change& change, const Id& who, const Reader& reader)
{
    const auto located = reader.find(who);
    const v1::Person* person = activePerson(located);
    if (!person || change.has_origin())
        return false;
    const auto target = reader.find(*Id::from(change.target()));
    const auto roleIn = [&](const Feed& feed) {
        return feed.kind == FeedKind::Space ? roleOf(feed.owner, who, reader) : v1::ROLE_NONE;
    };
    switch (change.act_case()) {
    case v1::Change::kSetMembership:
        return person->admin() || roleOf(*Id::from(change.set_membership().space()), who, reader) >= v1::OWNER;
    case v1::Change::kCreatePost:
        return roleOf(*Id::from(change.create_post().space()), who, reader) >= v1::CONTRIBUTOR;
    case v1::Change::kSetMark: {
        const auto on = reader.find(*Id::from(change.set_mark().on()));
        return on && roleIn(on->feed) >= v1::READER;
    }
    case v1::Change::kEdit:
        if (!target)
            return false;
        for (const v1::FieldEdit& edit : change.edit().fields())
            if (!mayEdit(edit.field(), *target->record, who, person->admin(), roleIn(target->feed)))
                return false;
        return true;
    case v1::Change::kEditText: {
        if (!target || !target->record->has_post() || target->record->post().kind() == v1::SECTION)
            return false;
        const v1::Role role = roleIn(target->feed);
        const bool everybody = target->record->post().kind() == v1::PAGE || target->record->author() == who.view();
        return role >= v1::MODERATOR || (everybody && role >= v1::CONTRIBUTOR);
    }
    case v1::Change::kDelete:
        // What is deleted already may be deleted again: nothing happens.
        return target && ((target->record->deleted() && roleIn(target->feed) >= v1::READER) ||
                          roleIn(target->feed) >= v1::MODERATOR ||
                          (roleIn(target->feed) >= v1::READER && target->record->author() == who.view()));
    default:
        return person->admin();
    }
}

Rights rightsIn(const Snapshot& snapshot)
{
    Rights rights;
    const std::vector<Located> spaces = snapshot.all(v1::Record::kSpace);
    for (const Located& located : snapshot.all(v1::Record::kPerson)) {
        const Id id = *Id::from(located.record->id());
        std::set<Feed>& feeds = rights[id];
        if (located.record->person().disabled())
            continue;
        feeds.insert({FeedKind::Directory, snapshot.organisation()});
        feeds.insert({FeedKind::Person, id});
        for (const Located& space : spaces) {
            const v1::Role role = roleOf(space.feed.owner, id, snapshot);
            if (role >= v1::READER)
                feeds.insert({FeedKind::Space, space.feed.owner});
            if (role >= v1::MODERATOR)
                feeds.insert({FeedKind::Staff, space.feed.owner});
        }
    }
    return rights;
}

bool altersRights(const v1::Change& change)
{
    const auto& fields = change.edit().fields();
    return change.has_set_membership() ||
           std::any_of(fields.begin(), fields.end(), [](const auto& edit) { return isRight(edit.field()); });
}

Judge::Judge(const Reader& before, const Reader& after, const std::vector<const v1::Change*>& accepted)
    : before_(before), after_(after), alone_(accepted.size() == 1)
{
    for (const v1::Change* change : accepted)
        if (altersRights(*change))
            ++alterations_[*Id::from(change->target())];
}

std::optional<Located> Judge::find(const Id& id) const
{
    if (const auto known = now_.find(id); known != now_.end())
        return known->second;
    auto located = before_.find(id);
    if (located || alone_)
        return located;
    // Who became a member later in the commit is none yet.
    located = after_.find(id);
    return located && located->record->has_membership() ? std::nullopt : located;
}

bool Judge::mayHave(const v1::Change& change, const Id& person) const
{
    if (!known_)
        return true;
    // Whose it was that came and went within the commit is not known.
    if (const Id target = *Id::from(change.target()); !alone_ && !before_.find(target)) {
        const auto gone = after_.find(target);
        if (gone && gone->record->deleted())
            return true;
    }
    return mayDo(change, person, *this);
}

void Judge::done(const v1::Change& change)
{
    if (!altersRights(change))
        return;
    const Id target = *Id::from(change.target());
    if (change.has_set_membership()) {
        const v1::SetMembership& asked = change.set_membership();
        auto record = std::make_shared<v1::Record>();
        record->set_id(change.target());
        record->mutable_membership()->set_space(asked.space());
        record->mutable_membership()->set_person(asked.person());
        record->mutable_membership()->set_role(asked.role());
        now_[target] = {{FeedKind::Space, *Id::from(asked.space())}, std::move(record)};
    } else if (alterations_[target] == 1 && before_.find(target)) {
        now_[target] = *after_.find(target);
    } else {
        known_ = false;
    }
}

} // namespace stoa::test
