#pragma once

// Reads again what a place shows when something was written, without ever keeping the window from a key or a
// click for long: one part in a turn of the event loop, all parts at most a few times a second however much
// arrives, and nothing while the place is out of sight. Owned by the place. GUI thread.

#include <functional>

#include <QElapsedTimer>
#include <QList>
#include <QTimer>
#include <QWidget>

namespace stoa {

class Refresher : public QObject {
    Q_OBJECT

public:
    // `parts`: each reads some of what is shown and shows it; each costs a few milliseconds at most.
    Refresher(QWidget* place, QList<std::function<void()>> parts);

    // All of it before this returns: the place is opened.
    void now();
    // Soon after something was written; at once, but for the turn of the event loop, after a quiet while.
    void soon();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void step();

    QWidget* place_;
    QList<std::function<void()>> parts_;
    QTimer timer_;
    QElapsedTimer sinceLast_;
    qsizetype next_ = 0;
    bool wanted_ = false; // once more after the present run
};

} // namespace stoa
