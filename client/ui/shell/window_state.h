#pragma once

// What the window remembers from one start to the next, in a file of the profile (window.ini): size and
// place, open tabs, light or dark. A damaged file is like none. GUI thread.

#include <optional>

#include <QByteArray>
#include <QList>
#include <QString>

#include "client/ui/place.h"
#include "client/ui/theme/theme.h"

namespace stoa {

struct WindowState {
    QByteArray geometry;
    QList<Location> tabs;
    int current = 0;
    StyleChoice style = StyleChoice::System;
};

constexpr int rememberedTabsMax = 20;

WindowState loadWindowState(const QString& profileDir);
void saveWindowState(const QString& profileDir, const WindowState& state);

// "questions/SPACE/POST", for the file.
QString printLocation(const Location& location);
std::optional<Location> parseLocation(const QString& text);

} // namespace stoa
