// How the core connects, signs in and out, and what it does when a conversation ends.

#include <algorithm>

#include <QDateTime>
#include <QDir>
#include <QSysInfo>

#include "client/search/index.h"
#include "client/worker/backoff.h"
#include "client/worker/core.h"
#include "client/worker/refusals.h"
#include "shared/base/limits.h"

namespace stoa {

namespace {

constexpr qint64 lookAgainMs = 60'000; // for what only a person can put right
constexpr int leavingMsMax = 5'000;
constexpr int pulseMs = 1'000;

} // namespace

void WorkerCore::join(const Join& join)
{
    if (failed_) {
        events_.joinFailed(status_.problem);
        return;
    }
    run([&] {
        // An invitation can be used once: it is not spent on a copy that it does not fit.
        const QString owner = port_->login();
        if (!owner.isEmpty() && !join.login.isEmpty() && owner.compare(join.login, Qt::CaseInsensitive) != 0)
            return events_.joinFailed(otherCopySentence());
        hangUp();
        joining_ = join;
        // Who signs in again by name and password has no link at hand: this server's key is known.
        if (const auto known = port_->server();
            join.pin.isEmpty() && known && known->host == join.host && known->port == join.port)
            joining_->pin = known->pin;
        failures_ = 0;
        connectNow();
        tellStatus();
    });
}

void WorkerCore::signOut(bool wipe)
{
    run([&] {
        commit();
        sayGoodbye();
        hangUp();
        retryTimer_.stop();
        joining_.reset();
        token_.clear();
        if (wipe) {
            events_.closeSearch();
            port_->wipe();
            removeSearchIndex(searchPathOf(settings_.profileDir));
            QDir(blackBoxesOf(settings_.profileDir)).removeRecursively();
            QFile::remove(assertionFileOf(settings_.profileDir));
            port_->open();
            events_.opened();
        } else {
            begin();
            port_->setSignedOut(true);
            commit();
        }
        const int indexing = wipe ? SyncStatus::notCounted : status_.indexing;
        status_ = {};
        status_.indexing = indexing;
        tellStatus();
        settings_.tokens.forget(settings_.profileDir);
    });
}

// The server forgets the token, where it can be reached; the answer is not waited for.
void WorkerCore::sayGoodbye()
{
    if (!signedIn_ || !channel_)
        return;
    v1::Envelope envelope;
    envelope.mutable_sign_out();
    channel_->send(envelope);
    leaving_ = std::move(channel_);
    leavingTimer_.start(leavingMsMax);
}

void WorkerCore::networkChanged(bool there)
{
    if (failed_ || !isOpen_)
        return;
    if (there)
        return reconnectNow();
    // A socket does not notice that its network is gone until much later.
    run([this] {
        if (!channel_ || joining_)
            return;
        hangUp();
        if (!token_.isEmpty())
            retryLater(0);
        tellStatus();
    });
}

void WorkerCore::reconnectNow()
{
    if (failed_ || !isOpen_ || !settings_.connect || channelOpen_)
        return;
    failures_ = 0;
    connectNow();
}

void WorkerCore::connectNow()
{
    run([&] {
        retryTimer_.stop();
        std::optional<ServerPlace> place;
        if (joining_)
            place = ServerPlace{joining_->host, joining_->port, joining_->pin};
        else if (!token_.isEmpty() && !(place = port_->server()))
            token_.clear(); // of a copy that was lost with the server's name: somebody has to sign in
        if (!place || !settings_.connect)
            return tellStatus();
        hangUp();
        status_.retryAtMs = 0;
        const int mine = conversation_;
        channel_ = std::make_unique<Channel>(ChannelAddress{place->host, place->port, place->pin, {}},
                                             Channel::Events{
                                                 [this] { run([this] { opened(); }); },
                                                 [this, mine](v1::Envelope&& envelope) {
                                                     if (mine != conversation_)
                                                         return;
                                                     inbox_.push_back(std::move(envelope));
                                                     // All that has arrived is read in one go.
                                                     if (!std::exchange(inboxQueued_, true))
                                                         QMetaObject::invokeMethod(
                                                             this, [this] { run([this] { takeInbox(); }); },
                                                             Qt::QueuedConnection);
                                                 },
                                                 [this, mine] {
                                                     if (mine != conversation_)
                                                         return;
                                                     run([this] {
                                                         begin();
                                                         port_->pump();
                                                         if (!commitTimer_.isActive())
                                                             commit();
                                                     });
                                                 },
                                                 [this, mine](const ChannelEnd& end) {
                                                     if (mine != conversation_)
                                                         leaving_.reset();
                                                     else
                                                         run([&] { ended(end); });
                                                 },
                                             });
        tellStatus();
    });
}

void WorkerCore::opened()
{
    channelOpen_ = true;
    v1::Hello hello;
    hello.set_protocol_min(limits::protocolMin);
    hello.set_protocol_max(limits::protocolMax);
    hello.set_program(settings_.program.toStdString());
    hello.set_device_name(QSysInfo::machineHostName().toStdString());
    if (joining_ && !joining_->code.isEmpty()) {
        hello.mutable_invitation()->set_code(joining_->code.toStdString());
        hello.mutable_invitation()->set_password(joining_->password.toStdString());
    } else if (joining_) {
        hello.mutable_password()->set_login(joining_->login.toStdString());
        hello.mutable_password()->set_password(joining_->password.toStdString());
    } else {
        hello.set_token(token_.toStdString());
    }
    begin();
    port_->connected(std::move(hello));
    commit();
    pulseTimer_.start(pulseMs);
}

// Without a word: what was not receipted is sent again with the next connection.
void WorkerCore::hangUp()
{
    pulseTimer_.stop();
    ++conversation_;
    inbox_.clear();
    const bool was = std::exchange(channelOpen_, false);
    signedIn_ = false;
    channel_.reset();
    if (!was)
        return;
    const bool alone = !inTransaction_;
    begin();
    port_->disconnected();
    if (alone)
        commit();
}

void WorkerCore::ended(const ChannelEnd& end)
{
    // What was said before the end counts.
    if (!inbox_.empty())
        takeInbox();
    if (!channel_)
        return;
    commit();
    const bool wasSignedIn = signedIn_;
    hangUp();
    if (joining_) {
        joining_.reset();
        events_.joinFailed(end.sentence.isEmpty() ? unreachableSentence() : end.sentence);
    }
    status_.problem = wasSignedIn ? QString() : end.sentence;
    // A certificate that does not fit is looked at again, but not in a hurry.
    if (!token_.isEmpty())
        retryLater(end.why == ChannelEnd::Why::Network ? 0 : lookAgainMs);
    tellStatus();
}

void WorkerCore::retryLater(qint64 atLeastMs)
{
    const qint64 delay = std::max(atLeastMs, backoffMs(failures_++, settings_.chance()));
    status_.retryAtMs = QDateTime::currentMSecsSinceEpoch() + delay;
    retryTimer_.start(int(std::min<qint64>(delay, 3'600'000)));
}

} // namespace stoa
