#include "client/ui/questions/post_delegate.h"

#include <QFontMetrics>
#include <QPainter>

#include "client/commands/sentences.h"
#include "client/models/post_list_model.h"
#include "client/ui/questions/paint_text.h"

namespace stoa {

namespace {

constexpr int titleLines = 2;

struct Badge {
    QString text;
    QColor ink;
    QColor ground;
};

// What most needs to be known about a post, in words beside the colour.
Badge badgeOf(const PostRow& row, const Tokens& t)
{
    if (row.refused)
        return {PostDelegate::tr("Refused"), t.bad, t.badbg};
    if (row.pending)
        return {PostDelegate::tr("Waiting"), t.warn, t.warnbg};
    if (row.kind != v1::QUESTION)
        return {kindText(row.kind), t.mute, t.hover};
    if (row.answers == 0)
        return {PostDelegate::tr("No answer"), t.warn, t.warnbg};
    const QString answers = PostDelegate::tr("%n answers", nullptr, row.answers);
    if (!row.accepted.isNull())
        return {QStringLiteral("✓ ") + answers, t.ok, t.okbg};
    return {answers, t.acc, t.accbg};
}

} // namespace

PostDelegate::PostDelegate(WallClock now, QObject* parent) : QStyledItemDelegate(parent), now_(std::move(now)) {}

void PostDelegate::setSeen(qint64 seenMs, const Id& me)
{
    seenMs_ = seenMs;
    me_ = me;
}

void PostDelegate::setSpaceNames(const QHash<Id, QString>& names)
{
    spaceNames_ = names;
}

void PostDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const Tokens& t = tokens();
    const auto row = index.data(PostListModel::RowRole).value<PostRow>();
    const bool selected = option.state & QStyle::State_Selected;
    const QFont titleFont = font(Size::Text, Weight::Strong);
    const QFont smallFont = font(Size::Small);
    const QFontMetrics titleMetrics(titleFont);
    const QFontMetrics smallMetrics(smallFont);

    painter->save();
    painter->setClipRect(option.rect);
    painter->fillRect(option.rect, selected ? t.sel : option.state & QStyle::State_MouseOver ? t.hover : t.pane);
    painter->fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1), t.line);
    if (option.state & QStyle::State_HasFocus && selected)
        painter->fillRect(QRect(option.rect.topLeft(), QSize(grid(1) / 2, option.rect.height())), t.acc);

    const QRect inner = option.rect.adjusted(grid(4), paddingAbove(), -grid(4), -paddingAbove());
    const Badge badge = badgeOf(row, t);
    const int badgeWidth = paintPill(painter, {inner.right() + 1, inner.top()}, badge);
    int left = inner.left();
    if (seenMs_ > 0 && row.author != me_ && row.activeMs > seenMs_) {
        const int dot = grid(1) + grid(1) / 2;
        painter->setRenderHint(QPainter::Antialiasing);
        painter->setPen(Qt::NoPen);
        painter->setBrush(t.acc);
        painter->drawEllipse(QRect(left, inner.top() + (titleMetrics.height() - dot) / 2, dot, dot));
        left += dot + grid(2);
    }
    const QRect titleRect(left, inner.top(), inner.right() + 1 - left - badgeWidth - grid(2),
                          titleLines * titleMetrics.height());
    const int lines = paintText(painter, titleRect, row.title, {titleFont, t.text, titleLines});
    if (lines < titleLines && !row.excerpt.isEmpty()) {
        const QRect excerptRect(inner.left(), inner.top() + titleMetrics.height() + 1, inner.width(),
                                titleMetrics.height());
        paintText(painter, excerptRect, row.excerpt, {font(Size::Text), t.mute, 1});
    }

    // The last line: who, when and tags from the left, the score from the right.
    const QRect last(inner.left(), inner.bottom() + 1 - smallMetrics.height(), inner.width(), smallMetrics.height());
    const QString score = QStringLiteral("▲ %1").arg(QLocale().toString(row.score));
    const int scoreWidth = smallMetrics.horizontalAdvance(score);
    painter->setFont(smallFont);
    painter->setPen(row.myVote != 0 ? t.acc : t.mute);
    painter->drawText(last, Qt::AlignRight | Qt::AlignVCenter, score);
    QStringList words{row.authorName.isEmpty() ? tr("Somebody who left") : row.authorName,
                      ageText(row.activeMs, now_())};
    if (const QString space = spaceNames_.value(row.space); !space.isEmpty())
        words.append(space);
    words.append(row.tags);
    paintText(painter, last.adjusted(0, 0, -scoreWidth - grid(2), 0), words.join(QStringLiteral(" · ")),
              {smallFont, t.mute, 1});
    painter->restore();
}

QSize PostDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const
{
    const int title = QFontMetrics(font(Size::Text, Weight::Strong)).height();
    const int small = QFontMetrics(font(Size::Small)).height();
    return {grid(50), 2 * paddingAbove() + titleLines * title + grid(1) + small};
}

} // namespace stoa
