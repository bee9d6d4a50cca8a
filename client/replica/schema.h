#pragma once

// The replica's file: its tables, how an older file becomes the present shape, and what is refused.
// docs/data.md explains the tables. Only the worker's thread opens a file for writing.

#include "client/replica/database.h"

namespace stoa {

constexpr int replicaSchemaVersion = 6;
// Grows whenever projections are computed otherwise: they are then built anew from the records' bytes.
constexpr int projectionVersion = 5;

// Brings the file to the present shape, in transactions of its own. Throws std::runtime_error with a
// sentence where the file was written by a newer program, and Database::Damaged where it is damaged.
void migrate(Connection& connection);

// Indexes of lists that are only made once the first read of every feed is complete: they cost while rows
// pour in, and nothing afterwards.
void makeListIndexes(Connection& connection);
bool hasListIndexes(Connection& connection);

// The projections, empty.
void resetProjections(Connection& connection);

} // namespace stoa
