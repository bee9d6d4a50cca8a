#include "client/search/snippet.h"

#include <algorithm>
#include <deque>
#include <unordered_map>
#include <vector>

#include "client/search/words.h"

namespace stoa {

namespace {

struct Found {
    qsizetype start = 0;
    qsizetype end = 0;
    size_t term = 0;
};

bool fits(const std::string& word, const QueryTerm& term, size_t at)
{
    const bool last = at + 1 == term.words.size();
    return last && term.prefix ? word.starts_with(term.words[at]) : word == term.words[at];
}

// All places where a term stands, in the order of the text.
std::vector<Found> findAll(QStringView text, const QList<QueryTerm>& terms)
{
    constexpr size_t foundMax = 2'000;
    size_t longest = 1;
    std::vector<const QueryTerm*> wanted;
    for (const QueryTerm& term : terms) {
        if (term.without)
            continue;
        wanted.push_back(&term);
        longest = std::max(longest, term.words.size());
    }
    std::vector<Found> found;
    if (wanted.empty())
        return found;
    std::deque<Word> recent; // the last `longest` words
    Word word;
    for (Words words(text); words.next(word) && found.size() < foundMax;) {
        recent.push_back(word);
        if (recent.size() > longest)
            recent.pop_front();
        for (size_t t = 0; t < wanted.size(); ++t) {
            const QueryTerm& term = *wanted[t];
            const size_t size = term.words.size();
            if (size > recent.size() || !fits(word.folded, term, size - 1))
                continue;
            bool all = true;
            for (size_t i = 0; all && i + 1 < size; ++i)
                all = fits(recent[recent.size() - size + i].folded, term, i);
            if (all)
                found.push_back({recent[recent.size() - size].start, word.start + word.length, t});
        }
    }
    std::sort(found.begin(), found.end(), [](const Found& a, const Found& b) { return a.start < b.start; });
    return found;
}

// Overlapping places become one mark.
QList<QPair<int, int>> join(const std::vector<QPair<int, int>>& places)
{
    QList<QPair<int, int>> marks;
    for (const auto& [start, length] : places) {
        if (!marks.isEmpty() && start <= marks.last().first + marks.last().second)
            marks.last().second = std::max(marks.last().second, start + length - marks.last().first);
        else
            marks.append({start, length});
    }
    return marks;
}

// A border of words near `at`, so that no word is cut where it can be helped.
qsizetype wordBorder(QStringView text, qsizetype at, int step)
{
    constexpr int farthest = 24;
    for (int i = 0; i < farthest; ++i) {
        const qsizetype here = at + i * step;
        if (here <= 0)
            return 0;
        if (here >= text.size())
            return text.size();
        if (text[here].isSpace() || text[here - 1].isSpace())
            return here;
    }
    // Not between the halves of a character, nor before an accent.
    while (at > 0 && at < text.size() && (text[at].isLowSurrogate() || text[at].isMark()))
        --at;
    return at;
}

} // namespace

QList<QPair<int, int>> findMarks(const QString& text, const QList<QueryTerm>& terms)
{
    std::vector<QPair<int, int>> places;
    for (const Found& found : findAll(QStringView(text).left(snippetTextMax), terms))
        places.emplace_back(int(found.start), int(found.end - found.start));
    return join(places);
}

Snippet makeSnippet(const QString& whole, const QList<QueryTerm>& terms, int charactersMax)
{
    const QStringView text = QStringView(whole).left(snippetTextMax);
    const std::vector<Found> found = findAll(text, terms);

    // The window with most different terms, then most places; the earliest of equals.
    const qsizetype width = charactersMax;
    qsizetype start = 0;
    if (!found.empty()) {
        std::unordered_map<size_t, int> inside;
        size_t tail = 0, bestTail = 0, bestTerms = 0, bestPlaces = 0;
        for (size_t head = 0; head < found.size(); ++head) {
            ++inside[found[head].term];
            while (found[head].end - found[tail].start > width * 3 / 4 && tail < head) {
                if (--inside[found[tail].term] == 0)
                    inside.erase(found[tail].term);
                ++tail;
            }
            const size_t places = head - tail + 1;
            if (inside.size() > bestTerms || (inside.size() == bestTerms && places > bestPlaces + 1)) {
                bestTerms = inside.size();
                bestPlaces = places;
                bestTail = tail;
            }
        }
        const qsizetype lead = width / 5;
        start = found[bestTail].start - lead;
        if (start <= lead)
            start = 0;
        start = std::min(start, std::max<qsizetype>(0, text.size() - width));
        start = wordBorder(text, start, -1);
    }
    const qsizetype end = start + width >= text.size() ? text.size() : wordBorder(text, start + width, -1);

    Snippet snippet;
    if (start > 0)
        snippet.text = QChar(0x2026);
    std::vector<QPair<int, int>> places;
    size_t next = 0;
    std::vector<int> positions(size_t(end - start) + 1);
    bool space = true; // leading white space goes
    for (qsizetype i = start; i < end; ++i) {
        positions[size_t(i - start)] = int(snippet.text.size());
        if (text[i].isSpace()) {
            if (!space)
                snippet.text += QLatin1Char(' ');
            space = true;
            continue;
        }
        snippet.text += text[i];
        space = false;
    }
    while (snippet.text.endsWith(QLatin1Char(' ')))
        snippet.text.chop(1);
    positions[size_t(end - start)] = int(snippet.text.size());
    for (; next < found.size() && found[next].start < end; ++next) {
        if (found[next].start < start || found[next].end > end)
            continue;
        const int from = positions[size_t(found[next].start - start)];
        const int upto = std::min(positions[size_t(found[next].end - start)], int(snippet.text.size()));
        places.emplace_back(from, upto - from);
    }
    snippet.marks = join(places);
    if (end < whole.size())
        snippet.text += QChar(0x2026);
    return snippet;
}

} // namespace stoa
