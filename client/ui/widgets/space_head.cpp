#include "client/ui/widgets/space_head.h"

#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLocale>
#include <QPushButton>
#include <QVBoxLayout>

#include "client/commands/sentences.h"
#include "client/ui/widgets/widgets.h"

namespace stoa {

SpaceHead::SpaceHead(Location::Kind here, bool large, QWidget* parent) : QWidget(parent), here_(here)
{
    name_ = makeElidedLabel({}, large ? Size::Title : Size::Heading, Tone::Text, Weight::Title);
    top_ = new QHBoxLayout;
    top_->setSpacing(grid(3));
    if (large) {
        badge_ = new Badge({}, grid(9));
        figures_ = makeLabel({}, Size::Text, Tone::Mute);
        auto* words = new QVBoxLayout;
        words->setSpacing(0);
        words->addWidget(name_);
        words->addWidget(figures_);
        top_->addWidget(badge_);
        top_->addLayout(words, 1);
    } else {
        top_->addWidget(name_, 1);
    }
    auto* tabs = new QHBoxLayout;
    tabs->setSpacing(grid(4));
    overview_ = addTab(Location::Kind::Space);
    pages_ = addTab(Location::Kind::Pages);
    questions_ = addTab(Location::Kind::Questions);
    for (QPushButton* tab : {overview_, pages_, questions_})
        tabs->addWidget(tab);
    tabs->addStretch(1);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins({});
    layout->setSpacing(0);
    layout->addLayout(top_);
    layout->addSpacing(grid(large ? 3 : 2));
    layout->addLayout(tabs);
    layout->addWidget(makeLine());
}

QPushButton* SpaceHead::addTab(Location::Kind kind)
{
    auto* tab = new QPushButton;
    tab->setProperty("kind", QStringLiteral("tab"));
    tab->setCheckable(true);
    tab->setChecked(kind == here_);
    tab->setCursor(Qt::PointingHandCursor);
    tab->setAutoDefault(false);
    tab->setFont(fontOf(Size::Text));
    connect(tab, &QPushButton::clicked, this, [this, tab, kind] {
        tab->setChecked(kind == here_);
        Location location = spaceLocation(space_);
        location.kind = kind;
        Q_EMIT wanted(location, QGuiApplication::keyboardModifiers() & Qt::ControlModifier);
    });
    return tab;
}

void SpaceHead::setSpace(const SpaceRow& space)
{
    space_ = space.id;
    name_->setFullText(space.name);
    const QLocale locale;
    overview_->setText(tr("Overview"));
    pages_->setText(space.pages > 0 ? tr("Pages %1").arg(locale.toString(space.pages)) : tr("Pages"));
    questions_->setText(space.questions > 0 ? tr("Questions %1").arg(locale.toString(space.questions))
                                            : tr("Questions"));
    if (badge_)
        badge_->setName(space.name);
    if (figures_) {
        QStringList parts{visibilityText(space.visibility)};
        if (space.people > 0)
            parts << counted(space.people, tr("%1 member"), tr("%1 members"));
        if (space.role != v1::ROLE_NONE)
            parts << tr("you: %1").arg(roleText(space.role));
        if (space.setAside)
            parts << tr("no longer served, read-only");
        figures_->setText(parts.join(QStringLiteral(" · ")));
    }
}

void SpaceHead::addButton(QWidget* button)
{
    top_->addWidget(button, 0, Qt::AlignVCenter);
}

EmptyState* makeSpaceGone()
{
    return new EmptyState(SpaceHead::tr("This space is not on this computer"),
                          SpaceHead::tr("You are no longer a member of it, or it was removed. What you wrote there "
                                        "and had not sent yet is in your outbox."));
}

} // namespace stoa
