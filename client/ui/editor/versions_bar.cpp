#include "client/ui/editor/versions_bar.h"

#include <algorithm>

#include <QHBoxLayout>

#include "client/ui/widgets/widgets.h"

namespace stoa {

namespace {

constexpr int textMin = grid(110); // of what the two versions say, beside the buttons

QString quoted(const QString& text)
{
    // Both ends: somebody may have written on behind a version.
    constexpr qsizetype lettersMax = 60, endLetters = 20;
    QString line = text.simplified();
    if (line.size() > lettersMax)
        line = line.left(lettersMax - endLetters).trimmed() + QStringLiteral(" … ") + line.right(endLetters).trimmed();
    return QStringLiteral("“%1”").arg(line);
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
    const auto row = [](std::initializer_list<QWidget*> widgets) {
        auto* made = new QWidget;
        auto* layout = new QHBoxLayout(made);
        layout->setContentsMargins({});
        layout->setSpacing(grid(2));
        for (QWidget* each : widgets)
            layout->addWidget(each, each->sizePolicy().horizontalPolicy() == QSizePolicy::Preferred ? 1 : 0);
        return made;
    };
    what_ = row({name_, text_, find_, previous_, next_});
    acts_ = row({first_, second_, both_});
    parts_ = new QBoxLayout(QBoxLayout::LeftToRight, this);
    parts_->setContentsMargins(grid(3), grid(2), grid(3), grid(2));
    parts_->setSpacing(grid(2));
    parts_->addWidget(what_, 1);
    parts_->addWidget(acts_, 0, Qt::AlignLeft);
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

QSize VersionsBar::minimumSizeHint() const
{
    const QMargins edge = parts_->contentsMargins();
    const int wide = std::max(what_->minimumSizeHint().width(), acts_->minimumSizeHint().width());
    return {wide + edge.left() + edge.right(), QFrame::minimumSizeHint().height()};
}

void VersionsBar::resizeEvent(QResizeEvent* event)
{
    QFrame::resizeEvent(event);
    arrange();
}

void VersionsBar::arrange()
{
    const int spare = parts_->contentsRect().width() - what_->minimumSizeHint().width() - acts_->sizeHint().width();
    parts_->setDirection(spare < textMin ? QBoxLayout::TopToBottom : QBoxLayout::LeftToRight);
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
    arrange();
}

} // namespace stoa
