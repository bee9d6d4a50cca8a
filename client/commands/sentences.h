#pragma once

// Everything the client says about states, changes and refusals, in one place. Pure, translated, in the
// numbers and times of the given locale, for any thread.

#include <QLocale>
#include <QString>

#include "client/replica/outbox.h"
#include "client/replica/queries.h"
#include "client/worker/refusals.h"
#include "client/worker/worker.h"
#include "shared/domain/invite_link.h"

namespace stoa {

// The status bar's text, without a full stop: "Up to date, 10:32", "Offline, 3 changes waiting",
// "Fetching Handbook, 4,120 of 9,880", "Sending 3 changes".
QString statusText(const SyncStatus& status, qint64 nowMs, const QLocale& locale = QLocale());

// What lies behind it, as one or two sentences, for the tool tip and the outbox; empty where the text says it all.
QString statusDetail(const SyncStatus& status, qint64 nowMs, const QLocale& locale = QLocale());

// A change in words: "Answer to “How do I …”", "Vote for “…”", "Bookmark of “…”".
QString changeText(const OutboxRow& row);

// Its state in a word or two: "Waiting", "Sent", "Accepted", "Refused", "Waits for another change".
QString stateText(const OutboxRow& row);

// The state and, where refused, the reason and what can be done, as sentences.
QString stateSentence(const OutboxRow& row);

// What is wrong with a link or an address that a person typed or opened.
QString linkErrorText(LinkError error);

// Kinds, roles and visibilities as people read them: "Question", "Contributor", "Open".
QString kindText(v1::PostKind kind);
QString roleText(v1::Role role);
QString titleText(v1::Title title);
QString visibilityText(v1::Visibility visibility);
QString
proposalStateText(v1::ProposalState state); // "Open", "Waits for its date", "In effect", "Declined", "Withdrawn"

// Who wrote something: the name; "Imported" where it came from elsewhere, without an author; "Somebody who left" where
// its author is not known any more.
QString authorText(const Id& author, const QString& name);
QStringList authorTexts(const HistoryRow& row);
// What was said of that work, in lines; of more than one author, as they are named in `authors`, whose each is.
QString saidText(const HistoryRow& row, const QStringList& authors);

// "Ada", "Ada and Bo", "Ada, Bo and Cy", "Ada, Bo, Cy and 2 others". Who has no name is not known any more.
QString peopleText(const QStringList& names, qsizetype shownMax = 3);

// "10:32" today, "yesterday, 10:32", "3 Nov, 10:32" this year, "3 Nov 2025" before.
QString timeText(qint64 ms, qint64 nowMs, const QLocale& locale = QLocale());

} // namespace stoa
