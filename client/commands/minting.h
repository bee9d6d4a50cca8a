#pragma once

// The parts that every verb is made of; nobody outside client/commands includes it.

#include "client/commands/commands.h"

namespace stoa {

v1::Change mintPost(const Pen& pen, v1::PostKind kind, const Id& space, const Id& parent, const QString& body);
v1::Change mintMark(const Pen& pen, v1::MarkKind kind, const Id& on, int64_t value);
v1::Change mintEdit(const Pen& pen, const v1::Record& record);
// A field of an edit, with whose value the person saw; gives the place of the new value.
v1::Value& addField(v1::Change& change, const v1::Record& record, v1::Field field);

} // namespace stoa
