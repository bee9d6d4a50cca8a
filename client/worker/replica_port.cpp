// The worker's port over the replica and the syncer.

#include <cstdio>
#include <fstream>

#include <QCoreApplication>

#include "client/replica/rescue.h"
#include "client/sync/syncer.h"
#include "client/worker/port.h"

namespace stoa {

namespace {

struct PortTexts {
    Q_DECLARE_TR_FUNCTIONS(Worker)
};

class ReplicaPort : public SyncPort {
public:
    explicit ReplicaPort(const QString& path) : path_(path.toStdString()) {}

    void open() override
    {
        guarded([&] {
            syncer_.reset();
            replica_.reset();
            replica_ = std::make_unique<Replica>(path_, systemWallClock());
            syncer_ = std::make_unique<Syncer>(*replica_, systemWallClock(), systemSteadyClock());
        });
    }

    std::optional<ServerPlace> server() override
    {
        return guarded([&]() -> std::optional<ServerPlace> {
            const QString address = QString::fromStdString(replica_->setting("server"));
            const qsizetype colon = address.lastIndexOf(QLatin1Char(':'));
            if (colon <= 0)
                return std::nullopt;
            return ServerPlace{address.left(colon), address.mid(colon + 1).toUShort(),
                               QByteArray::fromStdString(replica_->setting("pin"))};
        });
    }

    void setServer(const ServerPlace& place, const QString& login) override
    {
        guarded([&] {
            replica_->setSetting("server", QStringLiteral("%1:%2").arg(place.host).arg(place.port).toStdString());
            replica_->setSetting("pin", place.pin.toStdString());
            replica_->setSetting("login", login.toStdString());
        });
    }

    QString login() override
    {
        return guarded([&] { return QString::fromStdString(replica_->setting("login")); });
    }

    void setSignedOut(bool signedOut) override
    {
        guarded([&] { replica_->setSetting("signed_out", signedOut ? "1" : ""); });
    }

    bool isSignedOut() override
    {
        return guarded([&] { return replica_->setting("signed_out") == "1"; });
    }

    void reportDamage() override
    {
        guarded([]() { throw Database::Damaged("reported"); });
    }

    void wipe() override
    {
        syncer_.reset();
        replica_.reset();
        removeReplica(path_);
    }

    void begin() override
    {
        guarded([&] { replica_->begin(); });
    }
    Touched commit() override
    {
        return guarded([&] { return replica_->commit(); });
    }
    void rollback() override
    {
        guarded([&] { replica_->rollback(); });
    }
    void rest() override
    {
        guarded([&] { replica_->rest(); });
    }

    Result<void> submit(const v1::Change& change, const QString& draftPlace) override
    {
        return guarded([&] { return replica_->submit(change, draftPlace.toStdString()); });
    }
    Result<void> sendAgain(const Id& change) override
    {
        return guarded([&] { return replica_->sendAgain(change); });
    }
    Result<void> discard(const Id& change) override
    {
        return guarded([&] { return replica_->discard(change); });
    }
    void saveDraft(const QString& place, const QString& title, const QString& text, const QStringList& tags) override
    {
        guarded([&] {
            replica_->saveDraft(place.toStdString(), title.toStdString(), text.toStdString(),
                                tags.join(QLatin1Char('\n')).toStdString());
        });
    }

    void readHistory(const Id& post) override
    {
        guarded([&] { syncer_->readHistory(post); });
    }

    void noteRead(const Id& post) override
    {
        guarded([&] { replica_->noteReading(post); });
    }

    void openText(const Id& post) override
    {
        guarded([&] { syncer_->openText(post); });
    }

    void closeText(const Id& post) override
    {
        guarded([&] { syncer_->closeText(post); });
    }

    void setPresence(const Id& post, quint64 from, quint64 to, bool writing) override
    {
        guarded([&] { syncer_->setPresence(post, from, to, writing); });
    }

    void connected(v1::Hello hello) override
    {
        guarded([&] { syncer_->connected(std::move(hello)); });
    }
    void received(const v1::Envelope& envelope) override
    {
        guarded([&] { syncer_->received(envelope); });
    }
    void disconnected() override
    {
        guarded([&] { syncer_->disconnected(); });
    }
    bool isWelcome() override { return syncer_->isWelcome(); }
    void pump() override
    {
        guarded([&] { syncer_->pump(); });
    }

    SyncNews takeNews() override
    {
        SyncActions actions = guarded([&] { return syncer_->take(); });
        return {.send = std::move(actions.send),
                .token = QByteArray::fromStdString(actions.token),
                .signedIn = actions.signedIn,
                .ended = actions.ended,
                .reports = std::move(actions.reports),
                .present = std::move(actions.present)};
    }

    SyncStatus standing() override
    {
        return guarded([&] {
            SyncStatus status;
            if (!replica_)
                return status;
            const SyncStanding standing = syncer_->standing();
            status.waiting = replica_->waitingCount();
            status.accepted = replica_->acceptedCount();
            status.unsent = replica_->unsentCount();
            status.kept = replica_->keptCount();
            status.refused = replica_->refusedCount();
            status.upToDateMs = standing.upToDateMs;
            status.state = SyncStatus::State::UpToDate;
            if (standing.reading) {
                status.state = SyncStatus::State::Fetching;
                status.feedName = QString::fromStdString(replica_->spaceName(standing.reading->feed));
                status.held = standing.reading->held;
                status.total = std::max(standing.reading->total, standing.reading->held);
            } else if (standing.sending || !standing.following) {
                status.state = SyncStatus::State::Sending;
            }
            return status;
        });
    }

private:
    // Where what SQLite says becomes a sentence for the person.
    template <class Work>
    auto guarded(Work work) -> decltype(work())
    {
        try {
            return work();
        } catch (const Database::Damaged&) {
            markDamaged(QString::fromStdString(path_));
            throw std::runtime_error(
                PortTexts::tr("The copy on this computer is damaged. Start Stoa again: what you have "
                              "not sent yet is carried over, everything else is fetched anew.")
                    .toStdString());
        } catch (const Database::Failed& failed) {
            throw std::runtime_error(
                PortTexts::tr("The copy on this computer cannot be written: %1. Free some space on the "
                              "disk, or check the rights of the folder, and start Stoa again. Nothing "
                              "that was shown as stored is lost.")
                    .arg(QString::fromUtf8(failed.what()))
                    .toStdString());
        }
    }

    std::string path_;
    std::unique_ptr<Replica> replica_;
    std::unique_ptr<Syncer> syncer_;
};

} // namespace

void markDamaged(const QString& replicaPath)
{
    std::ofstream(replicaPath.toStdString() + ".damaged-mark") << '\n';
}

std::unique_ptr<SyncPort> makeSyncPort(const QString& replicaPath)
{
    return std::make_unique<ReplicaPort>(replicaPath);
}

} // namespace stoa
