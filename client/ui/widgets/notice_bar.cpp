#include "client/ui/widgets/notice_bar.h"

#include <QBoxLayout>
#include <QEvent>
#include <QLabel>
#include <QShortcut>

#include "client/commands/placing.h"
#include "client/ui/widgets/flow_layout.h"
#include "client/ui/widgets/widgets.h"

namespace stoa {

namespace {

constexpr int besideTextMin = grid(90); // of the text

QString removalQuestion(const PostRow& post)
{
    switch (post.kind) {
    case v1::ANSWER:
        return RemovalBar::tr("Delete this answer?");
    case v1::COMMENT:
        return RemovalBar::tr("Delete this comment?");
    default:
        return RemovalBar::tr("Delete “%1”?").arg(post.title.simplified());
    }
}

} // namespace

NoticeBar::NoticeBar(const QString& name, QWidget* parent) : QFrame(parent)
{
    text_ = makeWrappedLabel({}, Size::Text, Tone::Text);
    acts_ = new QWidget;
    acts_->setLayout(new FlowLayout(grid(2)));
    parts_ = new QBoxLayout(QBoxLayout::LeftToRight, this);
    parts_->setContentsMargins(grid(3), grid(2), grid(3), grid(2));
    parts_->setSpacing(grid(2));
    parts_->addWidget(text_, 1);
    parts_->addWidget(acts_);
    setProperty("ground", QStringLiteral("side"));
    setAttribute(Qt::WA_StyledBackground);
    setAccessibleName(name);
    hide();
}

void NoticeBar::setText(const QString& text)
{
    text_->setText(text);
}

QPushButton* NoticeBar::addButton(const QString& text, bool primary)
{
    QPushButton* button = makeButton(text, primary ? ButtonKind::Primary : ButtonKind::Plain);
    addButton(button);
    return button;
}

void NoticeBar::addButton(QPushButton* button)
{
    acts_->layout()->addWidget(button);
}

bool NoticeBar::event(QEvent* event)
{
    if (event->type() == QEvent::LayoutRequest)
        arrange();
    return QFrame::event(event);
}

void NoticeBar::resizeEvent(QResizeEvent* event)
{
    QFrame::resizeEvent(event);
    arrange();
}

void NoticeBar::arrange()
{
    const int row = acts_->layout()->sizeHint().width();
    const bool isBeside = row + besideTextMin <= width();
    acts_->setMinimumWidth(isBeside ? row : 0);
    parts_->setDirection(isBeside ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
}

RemovalBar::RemovalBar(const Desk& desk, QWidget* before, QWidget* parent)
    : NoticeBar(tr("Whether to delete this"), parent), desk_(desk), before_(before)
{
    delete_ = addButton(tr("Delete"));
    keep_ = addButton(tr("Keep"));
    connect(delete_, &QPushButton::clicked, this, &RemovalBar::remove);
    connect(keep_, &QPushButton::clicked, this, &RemovalBar::keep);
    new QShortcut(Qt::Key_Escape, this, this, &RemovalBar::keep, Qt::WidgetWithChildrenShortcut);
}

void RemovalBar::ask(const Id& id)
{
    const auto post = stoa::post(*desk_.reading, id);
    if (!post)
        return drop();
    const Removal found = removal(*desk_.reading, desk_.pen, *post);
    const bool may = found.barrier == Removal::Barrier::None;
    post_ = id;
    below_ = found.below;
    setText(may ? removalQuestion(*post) + QLatin1Char(' ') + removalText(found, *post) : removalText(found, *post));
    delete_->setVisible(may);
    keep_->setText(may ? tr("Keep") : tr("Close"));
    show();
    keep_->setFocus(Qt::OtherFocusReason);
}

void RemovalBar::drop()
{
    post_ = {};
    hide();
}

void RemovalBar::keep()
{
    drop();
    before_->setFocus(Qt::OtherFocusReason);
}

void RemovalBar::remove()
{
    const auto post = stoa::post(*desk_.reading, post_);
    if (!post)
        return drop();
    const Removal found = removal(*desk_.reading, desk_.pen, *post);
    // What came since was not spoken of.
    if (found.barrier != Removal::Barrier::None || found.below != below_)
        return ask(post->id);
    drop();
    desk_.worker->submit(found.changes);
    Q_EMIT said(desk_.worker->status().state == SyncStatus::State::Offline
                    ? tr("Deleted. Until there is a network it can be taken back in the outbox.")
                    : tr("Deleted."));
    Q_EMIT deleted(*post);
}

} // namespace stoa
