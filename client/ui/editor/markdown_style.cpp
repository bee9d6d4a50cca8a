#include "client/ui/editor/markdown_style.h"

#include <algorithm>
#include <vector>

#include <QTextDocument>
#include <QTextLayout>

namespace stoa {

namespace {

// Longer lines are shown plain from there on.
constexpr qsizetype lineMax = 10'000;

// What a block's user state says: which fence its end lies in, and whether the line is styled.
constexpr int unknown = -1;
constexpr int styledBit = 1 << 12;
constexpr int codeBit = 1 << 13; // the line is one of a block of code, or its fence
constexpr int tilde = 1 << 8;
constexpr int fenceMask = (1 << 9) - 1; // length, and which sign; 0: no code

struct Fence {
    int length = 0;
    QChar sign;
    bool bare = false; // nothing behind it, so it may also end code
};

Fence fenceOf(QStringView line)
{
    qsizetype at = 0;
    while (at < line.size() && at < 12 && (line.at(at) == QLatin1Char(' ') || line.at(at) == QLatin1Char('>')))
        ++at;
    if (at >= line.size() || (line.at(at) != QLatin1Char('`') && line.at(at) != QLatin1Char('~')))
        return {};
    Fence fence{0, line.at(at)};
    while (at < line.size() && line.at(at) == fence.sign) {
        ++at;
        ++fence.length;
    }
    const QStringView rest = line.mid(at);
    fence.bare = rest.trimmed().isEmpty();
    if (fence.length < 3 || (fence.sign == QLatin1Char('`') && rest.contains(fence.sign)))
        return {};
    fence.length = std::min(fence.length, tilde - 1);
    return fence;
}

// Most lines show by their first letter that they are none: the text of a block costs more.
Fence fenceOf(const QTextBlock& block)
{
    const QChar first = block.document()->characterAt(block.position());
    const bool may = first == QLatin1Char('`') || first == QLatin1Char('~') || first == QLatin1Char(' ') ||
                     first == QLatin1Char('>');
    return may ? fenceOf(block.text()) : Fence();
}

// The state behind a line, by the one before it.
int stateBehind(int before, const Fence& fence)
{
    const int open = before & fenceMask;
    const int own = fence.length == 0 ? 0 : fence.length | (fence.sign == QLatin1Char('~') ? tilde : 0);
    if (open == 0)
        return own == 0 ? 0 : own | codeBit;
    const bool closes = fence.bare && own != 0 && (own & tilde) == (open & tilde) && own >= open;
    return (closes ? 0 : open) | codeBit;
}

// What a character is, as bits.
enum : quint16 {
    strong = 1,
    emphasis = 2,
    strike = 4,
    code = 8,
    link = 16,
    sign = 32, // of Markdown's own
    mono = 64,
    quoted = 128,
    bullet = 256,
    done = 512,
    heading = 1024, // and its level in the bits above
};

using Looks = std::vector<quint16>;

void add(Looks& looks, qsizetype from, qsizetype to, int what)
{
    for (qsizetype i = std::max<qsizetype>(0, from); i < std::min<qsizetype>(to, qsizetype(looks.size())); ++i)
        looks[size_t(i)] = quint16(looks[size_t(i)] | what);
}

qsizetype runAt(QStringView line, qsizetype at)
{
    qsizetype end = at;
    while (end < line.size() && line.at(end) == line.at(at))
        ++end;
    return end - at;
}

// What stands within a line. Each sign is looked for once in vain, so the work is linear but for a small factor.
void lookInside(QStringView line, qsizetype at, Looks& looks)
{
    bool noTick = false, noBracket = false, noRun[3][3] = {};
    const auto isSpace = [&](qsizetype i) { return i < 0 || i >= line.size() || line.at(i).isSpace(); };
    while (at < line.size()) {
        const QChar c = line.at(at);
        if (c == QLatin1Char('\\')) {
            add(looks, at, at + 1, sign);
            at += 2;
        } else if (c == QLatin1Char('`') && !noTick) {
            const qsizetype run = runAt(line, at);
            qsizetype end = at + run;
            while ((end = line.indexOf(c, end)) >= 0 && runAt(line, end) != run)
                end += runAt(line, end);
            if (end < 0) {
                noTick = true;
                at += run;
                continue;
            }
            add(looks, at, at + run, sign);
            add(looks, at, end + run, code);
            add(looks, end, end + run, sign);
            at = end + run;
        } else if (c == QLatin1Char('*') || c == QLatin1Char('_') || c == QLatin1Char('~')) {
            const qsizetype run = runAt(line, at);
            const bool isStrike = c == QLatin1Char('~');
            const bool within = c == QLatin1Char('_') && at > 0 && line.at(at - 1).isLetterOrNumber();
            const size_t kind = isStrike ? 2 : c == QLatin1Char('_') ? 1 : 0;
            bool& none = noRun[kind][std::min<qsizetype>(run, 3) - 1];
            if (isSpace(at + run) || within || none || run > 3 || (isStrike && run != 2)) {
                at += run;
                continue;
            }
            qsizetype end = at + run;
            while ((end = line.indexOf(c, end)) >= 0) {
                const qsizetype found = runAt(line, end);
                const bool word =
                    c == QLatin1Char('_') && end + found < line.size() && line.at(end + found).isLetterOrNumber();
                if (found >= run && !isSpace(end - 1) && !word)
                    break;
                end += found;
            }
            if (end < 0) {
                none = true;
                at += run;
                continue;
            }
            const int what = isStrike ? strike : run == 1 ? emphasis : run == 2 ? strong : strong | emphasis;
            add(looks, at + run, end, what);
            add(looks, at, at + run, sign);
            add(looks, end, end + run, sign);
            at += run; // what is inside has its own
        } else if (c == QLatin1Char('[') && !noBracket) {
            const qsizetype middle = line.indexOf(QLatin1String("]("), at);
            const qsizetype end = middle < 0 ? -1 : line.indexOf(QLatin1Char(')'), middle);
            if (end < 0) {
                noBracket = true;
                ++at;
                continue;
            }
            add(looks, at, at + 1, sign);
            add(looks, at + 1, middle, link);
            add(looks, middle, end + 1, sign);
            at = end + 1;
        } else if (c == QLatin1Char('h') && (at == 0 || !line.at(at - 1).isLetterOrNumber()) &&
                   (line.mid(at).startsWith(QLatin1String("http://")) ||
                    line.mid(at).startsWith(QLatin1String("https://")))) {
            qsizetype end = at;
            while (end < line.size() && !line.at(end).isSpace() && line.at(end) != QLatin1Char('>') &&
                   line.at(end) != QLatin1Char(')'))
                ++end;
            add(looks, at, end, link);
            at = end;
        } else {
            ++at;
        }
    }
}

Looks looksOf(QStringView line, bool isCode)
{
    Looks looks(size_t(std::min(line.size(), lineMax)));
    line = line.left(lineMax);
    if (isCode) {
        add(looks, 0, line.size(), fenceOf(line).length > 0 ? mono | sign : mono);
        return looks;
    }
    qsizetype at = 0;
    const auto skipSpaces = [&] {
        while (at < line.size() && (line.at(at) == QLatin1Char(' ') || line.at(at) == QLatin1Char('\t')))
            ++at;
    };
    skipSpaces();
    while (at < line.size() && line.at(at) == QLatin1Char('>')) {
        add(looks, 0, line.size(), quoted);
        add(looks, at, at + 1, sign);
        ++at;
        skipSpaces();
    }
    if (at >= line.size())
        return looks;
    const QChar c = line.at(at);
    const qsizetype run = runAt(line, at);
    if (c == QLatin1Char('#') && run <= 6 && (at + run == line.size() || line.at(at + run).isSpace())) {
        add(looks, 0, line.size(), heading | int(run) << 11);
        add(looks, at, at + run, sign);
        at += run;
    } else if (c == QLatin1Char('|')) {
        add(looks, 0, line.size(), mono);
        const bool isRule = std::all_of(line.begin(), line.end(), [](QChar each) {
            return each == QLatin1Char('|') || each == QLatin1Char('-') || each == QLatin1Char(':') || each.isSpace();
        });
        for (qsizetype i = at; i < line.size(); ++i)
            if (isRule || line.at(i) == QLatin1Char('|'))
                add(looks, i, i + 1, sign);
    } else if ((c == QLatin1Char('-') || c == QLatin1Char('*') || c == QLatin1Char('_')) && run >= 3 &&
               line.mid(at + run).trimmed().isEmpty()) {
        add(looks, at, line.size(), sign);
        return looks;
    } else {
        qsizetype end = at;
        while (end < line.size() && end - at < 9 && line.at(end).isDigit())
            ++end;
        const bool number =
            end > at && end < line.size() && (line.at(end) == QLatin1Char('.') || line.at(end) == QLatin1Char(')'));
        const bool mark = c == QLatin1Char('-') || c == QLatin1Char('*') || c == QLatin1Char('+');
        end = number ? end + 1 : mark ? at + 1 : at;
        if (end > at && (end == line.size() || line.at(end).isSpace())) {
            add(looks, at, end, bullet);
            at = end;
            skipSpaces();
            const QStringView box = line.mid(at, 3);
            const bool ticked = box == QLatin1String("[x]") || box == QLatin1String("[X]");
            if (ticked || box == QLatin1String("[ ]")) {
                add(looks, at, at + 3, bullet);
                at += 3;
                if (ticked)
                    add(looks, at, line.size(), done);
            }
        }
    }
    lookInside(line, at, looks);
    return looks;
}

QTextCharFormat formatOf(quint16 looks, Size size)
{
    const Tokens& t = tokens();
    QTextCharFormat format;
    const int level = looks & heading ? looks >> 11 : 0;
    if (looks & (mono | code)) {
        QFont font = codeFont(size <= Size::Text ? Size::Small : size == Size::Reading ? Size::Text : Size::Reading);
        font.setStyleStrategy(QFont::PreferNoShaping); // each sign as it was typed: no two drawn as one
        format.setFont(font);
    } else if (looks & bullet) {
        format.setFontWeight(int(Weight::Strong));
    }
    if (level > 0) {
        format.setFontWeight(int(Weight::Title));
        if (level <= 2)
            format.setProperty(QTextFormat::FontPixelSize,
                               int(std::max(size, level == 1 ? Size::Title : Size::Heading)));
    }
    if (looks & strong)
        format.setFontWeight(int(Weight::Title));
    if (looks & emphasis)
        format.setFontItalic(true);
    if (looks & strike)
        format.setFontStrikeOut(true);
    if (looks & sign)
        format.setForeground(t.faint);
    else if (looks & (link | bullet))
        format.setForeground(t.acc);
    else if (looks & (quoted | done))
        format.setForeground(t.mute);
    if (looks & code)
        format.setBackground(t.code);
    return format;
}

} // namespace

MarkdownStyle::MarkdownStyle(QTextDocument* document) : QObject(document), document_(document)
{
    connect(document, &QTextDocument::contentsChange, this, &MarkdownStyle::changed);
}

void MarkdownStyle::setSize(Size size)
{
    size_ = size;
    forget();
}

void MarkdownStyle::forget()
{
    for (QTextBlock block = document_->begin(); block.isValid(); block = block.next())
        if (block.userState() != unknown)
            block.setUserState(block.userState() & ~styledBit);
}

bool MarkdownStyle::isCode(const QTextBlock& block)
{
    return block.userState() != unknown && block.userState() & codeBit;
}

void MarkdownStyle::changed(int from, int, int added)
{
    QTextBlock block = document_->findBlock(from);
    int before = block.previous().isValid() ? block.previous().userState() : 0;
    for (; block.isValid(); block = block.next()) {
        const int now = stateBehind(before, fenceOf(block));
        const bool same = block.userState() != unknown && (block.userState() & ~styledBit) == now;
        if (same && block.position() > from + added)
            return;
        block.setUserState(now);
        before = now;
    }
}

void MarkdownStyle::style(const QTextBlock& block)
{
    if (block.userState() == unknown || block.userState() & styledBit)
        return;
    QTextBlock(block).setUserState(block.userState() | styledBit);
    const Looks looks = looksOf(block.text(), isCode(block));
    QList<QTextLayout::FormatRange> ranges;
    for (size_t from = 0; from < looks.size();) {
        size_t to = from;
        while (to < looks.size() && looks[to] == looks[from])
            ++to;
        if (looks[from] != 0)
            ranges.append({int(from), int(to - from), formatOf(looks[from], size_)});
        from = to;
    }
    if (ranges.isEmpty() && block.layout()->formats().isEmpty())
        return;
    block.layout()->setFormats(ranges);
    document_->markContentsDirty(block.position(), block.length());
}

} // namespace stoa
