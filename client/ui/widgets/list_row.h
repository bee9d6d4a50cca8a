#pragma once

// How the rows of a list look that stands beside what is read: for their delegates. GUI thread.

#include <QColor>
#include <QRect>
#include <QString>

class QPainter;
class QStyleOptionViewItem;

namespace stoa {

// The ground and, where the row has the keyboard, the bar at its left. Gives the room within.
QRect paintListRow(QPainter* painter, const QStyleOptionViewItem& option);
// At the top of that room, with so much left free at its right end; what is too long ends in "…".
void paintFirstLine(QPainter* painter, const QRect& room, const QString& text, int free = 0);
// At its bottom, in small letters.
void paintLastLine(QPainter* painter, const QRect& room, const QString& text, const QColor& ink);

} // namespace stoa
