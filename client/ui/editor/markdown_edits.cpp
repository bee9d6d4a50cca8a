#include "client/ui/editor/markdown_edits.h"

#include <QRegularExpression>
#include <QStringList>

namespace stoa {

namespace {

// The beginning of a line: quotes, then perhaps an item's marker.
struct Head {
    QString quote;  // "> "
    QString indent; // before the marker
    QString marker; // "-", "3."
    QString space;  // behind it
    QString box;    // "[ ] "
    qsizetype end = 0;

    bool isItem() const { return !marker.isEmpty(); }
    bool isNumber() const { return isItem() && marker.at(0).isDigit(); }
};

Head headOf(QStringView line)
{
    static const QRegularExpression pattern(QStringLiteral(
        "^((?:[ ]{0,3}>[ ]?)*)(?:([ \\t]*)([-*+]|\\d{1,9}[.)])([ \\t]+|$)(\\[[ xX]\\](?:[ \\t]+|$))?)?"));
    const QRegularExpressionMatch match = pattern.match(line.toString());
    Head head;
    head.quote = match.captured(1);
    head.indent = match.captured(2);
    head.marker = match.captured(3);
    head.space = match.captured(4);
    head.box = match.captured(5);
    head.end = match.capturedEnd(0);
    return head;
}

QString nextMarker(const QString& marker)
{
    if (!marker.at(0).isDigit())
        return marker;
    return QString::number(marker.chopped(1).toLongLong() + 1) + marker.back();
}

bool isBlank(QStringView text)
{
    return text.trimmed().isEmpty();
}

bool isWord(QChar c)
{
    return c.isLetterOrNumber() || c.isMark() || c.isSurrogate() || c == QLatin1Char('_');
}

// How often `c` stands in a row before, or behind, a place.
qsizetype runBefore(const QString& text, qsizetype at, QChar c)
{
    qsizetype count = 0;
    while (at - count > 0 && text.at(at - count - 1) == c)
        ++count;
    return count;
}

qsizetype runBehind(const QString& text, qsizetype at, QChar c)
{
    qsizetype count = 0;
    while (at + count < text.size() && text.at(at + count) == c)
        ++count;
    return count;
}

QString signOf(Look look)
{
    switch (look) {
    case Look::Strong:
        return QStringLiteral("**");
    case Look::Emphasis:
        return QStringLiteral("*");
    case Look::Code:
        return QStringLiteral("`");
    case Look::Strike:
        return QStringLiteral("~~");
    }
    return {};
}

// One and two stars are two looks, three are both.
bool has(Look look, qsizetype run)
{
    switch (look) {
    case Look::Strong:
    case Look::Strike:
        return run >= 2;
    case Look::Emphasis:
        return run % 2 == 1;
    case Look::Code:
        return run == 1;
    }
    return false;
}

Passage fenced(const Passage& in)
{
    QString text = in.text;
    const QString fence = QStringLiteral("```");
    const qsizetype begin = in.from() == 0 ? 0 : text.lastIndexOf(QLatin1Char('\n'), in.from() - 1) + 1;
    qsizetype end = text.indexOf(QLatin1Char('\n'), in.to());
    if (end < 0)
        end = text.size();
    text.insert(end, QLatin1Char('\n') + fence);
    text.insert(begin, fence + QLatin1Char('\n'));
    return {text, in.anchor + 4, in.cursor + 4};
}

template <class F>
Passage eachLine(const Passage& in, F alter)
{
    Passage out = in;
    QStringList lines = in.text.split(QLatin1Char('\n'));
    const bool one = lines.size() == 1;
    qsizetype at = 0;
    for (qsizetype i = 0; i < lines.size(); ++i) {
        const QString before = lines[i];
        if (one || !isBlank(before))
            lines[i] = alter(before);
        // What is selected keeps its distance from the line's end.
        const qsizetype end = at + before.size();
        for (auto [was, is] : {std::pair(in.anchor, &out.anchor), std::pair(in.cursor, &out.cursor)}) {
            const qsizetype grown = lines[i].size() - before.size();
            if (was > end)
                *is += grown;
            else if (was >= at)
                *is += std::max(grown, at - was);
        }
        at = end + 1;
    }
    out.text = lines.join(QLatin1Char('\n'));
    if (in.hasSelection() && !one) { // whole lines, so that the same again takes it back
        out.anchor = 0;
        out.cursor = out.text.size();
    }
    out.anchor = std::clamp<qsizetype>(out.anchor, 0, out.text.size());
    out.cursor = std::clamp<qsizetype>(out.cursor, 0, out.text.size());
    return out;
}

// The cursor stands behind the last letter of what has the look: what is written on is to have it no more.
bool endsHere(const Passage& in, Look look)
{
    const QString sign = signOf(look);
    if (in.hasSelection() || in.cursor == 0 || !has(look, runBehind(in.text, in.cursor, sign.at(0))))
        return false;
    const QChar last = in.text.at(in.cursor - 1);
    return !last.isSpace() && last != sign.at(0) && in.text.left(in.cursor).split(sign).size() % 2 == 0;
}

} // namespace

Passage toggleLook(const Passage& in, Look look)
{
    const QString sign = signOf(look);
    const qsizetype n = sign.size();
    qsizetype from = in.from(), to = in.to();
    if (look == Look::Code && QStringView(in.text).mid(from, to - from).contains(QLatin1Char('\n')))
        return fenced(in);
    if (!in.hasSelection()) {
        while (from > 0 && isWord(in.text.at(from - 1)))
            --from;
        while (to < in.text.size() && isWord(in.text.at(to)))
            ++to;
    }
    while (from < to && in.text.at(from).isSpace())
        ++from;
    while (to > from && in.text.at(to - 1).isSpace())
        --to;
    QString text = in.text;
    const QChar c = sign.at(0);
    if (endsHere(in, look))
        return {text, in.cursor + n, in.cursor + n};
    const auto result = [&](qsizetype begin, qsizetype length, qsizetype shift) -> Passage {
        if (in.hasSelection())
            return {text, begin, begin + length};
        const qsizetype cursor = std::clamp(in.cursor + shift, begin, begin + length);
        return {text, cursor, cursor};
    };
    const qsizetype outside = std::min(runBefore(text, from, c), runBehind(text, to, c));
    if (has(look, outside)) {
        text.remove(to, n).remove(from - n, n);
        return result(from - n, to - from, -n);
    }
    const qsizetype inside = std::min(runBehind(text, from, c), runBefore(text, to, c));
    if (to - from > 2 * n && has(look, inside)) {
        text.remove(to - n, n).remove(from, n);
        return result(from, to - from - 2 * n, -n);
    }
    text.insert(to, sign).insert(from, sign);
    return result(from + n, to - from, n);
}

Passage makeLink(const Passage& in)
{
    const QString chosen = in.text.mid(in.from(), in.to() - in.from());
    const bool isAddress = chosen.startsWith(QLatin1String("http://")) ||
                           chosen.startsWith(QLatin1String("https://")) ||
                           chosen.startsWith(QLatin1String("mailto:")) || chosen.startsWith(QLatin1String("stoa:"));
    Passage out = in;
    out.text.replace(in.from(), chosen.size(),
                     isAddress ? QStringLiteral("[](%1)").arg(chosen) : QStringLiteral("[%1]()").arg(chosen));
    out.cursor = in.from() + (isAddress || chosen.isEmpty() ? 1 : chosen.size() + 3);
    out.anchor = out.cursor;
    return out;
}

Passage nextHeading(const Passage& in)
{
    static const QRegularExpression pattern(QStringLiteral("^(#{1,6})(?:[ \\t]+|$)"));
    return eachLine(in, [](const QString& line) {
        const QRegularExpressionMatch match = pattern.match(line);
        const QString rest = line.mid(match.hasMatch() ? match.capturedEnd() : 0);
        if (!match.hasMatch())
            return QStringLiteral("## ") + rest;
        return match.capturedLength(1) < 3 ? QStringLiteral("### ") + rest : rest;
    });
}

Passage toggleLines(const Passage& in, LineKind kind)
{
    const auto isSuch = [kind](const QString& line) {
        const Head head = headOf(line);
        switch (kind) {
        case LineKind::Bullet:
            return head.isItem() && !head.isNumber() && head.box.isEmpty();
        case LineKind::Number:
            return head.isNumber();
        case LineKind::Task:
            return !head.box.isEmpty();
        case LineKind::Quote:
            return !head.quote.isEmpty();
        }
        return false;
    };
    bool all = true;
    const QStringList lines = in.text.split(QLatin1Char('\n'));
    for (const QString& line : lines)
        all = all && (isSuch(line) || (isBlank(line) && lines.size() > 1));
    int number = 0;
    return eachLine(in, [&](const QString& line) {
        const Head head = headOf(line);
        if (kind == LineKind::Quote)
            return all ? line.mid(head.quote.size()) : QStringLiteral("> ") + line;
        const QString before = head.quote + head.indent;
        const QString rest = line.mid(head.end);
        if (all)
            return before + rest;
        switch (kind) {
        case LineKind::Number:
            return before + QString::number(++number) + QStringLiteral(". ") + rest;
        case LineKind::Task:
            return before + QStringLiteral("- [ ] ") + rest;
        default:
            return before + QStringLiteral("- ") + rest;
        }
    });
}

std::optional<Passage> breakLine(const Passage& line)
{
    const Head head = headOf(line.text);
    if (line.hasSelection() || (!head.isItem() && head.quote.isEmpty()) || line.cursor < head.end)
        return std::nullopt;
    Passage out = line;
    if (isBlank(QStringView(line.text).mid(head.end))) {
        // Out by one step: from an inner list to the outer, from a list to what it stands in.
        if (head.isItem() && head.indent.size() >= 2) {
            const qsizetype width = std::min(head.indent.size(), head.marker.size() + 1);
            out.text = head.quote + head.indent.chopped(width) + head.marker + QLatin1Char(' ') + head.box;
        } else {
            out.text = head.isItem() ? head.quote : QString();
        }
        out.anchor = out.cursor = out.text.size();
        return out;
    }
    QString begin = head.quote;
    if (head.isItem())
        begin += head.indent + nextMarker(head.marker) + head.space;
    if (!head.box.isEmpty())
        begin += QStringLiteral("[ ] ");
    // Spaces around the cursor belong to neither line.
    qsizetype end = line.cursor;
    while (end < out.text.size() && out.text.at(end) == QLatin1Char(' '))
        ++end;
    out.text.replace(line.cursor, end - line.cursor, QLatin1Char('\n') + begin);
    out.anchor = out.cursor = line.cursor + 1 + begin.size();
    return out;
}

std::optional<Passage> indentItems(const Passage& in, bool out)
{
    bool any = false;
    const Passage moved = eachLine(in, [&](const QString& line) {
        const Head head = headOf(line);
        if (!head.isItem())
            return line;
        any = true;
        const qsizetype width = head.marker.size() + 1;
        QString indent = head.indent;
        if (!out)
            indent += QString(width, QLatin1Char(' '));
        else if (indent.startsWith(QLatin1Char('\t')))
            indent.remove(0, 1);
        else
            indent.chop(std::min(width, indent.size()));
        return head.quote + indent + line.mid(head.quote.size() + head.indent.size());
    });
    return any ? std::optional(moved) : std::nullopt;
}

int countWords(QStringView text)
{
    int words = 0;
    bool counted = false;
    for (const QChar c : text) {
        if (c.isSpace())
            counted = false;
        else if (!counted && (c.isLetterOrNumber() || c.isSurrogate())) {
            counted = true;
            ++words;
        }
    }
    return words;
}

} // namespace stoa
