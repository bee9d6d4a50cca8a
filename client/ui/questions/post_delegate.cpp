#include "client/ui/questions/post_delegate.h"

#include <QFontMetrics>
#include <QPainter>

#include "client/commands/sentences.h"
#include "client/models/post_list_model.h"
#include "client/ui/questions/paint_text.h"
#include "client/ui/widgets/list_row.h"
#include "client/ui/widgets/widgets.h"

namespace stoa {

namespace {

constexpr int titleLines = 2;

// What most needs to be known about a post, in words beside the colour.
PillPaint pillOf(const PostRow& row)
{
    if (row.refused)
        return {PostDelegate::tr("Refused"), Tone::Bad};
    if (row.pending)
        return {PostDelegate::tr("Waiting"), Tone::Warn};
    if (row.kind != v1::QUESTION)
        return {PostDelegate::tr("Page"), Tone::Mute};
    if (row.answers == 0)
        return {PostDelegate::tr("No answer"), Tone::Warn};
    const QString answers = counted(row.answers, PostDelegate::tr("%1 answer"), PostDelegate::tr("%1 answers"));
    if (!row.accepted.isNull())
        return {QStringLiteral("✓ ") + answers, Tone::Ok};
    return {answers, Tone::Accent};
}

} // namespace

PostDelegate::PostDelegate(WallClock now, QObject* parent) : QStyledItemDelegate(parent), now_(std::move(now)) {}

void PostDelegate::setSpaceNames(const QHash<Id, QString>& names)
{
    spaceNames_ = names;
}

void PostDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const Tokens& t = tokens();
    const auto row = index.data(PostListModel::RowRole).value<PostRow>();
    const QFont titleFont = fontOf(Size::Text, Weight::Strong);
    const QFont smallFont = fontOf(Size::Small);
    const QFontMetrics titleMetrics(titleFont);
    const QFontMetrics smallMetrics(smallFont);

    painter->save();
    painter->setClipRect(option.rect);
    const QRect inner = paintListRow(painter, option);
    painter->fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1), t.line);
    const int badgeWidth = paintPill(painter, {inner.right() + 1, inner.top()}, pillOf(row));
    const QRect titleRect(inner.left(), inner.top(), inner.width() - badgeWidth - grid(2),
                          titleLines * titleMetrics.height());
    const int lines = paintText(painter, titleRect, row.title, {titleFont, t.text, titleLines});
    if (lines < titleLines && !row.excerpt.isEmpty()) {
        const QRect excerptRect(inner.left(), inner.top() + titleMetrics.height() + 1, inner.width(),
                                titleMetrics.height());
        paintText(painter, excerptRect, row.excerpt, {fontOf(Size::Text), t.mute, 1});
    }

    // The last line: who, when and tags from the left, the score from the right.
    const QRect last(inner.left(), inner.bottom() + 1 - smallMetrics.height(), inner.width(), smallMetrics.height());
    const QString score = QStringLiteral("▲ %1").arg(QLocale().toString(row.score));
    const int scoreWidth = smallMetrics.horizontalAdvance(score);
    painter->setFont(smallFont);
    painter->setPen(row.myVote != 0 ? t.acc : t.mute);
    painter->drawText(last, Qt::AlignRight | Qt::AlignVCenter, score);
    QStringList words{isolated(authorText(row.author, row.authorName)), ageText(row.activeMs, now_())};
    if (const QString space = spaceNames_.value(row.space); !space.isEmpty())
        words.append(isolated(space));
    for (const QString& tag : row.tags)
        words.append(isolated(tag));
    paintText(painter, last.adjusted(0, 0, -scoreWidth - grid(2), 0), words.join(QStringLiteral(" · ")),
              {smallFont, t.mute, 1});
    painter->restore();
}

QSize PostDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const
{
    const int title = QFontMetrics(fontOf(Size::Text, Weight::Strong)).height();
    const int small = QFontMetrics(fontOf(Size::Small)).height();
    return {grid(50), 2 * grid(2) + titleLines * title + grid(1) + small};
}

} // namespace stoa
