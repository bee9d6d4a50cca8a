#include "client/ui/pages/unread_bar.h"

#include <QHBoxLayout>

#include "client/ui/widgets/widgets.h"

namespace stoa {

UnreadBar::UnreadBar(QWidget* parent) : QFrame(parent)
{
    text_ = makeElidedLabel({}, Size::Text, Tone::Text);
    QPushButton* show = makeButton(tr("Show changes"));
    QToolButton* close = makeIconButton(QStringLiteral("close"), tr("Dismiss"));
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(grid(3), grid(2), grid(3), grid(2));
    layout->setSpacing(grid(2));
    layout->addWidget(text_, 1);
    layout->addWidget(show);
    layout->addWidget(close);
    setProperty("ground", QStringLiteral("side"));
    setAttribute(Qt::WA_StyledBackground);
    setAccessibleName(tr("What changed since you read it last"));
    connect(show, &QPushButton::clicked, this, &UnreadBar::showWanted);
    connect(close, &QToolButton::clicked, this, &UnreadBar::dismissed);
    hide();
}

void UnreadBar::set(int changes, int people)
{
    text_->setFullText(changes == 0 ? tr("Others changed this page since you read it last.")
                                    : tr("%1 by %2 since you read it last")
                                          .arg(counted(changes, tr("%1 change"), tr("%1 changes")),
                                               counted(people, tr("%1 person"), tr("%1 people"))));
}

} // namespace stoa
