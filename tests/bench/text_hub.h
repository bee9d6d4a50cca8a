#pragma once

// Two people in one page over a server, as a recording says who knew of what: the least model of a hub with changes to
// text. Each has one change in flight, and what they write meanwhile behind it; where the other came to know of a part
// of it, the rest is another change. What is in flight comes to the server as it was sent, and the server transforms it
// over what it accepted since. It comes there when the other learns of it and not earlier, so that nobody is kept
// waiting for their own change behind something that they are not to know of yet.

#include <deque>
#include <set>
#include <string>
#include <vector>

#include "shared/text/text_buffer.h"
#include "shared/text/transform.h"
#include "tests/bench/text_traces.h"

namespace stoa::bench {

struct Server {
    // `base`: how many revisions its author had. What became of it.
    const TextChange& accept(size_t base, TextChange change);

    TextBuffer text;
    std::vector<TextChange> revisions;
    size_t transformed = 0; // over how many revisions, in total
    size_t contested = 0;   // passages with two versions
};

struct Client {
    struct Pending {
        TextChange change;
        size_t last = 0;               // the author's edit that is the last in it
        std::vector<TextRange> behind; // of what it inserts: behind something that the other deleted
    };

    void type(TextChange change, bool cutAfter);
    void send();
    void receive(TextChange revision);

    TextBuffer text;
    size_t edits = 0;
    size_t known = 0;            // of the other's edits
    size_t revisions = 0;        // that were read
    std::deque<Pending> pending; // the first is in flight
    TextChange sent;             // as it left
    size_t sentAfter = 0;        // with so many revisions
    bool growing = false;        // the last of `pending` may grow
    size_t pendingMost = 0;
};

class Hub {
public:
    explicit Hub(const SharedTrace& trace);

    // All of the recording, and then everybody learns of everything. Throws std::runtime_error where the server makes
    // something else of a change than its author.
    void run();

    Server server;
    Client clients[2];

private:
    void deliver(size_t author, size_t lastEdit);

    const SharedTrace& trace_;
    std::set<size_t> cuts_[2]; // the edits of each after which the other comes to know of them
};

} // namespace stoa::bench
