#include "client/ui/history/history_view.h"
#include "shared/text/diff.h"

namespace stoa {

namespace {

int wordsIn(const QString& text)
{
    int words = 0;
    bool within = false;
    for (const QChar letter : text) {
        const bool part = letter.isLetterOrNumber();
        words += part && !within;
        within = part;
    }
    return words;
}

} // namespace

StretchTexts textsOf(std::span<const v1::Revision> revisions, size_t begin, size_t end)
{
    StretchTexts texts;
    const auto before = begin == 0 ? Result<std::string>(std::string()) : bodyAfter(revisions.first(begin));
    auto after = bodyAfter(revisions.first(end));
    const auto written = whoWrote(revisions.first(end));
    if (!before || !after || !written)
        return texts;
    texts.isKnown = true;
    texts.rendered = renderedDifference(*before, *after);
    texts.pieces = piecesOf(*before, diffByWords(*before, *after));
    for (const DifferencePiece& piece : std::as_const(texts.pieces)) {
        if (piece.kind == DifferencePiece::Kind::Added)
            texts.wordsAdded += wordsIn(piece.text);
        if (piece.kind == DifferencePiece::Kind::Removed)
            texts.wordsRemoved += wordsIn(piece.text);
    }
    texts.body = std::move(*after);

    std::vector<size_t> stretchOf(end); // of each revision
    for (const Stretch& stretch : stretches(revisions.first(end)))
        std::fill_n(stretchOf.begin() + ptrdiff_t(stretch.first), stretch.count, stretch.first);
    const auto isOneWork = [&](size_t a, size_t b) {
        return stretchOf[a] == stretchOf[b] && revisions[a].author() == revisions[b].author();
    };
    std::string_view rest = texts.body;
    for (const size_t by : writersOfLines(texts.body, *written)) {
        const size_t feed = rest.find('\n');
        const std::string_view line = rest.substr(0, feed == std::string_view::npos ? feed : feed + 1);
        rest.remove_prefix(line.size());
        const QString text = QString::fromUtf8(line.data(), qsizetype(line.size()));
        // Nobody is named for what is empty.
        const bool isEmpty = text.trimmed().isEmpty();
        if (texts.written.isEmpty() || !(isEmpty || isOneWork(texts.written.back().second, by))) {
            texts.written.append({text, by});
            continue;
        }
        texts.written.back().first += text;
        if (!isEmpty)
            texts.written.back().second = std::max(texts.written.back().second, by);
    }
    return texts;
}

} // namespace stoa
