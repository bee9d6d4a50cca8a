#pragma once

// Bringing in what exists: a source is read and becomes changes (shared/import), which are submitted in
// bounded batches that give way to people's own changes. The answer tells what was done and, file by
// file, what could not be carried over.

#include "server/admin/verbs.h"

namespace stoa {

Json importMarkdown(const Json& arguments, const VerbContext& context);
Json importStackExchange(const Json& arguments, const VerbContext& context);
Json importSpace(const Json& arguments, const VerbContext& context);

// The one space of this name or id; refuses in words where there is none or several.
Desk::Record findSpace(const std::string& name, const VerbContext& context);

} // namespace stoa
