#include "client/worker/local_door.h"

#include <QCryptographicHash>
#include <QFileInfo>
#include <QLocalSocket>
#include <QtEndian>

#include "shared/base/limits.h"

namespace stoa {

namespace {

constexpr quint32 requestBytesMax = limits::recordBytesMax + 1'024;
constexpr int connectionsMax = 16;
constexpr int patienceMs = 10'000;

// Socket names are short on some systems: a profile's path is not.
QString doorName(const QString& profileDir)
{
    const QByteArray path = QFileInfo(profileDir).absoluteFilePath().toUtf8();
    return QStringLiteral("stoa-") +
           QString::fromLatin1(QCryptographicHash::hash(path, QCryptographicHash::Sha256).toHex().left(24));
}

QByteArray framed(const QByteArray& bytes)
{
    QByteArray frame(4, Qt::Uninitialized);
    qToBigEndian(quint32(bytes.size()), frame.data());
    return frame + bytes;
}

// A whole frame's bytes once they are there.
std::optional<QByteArray> takeFrame(QLocalSocket& socket, quint32 bytesMax)
{
    if (socket.bytesAvailable() < 4)
        return std::nullopt;
    const QByteArray head = socket.peek(4);
    const quint32 length = qFromBigEndian<quint32>(head.constData());
    if (length == 0 || length > bytesMax) {
        socket.abort();
        return std::nullopt;
    }
    if (socket.bytesAvailable() < qint64(4) + length)
        return std::nullopt;
    socket.read(4);
    return socket.read(length);
}

} // namespace

LocalDoor::LocalDoor(Worker& worker, const QString& profileDir) : worker_(worker)
{
    server_.setSocketOptions(QLocalServer::UserAccessOption);
    server_.setMaxPendingConnections(connectionsMax);
    // This program holds the profile's lock: a socket of that name is left from one that was killed.
    QLocalServer::removeServer(doorName(profileDir));
    server_.listen(doorName(profileDir));
    connect(&server_, &QLocalServer::newConnection, this, [this] {
        while (QLocalSocket* socket = server_.nextPendingConnection())
            welcome(socket);
    });
    connect(&worker_, &Worker::submitted, this, [this](const Id& change) { answerAll(change, {}); });
    connect(&worker_, &Worker::settled, this, [this](const Id& change) { answerAll(change, {}); });
    connect(&worker_, &Worker::notSubmitted, this,
            [this](const Id& change, const Refusal& refusal) { answerAll(change, refusal); });
}

void LocalDoor::welcome(QLocalSocket* socket)
{
    socket->setReadBufferSize(qint64(requestBytesMax) + 4);
    connect(socket, &QLocalSocket::readyRead, this, [this, socket] { read(socket); });
    connect(socket, &QLocalSocket::disconnected, this, [this, socket] {
        waiting_.removeIf([&](const auto& entry) { return entry.value() == socket; });
        socket->deleteLater();
    });
    read(socket);
}

void LocalDoor::read(QLocalSocket* socket)
{
    const auto request = takeFrame(*socket, requestBytesMax);
    if (!request)
        return;
    const auto verb = static_cast<LocalVerb>(request->at(0));
    const QByteArray bytes = request->mid(1);
    if (verb == LocalVerb::Store) {
        v1::Change change;
        const auto id =
            change.ParseFromArray(bytes.constData(), int(bytes.size())) ? Id::from(change.id()) : std::nullopt;
        if (!id) {
            answer(socket, {v1::INVALID});
            return;
        }
        waiting_.insert(QByteArray::fromStdString(id->str()), socket);
        worker_.submit({change});
        return;
    }
    const auto id = Id::from({bytes.constData(), size_t(bytes.size())});
    if (!id || (verb != LocalVerb::SendAgain && verb != LocalVerb::Discard)) {
        answer(socket, {v1::INVALID});
        return;
    }
    waiting_.insert(bytes, socket);
    if (verb == LocalVerb::SendAgain)
        worker_.sendAgain(*id);
    else
        worker_.discard(*id);
}

void LocalDoor::answerAll(const Id& change, const Refusal& refusal)
{
    const QByteArray key = QByteArray::fromStdString(change.str());
    for (QLocalSocket* socket : waiting_.values(key))
        answer(socket, refusal);
    waiting_.remove(key);
}

void LocalDoor::answer(QLocalSocket* socket, const Refusal& refusal)
{
    QByteArray bytes(16, Qt::Uninitialized);
    qToBigEndian(qint32(refusal.code), bytes.data());
    qToBigEndian(qint32(refusal.field), bytes.data() + 4);
    qToBigEndian(qint64(refusal.limit), bytes.data() + 8);
    socket->write(framed(bytes));
    socket->disconnectFromServer();
}

std::optional<Refusal> askLocalDoor(const QString& profileDir, LocalVerb verb, const QByteArray& bytes)
{
    QLocalSocket socket;
    socket.connectToServer(doorName(profileDir));
    if (!socket.waitForConnected(patienceMs))
        return std::nullopt;
    socket.write(framed(QByteArray(1, char(verb)) + bytes));
    std::optional<QByteArray> answer;
    while (!(answer = takeFrame(socket, 64)))
        if (!socket.waitForReadyRead(patienceMs))
            return std::nullopt;
    if (answer->size() != 16)
        return std::nullopt;
    const char* data = answer->constData();
    return Refusal{static_cast<v1::Code>(qFromBigEndian<qint32>(data)),
                   static_cast<v1::Field>(qFromBigEndian<qint32>(data + 4)), qFromBigEndian<qint64>(data + 8), 0};
}

} // namespace stoa
