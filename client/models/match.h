#pragma once

// How well a few typed letters fit a name: the whole beginning is best, then the beginning of a word, then
// anywhere inside, then the letters in their order. Case and accents do not count. Pure; the cost is
// bounded by the lengths of both.

#include <optional>

#include <QList>
#include <QPair>
#include <QString>

namespace stoa {

struct Match {
    int score = 0;                // larger is better
    QList<QPair<int, int>> marks; // (start, length) in the name, for highlighting
};

// Nothing where the letters are not in the name. An empty query fits everything, with score 0.
std::optional<Match> matchName(const QString& query, const QString& name);

} // namespace stoa
