#pragma once

// Where posts are: taking them away and putting pages elsewhere. What goes with a post, whether this person may, and
// where a page can go. Reads the replica and keeps nothing; nothing here writes.

#include "client/commands/commands.h"
#include "client/replica/queries.h"

namespace stoa {

// Whether the rules (shared/domain/may.h) let whoever is signed in do it, as far as is known here.
bool isAllowed(const Reading&, const v1::Change& change);

// What is deleted with a post: what lies below it and is found by itself, the pages and sections below a page and the
// answers to a question. Comments and proposals are only shown no more.
struct Removal {
    enum class Barrier {
        None,
        NotAllowed,  // it is not this person's to delete
        Closed,      // its space can only be read now
        OthersBelow, // of what lies below it something is not
        TooMuch,     // lies below it for one time
    };
    Barrier barrier = Barrier::NotAllowed;
    int below = 0;
    int comments = 0;          // on the post itself
    int proposals = 0;         // that are open, of all pages among it
    QList<v1::Change> changes; // what lies deepest comes first: what is refused has its way down
};
Removal removal(const Reading&, const Pen&, const PostRow& post);
// What goes with it and that it is for good, in sentences; or what stands in the way.
QString removalText(const Removal&, const PostRow& post);

// Whether a page or section may be put elsewhere in its space at all.
bool mayMove(const Reading&, const Pen&, const PostRow& page);
// Whether it cannot lie there: it would be below itself.
bool isBelow(const Reading&, const Id& place, const Id& page);
// The pages and sections that it can lie below, from the top down, at most so many, with their ancestors.
struct PlaceRow {
    Id id; // null: the top of the space
    QString title;
    QString above; // "Handbook › Safety"
};
QList<PlaceRow> placesFor(const Reading&, const PostRow& page, int limit);

} // namespace stoa
