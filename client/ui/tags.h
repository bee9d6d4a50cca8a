#pragma once

// The tags that somebody typed into a field, each once. Pure.

#include <QRegularExpression>
#include <QStringList>

namespace stoa {

inline QStringList tagsIn(const QString& text)
{
    QStringList tags = text.split(QRegularExpression(QStringLiteral("[\\s,;#]+")), Qt::SkipEmptyParts);
    tags.removeDuplicates();
    return tags;
}

} // namespace stoa
