#include "client/ui/widgets/refresher.h"

#include <algorithm>

#include <QEvent>

namespace stoa {

namespace {

constexpr qint64 pauseMs = 250;

} // namespace

Refresher::Refresher(QWidget* place, QList<std::function<void()>> parts)
    : QObject(place), place_(place), parts_(std::move(parts))
{
    timer_.setSingleShot(true);
    connect(&timer_, &QTimer::timeout, this, &Refresher::step);
    place_->installEventFilter(this);
}

void Refresher::now()
{
    timer_.stop();
    next_ = 0;
    wanted_ = false;
    for (const auto& part : std::as_const(parts_))
        part();
    sinceLast_.start();
}

void Refresher::soon()
{
    wanted_ = true;
    if (timer_.isActive() || !place_->isVisible())
        return;
    const qint64 passed = sinceLast_.isValid() ? sinceLast_.elapsed() : pauseMs;
    timer_.start(int(std::max<qint64>(0, pauseMs - passed)));
}

void Refresher::step()
{
    if (!place_->isVisible()) {
        next_ = 0;
        wanted_ = true;
        return;
    }
    if (next_ == 0)
        wanted_ = false;
    parts_[next_]();
    if (++next_ < parts_.size()) {
        timer_.start(0);
        return;
    }
    next_ = 0;
    sinceLast_.start();
    if (wanted_)
        timer_.start(int(pauseMs));
}

bool Refresher::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == place_ && event->type() == QEvent::Show && wanted_)
        soon();
    return QObject::eventFilter(watched, event);
}

} // namespace stoa
