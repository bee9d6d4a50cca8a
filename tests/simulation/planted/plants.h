#pragma once

// What can be planted (shared/base/plant.h) that the simulation must find, each by the invariant that it should break.

#include <vector>

#include "tests/simulation/world.h"

namespace stoa::test {

struct Planted {
    const char* name;
    const char* invariant;
    std::vector<uint64_t> seeds; // of small worlds that found it
    Texts texts = Texts::None;
};

inline const std::vector<Planted>& allPlanted()
{
    constexpr const char* written = "a body is what was written, where it was written";
    static const std::vector<Planted> all{
        {"permission check skipped", "nobody does what they may not", {1}},
        {"rights read before the lock", "nobody does what they may not", {3}},
        {"everybody contributes to restricted spaces", "nobody does what they may not", {1}},
        {"rights not read for bulk", "nobody is sent what they may not read", {7}},
        {"subscription outlives the right", "nobody is sent what they may not read", {1}},
        {"visibility alters no rights", "nobody is sent what they may not read", {17}},
        {"members read the feed for the staff", "nobody is sent what they may not read", {1}},
        {"receipt before commit", "what was acknowledged is there, or was superseded", {4}},
        {"server syncs too little", "what was acknowledged is there, or was superseded", {4}},
        {"losing value dropped", "what was acknowledged is there, or was superseded", {95}},
        {"client syncs too little", "nothing is forgotten without an order", {1}},
        {"refused change dropped", "a refused change stays until it is resolved", {23}},
        {"no idempotency", "a change counts once", {1}},
        {"reused id not noticed", "a change counts once", {6}},
        {"number reuse", "a number is never used for other bytes", {29}},
        {"tombstone reaching across feeds", "a replica holds what the server committed", {3}},
        {"what a reading anew did not confirm stays", "a replica holds what the server committed", {14}},
        {"unknown feed taken as an order to forget", "nothing is forgotten without an order", {3}},
        {"lost feed kept", "nothing is left of what may not be read", {6}},
        {"cursor off by one", "nothing is read twice", {1}},
        {"who reads on hears of no deletion", "nothing is read twice", {2}},
        {"digest not updated", "nothing is read twice", {1}},
        {"old version stays in the sum", "nothing is read twice", {1}},
        {"cursor not stored with its rows", "a cursor never goes back", {1}},
        {"receipts not read first", "all agree in the end", {1}},
        {"news that was dropped never comes", "all agree in the end", {17}},
        {"shadow dropped at the receipt", "what is pending shows", {1}},
        {"shadow not rebuilt after a refusal", "what was refused does not show", {2}},
        {"sending not recorded", "what was sent is not withdrawn", {3}},
        {"outbox sent newest first", "what one does goes in its order", {1}},
        {"figures not taken back", "figures are what counting comes to", {1}},
        {"epoch change not noticed", "what a restore lost comes back", {65}},
        {"witnesses not looked at", "what a restore lost comes back", {14}},
        {"forgotten before it was handed back", "what a restore lost comes back", {39}},
        {"seals not looked at", "what a restore lost comes back", {1}},
        {"what came back counts under its new number", "what a restore lost comes back", {64, 143}},
        {"erased only where they are known", "who was erased is found nowhere", {233}},
        {"erased only in the log", "who was erased is found nowhere", {1}},
        {"a text change is not transformed", written, {2}, Texts::Some},
        {"the base of a text change is not looked at", written, {9}, Texts::Some},
        {"a published body lacks its revisions", written, {1}, Texts::Some},
        {"a body is published under its old version", "a change counts once", {1}, Texts::Some},
        {"what was accepted first stands first", written, {2}, Texts::Some},
        {"what is inserted amid what was deleted is lost", written, {2}, Texts::Some},
        {"what both deleted is deleted twice", written, {10}, Texts::Some},
    };
    return all;
}

} // namespace stoa::test
