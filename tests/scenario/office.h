#pragma once

// A company whose server goes back to an older state.

#include "client/replica/queries.h"
#include "tests/scenario/company.h"
#include "tests/support/catch.h"

namespace stoa::test {

// Three colleagues, Ada's second computer, an open space, and a server of which a backup was made when all were up to
// date.
struct Office {
    Office()
    {
        for (const char* name : {"ada", "ben", "cleo"})
            company.desk(name, company.addPerson(name));
        company.desk("ada's laptop", ada().person);
        lab = company.addSpace("Lab", v1::OPEN);
        old = question("Before the backup");
        online();
        REQUIRE(ada().submit(old) == v1::CODE_NONE);
        company.settle();
        company.backUp();
    }
    void online()
    {
        for (Desk* desk : {&ada(), &ben(), &cleo(), &laptop()})
            desk->connect();
        company.settle();
    }
    // Whoever heard a goodbye comes again, as the program does.
    void onlineAgain()
    {
        online();
        for (Desk* desk : {&ada(), &ben(), &cleo(), &laptop()})
            if (!desk->connected())
                desk->connect();
        company.settle();
    }
    Desk& ada() { return *company.deskAt(0); }
    Desk& ben() { return *company.deskAt(1); }
    Desk& cleo() { return *company.deskAt(2); }
    Desk& laptop() { return *company.deskAt(3); }

    v1::Change question(const std::string& title)
    {
        company.nowMs += 1'000;
        return company.mint.post(v1::QUESTION, lab, {}, title, company.nowMs);
    }
    v1::Change answer(const v1::Change& question, const std::string& text)
    {
        company.nowMs += 1'000;
        return company.mint.post(v1::ANSWER, lab, *Id::from(question.target()), text, company.nowMs);
    }
    v1::Change page(const std::string& title)
    {
        company.nowMs += 1'000;
        return company.mint.post(v1::PAGE, lab, {}, title, company.nowMs);
    }
    v1::Change move(const v1::Change& page, const v1::Change& below)
    {
        company.nowMs += 1'000;
        v1::Change made = company.mint.change(*Id::from(page.target()), company.nowMs);
        v1::FieldEdit& edit = *made.mutable_edit()->add_fields();
        edit.set_field(v1::POST_PARENT);
        edit.mutable_value()->set_ref(below.target());
        return made;
    }
    v1::Change rename(const v1::Change& post, const std::string& title, const std::string& seen = {})
    {
        company.nowMs += 1'000;
        return company.mint.edit(*Id::from(post.target()), v1::POST_TITLE, title, seen, company.nowMs);
    }
    void does(Desk& desk, const v1::Change& change)
    {
        REQUIRE(desk.submit(change) == v1::CODE_NONE);
        company.settle();
    }
    std::string titleAt(Desk& desk, const v1::Change& post)
    {
        const auto record = desk.record(*Id::from(post.target()));
        return record && !record->deleted() ? record->post().title() : std::string();
    }

    Company company;
    Id lab;
    v1::Change old;
};

} // namespace stoa::test
