#pragma once

// The fields that an Edit may set: of which thing, of which type and how long. One table, so that shape,
// rights and effect speak of the same fields.

#include <optional>

#include "shared/base/result.h"
#include "stoa/v1/record.pb.h"

namespace stoa {

struct FieldRule {
    v1::Field field;
    v1::Record::ThingCase thing;
    v1::Value::KindCase kind;
    size_t bytesMax = 0; // of texts
    bool needed = false; // an empty text is refused
};

// Nothing for a field that this program does not know.
const FieldRule* fieldRule(v1::Field field);

// The field's present value in a record of that thing. Unset enums and texts read as 0 and empty.
v1::Value fieldValue(const v1::Record& record, v1::Field field);
void setFieldValue(v1::Record& record, v1::Field field, const v1::Value& value);

// Which change wrote the present value; null: the creation.
const v1::Writer* writerOf(const v1::Record& record, v1::Field field);

// Type, length, cleanliness and the rules that need nothing but the value.
Result<void> checkValue(const FieldRule& rule, const v1::Value& value);

} // namespace stoa
