#pragma once

// Makes changes of every kind that the protocol has. The kinds are read from its description: a kind or a
// field that nobody can make here ends the program at once, by name.

#include <optional>
#include <set>
#include <vector>

#include "shared/domain/apply.h"
#include "tests/scenario/changes.h"

namespace stoa::test {

// Everything that was ever made, whoever may know of it.
struct Things {
    Id organisation;
    std::vector<Id> people;
    std::vector<Id> spaces;
    std::vector<Id> posts;
    std::vector<Id> pages; // of these
    // Marks (marksIn) that somebody deleted, or wrote into, or may have; and posts whose body an import set anew.
    std::set<std::string> struck;
    std::set<Id> replaced;

    void notePost(const v1::Change& created);
};

// Who makes a change, and what they see.
struct Maker {
    Id person;           // null: the console
    bool import = false; // origins are set, and bodies are edited
    const Reader& visible;
    int64_t nowMs = 0; // by their clock
    bool longTexts = false;
    bool texts = false; // bodies are written in among all else
};

// A change of a random kind, most often one that can be; nothing where there is nothing to change.
std::optional<v1::Change> makeChange(Mint& mint, const Maker& maker, Things& things);

// A change of a body, and one in three times of a page that many write in; nothing where there is none.
std::optional<v1::Change> makeWriting(Mint& mint, const Maker& maker, Things& things);
// The change that gives the body its earlier text again. Marks that are not in it any more come back as others, so that
// each is known by who wrote it.
std::optional<v1::Change> makeRestoring(Mint& mint, const Maker& maker, Things& things, const Id& post,
                                        std::string earlier);

// In each text that somebody writes into a body there is one that is nowhere else.
std::vector<std::string> marksIn(const std::string& text);
// That it inserts, each as a whole.
std::vector<std::string> marksIn(const v1::EditText& edit);

// "create_post:QUESTION", "edit:POST_TITLE", and an edit of several fields by its first.
std::string kindOf(const v1::Change& change);
// All that kindOf() may say of a whole change, without or with those of bodies.
std::set<std::string> allKinds(bool texts);

// Whether the change can be seen in the record that it was made to.
bool shows(const v1::Change& change, const v1::Record& record);

} // namespace stoa::test
