#pragma once

// Small parts for texts as an editor has them: UTF-16, lines apart by "\n". Any thread.

#include <QString>
#include <QStringView>

#include "shared/text/text_change.h"

namespace stoa {

qsizetype pairsIn(QStringView text); // of surrogates
size_t codePointsIn(QStringView text);
// Where so many code points end that begin at `from`. `hasPairs`: the text has pairs of surrogates.
qsizetype endOfCodePoints(QStringView text, bool hasPairs, qsizetype from, size_t codePoints);
// With the ends of lines that a document makes of them.
QString asLines(QString text);
TextChange asLines(TextChange change);

} // namespace stoa
