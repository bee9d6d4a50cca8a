#pragma once

// Where the texts of a command come from: its words, files, standard input, the person's editor, the terminal. What is
// too long, or no text, throws Stop. One thread.

#include <string>

#include "client/cli/verbs.h"

namespace stoa::cli {

// As given, from a file ("@file") or from standard input ("-").
QString textOf(const std::string& given);
// The verb `edit`, with the new text from a file, standard input ("-") or, where none is named, the person's editor.
int editFrom(const Place& place, const std::string& file, Edit wanted);
// From the file, or typed unseen, or the first line of standard input.
QString readPassword(const std::string& path);

} // namespace stoa::cli
