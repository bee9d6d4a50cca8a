#pragma once

// What was written in a text that is there already and could not be stored in it: the post went meanwhile, its writer
// may not write in it any more, or the text is none that can be stored. A draft like others, at the place
// "edit/<post>"; a row of the outbox.

#include <optional>
#include <string>

#include "client/replica/queries.h"

namespace stoa {

struct BodyDraft {
    std::string before; // what it was made of, so that it can be made of another text later
    std::string after;
    Refusal why;   // as far as it is known
    QString title; // of the post, or of the thread that it is of, as last known
    QStringList tags;
    v1::PostKind kind = v1::POST_NONE;
    Id space;
};
inline constexpr std::string_view bodyDrafts = "edit/";
QString bodyDraftPlace(const Id& post);
Draft toDraft(const BodyDraft& draft);
std::optional<BodyDraft> toBodyDraft(const Draft& draft);

// As the outbox has it (OutboxRow::isDraft).
OutboxRow outboxRowOf(const Reading& reading, const Id& post, const BodyDraft& draft, qint64 changedMs);

// Why a text cannot be written here now, as far as is known; CODE_NONE: it can. `known`: its record, where that was
// read already.
Refusal barrierOf(const Reading& reading, const Id& post, const v1::Record* known = nullptr);
// Whether a change of this post's text in the outbox comes to this text.
bool isInOutbox(const Reading& reading, const Id& post, const std::string& text);

} // namespace stoa
