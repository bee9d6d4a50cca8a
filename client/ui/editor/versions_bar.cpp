#include "client/ui/editor/versions_bar.h"

#include <algorithm>

#include <QHBoxLayout>

#include "client/ui/widgets/widgets.h"

namespace stoa {

namespace {

QString quoted(const QString& text)
{
    constexpr qsizetype lettersMax = 60;
    const QString line = text.simplified();
    return QStringLiteral("“%1”").arg(line.size() > lettersMax ? line.left(lettersMax) + QChar(0x2026) : line);
}

} // namespace

VersionsBar::VersionsBar(QWidget* parent) : QFrame(parent)
{
    name_ = new Pill(tr("Two versions here"), Tone::Warn);
    text_ = makeElidedLabel({}, Size::Small, Tone::Mute);
    first_ = makeButton(tr("Keep the first"));
    second_ = makeButton(tr("Keep the second"));
    both_ = makeButton(tr("Keep both"));
    find_ = makeButton(tr("Show"), ButtonKind::Link);
    previous_ = makeIconButton(QStringLiteral("up"), tr("The passage before"));
    next_ = makeIconButton(QStringLiteral("down"), tr("The next passage"));
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(grid(3), grid(2), grid(3), grid(2));
    layout->setSpacing(grid(2));
    layout->addWidget(name_);
    layout->addWidget(text_, 1);
    for (QWidget* button :
         {static_cast<QWidget*>(find_), static_cast<QWidget*>(first_), static_cast<QWidget*>(second_),
          static_cast<QWidget*>(both_), static_cast<QWidget*>(previous_), static_cast<QWidget*>(next_)})
        layout->addWidget(button);
    setProperty("ground", QStringLiteral("side"));
    setAttribute(Qt::WA_StyledBackground);
    setAccessibleName(tr("Passages of which there are two versions"));
    const auto settle = [this](QString Versions::*what) {
        if (present_ < versions_.size()) {
            const QString text = versions_[present_].*what;
            Q_EMIT settled(present_, text);
        }
    };
    connect(first_, &QPushButton::clicked, this, [settle] { settle(&Versions::first); });
    connect(second_, &QPushButton::clicked, this, [settle] { settle(&Versions::second); });
    connect(both_, &QPushButton::clicked, this, [settle] { settle(&Versions::whole); });
    connect(find_, &QPushButton::clicked, this, [this] { Q_EMIT showWanted(present_); });
    connect(previous_, &QToolButton::clicked, this, [this] { go(-1); });
    connect(next_, &QToolButton::clicked, this, [this] { go(1); });
    hide();
}

void VersionsBar::set(const QList<Versions>& versions)
{
    if (versions == versions_)
        return;
    versions_ = versions;
    present_ = std::clamp(present_, 0, std::max(0, int(versions_.size()) - 1));
    setVisible(!versions_.isEmpty());
    showPresent();
}

void VersionsBar::go(int by)
{
    present_ = (present_ + by + int(versions_.size())) % int(versions_.size());
    showPresent();
    Q_EMIT showWanted(present_);
}

void VersionsBar::showPresent()
{
    if (versions_.isEmpty())
        return;
    const Versions& shown = versions_[present_];
    const bool apart = !shown.first.isEmpty() || !shown.second.isEmpty();
    text_->setFullText(apart ? tr("%1 and %2").arg(quoted(shown.first), quoted(shown.second)) : quoted(shown.whole));
    name_->setText(versions_.size() == 1 ? tr("Two versions here")
                                         : tr("Two versions here, %1 of %2").arg(present_ + 1).arg(versions_.size()));
    first_->setVisible(apart);
    second_->setVisible(apart);
    for (QWidget* step : {previous_, next_})
        step->setVisible(versions_.size() > 1);
}

} // namespace stoa
