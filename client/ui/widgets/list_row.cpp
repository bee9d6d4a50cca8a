#include "client/ui/widgets/list_row.h"

#include <QPainter>
#include <QStyleOptionViewItem>

#include "client/ui/theme/theme.h"

namespace stoa {

QRect paintListRow(QPainter* painter, const QStyleOptionViewItem& option)
{
    const Tokens& t = tokens();
    const bool selected = option.state & QStyle::State_Selected;
    painter->fillRect(option.rect, selected ? t.sel : option.state & QStyle::State_MouseOver ? t.hover : t.pane);
    if (option.state & QStyle::State_HasFocus && selected)
        painter->fillRect(QRect(option.rect.topLeft(), QSize(grid(1) / 2, option.rect.height())), t.acc);
    return option.rect.adjusted(grid(4), grid(2), -grid(4), -grid(2));
}

void paintFirstLine(QPainter* painter, const QRect& room, const QString& text, int free)
{
    painter->setFont(fontOf(Size::Text, Weight::Strong));
    painter->setPen(tokens().text);
    const QRect line(room.left(), room.top(), room.width() - free, painter->fontMetrics().height());
    painter->drawText(line, Qt::AlignLeft | Qt::AlignVCenter,
                      painter->fontMetrics().elidedText(text, Qt::ElideRight, line.width()));
}

void paintLastLine(QPainter* painter, const QRect& room, const QString& text, const QColor& ink)
{
    painter->setFont(fontOf(Size::Small));
    painter->setPen(ink);
    const int height = painter->fontMetrics().height();
    const QRect line(room.left(), room.bottom() + 1 - height, room.width(), height);
    painter->drawText(line, Qt::AlignLeft | Qt::AlignVCenter,
                      painter->fontMetrics().elidedText(text, Qt::ElideRight, line.width()));
}

} // namespace stoa
