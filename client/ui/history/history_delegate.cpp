#include <QPainter>

#include "client/commands/sentences.h"
#include "client/ui/history/history_view.h"
#include "client/ui/widgets/list_row.h"
#include "client/ui/widgets/widgets.h"

namespace stoa {

QString rowName(const HistoryRow& row)
{
    if (row.sinceRead)
        return HistoryPlace::tr("Since you read it last");
    return row.authors.size() < 2 ? peopleText(authorTexts(row)) : peopleText(isolatedNames(row));
}

QStringList isolatedNames(const HistoryRow& row)
{
    QStringList names;
    for (const QString& name : authorTexts(row))
        names << isolated(name);
    return names;
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
    painter->save();
    const QRect inner = paintListRow(painter, option);
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
        paintAvatars(painter, avatar, authorTexts(row));

    const QRect words = inner.adjusted(historyAvatar + grid(3), 0, 0, 0);
    const QString when = ageText(row.toMs, now_());
    painter->setFont(fontOf(Size::Small));
    painter->setPen(t.mute);
    const int whenWidth = painter->fontMetrics().horizontalAdvance(when);
    const int small = painter->fontMetrics().height();
    painter->drawText(QRect(words.left(), words.top(), words.width(), small), Qt::AlignRight | Qt::AlignVCenter, when);
    const QString said = saidText(row, isolatedNames(row)).simplified();
    const QString what = !said.isEmpty() ? said
                       : row.sinceRead   ? tr("All changes in one")
                       : row.created     ? tr("The first text")
                                         : tr("No summary");
    paintLastLine(painter, words, what, said.isEmpty() ? t.faint : t.mute);
    paintFirstLine(painter, words, rowName(row), whenWidth + grid(2));
    painter->restore();
}

} // namespace stoa
