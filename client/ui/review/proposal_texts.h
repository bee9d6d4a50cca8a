#pragma once

// What is said of a proposal. Plain sentences, translated. GUI thread.

#include "client/replica/queries_review.h"
#include "client/ui/theme/theme.h"
#include "client/ui/widgets/widgets.h"

namespace stoa {

// "Ada", "Ada and Bo", "Ada, Bo and Cy".
QString namesText(const QStringList& names);
QString nameOf(const PersonRow& person);
// By id, as far as they are known.
QString namesText(const Reading& reading, const QList<Id>& people);

// "Open", "In effect".
PillPaint proposalPill(const ProposalRow& proposal);
// Where it stands: "Waits for Ada and Bo; Cy approved."
QString standingText(const ProposalRow& proposal);
// When it takes effect, or did.
QString effectText(const ProposalRow& proposal, qint64 nowMs);
// A day, and a time where it is not its beginning.
QString dayText(qint64 ms, qint64 nowMs);

} // namespace stoa
