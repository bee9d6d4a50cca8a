#include "client/models/match.h"

namespace stoa {

namespace {

// As names are folded everywhere (foldName), and for each of its letters where it stands in the original.
struct Folded {
    QString text;
    QList<int> origin;
};

Folded fold(const QString& text)
{
    constexpr int lengthMax = 200;
    Folded folded;
    for (int i = 0; i < text.size() && i < lengthMax; ++i) {
        for (const QChar c : QString(text[i]).normalized(QString::NormalizationForm_KD).toUpper().toCaseFolded()) {
            if (c.isMark())
                continue;
            folded.text.append(c);
            folded.origin.append(i);
        }
    }
    return folded;
}

QPair<int, int> originalRange(const Folded& folded, int start, int length)
{
    const int first = folded.origin[start];
    const int last = folded.origin[start + length - 1];
    return {first, last - first + 1};
}

} // namespace

std::optional<Match> matchName(const QString& query, const QString& name)
{
    const Folded wanted = fold(query.trimmed());
    if (wanted.text.isEmpty())
        return Match{};
    const Folded folded = fold(name);
    const int length = static_cast<int>(wanted.text.size());
    const int shortness = 100 - qMin(100, static_cast<int>(folded.text.size()));

    int inside = -1;
    for (int at = static_cast<int>(folded.text.indexOf(wanted.text)); at >= 0;
         at = static_cast<int>(folded.text.indexOf(wanted.text, at + 1))) {
        if (at == 0)
            return Match{4000 + shortness, {originalRange(folded, at, length)}};
        if (!folded.text[at - 1].isLetterOrNumber())
            return Match{3000 + shortness, {originalRange(folded, at, length)}};
        if (inside < 0)
            inside = at;
    }
    if (inside >= 0)
        return Match{2000 + shortness, {originalRange(folded, inside, length)}};

    Match letters{1000 + shortness, {}};
    int at = -1;
    for (const QChar c : wanted.text) {
        if (c.isSpace())
            continue;
        const int next = static_cast<int>(folded.text.indexOf(c, at + 1));
        if (next < 0)
            return {};
        letters.score -= next - at - 1;
        letters.marks.append(originalRange(folded, next, 1));
        at = next;
    }
    return letters;
}

} // namespace stoa
