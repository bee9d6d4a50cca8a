// A row that leads somewhere (widgets.h).

#include <algorithm>

#include <QKeyEvent>
#include <QPainter>
#include <QTextLayout>

#include "client/ui/widgets/widgets.h"

namespace stoa {

RowButton::RowButton(QWidget* parent) : QPushButton(parent)
{
    setCursor(Qt::PointingHandCursor);
    QSizePolicy policy(QSizePolicy::Ignored, QSizePolicy::Minimum);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    setAutoDefault(false);
    setAttribute(Qt::WA_Hover);
}

void RowButton::set(const QString& text, const QString& detail, const PillPaint& pill)
{
    const QString line = text.simplified();
    if (line == text_ && detail == detail_ && pill == pill_)
        return;
    text_ = line;
    detail_ = detail;
    pill_ = pill;
    QStringList spoken{text_};
    for (const QString& more : {pill_.text, detail_})
        if (!more.isEmpty())
            spoken << more;
    setAccessibleName(spoken.join(QStringLiteral(", ")));
    explain();
    updateGeometry();
    update();
}

void RowButton::resizeEvent(QResizeEvent* event)
{
    QPushButton::resizeEvent(event);
    explain();
}

// What does not fit is read when the mouse rests on it.
void RowButton::explain()
{
    const bool isCut =
        !isBeside(width()) && lines(width()).last().endsWith(QChar(0x2026)) && !text_.endsWith(QChar(0x2026));
    setToolTip(isCut ? text_.toHtmlEscaped() : QString());
}

// A plain button knows the space bar alone.
void RowButton::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)
        click();
    else
        QPushButton::keyPressEvent(event);
}

QSize RowButton::sizeHint() const
{
    return {grid(40), metrics::rowOne + grid(1)};
}

// Of the text, where the pill stands beside it.
int RowButton::roomFor(int width) const
{
    const int pill = pill_.text.isEmpty() ? 0 : pillWidth(pill_.text) + grid(2);
    return std::max(1, width - grid(1) - pill);
}

bool RowButton::isBeside(int width) const
{
    const QFontMetrics strong(fontOf(Size::Text, Weight::Strong)), small(fontOf(Size::Small));
    const int detail = detail_.isEmpty() ? 0 : small.horizontalAdvance(detail_) + grid(3);
    return strong.horizontalAdvance(text_) + detail <= roomFor(width);
}

// The text, at most two lines of it.
QStringList RowButton::lines(int width) const
{
    const QFont font = fontOf(Size::Text, Weight::Strong);
    QTextLayout layout(text_, font);
    QTextOption option;
    option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    layout.setTextOption(option);
    layout.beginLayout();
    QTextLine first = layout.createLine();
    if (first.isValid())
        first.setLineWidth(roomFor(width));
    layout.endLayout();
    const int end = first.isValid() ? first.textStart() + first.textLength() : 0;
    if (end >= text_.size())
        return {text_};
    return {text_.left(end).trimmed(), QFontMetrics(font).elidedText(text_.mid(end), Qt::ElideRight, roomFor(width))};
}

int RowButton::heightForWidth(int width) const
{
    if (isBeside(width))
        return sizeHint().height();
    const int text = int(lines(width).size()) * QFontMetrics(fontOf(Size::Text, Weight::Strong)).lineSpacing();
    const int detail = detail_.isEmpty() ? 0 : QFontMetrics(fontOf(Size::Small)).lineSpacing();
    return std::max(sizeHint().height(), text + detail + grid(3));
}

void RowButton::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const Tokens& t = tokens();
    if (underMouse() || isDown() || hasFocus()) {
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(hasFocus() ? t.sel : t.hover);
        painter.drawRoundedRect(rect(), metrics::radiusPill, metrics::radiusPill);
    }
    const QRect inner = rect().adjusted(0, 0, -grid(1), 0);
    isBeside(width()) ? paintBeside(painter, inner) : paintBelow(painter, inner);
}

void RowButton::paintBeside(QPainter& painter, const QRect& inner)
{
    int right = inner.right() + 1;
    if (!pill_.text.isEmpty())
        right -= paintPill(&painter, {right, (height() - pillHeight) / 2}, pill_) + grid(2);
    painter.setFont(fontOf(Size::Small));
    painter.setPen(tokens().mute);
    painter.drawText(QRect(inner.left(), 0, right - inner.left(), height()), Qt::AlignRight | Qt::AlignVCenter,
                     detail_);
    painter.setFont(fontOf(Size::Text, Weight::Strong));
    painter.setPen(tokens().text);
    painter.drawText(QRect(inner.left(), 0, right - inner.left(), height()), Qt::AlignLeft | Qt::AlignVCenter, text_);
}

void RowButton::paintBelow(QPainter& painter, const QRect& inner)
{
    if (!pill_.text.isEmpty())
        paintPill(&painter, {inner.right() + 1, grid(2)}, pill_);
    int top = grid(1) + grid(1) / 2;
    const auto line = [&](const QString& text) {
        const int height = painter.fontMetrics().lineSpacing();
        painter.drawText(QRect(inner.left(), top, inner.width(), height), Qt::AlignLeft | Qt::AlignVCenter, text);
        top += height;
    };
    painter.setFont(fontOf(Size::Text, Weight::Strong));
    painter.setPen(tokens().text);
    for (const QString& each : lines(width()))
        line(each);
    painter.setFont(fontOf(Size::Small));
    painter.setPen(tokens().mute);
    line(painter.fontMetrics().elidedText(detail_, Qt::ElideRight, inner.width()));
}

} // namespace stoa
