#include "client/ui/document/document_writer.h"

#include <algorithm>

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QFontMetricsF>
#include <QTextDocument>
#include <QTextTable>

#include "shared/markup/difference.h"
#include "shared/markup/plain.h"

namespace stoa {

namespace {

struct DocumentTexts {
    Q_DECLARE_TR_FUNCTIONS(Document)
};

// A longer stretch becomes several blocks: what one block costs to lay out must stay below a frame.
constexpr qsizetype blockLettersMax = 2000;
// A change of look costs about as much as this many letters.
constexpr qsizetype spanLetters = 12;
constexpr qsizetype lettersAtOnce = 3000;
constexpr int depthMax = 12;
constexpr size_t tableColumnsMax = 40;
constexpr size_t tableRowsAtOnce = 12;
constexpr qsizetype cellLettersMax = 2000;

QString text(const std::string& utf8)
{
    return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
}

Size headingSize(int level, Size base)
{
    if (base == Size::Reading)
        return level == 1 ? Size::Title : level == 2 ? Size::Heading : Size::Reading;
    return level == 1 ? Size::Heading : level == 2 ? Size::Reading : base;
}

// Where to cut a text of at most `most` letters, at a space where there is one, never inside a character.
qsizetype cutAt(const QString& text, qsizetype from, qsizetype most)
{
    if (text.size() - from <= most)
        return text.size();
    qsizetype end = from + most;
    for (qsizetype i = end; i > from + most / 2; --i)
        if (text[i - 1].isSpace())
            return i;
    if (text[end].isLowSurrogate())
        --end;
    return end;
}

QString boxText(Task task)
{
    return task == Task::Done ? QStringLiteral("☑\u00a0") : QStringLiteral("☐\u00a0");
}

} // namespace

DocumentWriter::DocumentWriter(QTextDocument* into, Document document, Size size, bool boxes)
    : into_(into), document_(std::move(document)), size_(size), boxes_(boxes), cursor_(into)
{
    cursor_.movePosition(QTextCursor::End);
}

QTextCharFormat DocumentWriter::charFormat(Size size, Weight weight) const
{
    QTextCharFormat format;
    format.setFont(fontOf(size, weight));
    format.setForeground(tokens().text);
    return format;
}

QTextBlockFormat DocumentWriter::blockFormat(const Block& block) const
{
    QTextBlockFormat format;
    format.setProperty(block_property::source, int(next_) - 1);
    if (isMarked(block))
        format.setProperty(block_property::change, block.mark == Mark::Kept ? 3 : int(block.mark));
    const int quotes = std::min(block.quoteDepth, depthMax);
    format.setIndent(quotes + std::min(block.listDepth, depthMax));
    if (quotes > 0)
        format.setProperty(block_property::quotes, quotes);
    // The font's own line is 1.2 times its size; reading wants 1.6.
    format.setLineHeight(size_ == Size::Reading ? 132 : 122, QTextBlockFormat::ProportionalHeight);
    format.setBottomMargin(grid(size_ == Size::Reading ? 3 : 2));
    return format;
}

void DocumentWriter::take(const Block& block)
{
    QTextBlockFormat format = blockFormat(block);
    if (afterItem_ && block.listDepth == 0)
        format.setTopMargin(grid(2));
    afterItem_ = block.kind == BlockKind::ListItem;
    switch (block.kind) {
    case BlockKind::Paragraph:
        takeText(block, format, charFormat(size_, Weight::Normal));
        break;
    case BlockKind::Heading: {
        format.setHeadingLevel(block.level);
        format.setTopMargin(empty_ ? 0 : grid(block.level <= 2 ? 4 : 2));
        format.setBottomMargin(grid(2));
        format.setLineHeight(110, QTextBlockFormat::ProportionalHeight);
        takeText(block, format, charFormat(headingSize(block.level, size_), Weight::Title));
        break;
    }
    case BlockKind::ListItem: {
        QString marker = block.ordered ? QString::number(block.number) + QLatin1Char('.') : QStringLiteral("•");
        if (block.task != Task::None)
            marker = boxText(block.task).left(1);
        format.setBottomMargin(grid(1));
        const QTextCharFormat look = charFormat(size_, Weight::Normal);
        if (boxes_ && block.task != Task::None) {
            takeText(block, format, look);
            pending_.first().box = int(next_) - 1;
            pending_.first().block.setTextIndent(-QFontMetricsF(look.font()).horizontalAdvance(boxText(block.task)));
            break;
        }
        format.setProperty(block_property::marker, marker);
        takeText(block, format, look);
        break;
    }
    case BlockKind::Code:
        takeCode(block, format);
        break;
    case BlockKind::Rule:
        format.setProperty(block_property::rule, true);
        pending_.append({format, {}, charFormat(size_, Weight::Normal)});
        break;
    case BlockKind::Table:
        if (block.table.columns.size() <= tableColumnsMax) {
            tableRow_ = 1;
            break;
        }
        // Too wide for a table: its rows as text.
        for (const auto& row : block.table.rows) {
            Block line;
            for (const Spans& cell : row) {
                line.spans.insert(line.spans.end(), cell.begin(), cell.end());
                line.spans.push_back({});
                line.spans.back().text = "  ";
            }
            takeText(line, format, charFormat(size_, Weight::Normal));
        }
        break;
    }
    std::reverse(pending_.begin(), pending_.end());
    if (block.kind == BlockKind::Heading && !block.anchor.empty() && !anchors_.contains(text(block.anchor)))
        anchors_.insert(text(block.anchor), empty_ ? 0 : into_->characterCount() - (afterTable_ ? 1 : 0));
}

void DocumentWriter::takeText(const Block& block, QTextBlockFormat format, const QTextCharFormat& look)
{
    Line line{format, {}, look};
    qsizetype letters = 0;
    const auto close = [&](bool last) {
        if (!last)
            line.block.setBottomMargin(0);
        pending_.append(line);
        line.spans.clear();
        line.block = format;
        line.block.clearProperty(block_property::marker);
        line.block.setTopMargin(0);
        letters = 0;
    };
    for (const Span& span : block.spans) {
        letters += spanLetters;
        if (letters + static_cast<qsizetype>(span.text.size()) <= blockLettersMax) {
            letters += static_cast<qsizetype>(span.text.size());
            line.spans.push_back(span);
            continue;
        }
        const QString whole = text(span.text);
        for (qsizetype from = 0; from < whole.size();) {
            const qsizetype to = cutAt(whole, from, std::max<qsizetype>(blockLettersMax - letters, 400));
            Span part = span;
            part.text = whole.mid(from, to - from).toStdString();
            line.spans.push_back(std::move(part));
            letters += to - from;
            from = to;
            if (letters >= blockLettersMax && from < whole.size())
                close(false);
        }
        if (letters >= blockLettersMax && &span != &block.spans.back())
            close(false);
    }
    close(true);
}

void DocumentWriter::takeCode(const Block& block, QTextBlockFormat format)
{
    ++codeGroups_;
    format.setProperty(block_property::code, codeGroups_);
    format.setLineHeight(120, QTextBlockFormat::ProportionalHeight);
    format.setLeftMargin(grid(3));
    format.setRightMargin(grid(3));
    format.setTopMargin(0);
    format.setBottomMargin(0);
    format.setLayoutDirection(Qt::LeftToRight);
    QTextCharFormat look;
    look.setFont(codeFont(size_ == Size::Reading ? Size::Text : Size::Small));
    look.setForeground(tokens().text);
    const qsizetype first = pending_.size();
    Span whole;
    whole.text = block.code;
    Line line{format, {}, look};
    qsizetype letters = 0;
    const auto close = [&] {
        // Bars stand beside the lines that differ.
        if (!isMarked(line.spans))
            line.block.clearProperty(block_property::change);
        pending_.append(line);
        line.spans.clear();
        line.block = format;
        letters = 0;
    };
    for (const Span& span : block.spans.empty() ? Spans{whole} : block.spans) {
        const QString code = text(span.text);
        Span part = span;
        for (qsizetype from = 0; from < code.size();) {
            const qsizetype feed = code.indexOf(QLatin1Char('\n'), from);
            const qsizetype end = feed < 0 ? code.size() : feed;
            const qsizetype to = std::min(end, cutAt(code, from, std::max<qsizetype>(blockLettersMax - letters, 400)));
            part.text = code.mid(from, to - from).toStdString();
            letters += to - from + spanLetters;
            line.spans.push_back(part);
            if (to == feed || letters >= blockLettersMax)
                close();
            from = to == feed ? to + 1 : to;
        }
    }
    if (!line.spans.empty() || pending_.size() == first)
        close();
    closeCode(first);
}

void DocumentWriter::closeCode(qsizetype first)
{
    constexpr int padding = grid(3);
    QTextBlockFormat& top = pending_[first].block;
    top.setProperty(block_property::edge, 1);
    top.setTopMargin(empty_ ? grid(2) : padding);
    QTextBlockFormat& bottom = pending_.last().block;
    bottom.setProperty(block_property::edge, bottom.intProperty(block_property::edge) | 2);
    bottom.setBottomMargin(padding + grid(3));
}

void DocumentWriter::writeSpans(QTextCursor& cursor, const Spans& spans, const QTextCharFormat& look)
{
    const Tokens& t = tokens();
    for (const Span& span : spans) {
        QTextCharFormat format = look;
        if (span.code) {
            QFont mono = codeFont(Size::Text);
            mono.setPixelSize(std::max(look.font().pixelSize() - 2, static_cast<int>(Size::Caption)));
            format.setFont(mono);
            format.setBackground(t.code);
        }
        if (span.emphasis)
            format.setFontItalic(true);
        if (span.strong)
            format.setFontWeight(static_cast<int>(Weight::Title));
        if (span.strike)
            format.setFontStrikeOut(true);
        QString words = text(span.text);
        if (span.image) {
            format.setForeground(t.mute);
            format.setFontItalic(true);
            words = words.isEmpty() ? DocumentTexts::tr("[Image]") : DocumentTexts::tr("[Image: %1]").arg(words);
        }
        if (span.isLink()) {
            format.setAnchor(true);
            format.setAnchorHref(QString::number(targets_.size()));
            format.setForeground(t.acc);
            targets_.append(text(span.target));
        }
        // Colour is never all that tells: what was removed is struck out, what was added underlined.
        if (span.mark != Mark::Kept) {
            const bool isAdded = span.mark == Mark::Added;
            format.setProperty(markProperty, int(span.mark));
            format.setForeground(isAdded ? t.ok : t.bad);
            format.setBackground(isAdded ? t.okbg : t.badbg);
            isAdded ? format.setFontUnderline(true) : format.setFontStrikeOut(true);
        }
        // Within a block a break of the author's is a line separator.
        words.replace(QLatin1Char('\n'), QChar(QChar::LineSeparator));
        words.remove(QChar(QChar::ObjectReplacementCharacter));
        words.replace(QChar(QChar::ParagraphSeparator), QLatin1Char(' '));
        cursor.insertText(words, format);
    }
}

void DocumentWriter::writeLine(const Line& line)
{
    cursor_.movePosition(QTextCursor::End);
    if (empty_ || afterTable_) {
        cursor_.setBlockFormat(line.block);
        cursor_.setBlockCharFormat(line.look);
    } else {
        cursor_.insertBlock(line.block, line.look);
    }
    empty_ = false;
    afterTable_ = false;
    writeBox(line);
    writeSpans(cursor_, line.spans, line.look);
}

void DocumentWriter::writeBox(const Line& line)
{
    if (line.box < 0)
        return;
    QTextCharFormat format = line.look;
    format.setAnchor(true);
    format.setAnchorHref(boxAddress + QString::number(line.box));
    format.setForeground(tokens().mute);
    cursor_.insertText(boxText(document_.blocks[size_t(line.box)].task), format);
}

void DocumentWriter::writeTablePart(const Block& block)
{
    const Table& table = block.table;
    const size_t from = tableRow_ - 1;
    const size_t to = std::min(table.rows.size(), from + tableRowsAtOnce);
    const int columns = std::max(1, static_cast<int>(table.columns.size()));
    if (from >= to) {
        tableRow_ = 0;
        return;
    }
    QTextTableFormat format;
    format.setBorder(1);
    format.setBorderBrush(tokens().line);
    format.setBorderStyle(QTextFrameFormat::BorderStyle_Solid);
    format.setBorderCollapse(true);
    format.setCellPadding(grid(1) + 2);
    format.setCellSpacing(0);
    // Unlike a block's, the margin of what stands above does not hold it off.
    format.setTopMargin(from == 0 && !empty_ ? grid(4) : 0);
    format.setBottomMargin(to == table.rows.size() ? grid(3) : 0);
    format.setLeftMargin(grid(5) * std::min(block.quoteDepth + block.listDepth, depthMax));
    if (table.rows.size() > tableRowsAtOnce) {
        // Written in parts that must line up: widths by the letters of the first rows.
        std::vector<qreal> letters(static_cast<size_t>(columns), 4);
        for (size_t r = 0; r < std::min(table.rows.size(), 4 * tableRowsAtOnce); ++r)
            for (size_t c = 0; c < std::min(letters.size(), table.rows[r].size()); ++c)
                letters[c] = std::max(letters[c], std::min<qreal>(60, plainText(table.rows[r][c]).size()));
        qreal sum = 0;
        for (const qreal n : letters)
            sum += n;
        QList<QTextLength> widths;
        for (const qreal n : letters)
            widths.append(QTextLength(QTextLength::PercentageLength, 100 * n / sum));
        format.setColumnWidthConstraints(widths);
        format.setWidth(QTextLength(QTextLength::PercentageLength, 100));
    }
    cursor_.movePosition(QTextCursor::End);
    QTextTable* grown = cursor_.insertTable(static_cast<int>(to - from), columns, format);
    for (size_t r = from; r < to; ++r) {
        const auto& row = table.rows[r];
        const QTextCharFormat look = charFormat(Size::Text, r == 0 ? Weight::Strong : Weight::Normal);
        for (int c = 0; c < columns && c < static_cast<int>(row.size()); ++c) {
            QTextTableCell cell = grown->cellAt(static_cast<int>(r - from), c);
            if (r == 0) {
                QTextCharFormat ground = cell.format();
                ground.setBackground(tokens().hover);
                cell.setFormat(ground);
            }
            QTextCursor inside = cell.firstCursorPosition();
            QTextBlockFormat alignment;
            alignment.setProperty(block_property::source, int(next_) - 1);
            if (std::any_of(row.begin(), row.end(), [](const Spans& each) { return isMarked(each); }))
                alignment.setProperty(block_property::change, block.mark == Mark::Kept ? 3 : int(block.mark));
            switch (table.columns[static_cast<size_t>(c)]) {
            case Alignment::Center:
                alignment.setAlignment(Qt::AlignHCenter);
                break;
            case Alignment::Right:
                alignment.setAlignment(Qt::AlignRight);
                break;
            default:
                break;
            }
            inside.setBlockFormat(alignment);
            const std::string plain = plainText(row[static_cast<size_t>(c)]);
            if (static_cast<qsizetype>(plain.size()) > 4 * cellLettersMax)
                inside.insertText(text(plain).left(cellLettersMax) + QChar(0x2026), look);
            else
                writeSpans(inside, row[static_cast<size_t>(c)], look);
        }
    }
    tableRow_ = to < table.rows.size() ? to + 1 : 0;
    empty_ = false;
    afterTable_ = true;
    // The block after a table, or between two parts of one, must not show.
    QTextBlockFormat thin;
    thin.setLineHeight(1, QTextBlockFormat::FixedHeight);
    cursor_.movePosition(QTextCursor::End);
    cursor_.setBlockFormat(thin);
}

bool DocumentWriter::work(int budgetMs)
{
    QElapsedTimer clock;
    clock.start();
    while (!isDone()) {
        // One edit is one pass of the layout: little enough that it stays short.
        cursor_.beginEditBlock();
        for (qsizetype letters = 0; letters < lettersAtOnce && !isDone(); letters += 10 * spanLetters) {
            if (tableRow_) {
                writeTablePart(document_.blocks[next_ - 1]);
                break;
            }
            if (pending_.isEmpty()) {
                take(document_.blocks[next_++]);
                continue;
            }
            const Line line = pending_.takeLast();
            for (const Span& span : line.spans)
                letters += spanLetters + static_cast<qsizetype>(span.text.size());
            writeLine(line);
        }
        cursor_.endEditBlock();
        if (clock.elapsed() >= budgetMs)
            return !isDone();
    }
    return false;
}

} // namespace stoa
