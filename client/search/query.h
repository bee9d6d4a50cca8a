#pragma once

// What a person types into the search field, taken apart. Pure, for any thread. Nothing of the text ever
// reaches FTS as syntax: what comes out are folded words (client/search/words.h) that hold nothing but
// letters and digits.
//
//   query   := (["-"] (phrase | filter | word))*
//   phrase  := '"' text '"'
//   filter  := ("space" | "tag" | "kind" | "author") ":" (word | phrase)
//
// A word that falls apart ("e-mail", "中文") is searched for as a phrase. The last word also matches what
// begins with it, as long as no space follows it.

#include <string>
#include <vector>

#include <QList>
#include <QString>

namespace stoa {

struct QueryTerm {
    std::vector<std::string> words; // at least one; more are a phrase
    bool without = false;
    bool prefix = false; // the last of `words` may go on
};

struct QueryFilter {
    enum class Field { Space, Tag, Kind, Author };
    Field field = Field::Tag;
    QString value;
    bool without = false;
};

struct Query {
    QList<QueryTerm> terms;
    QList<QueryFilter> filters;
    bool cut = false; // it was longer than limits::queryBytesMax or queryTermsMax

    bool isEmpty() const { return terms.isEmpty() && filters.isEmpty(); }
};

Query parseQuery(const QString& text);

} // namespace stoa
