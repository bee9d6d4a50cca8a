#include "client/ui/shell/application.h"

#include <QThread>

#include "client/replica/database.h"

namespace stoa {

bool Application::notify(QObject* receiver, QEvent* event)
{
    // Qt asks here on every thread; the others have guards of their own.
    if (QThread::currentThread() != thread())
        return QApplication::notify(receiver, event);
    try {
        return QApplication::notify(receiver, event);
    } catch (const Database::Damaged& damaged) {
        tell(true, damaged.what());
    } catch (const std::exception& failed) {
        tell(false, failed.what());
    }
    return true;
}

void Application::tell(bool damaged, const char* why)
{
    QMetaObject::invokeMethod(
        this, [this, damaged, text = QString::fromUtf8(why)] { Q_EMIT readFailed(damaged, text); },
        Qt::QueuedConnection);
}

} // namespace stoa
