#include "client/ui/editor/reader_marks.h"

#include <algorithm>

#include <QDeadlineTimer>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>
#include <QStyle>
#include <QTextBlock>

#include "client/ui/editor/markdown_editor.h"
#include "client/ui/theme/theme.h"

namespace stoa {

namespace {

constexpr qint64 flagMs = 2'500; // as long as the flag is seen in full
constexpr qint64 fadeMs = 300;
constexpr int tickMs = 40; // while it fades
constexpr int caretWidth = 2;
constexpr int nameMax = grid(40);
constexpr int selectedAlpha = 48;

} // namespace

ReaderMarks::ReaderMarks(MarkdownEditor* editor, NowMs now) : QObject(editor), editor_(editor), now_(std::move(now))
{
    if (!now_)
        now_ = [] { return QDeadlineTimer::current().deadline(); };
    // Who asks their system for no animations gets none.
    fades_ = editor->style()->styleHint(QStyle::SH_Widget_Animation_Duration, nullptr, editor) > 0;
    editor->addPainter(MarkdownEditor::Layer::Below, [this](QPainter& painter) { paintBelow(painter); });
    editor->addPainter(MarkdownEditor::Layer::Above, [this](QPainter& painter) { paintAbove(painter); });
    editor->viewport()->installEventFilter(this);
    editor->viewport()->setMouseTracking(true);
    // What is typed here where somebody stands comes behind them, what others write before.
    connect(editor, &MarkdownEditor::othersWrite, this, [this](bool begins) {
        for (Mark& mark : marks_)
            mark.cursor.setKeepPositionOnInsert(!begins);
    });
    connect(editor, &MarkdownEditor::filled, this, [this] {
        if (waiting_)
            take(*std::exchange(waiting_, std::nullopt));
    });
    const auto follow = [this] {
        if (!marks_.empty())
            repaint();
    };
    connect(editor, &QPlainTextEdit::textChanged, this, follow);
    connect(editor->verticalScrollBar(), &QScrollBar::valueChanged, this, follow);
    timer_.setSingleShot(true);
    connect(&timer_, &QTimer::timeout, this, &ReaderMarks::repaint);
}

void ReaderMarks::set(const QList<PresentReader>& readers)
{
    if (editor_->isFilled())
        return take(readers);
    waiting_ = readers;
}

void ReaderMarks::take(const QList<PresentReader>& readers)
{
    std::vector<Mark> marks;
    for (const PresentReader& each : readers) {
        if (!each.placed)
            continue;
        QTextCursor cursor(editor_->document());
        cursor.setPosition(int(editor_->toUtf16(each.from)));
        cursor.setPosition(int(editor_->toUtf16(each.to)), QTextCursor::KeepAnchor);
        cursor.setKeepPositionOnInsert(true);
        const auto known = std::find_if(marks_.begin(), marks_.end(), [&](const Mark& mark) {
            return mark.reader.person == each.person && mark.reader.session == each.session;
        });
        const bool isNews = known == marks_.end() || each.writing || known->cursor.position() != cursor.position() ||
                            known->cursor.anchor() != cursor.anchor();
        marks.push_back({each, cursor, isNews ? now_() : known->saidMs});
    }
    marks_ = std::move(marks);
    repaint();
}

QTextCursor ReaderMarks::cursorOf(const Id& person, quint32 session) const
{
    for (const Mark& mark : marks_)
        if (mark.reader.person == person && mark.reader.session == session)
            return mark.cursor;
    return {};
}

// Above the caret, or below it where there is no room; never out of what is seen.
QRect ReaderMarks::flagAt(const QRect& caret, const QString& name) const
{
    const QFontMetrics metrics(fontOf(Size::Caption, Weight::Strong));
    const QSize size(std::min(metrics.horizontalAdvance(name), nameMax) + grid(2), metrics.height() + 2);
    const QRect room = editor_->viewport()->rect();
    const int top = caret.top() - size.height() >= room.top() ? caret.top() - size.height() : caret.bottom() + 1;
    const int left = std::clamp(caret.left(), room.left(), std::max(room.left(), room.right() + 1 - size.width()));
    return {QPoint(left, top), size};
}

std::vector<ReaderMarks::Shown> ReaderMarks::shown() const
{
    std::vector<Shown> all;
    if (marks_.empty())
        return all;
    const std::vector<MarkdownEditor::Seen> seen = editor_->seen();
    if (seen.empty())
        return all;
    const int first = seen.front().block.position();
    const int last = seen.back().block.position() + seen.back().block.length() - 1;
    const QRect room = editor_->viewport()->rect();
    for (const Mark& mark : marks_) {
        Shown shown;
        shown.name = mark.reader.name;
        const int at = mark.cursor.position();
        if (at >= first && at <= last) {
            QTextCursor place(editor_->document());
            place.setPosition(at);
            const QRect rect = editor_->cursorRect(place);
            const int left = std::clamp(rect.left(), 0, std::max(0, room.width() - caretWidth));
            shown.caret = QRect(left, rect.top(), caretWidth, rect.height());
            const qint64 age = now_() - mark.saidMs;
            const bool isHovered = shown.caret.adjusted(-grid(1), 0, grid(1), 0).contains(mouse_);
            const double rest = 1.0 - double(age - flagMs) / double(fadeMs);
            shown.opacity = isHovered || age < flagMs ? 1.0 : fades_ ? std::clamp(rest, 0.0, 1.0) : 0.0;
            if (shown.opacity > 0)
                shown.flag = flagAt(shown.caret, shown.name);
        }
        const int from = std::max(mark.cursor.selectionStart(), first), to = std::min(mark.cursor.selectionEnd(), last);
        if (from < to)
            shown.selected = editor_->rectsOf(from, to);
        if (shown.caret.intersects(room) || !shown.selected.isEmpty())
            all.push_back(shown);
    }
    return all;
}

void ReaderMarks::paintBelow(QPainter& painter)
{
    painting_ = shown();
    for (const Shown& each : painting_) {
        QColor ground = nameInk(each.name);
        ground.setAlpha(selectedAlpha);
        for (const QRect& rect : each.selected)
            painter.fillRect(rect, ground);
    }
}

void ReaderMarks::paintAbove(QPainter& painter) const
{
    if (painting_.empty())
        return;
    for (const Shown& each : painting_)
        painter.fillRect(each.caret, nameInk(each.name));
    const QFont font = fontOf(Size::Caption, Weight::Strong);
    const QFontMetrics metrics(font);
    painter.setFont(font);
    painter.setRenderHint(QPainter::Antialiasing);
    for (const Shown& each : painting_) {
        if (each.flag.isEmpty())
            continue;
        painter.setOpacity(each.opacity);
        painter.setPen(Qt::NoPen);
        painter.setBrush(nameColour(each.name));
        painter.drawRoundedRect(each.flag, metrics::radiusPill / 2.0, metrics::radiusPill / 2.0);
        painter.setPen(Qt::white);
        painter.drawText(each.flag, Qt::AlignCenter, metrics.elidedText(each.name, Qt::ElideRight, nameMax));
    }
    painter.setOpacity(1);
}

// Only what is another now than it was.
void ReaderMarks::repaint()
{
    QRegion now;
    for (const Shown& each : shown()) {
        now += each.caret;
        now += each.flag;
        for (const QRect& rect : each.selected)
            now += rect;
    }
    editor_->viewport()->update(painted_ + now);
    painted_ = now;
    wakeUp();
}

// When the next flag is to fade, or on.
void ReaderMarks::wakeUp()
{
    timer_.stop();
    qint64 next = -1;
    for (const Mark& mark : marks_) {
        const qint64 age = now_() - mark.saidMs;
        const qint64 in = age < flagMs ? flagMs - age : age < flagMs + fadeMs ? (fades_ ? tickMs : 0) : -1;
        if (in >= 0 && (next < 0 || in < next))
            next = in;
    }
    if (next >= 0)
        timer_.start(int(std::max<qint64>(next, tickMs)));
}

bool ReaderMarks::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::MouseMove || event->type() == QEvent::Leave) {
        const bool left = event->type() == QEvent::Leave;
        mouse_ = left ? QPoint(-1, -1) : static_cast<QMouseEvent*>(event)->position().toPoint();
        if (!marks_.empty())
            repaint();
    }
    return QObject::eventFilter(watched, event);
}

} // namespace stoa
