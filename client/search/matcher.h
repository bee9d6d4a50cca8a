#pragma once

// Finds and ranks in the index alone, without the replica. Owned by the search thread; reads search.db
// over its own read-only connection, so a question never waits for a transaction of the writer.
//
// Bounded whatever is asked: of a match with very many posts the newest are ranked, and among all posts
// the newest of those with the words in their title. Ranking follows BM25 (Robertson, Zaragoza: "The
// Probabilistic Relevance Framework", 2009) over weighted columns, with a little more for words that stand
// side by side.

#include <memory>
#include <string>
#include <vector>

#include <QString>

#include "client/search/query.h"
#include "shared/base/ids.h"

namespace stoa {

struct Match {
    Id post;
    double score = 0;
};

struct Matches {
    std::vector<Match> best; // by score
    bool more = false;       // there are others
};

class Matcher {
public:
    // Throws Database::Damaged or Database::Failed, as match() does.
    explicit Matcher(const QString& path);
    ~Matcher();

    // `keys`: of each group at least one must be there (without: none). Terms of the query are all needed.
    struct Keys {
        std::vector<std::string> any;
        bool without = false;
    };
    Matches match(const QList<QueryTerm>& terms, const std::vector<Keys>& keys, int limit);

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace stoa
