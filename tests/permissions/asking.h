#pragma once

// What the parts of the matrix have in common: changes by the names of the table's rows, and what was heard as text.

#include "shared/domain/fields.h"
#include "tests/permissions/organisation.h"

namespace stoa::test {

// Fits a readable name into messages.
std::string in(const Place& place);
bool isOf(const v1::Envelope& envelope, const Feed& feed);
std::string said(const std::vector<v1::Envelope>& heard);
// The change of a row of `rights` to a record that is there, or not. Texts hold the word.
v1::Change changeOf(Organisation& organisation, const std::string& row, const Id& actor, const Id& target,
                    const std::string& word);

} // namespace stoa::test
