#pragma once

// Small parts for changes of texts in the outbox; nobody outside client/replica includes it.

#include <optional>
#include <string>

#include "client/replica/moving.h"
#include "stoa/v1/change.pb.h"

namespace stoa {

// A change as the outbox has it. Throws Database::Damaged.
v1::Change parseStored(const std::string& bytes);

std::optional<PendingText> textOf(const v1::EditText& edit);
void setText(v1::EditText& edit, const v1::TextVersion& base, const PendingText& text);
// What is shown of it.
v1::EditText formOf(const std::string& bytes, const std::optional<std::string>& form);

} // namespace stoa
