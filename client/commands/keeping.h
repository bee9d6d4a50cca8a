#pragma once

// What becomes of words that a server refused, or that could not even be handed over to it: what happened, and where
// they can go instead, so that none is lost. Reads the replica and keeps nothing; nothing here writes.

#include "client/commands/commands.h"
#include "client/replica/queries.h"

namespace stoa {

struct Keeping {
    QString happened; // in one sentence
    QString text;     // the whole text as the person had it
    QString title;    // that a page made of it has,
    QString body;     // and its text: without the line that became the title
    QStringList tags; // and those
    // What is to be submitted, where the rules allow it.
    std::optional<v1::Change> asPage; // in the space that it was written in
    std::optional<v1::Change> asProposal;
    std::optional<v1::Change> asComment;
    bool mayContinue = false; // in the text that they are of: what stood in the way is gone
    QList<Id> settles;        // rows of the outbox that are discarded once the words are stored elsewhere
};
// `all` is the outbox that the row is of. Nothing where the row does not need the person, or has no text in it. What
// was written in a refused post is kept with that; what else hangs on one, as what it is.
std::optional<Keeping> keeping(const Reading&, const Pen&, const OutboxRow& row, const QList<OutboxRow>& all);
// A kept text of which only that is asked which ways there are: what is made of many words takes its time.
OutboxRow withoutWords(OutboxRow draft);
v1::Change keepAsPage(const Pen&, const Keeping&, const Id& space);
QList<SpaceRow> spacesForPages(const Reading&, const Pen&); // that this person may make a page in

// What of an outbox people look at: what the server has of one text already is one row, the newest.
QList<OutboxRow> withTextsAsOne(QList<OutboxRow> rows);

} // namespace stoa
