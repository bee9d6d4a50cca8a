#include "client/ui/shell/instance.h"

#include <QCryptographicHash>
#include <QFileInfo>
#include <QLocalSocket>
#include <QTimer>

#include "shared/domain/invite_link.h"

namespace stoa {

namespace {

constexpr int patienceMs = 2'000;
constexpr int connectionsMax = 4;
constexpr qint64 requestBytesMax = static_cast<qint64>(linkBytesMax) + 1;

// Socket names are short on some systems: a profile's path is not.
QString nameOf(const QString& profileDir)
{
    const QByteArray path = QFileInfo(profileDir).absoluteFilePath().toUtf8();
    return QStringLiteral("stoa-window-") +
           QString::fromLatin1(QCryptographicHash::hash(path, QCryptographicHash::Sha256).toHex().left(24));
}

} // namespace

Instance::Instance(const QString& profileDir, QObject* parent) : QObject(parent), name_(nameOf(profileDir))
{
    connect(&server_, &QLocalServer::newConnection, this, &Instance::answer);
}

bool Instance::handOver(const QString& link)
{
    QLocalSocket socket;
    socket.connectToServer(name_);
    if (!socket.waitForConnected(patienceMs))
        return false;
    socket.write(link.toUtf8().left(requestBytesMax - 1).replace('\n', ' ') + '\n');
    socket.flush();
    return socket.waitForReadyRead(patienceMs) && socket.readAll().startsWith("ok");
}

void Instance::listen()
{
    server_.setSocketOptions(QLocalServer::UserAccessOption);
    server_.setMaxPendingConnections(connectionsMax);
    if (server_.listen(name_))
        return;
    // Nobody answered on it: left from one that was killed.
    QLocalServer::removeServer(name_);
    server_.listen(name_);
}

void Instance::answer()
{
    while (QLocalSocket* socket = server_.nextPendingConnection()) {
        connect(socket, &QLocalSocket::disconnected, socket, &QObject::deleteLater);
        QTimer::singleShot(patienceMs, socket, [socket] { socket->abort(); });
        const auto read = [this, socket] {
            if (socket->bytesAvailable() > requestBytesMax) {
                socket->abort();
                return;
            }
            if (!socket->canReadLine())
                return;
            const QString link = QString::fromUtf8(socket->readLine()).trimmed();
            socket->write("ok\n");
            socket->disconnectFromServer();
            Q_EMIT called(link);
        };
        connect(socket, &QLocalSocket::readyRead, this, read);
        read();
    }
}

} // namespace stoa
