#pragma once

// The person's verbs: small free functions that make a Change for Worker::submit. They check nothing
// that `apply` checks; ids and times come from what is handed in.

#include <QList>
#include <QString>
#include <QStringList>

#include "shared/base/clock.h"
#include "shared/base/ids.h"
#include "shared/text/text_change.h"
#include "stoa/v1/change.pb.h"

namespace stoa {

struct Pen {
    Id person;
    WallClock now;
    Random random;
};

v1::Change askQuestion(const Pen&, const Id& space, const QString& title, const QString& body, const QStringList& tags);
v1::Change answerQuestion(const Pen&, const Id& space, const Id& question, const QString& body);
// `parent`: the page or section above; null: at the top of the space.
v1::Change createPage(const Pen&, const Id& space, const Id& parent, const QString& title, const QString& body,
                      const QStringList& tags);
v1::Change commentOn(const Pen&, const Id& space, const Id& post, const QString& body);
// What the person did to the text that they saw. Where another one is shown by now the replica refuses with
// UNKNOWN_BASE: then again, with that one and what `movedOnto` gives. Where it is not known how they came from the one
// text to the other it is taken to be the difference, by whole words.
v1::Change editBody(const Pen&, const Id& post, const std::string& before, const TextChange& change);
v1::Change editBody(const Pen&, const Id& post, const std::string& before, const std::string& after);
// The fields that differ.
v1::Change editPost(const Pen&, const v1::Record& post, const QString& title, const QStringList& tags);
v1::Change deletePost(const Pen&, const Id& post); // for good, once the server has it (client/commands/placing.h)
v1::Change movePage(const Pen&, const v1::Record& pageOrSection, const Id& parent); // null: to the top of its space
v1::Change vote(const Pen&, const Id& post, int value);                             // -1, 0, 1
v1::Change acceptAnswer(const Pen&, const v1::Record& question, const Id& answer);  // null: none
v1::Change bookmark(const Pen&, const Id& post, bool set);
v1::Change markSeen(const Pen&, const Id& space, qint64 uptoMs);
v1::Change editCharter(const Pen&, const v1::Record& space, const v1::Charter& charter); // the fields that differ

// Proposals (shared/domain/review.h). `page` as it is shown; a date of 0: at once.
v1::Change propose(const Pen&, const v1::Record& page, const std::string& draft, const QString& reason,
                   qint64 effectiveMs = 0);
// The whole text that a refused change of a page came to, over the version that the change was made over (`base`; null:
// as the page was created).
v1::Change proposeOver(const Pen&, const v1::Record& page, const v1::TextVersion* base, const std::string& draft,
                       const QString& reason, qint64 effectiveMs = 0);
// Exactly the text of the record as it is shown.
v1::Change approve(const Pen&, const v1::Record& proposal);
v1::Change askForChanges(const Pen&, const v1::Record& proposal);
v1::Change takeBackApproval(const Pen&, const Id& proposal); // or what was asked for
v1::Change decline(const Pen&, const v1::Record& proposal);
v1::Change withdraw(const Pen&, const v1::Record& proposal);
v1::Change reopen(const Pen&, const v1::Record& proposal); // what was withdrawn or declined
v1::Change editProposal(const Pen&, const v1::Record& proposal, const QString& reason,
                        qint64 effectiveMs); // what differs
// On a line of a page's or proposal's text; the first is 1. `quote` is the line as the person saw it.
v1::Change commentOnLine(const Pen&, const Id& space, const Id& post, int line, const QString& quote,
                         const QString& body);

// Of a page, or of a space (REVIEW_AS_SPACE is then none).
v1::Change setReview(const Pen&, const v1::Record& pageOrSpace, v1::Review review);
v1::Change setReviewers(const Pen&, const v1::Record& pageOrSpace, const QList<Id>& people); // none: moderators, owners
v1::Change setRequired(const Pen&, const v1::Record& page, bool required);
// The text of the record as it is shown was read.
v1::Change confirmRead(const Pen&, const v1::Record& page);

// What was made of `before`, made of `now` instead, which somebody else made of `before` meanwhile.
TextChange movedOnto(const std::string& now, const std::string& before, const TextChange& change);
std::string movedOnto(const std::string& now, const std::string& before, const std::string& after);

} // namespace stoa
