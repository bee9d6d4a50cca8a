#include <QPainter>

#include "client/ui/history/history_view.h"
#include "client/ui/widgets/widgets.h"

namespace stoa {

QString rowName(const HistoryRow& row)
{
    if (row.sinceRead)
        return HistoryPlace::tr("Since you read it last");
    return row.authorName.isEmpty() ? HistoryPlace::tr("Somebody who left") : row.authorName;
}

HistoryDelegate::HistoryDelegate(WallClock now, QObject* parent) : QStyledItemDelegate(parent), now_(std::move(now)) {}

QSize HistoryDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const
{
    return {grid(50), metrics::rowTwo};
}

// People along a line, the newest at its upper end.
void HistoryDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const auto row = index.data(HistoryModel::RowRole).value<HistoryRow>();
    const Tokens& t = tokens();
    const bool selected = option.state & QStyle::State_Selected;
    painter->save();
    painter->fillRect(option.rect, selected ? t.sel : option.state & QStyle::State_MouseOver ? t.hover : t.pane);
    if (option.state & QStyle::State_HasFocus && selected)
        painter->fillRect(QRect(option.rect.topLeft(), QSize(grid(1) / 2, option.rect.height())), t.acc);
    const QRect inner = option.rect.adjusted(grid(4), grid(2), -grid(4), -grid(2));
    const QRect avatar(inner.left(), inner.center().y() - historyAvatar / 2, historyAvatar, historyAvatar);
    const int line = avatar.center().x();
    painter->setPen(t.line);
    if (index.row() > 0)
        painter->drawLine(line, option.rect.top(), line, avatar.top());
    if (index.row() + 1 < index.model()->rowCount())
        painter->drawLine(line, avatar.bottom(), line, option.rect.bottom());
    if (row.sinceRead)
        makeIcon(QStringLiteral("bookmark"), t.acc).paint(painter, avatar);
    else
        paintAvatar(painter, avatar, rowName(row));

    const QRect words = inner.adjusted(historyAvatar + grid(3), 0, 0, 0);
    const QString when = ageText(row.toMs, now_());
    painter->setFont(fontOf(Size::Small));
    painter->setPen(t.mute);
    const int whenWidth = painter->fontMetrics().horizontalAdvance(when);
    const int small = painter->fontMetrics().height();
    painter->drawText(QRect(words.left(), words.top(), words.width(), small), Qt::AlignRight | Qt::AlignVCenter, when);
    const QString what = !row.summary.isEmpty() ? row.summary.simplified()
                       : row.sinceRead          ? tr("All changes in one")
                       : row.created            ? tr("The first text")
                                                : tr("No summary");
    painter->setPen(row.summary.isEmpty() ? t.faint : t.mute);
    painter->drawText(QRect(words.left(), words.bottom() + 1 - small, words.width(), small),
                      Qt::AlignLeft | Qt::AlignVCenter,
                      painter->fontMetrics().elidedText(what, Qt::ElideRight, words.width()));
    painter->setFont(fontOf(Size::Text, Weight::Strong));
    painter->setPen(t.text);
    const int width = words.width() - whenWidth - grid(2);
    painter->drawText(QRect(words.left(), words.top(), width, painter->fontMetrics().height()),
                      Qt::AlignLeft | Qt::AlignVCenter,
                      painter->fontMetrics().elidedText(rowName(row), Qt::ElideRight, width));
    painter->restore();
}

} // namespace stoa
