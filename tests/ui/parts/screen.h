#pragma once

// A QApplication without a screen, made by the first test that needs widgets.

#include <QApplication>
#include <QElapsedTimer>

#include "client/ui/theme/theme.h"

namespace stoa {

inline QApplication& screen()
{
    static int argc = 1;
    static char name[] = "test_ui";
    static char* argv[] = {name, nullptr};
    static QApplication* application = [] {
        qputenv("QT_QPA_PLATFORM", "offscreen");
        auto* made = new QApplication(argc, argv);
        applyTheme(*made, Scheme::Light);
        return made;
    }();
    return *application;
}

// Lets events happen until it holds; false after ten seconds.
template <class F>
bool eventually(F holds)
{
    QElapsedTimer clock;
    clock.start();
    while (!holds()) {
        if (clock.elapsed() > 10'000)
            return false;
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents | QEventLoop::AllEvents, 20);
    }
    return true;
}

} // namespace stoa
