#pragma once

// The program's Application without a screen, made by the first test that needs widgets.

#include <QElapsedTimer>

#include "client/ui/shell/application.h"
#include "client/ui/theme/theme.h"

namespace stoa {

inline Application& screen()
{
    static int argc = 1;
    static char name[] = "test_ui";
    static char* argv[] = {name, nullptr};
    static Application* application = [] {
        qputenv("QT_QPA_PLATFORM", "offscreen");
        auto* made = new Application(argc, argv);
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
