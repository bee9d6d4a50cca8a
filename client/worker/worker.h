#pragma once

// The only thread border of the client. A Worker lives on the thread of whoever made it (the GUI's, or
// the command line's) and owns the worker thread with replica, syncer and channel, and a second thread
// for the search index. Only values cross, by queued calls; nothing here blocks except the destructor,
// which ends the threads after the present transaction.

#include <memory>

#include <QObject>
#include <QRandomGenerator>
#include <QString>
#include <QStringList>

#include "client/replica/outbox.h"
#include "client/replica/touched.h"
#include "client/search/search.h"
#include "client/sync/text_reader.h"
#include "shared/base/clock.h"
#include "stoa/v1/change.pb.h"

namespace stoa {

// Where things stand, in one value; the status bar's sentence is made of it (client/commands/sentences.h).
struct SyncStatus {
    enum class State {
        SignedOut, // no token: join first
        Offline,   // no connection; trying again at `retryAtMs`
        Connecting,
        Fetching, // a first read or a long catching-up; see `feedName`, `held`, `total`
        Sending,
        UpToDate,
        SignInAgain, // the server does not know the token any more; everything stays
        Failed,      // the disk is full, the file damaged, the profile in use: `problem`
    };
    State state = State::SignedOut;
    QString feedName; // the space that is being fetched
    quint64 held = 0;
    quint64 total = 0;
    int waiting = 0;       // changes on their way
    int accepted = 0;      // of these: the server has them, and what it made of them is still to come
    int unsent = 0;        // the rest, as people count it (Replica::unsentCount)
    int refused = 0;       // changes that need the person
    int kept = 0;          // texts that could not be stored where they were written
    qint64 upToDateMs = 0; // when everything was last in step; 0: never
    qint64 retryAtMs = 0;
    static constexpr int notCounted = -1; // the search thread has yet to look
    int indexing = 0;                     // posts not yet searchable
    Refusal refusal;                      // why the server ended the last conversation
    QString problem;                      // a sentence, for Failed and for a certificate that does not fit
    QString searchProblem;                // a sentence, while the index cannot be written
    qint64 differedMs = 0;                // when a copy was last found to differ from the server's; 0: never here
    QString blackBox;                     // the file with what is known of that; may be empty
};

// How to reach a server and prove who one is.
struct Join {
    QString host;
    quint16 port = 0;
    QByteArray pin; // SHA-256 of the server's public key; empty: the system's authorities
    QString login;
    QByteArray code; // of an invitation; empty: sign in with login and password
    QString password;
};

// Reads and writes the device's token. In production the system's keyring, a file of mode 0600 where
// there is none.
struct TokenStore {
    std::function<QByteArray(const QString& profileDir)> load;
    std::function<void(const QString& profileDir, const QByteArray& token)> save;
    std::function<void(const QString& profileDir)> forget;
};
TokenStore systemTokenStore();

struct WorkerSettings {
    QString profileDir;
    TokenStore tokens;
    QString program;     // name and version
    bool connect = true; // false: never use the network (the command line's offline verbs)
    // From 0 to 1, for how long to wait between tries.
    std::function<double()> chance = [] { return QRandomGenerator::global()->generateDouble(); };
};

class Worker : public QObject {
    Q_OBJECT

public:
    explicit Worker(WorkerSettings settings, QObject* parent = nullptr);
    ~Worker() override;

    // Paths for the caller's own read-only connections; the files exist after opened().
    QString replicaPath() const;
    QString searchPath() const;

    void join(const Join& join);
    // Forgets the token, at the server too where it can be reached. With `wipe` the copy on this device too;
    // else it stays, and Profile::signedOut says so until somebody signs in.
    void signOut(bool wipe);

    // The three things a person does to changes. `draftPlace`: the draft that this change was written in;
    // it goes with the transaction that stores the change.
    void submit(const QList<v1::Change>& changes, const QString& draftPlace = {});
    void sendAgain(const Id& change);
    void discard(const Id& change);

    void saveDraft(const QString& place, const QString& title, const QString& text, const QStringList& tags);
    // Fetches what became of this post's body, as far as it is not here (`history`); touched() tells when it is.
    // Without a network as soon as there is one. A later call makes an earlier one moot.
    void readHistory(const Id& post);
    // The person has read this post's body as it is here now (`readRevision`).
    void noteRead(const Id& post);

    // From now on what others write in this post's body comes as it is accepted, told by touched(), and present() tells
    // who else has it open. Without a network as soon as there is one. Counted: two views may have one post open. Ends
    // with closeText.
    void openText(const Id& post);
    void closeText(const Id& post);
    // The person's own selection, and the cursor at its end `to`, for the others: in code points of the text as it was
    // last submitted. May be called at every move.
    void setPresence(const Id& post, quint64 from, quint64 to, bool writing);

    void reconnectNow();
    // A reader found the replica damaged: failed() follows, and the next start carries over what can be.
    void reportDamage();

    // Answered by searched() with the same `ticket`; a newer question makes an older one moot.
    void search(quint64 ticket, const QString& words, const SearchScope& scope, int limit);

    SyncStatus status() const;

Q_SIGNALS:
    void opened(); // the replica is open and may be read
    void statusChanged(const stoa::SyncStatus& status);
    void textShown(const stoa::ShownStep& step); // each of what touched() will tell, ahead of it
    void touched(const stoa::Touched& touched);
    // All others who have this post open now, and where they are in the text that shows; empty also where the network
    // is gone. Comes behind the touched() of what moved them.
    void present(const stoa::Id& post, const QList<stoa::TextReader>& readers);
    void joined();
    void joinFailed(const QString& sentence);
    void submitted(const stoa::Id& change); // stored; visible to readers
    void settled(const stoa::Id& change);   // sent again or discarded, as asked
    void notSubmitted(const stoa::Id& change, const stoa::Refusal& refusal);
    void searched(quint64 ticket, const stoa::SearchResults& results);
    void failed(const QString& sentence); // nothing works any more: say so and end

private:
    class Threads;
    std::unique_ptr<Threads> threads_;
};

} // namespace stoa

Q_DECLARE_METATYPE(stoa::SyncStatus)
