// Who is erased, and that nothing is left of who they were.

#include "tests/simulation/world.h"

namespace stoa::test {

namespace {

constexpr const char* nowhere = "who was erased is found nowhere";

} // namespace

// As `stoad person erase` does it: their memberships go first. Where the disk fails it is tried again.
void World::erase(const Id& person)
{
    ledger_.erasing(person);
    try {
        std::vector<Id> spaces;
        after_->refresh();
        for (const Located& located : after_->all(v1::Record::kMembership)) {
            const v1::Membership& membership = located.record->membership();
            if (membership.person() == person.view() && membership.role() != v1::ROLE_NONE)
                spaces.push_back(*Id::from(membership.space()));
        }
        after_->rest();
        for (const Id& space : spaces) {
            Submission submission{.actor = {.server = true}, .changes = {}};
            submission.changes.emplace_back().set_change(
                mint_.member(space, person, v1::ROLE_NONE, agenda_.nowMs()).SerializeAsString());
            tell(submitAtOnce(std::move(submission)));
        }
        eraseAtOnce(person);
    } catch (const StorageError&) {
        before_->rest();
        after_->rest();
        later(10'000, [this, person] { erase(person); });
        throw;
    }
}

void World::eraseAtOnce(const Id& person)
{
    ledger_.erasing(person);
    journal_.begin();
    const Committed committed = engine_->erasePerson(person);
    journal_.done();
    say("erased: " + person.hex());
    erased_.insert(person);
    ledger_.erased(committed);
    after_->refresh();
    rights_ = std::make_shared<const Rights>(rightsIn(*after_));
    after_->rest();
    tell(committed);
    if (!disk_.hasFailed(serverFolder_) && !disk_.isStopped(serverFolder_))
        checkFiles(person);
}

// Of the server: also what they do not use any more.
void World::checkFiles(const Id& person)
{
    for (const std::string& called : ledger_.namesOf(person))
        if (disk_.holds(serverFolder_, called))
            throw Broken(nowhere, "the server's files hold \"" + called + "\", who is erased");
}

// In the end also in the bytes of the server's files, and in what the others' devices show and keep.
void World::checkErased(bool atEnd)
{
    if (erased_.empty())
        return;
    if (atEnd)
        store_->checkpoint();
    after_->refresh();
    for (const Id& person : erased_) {
        const auto there = after_->find(person);
        if (!there || !there->record->deleted())
            throw Broken(nowhere, "the server knows " + person.hex() + (there ? " again" : " not even as erased"));
    }
    after_->rest();
    if (!atEnd)
        return;
    for (const Id& person : erased_) {
        checkFiles(person);
        for (const std::string& called : ledger_.namesOf(person)) {
            for (const auto& device : devices_) {
                const auto rights = rights_->find(device->person);
                if (rights == rights_->end() || rights->second.empty())
                    continue; // nobody tells them
                for (const char* sql : {"SELECT 1 FROM records WHERE instr(bytes, ?) > 0",
                                        "SELECT 1 FROM shadows WHERE instr(bytes, ?) > 0",
                                        "SELECT 1 FROM people WHERE instr(login || name || about, ?) > 0"}) {
                    Statement& read = (*device->look)(sql).bindBlob(called);
                    const bool found = read.step();
                    read.reset();
                    if (found)
                        throw Broken(nowhere, nameOf(*device) + " holds \"" + called + "\", who is erased");
                }
            }
        }
    }
}

} // namespace stoa::test
