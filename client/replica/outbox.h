#pragma once

// The outbox: the ledger of changes that are not yet settled, as a person reads it.

#include <QList>
#include <QString>

#include "shared/base/ids.h"
#include "shared/base/result.h"
#include "stoa/v1/change.pb.h"

namespace stoa {

// The life of a pending change. Accepted ones leave the outbox once their effects have arrived.
enum class ChangeState : int {
    Waiting = 0,  // not sent; may be withdrawn
    Sent = 1,     // frozen; sent at least once, no receipt yet
    Accepted = 2, // receipt there; shown as pending until the cursor has reached its numbers
    Refused = 3,  // stays until the person resolves it
    Blocked = 4,  // depends on a refused one
};

struct OutboxRow {
    qint64 position = 0; // the order in which changes were made
    Id change;           // of a draft: the post
    Id target;
    // What was written in a text and never became a change (body_drafts.h): its state is Refused, and nothing was sent.
    bool isDraft = false;
    ChangeState state = ChangeState::Waiting;
    Refusal refusal; // where refused; of a draft: what stands in the way now, CODE_NONE: nothing does
    Refusal why;     // of a draft: what stood in the way when it was kept
    qint64 madeMs = 0;
    v1::Change::ActCase act = v1::Change::ACT_NOT_SET;
    v1::PostKind kind = v1::POST_NONE; // of the post that is made, altered or marked
    v1::MarkKind mark = v1::MARK_NONE;
    qint64 value = 0; // of a mark
    QString title;    // of the post or thread concerned, where it is gone as it was called last; may be empty
    Id space;         // null where it is not followed any more
    QString spaceName;
    QString text; // what the person wrote, for "copy text"; may be empty
    QString body; // of a post that is made, and was refused or is blocked: its text alone; of a draft: what it is of
    QStringList tags; // of such ones
    QString reason;   // of such a proposal
    Id post;          // where to go on a click; null where there is none
};

} // namespace stoa
