#pragma once

// Replica and syncer together, as the worker uses them: what it calls within its transactions and what it
// gets back. One implementation ships (over client/replica and client/sync); tests have another, to fail
// and to be slow at will. Used on the worker thread alone. A failing environment throws
// std::runtime_error with a sentence for the person.

#include <memory>
#include <optional>
#include <vector>

#include <QByteArray>
#include <QString>
#include <QStringList>

#include "client/replica/touched.h"
#include "client/worker/worker.h"
#include "shared/base/black_box.h"
#include "stoa/v1/wire.pb.h"

namespace stoa {

struct ServerPlace {
    QString host;
    quint16 port = 0;
    QByteArray pin;
};

// What the conversation came to, beside what the replica holds; read after each call that may change it.
struct SyncNews {
    std::vector<v1::Envelope> send; // in this order
    QByteArray token;               // of a device that was just enrolled
    bool signedIn = false;          // the server said welcome
    std::optional<Refusal> ended;   // the conversation is over: hang up
    std::vector<BlackBoxReport> reports;
    std::vector<TextPresence> present; // of the posts where it is another one
};

class SyncPort {
public:
    virtual ~SyncPort() = default;

    // Opens or makes the file. Throws where it is damaged, newer than this program or cannot be written.
    virtual void open() = 0;
    virtual std::optional<ServerPlace> server() = 0;
    virtual void setServer(const ServerPlace& place, const QString& login) = 0;
    // Whose copy this is, as they sign in; empty before the first welcome.
    virtual QString login() = 0;
    // The person signed out: the copy stays and is shown again after signing in.
    virtual void setSignedOut(bool signedOut) = 0;
    virtual bool isSignedOut() = 0;
    // A reader found the file damaged: the next open() puts it aside. Throws with the sentence for it.
    virtual void reportDamage() = 0;
    // Removes every file of the replica.
    virtual void wipe() = 0;

    // One transaction around any number of the calls below. After a throw it is rolled back.
    virtual void begin() = 0;
    virtual Touched commit() = 0;
    virtual void rollback() = 0;
    // Nothing has happened for a moment: time for what may take some.
    virtual void rest() = 0;

    virtual Result<void> submit(const v1::Change& change, const QString& draftPlace) = 0;
    virtual Result<void> sendAgain(const Id& change) = 0;
    virtual Result<void> discard(const Id& change) = 0;
    virtual void saveDraft(const QString& place, const QString& title, const QString& text,
                           const QStringList& tags) = 0;

    // Asks for what became of this body; Touched::histories tells when it is here.
    virtual void readHistory(const Id& post) = 0;
    virtual void noteRead(const Id& post) = 0;

    // As Worker has them.
    virtual void openText(const Id& post) = 0;
    virtual void closeText(const Id& post) = 0;
    virtual void setPresence(const Id& post, quint64 from, quint64 to, bool writing) = 0;

    // The conversation. `hello` carries the proof; versions and names are filled in.
    virtual void connected(v1::Hello hello) = 0;
    virtual void received(const v1::Envelope& envelope) = 0;
    virtual void disconnected() = 0;
    // The server said welcome, and this copy is of the person and the organisation that it named.
    virtual bool isWelcome() = 0;
    // The outbox has something new; the queue to the server has room; time has passed (heartbeats).
    virtual void pump() = 0;

    // After the commit of what led to it: nothing is sent that is not stored.
    virtual SyncNews takeNews() = 0;
    // State (UpToDate, Sending, Fetching), progress and counts; the worker fills in the rest.
    virtual SyncStatus standing() = 0;
};

// So that the next open() of this replica puts it aside.
void markDamaged(const QString& replicaPath);

std::unique_ptr<SyncPort> makeSyncPort(const QString& replicaPath);

} // namespace stoa
