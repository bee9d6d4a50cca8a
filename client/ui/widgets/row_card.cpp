#include "client/ui/widgets/row_card.h"

#include <algorithm>

#include <QApplication>
#include <QVBoxLayout>

#include "client/commands/sentences.h"

namespace stoa {

RowCard::RowCard(const QString& caption, const QString& nothing, QWidget* parent) : Card(caption, parent)
{
    nothing_ = makeWrappedLabel(nothing, Size::Text, Tone::Mute);
    body()->addWidget(nothing_);
}

void RowCard::setRows(const QList<CardRow>& rows)
{
    waiting_.reset();
    if (rows == rows_)
        return;
    if (std::any_of(buttons_.begin(), buttons_.end(), [](const RowButton* button) { return button->isDown(); })) {
        waiting_ = rows;
        return;
    }
    const int at = focused();
    const Id focusedId = at >= 0 ? rows_[at].id : Id{};
    rows_ = rows;
    while (buttons_.size() < rows_.size())
        appendButton();
    for (qsizetype i = 0; i < rows_.size(); ++i)
        buttons_[i]->set(rows_[i].text, rows_[i].detail, rows_[i].pill);
    if (at >= 0 && !rows_.isEmpty()) {
        const auto same =
            std::find_if(rows_.begin(), rows_.end(), [&](const CardRow& row) { return row.id == focusedId; });
        const qsizetype to = same != rows_.end() ? same - rows_.begin() : std::min<qsizetype>(at, rows_.size() - 1);
        buttons_[to]->setFocus(Qt::OtherFocusReason);
    }
    while (buttons_.size() > rows_.size()) {
        RowButton* button = buttons_.takeLast();
        body()->removeWidget(button);
        button->hide();
        button->deleteLater();
    }
    nothing_->setVisible(rows_.isEmpty());
}

void RowCard::appendButton()
{
    auto* button = new RowButton;
    const qsizetype row = buttons_.size();
    connect(button, &RowButton::clicked, this,
            [this, row] { Q_EMIT chosen(rows_[row].id, QApplication::keyboardModifiers() & Qt::ControlModifier); });
    // After clicked(), which tells of the row that was pressed.
    connect(
        button, &RowButton::released, this,
        [this] {
            if (waiting_)
                setRows(QList<CardRow>(*waiting_));
        },
        Qt::QueuedConnection);
    body()->addWidget(button);
    button->show(); // now, not when the layout comes to it: the keyboard may have to go there
    buttons_.append(button);
}

int RowCard::focused() const
{
    for (qsizetype i = 0; i < buttons_.size(); ++i)
        if (buttons_[i]->hasFocus())
            return int(i);
    return -1;
}

CardRow cardRow(const PostRow& post, PostAge age, qint64 nowMs, const QString& spaceName, bool withKind)
{
    QStringList detail;
    if (withKind)
        detail << kindText(post.kind);
    if (!spaceName.isEmpty())
        detail << isolated(spaceName);
    if (!post.authorName.isEmpty())
        detail << isolated(post.authorName);
    detail << ageText(age == PostAge::Changed ? post.changedMs : post.createdMs, nowMs);
    return {post.id, post.title, detail.join(QStringLiteral(" · ")), {}};
}

} // namespace stoa
