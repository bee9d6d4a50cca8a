#pragma once

// What one transaction of the replica has altered. A plain value that crosses from the worker to the
// interface; views answer it by reading their rows again. Where much was touched only the spaces are
// named.

#include <string>

#include <QList>
#include <QMetaType>

#include "shared/base/ids.h"
#include "shared/text/text_change.h"

namespace stoa {

// The text of a post, as it shows, became another one while others write in it; texts go by their hashes. No difference
// of two texts can tell which of two equal letters is new.
struct ShownStep {
    Id post;
    std::string before;
    TextChange change;
    std::string after;
    bool submitted = false; // by somebody here; two people may do the same
};

struct Touched {
    QList<Id> spaces;       // something in them
    QList<Id> posts;        // these posts or what hangs on them; empty while `bulk`
    QList<Id> histories;    // of these posts' bodies
    bool directory = false; // people or the organisation
    bool outbox = false;
    bool personal = false;  // bookmarks, what was seen
    bool feeds = false;     // the spaces that this person follows, or how far they are
    bool bulk = false;      // too many to name: read again whatever is shown of these spaces
    QList<ShownStep> texts; // in their order; one that is missing breaks the row
};

} // namespace stoa

Q_DECLARE_METATYPE(stoa::Touched)
