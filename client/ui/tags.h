#pragma once

// The tags that somebody typed into a field, each once. Pure.

#include <QRegularExpression>
#include <QStringList>

namespace stoa {

// What stands between two of them.
inline QRegularExpression tagEnd()
{
    return QRegularExpression(QStringLiteral("[\\s,;#]+"));
}

inline QStringList tagsIn(const QString& text)
{
    QStringList tags = text.split(tagEnd(), Qt::SkipEmptyParts);
    tags.removeDuplicates();
    return tags;
}

} // namespace stoa
