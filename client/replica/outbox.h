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
    Id change;
    Id target;
    ChangeState state = ChangeState::Waiting;
    Refusal refusal; // where refused
    qint64 madeMs = 0;
    v1::Change::ActCase act = v1::Change::ACT_NOT_SET;
    v1::PostKind kind = v1::POST_NONE; // of the post that is made, altered or marked
    v1::MarkKind mark = v1::MARK_NONE;
    qint64 value = 0; // of a mark
    QString title;    // of the post or thread concerned; may be empty
    Id space;         // null where it is not followed any more
    QString spaceName;
    QString text;     // what the person wrote, for "copy text"; may be empty
    QString body;     // of a post that is made and was refused: its text alone
    QStringList tags; // of such a one
    QString reason;   // of such a proposal
    Id post;          // where to go on a click; null where there is none
};

} // namespace stoa
