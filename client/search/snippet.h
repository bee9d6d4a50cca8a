#pragma once

// The piece of a text that shows best why it was found, and where the words in it are. Pure, for any
// thread; linear in the text, of which at most `snippetTextMax` UTF-16 units are looked at.

#include <QList>
#include <QPair>
#include <QString>

#include "client/search/query.h"

namespace stoa {

constexpr qsizetype snippetTextMax = 128 * 1024;

struct Snippet {
    QString text;                 // white space simplified, "…" where something was left out
    QList<QPair<int, int>> marks; // (start, length)
};

Snippet makeSnippet(const QString& text, const QList<QueryTerm>& terms, int charactersMax = 180);

// Where the words are in a text that is shown whole, such as a title.
QList<QPair<int, int>> findMarks(const QString& text, const QList<QueryTerm>& terms);

} // namespace stoa
