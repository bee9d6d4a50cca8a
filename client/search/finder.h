#pragma once

// Answers a person's question: takes it apart, asks the index, joins what it found to the replica (so that
// nothing is shown that is not there any more) and makes the snippets. Used by one thread with its own
// Reading.

#include <memory>

#include "client/search/matcher.h"
#include "client/search/search.h"

namespace stoa {

class Finder {
public:
    // Throws Database::Damaged or Database::Failed, as find() does.
    explicit Finder(const QString& searchPath);
    ~Finder();

    SearchResults find(const Reading& reading, const QString& words, const SearchScope& scope, int limit, qint64 nowMs);

private:
    Matcher matcher_;
};

} // namespace stoa
