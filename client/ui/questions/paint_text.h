#pragma once

// Plain text as delegates draw it: wrapped to a few lines, the last one elided, with stretches of it
// highlighted. Nothing here interprets the text. GUI thread.

#include <QColor>
#include <QFont>
#include <QList>
#include <QPair>
#include <QString>

class QPainter;
class QRect;

namespace stoa {

struct TextPaint {
    QFont font;
    QColor colour;
    int linesMax = 1;
    QList<QPair<int, int>> marks = {}; // (start, length) in the text
    QColor markColour = {};
    QColor markGround = {};
};

// Draws at the top of `rect`, at most `linesMax` lines; gives the number of lines used.
int paintText(QPainter* painter, const QRect& rect, const QString& text, const TextPaint& paint);

// How many lines it would use.
int linesOf(const QString& text, const QFont& font, int width, int linesMax);

} // namespace stoa
