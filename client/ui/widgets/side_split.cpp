#include "client/ui/widgets/side_split.h"

#include <algorithm>

#include "client/ui/theme/theme.h"
#include "client/ui/widgets/choices.h"

namespace stoa {

namespace {

constexpr int sideMin = grid(66);
constexpr int keepMs = 300; // not with each step of the mouse
constexpr QLatin1String closedChoice("closed");

} // namespace

SideSplit::SideSplit(const Desk& desk, const QString& name, QWidget* side, QWidget* main, QWidget* parent)
    : QSplitter(parent), desk_(desk), name_(name)
{
    // A narrow window stays so, whatever either of them shows.
    side->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    main->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    side->setMinimumWidth(sideMin);
    addWidget(side);
    addWidget(main);
    setChildrenCollapsible(false);
    setHandleWidth(1);
    const QString kept = choice(desk, name);
    isClosed_ = kept == closedChoice;
    chosen_ = std::max(0, kept.toInt());
    connect(this, &QSplitter::splitterMoved, this, [this](int at) {
        if (at > 0)
            chosen_ = at;
        if (isClosed_ != (at == 0)) {
            isClosed_ = at == 0;
            share();
            Q_EMIT closedChanged(isClosed_);
        }
        keeping_.start();
    });
    keeping_.setSingleShot(true);
    keeping_.setInterval(keepMs);
    connect(&keeping_, &QTimer::timeout, this, &SideSplit::keep);
    share();
}

void SideSplit::setRoom(bool room)
{
    if (std::exchange(room_, room) != room)
        share();
}

void SideSplit::setClosed(bool closed)
{
    if (std::exchange(isClosed_, closed) == closed)
        return;
    keep();
    share();
    Q_EMIT closedChanged(closed);
}

void SideSplit::keep()
{
    keepChoice(desk_, name_, isClosed_ ? QString(closedChoice) : chosen_ > 0 ? QString::number(chosen_) : QString());
}

int SideSplit::sideIn(int width) const
{
    if (!room_ || isClosed_)
        return 0;
    const int usual = std::clamp(width * 9 / 25, sideMin, metrics::list);
    return std::clamp(chosen_ > 0 ? chosen_ : usual, sideMin, std::max(sideMin, width / 2));
}

void SideSplit::share()
{
    const int side = sideIn(width());
    widget(0)->setVisible(side > 0);
    setSizes({side, std::max(1, width() - side - handleWidth())});
}

void SideSplit::resizeEvent(QResizeEvent* event)
{
    QSplitter::resizeEvent(event);
    share();
    Q_EMIT resized();
}

} // namespace stoa
