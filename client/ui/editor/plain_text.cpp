#include "client/ui/editor/plain_text.h"

#include <algorithm>

namespace stoa {

qsizetype pairsIn(QStringView text)
{
    return std::count_if(text.begin(), text.end(), [](QChar c) { return c.isHighSurrogate(); });
}

size_t codePointsIn(QStringView text)
{
    return size_t(text.size() - pairsIn(text));
}

qsizetype endOfCodePoints(QStringView text, bool hasPairs, qsizetype from, size_t codePoints)
{
    if (!hasPairs)
        return from + std::min<qsizetype>(qsizetype(codePoints), text.size() - from);
    for (; codePoints > 0 && from < text.size(); --codePoints)
        from += text.at(from).isHighSurrogate() && from + 1 < text.size() ? 2 : 1;
    return from;
}

QString asLines(QString text)
{
    const auto isEnd = [](QChar c) {
        return c == QLatin1Char('\r') || c == QChar::ParagraphSeparator || c == QChar(0xFDD0) || c == QChar(0xFDD1);
    };
    if (std::none_of(text.cbegin(), text.cend(), isEnd))
        return text;
    text.replace(QLatin1String("\r\n"), QLatin1String("\n"));
    std::replace_if(text.begin(), text.end(), isEnd, QLatin1Char('\n'));
    return text;
}

TextChange asLines(TextChange change)
{
    const std::string whole(change.inserted());
    if (const QString text = QString::fromStdString(whole); asLines(text) == text)
        return change;
    TextChange out;
    std::string_view inserted = whole;
    for (const TextStep& step : change.steps()) {
        if (step.kind == TextStep::Kind::Retain)
            out.retain(step.count);
        else if (step.kind == TextStep::Kind::Delete)
            out.erase(step.count);
        else
            out.insert(asLines(QString::fromUtf8(inserted.data(), qsizetype(step.bytes))).toStdString());
        inserted.remove_prefix(step.bytes);
    }
    return out;
}

} // namespace stoa
