#include "client/ui/shell/window_state.h"

#include <QDir>
#include <QSettings>

namespace stoa {

namespace {

constexpr const char* kindNames[] = {"home", "space", "pages", "questions", "search", "outbox", "history", "review"};
constexpr const char* styleNames[] = {"system", "light", "dark"};

QString pathOf(const QString& profileDir)
{
    return QDir(profileDir).filePath(QStringLiteral("window.ini"));
}

template <size_t n>
int indexOf(const char* const (&names)[n], const QString& name)
{
    for (size_t i = 0; i < n; ++i)
        if (name == QLatin1String(names[i]))
            return static_cast<int>(i);
    return -1;
}

} // namespace

QString printLocation(const Location& location)
{
    const auto hex = [](const Id& id) { return id.isNull() ? QString() : QString::fromStdString(id.hex()); };
    return QLatin1String(kindNames[static_cast<int>(location.kind)]) + QLatin1Char('/') + hex(location.space) +
           QLatin1Char('/') + hex(location.post);
}

std::optional<Location> parseLocation(const QString& text)
{
    const QStringList parts = text.split(QLatin1Char('/'));
    const int kind = indexOf(kindNames, parts.first());
    if (parts.size() != 3 || kind < 0)
        return std::nullopt;
    Location location;
    location.kind = static_cast<Location::Kind>(kind);
    Id* const ids[] = {&location.space, &location.post};
    for (int i = 0; i < 2; ++i) {
        if (parts[i + 1].isEmpty())
            continue;
        const auto id = Id::fromHex(parts[i + 1].toStdString());
        if (!id)
            return std::nullopt;
        *ids[i] = *id;
    }
    location.mine = location.kind == Location::Kind::Review && location.post.isNull();
    return location;
}

WindowState loadWindowState(const QString& profileDir)
{
    const QSettings file(pathOf(profileDir), QSettings::IniFormat);
    WindowState state;
    state.geometry = file.value(QStringLiteral("geometry")).toByteArray();
    const QStringList tabs = file.value(QStringLiteral("tabs")).toStringList();
    for (const QString& text : tabs.mid(0, rememberedTabsMax))
        if (const auto location = parseLocation(text))
            state.tabs.append(*location);
    state.current = file.value(QStringLiteral("current")).toInt();
    const int style = indexOf(styleNames, file.value(QStringLiteral("style")).toString());
    state.style = style < 0 ? StyleChoice::System : static_cast<StyleChoice>(style);
    return state;
}

void saveWindowState(const QString& profileDir, const WindowState& state)
{
    QSettings file(pathOf(profileDir), QSettings::IniFormat);
    file.setValue(QStringLiteral("geometry"), state.geometry);
    QStringList tabs;
    for (const Location& location : state.tabs.mid(0, rememberedTabsMax))
        tabs << printLocation(location);
    file.setValue(QStringLiteral("tabs"), tabs);
    file.setValue(QStringLiteral("current"), state.current);
    file.setValue(QStringLiteral("style"), QLatin1String(styleNames[static_cast<int>(state.style)]));
}

} // namespace stoa
