#pragma once

// How another program of the same person writes into a profile that is in use: through a local socket of
// the program that holds it, which only that person may open. One request, one answer, one connection.
//
//   request := length verb bytes      verb 1: store the Change in `bytes`; 2: send again, 3: discard the
//                                     change with the id in `bytes`
//   answer  := length code field limit
//   lengths: 4 bytes, big-endian, of what follows; code, field, limit as in a Refusal, 0 for done

#include <memory>
#include <optional>

#include <QLocalServer>
#include <QMultiHash>
#include <QObject>

#include "client/worker/worker.h"

namespace stoa {

enum class LocalVerb : quint8 { Store = 1, SendAgain = 2, Discard = 3 };

// Lives on the Worker's thread and uses what everybody may use of it.
class LocalDoor : public QObject {
public:
    LocalDoor(Worker& worker, const QString& profileDir);

private:
    void welcome(QLocalSocket* socket);
    void read(QLocalSocket* socket);
    void answer(QLocalSocket* socket, const Refusal& refusal);
    void answerAll(const Id& change, const Refusal& refusal); // whoever waits for what becomes of it

    Worker& worker_;
    QLocalServer server_;
    QMultiHash<QByteArray, QLocalSocket*> waiting_; // by change id
};

// Blocks for some seconds at most. Nothing where no program listens; done has CODE_NONE.
std::optional<Refusal> askLocalDoor(const QString& profileDir, LocalVerb verb, const QByteArray& bytes);

} // namespace stoa
