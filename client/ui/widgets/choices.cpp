#include "client/ui/widgets/choices.h"

#include <QFileInfo>
#include <QSettings>

namespace stoa {

namespace {

QString choicesPath(const Desk& desk)
{
    return QFileInfo(desk.worker->replicaPath()).path() + QStringLiteral("/choices.ini");
}

} // namespace

QString choice(const Desk& desk, const QString& name)
{
    return QSettings(choicesPath(desk), QSettings::IniFormat).value(name).toString().left(100);
}

void keepChoice(const Desk& desk, const QString& name, const QString& chosen)
{
    QSettings(choicesPath(desk), QSettings::IniFormat).setValue(name, chosen);
}

} // namespace stoa
