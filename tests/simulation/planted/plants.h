#pragma once

// What can be planted (shared/base/plant.h) that the simulation must find, each by the invariant that it should break.

#include <vector>

#include "tests/simulation/world.h"

namespace stoa::test {

struct Planted {
    const char* name;
    const char* invariant;
    std::vector<uint64_t> seeds; // of small worlds that found it
};

inline const std::vector<Planted>& allPlanted()
{
    static const std::vector<Planted> all{
        {"permission check skipped", "nobody does what they may not", {}},
        {"rights read before the lock", "nobody does what they may not", {}},
        {"an origin is believed", "nobody does what they may not", {}},
        {"disabled people act", "nobody does what they may not", {}},
        {"everybody contributes to restricted spaces", "nobody does what they may not", {}},
        {"rights not read for bulk", "nobody is sent what they may not read", {}},
        {"subscription outlives the right", "nobody is sent what they may not read", {}},
        {"visibility alters no rights", "nobody is sent what they may not read", {}},
        {"members read the feed for the staff", "nobody is sent what they may not read", {}},
        {"receipt before commit", "what was acknowledged is there, or was superseded", {}},
        {"server syncs too little", "what was acknowledged is there, or was superseded", {}},
        {"losing value dropped", "what was acknowledged is there, or was superseded", {}},
        {"client syncs too little", "a refused change stays until it is resolved", {}},
        {"refused change dropped", "a refused change stays until it is resolved", {}},
        {"no idempotency", "a change counts once", {}},
        {"reused id not noticed", "a change counts once", {}},
        {"number reuse", "a number is never used for other bytes", {}},
        {"tombstone reaching across feeds", "a replica holds what the server committed", {}},
        {"what a reading anew did not confirm stays", "a replica holds what the server committed", {}},
        {"unknown feed taken as an order to forget", "nothing is forgotten without an order", {}},
        {"lost feed kept", "nothing is left of what may not be read", {}},
        {"cursor off by one", "nothing is read twice", {}},
        {"who reads on hears of no deletion", "nothing is read twice", {}},
        {"digest not updated", "nothing is read twice", {}},
        {"old version stays in the sum", "nothing is read twice", {}},
        {"cursor not stored with its rows", "a cursor never goes back", {}},
        {"receipts not read first", "all agree in the end", {}},
        {"news that was dropped never comes", "all agree in the end", {}},
        {"shadow dropped at the receipt", "what is pending shows", {}},
        {"shadow not rebuilt after a refusal", "what was refused does not show", {}},
        {"sending not recorded", "what was sent is not withdrawn", {}},
        {"outbox sent newest first", "what one does goes in its order", {}},
        {"figures not taken back", "figures are what counting comes to", {}},
        {"epoch change not noticed", "what a restore lost comes back", {}},
        {"forgotten before it was handed back", "what a restore lost comes back", {}},
        {"seals not looked at", "what a restore lost comes back", {}},
        {"what was deleted comes back to life", "what a restore lost comes back", {}},
        {"what came back counts under its new number", "what a restore lost comes back", {}},
        {"erased only where they are known", "who was erased is found nowhere", {}},
        {"erased only in the log", "who was erased is found nowhere", {}},
    };
    return all;
}

} // namespace stoa::test
