#pragma once

// A worker's core on the test's own thread, over a replica and a syncer that only write down what they are told.

#include <QDir>
#include <QTemporaryDir>

#include "client/worker/core.h"
#include "tests/client/net/tls_server.h"

namespace stoa::test {

// What a replica and a syncer would do, as a log of words.
struct Log {
    Result<void> settle() const { return refuse ? Result<void>(*refuse) : Result<void>(); }

    QStringList words;
    int commits = 0;
    int envelopes = 0;
    QString failOpen, failCommit;
    std::optional<Refusal> refuse;
    SyncNews news;
    Touched touched;
    SyncStatus standing;
    v1::Hello hello;
    std::optional<ServerPlace> server;
    QString login;
    bool signedOut = false;
    bool welcome = false;
};

class FakePort : public SyncPort {
public:
    explicit FakePort(Log& log) : log_(log) {}

    void open() override
    {
        if (!log_.failOpen.isEmpty())
            throw std::runtime_error(log_.failOpen.toStdString());
    }
    std::optional<ServerPlace> server() override { return log_.server; }
    void setServer(const ServerPlace& place, const QString& login) override
    {
        log_.server = place;
        log_.login = login;
    }
    QString login() override { return log_.login; }
    void setSignedOut(bool signedOut) override { log_.signedOut = signedOut; }
    bool isSignedOut() override { return log_.signedOut; }
    void reportDamage() override { throw std::runtime_error("The copy is damaged."); }
    void wipe() override { log_.words << QStringLiteral("wipe"); }
    void begin() override { log_.words << QStringLiteral("begin"); }
    Touched commit() override
    {
        if (!log_.failCommit.isEmpty())
            throw std::runtime_error(log_.failCommit.toStdString());
        ++log_.commits;
        log_.words << QStringLiteral("commit");
        return std::exchange(log_.touched, {});
    }
    void rollback() override { log_.words << QStringLiteral("rollback"); }
    void rest() override {}
    Result<void> submit(const v1::Change&, const QString&) override
    {
        log_.words << QStringLiteral("submit");
        if (log_.refuse)
            return *log_.refuse;
        log_.touched.outbox = true;
        return {};
    }
    Result<void> sendAgain(const Id&) override { return log_.settle(); }
    Result<void> discard(const Id&) override { return log_.settle(); }
    void saveDraft(const QString&, const QString&, const QString&, const QStringList&) override {}
    void readHistory(const Id&) override {}
    void noteRead(const Id&) override {}
    void openText(const Id&) override {}
    void closeText(const Id&) override {}
    void setPresence(const Id&, quint64, quint64 to, bool) override { log_.words << QStringLiteral("at %1").arg(to); }
    void connected(v1::Hello hello) override
    {
        log_.hello = std::move(hello);
        v1::Envelope envelope;
        *envelope.mutable_hello() = log_.hello;
        log_.news.send.push_back(envelope);
    }
    void received(const v1::Envelope& envelope) override
    {
        ++log_.envelopes;
        if (envelope.has_welcome()) {
            log_.news.signedIn = log_.welcome = true;
            log_.news.token = QByteArray::fromStdString(envelope.welcome().token());
        }
        if (envelope.has_goodbye())
            log_.news.ended = fromProto(envelope.goodbye().why());
        if (envelope.has_batch())
            log_.touched.bulk = true;
        if (const auto post = Id::from(envelope.revisions().post()); envelope.has_revisions() && post)
            log_.touched.posts.append(*post);
        if (envelope.has_present())
            log_.news.present.push_back({*Id::from(envelope.present().post()), {TextReader{.session = 7}}});
    }
    void disconnected() override
    {
        log_.words << QStringLiteral("disconnected");
        log_.welcome = false;
    }
    bool isWelcome() override { return log_.welcome; }
    void pump() override {}
    SyncNews takeNews() override { return std::exchange(log_.news, {}); }
    SyncStatus standing() override { return log_.standing; }

private:
    Log& log_;
};

// A core on this thread, and what it told.
struct Desk {
    explicit Desk(const QString& dir, bool connect = false, QByteArray stored = {}) : token(std::move(stored))
    {
        application();
        log.standing.state = SyncStatus::State::UpToDate;
        core = std::make_unique<WorkerCore>(
            WorkerSettings{dir,
                           {[this](const QString&) {
                                if (whileLoading)
                                    whileLoading();
                                return token;
                            },
                            [this](const QString&, const QByteArray& one) { token = one; },
                            [this](const QString&) { token.clear(); }},
                           QStringLiteral("test"),
                           connect,
                           [this] { return ++chances, 0.0; }},
            std::make_unique<FakePort>(log),
            WorkerCore::Events{[this] { ++opened; }, [this](const SyncStatus& one) { status = one; },
                               [this](const Touched& one) { touched.append(one); },
                               [this](const Id&, const QList<TextReader>& all) { readers = all; }, [this] { ++joined; },
                               [this](const QString& why) { joinFailed = why; },
                               [this](const Id& id) { submitted.append(id); },
                               [this](const Id& id) { settled.append(id); },
                               [this](const Id&, const Refusal& why) { refused.append(why); },
                               [this](const QString& why) { failed = why; }, [] {}});
    }

    Log log;
    QByteArray token;
    std::function<void()> whileLoading;
    int opened = 0, joined = 0;
    int chances = 0; // how often it was drawn how long to wait
    SyncStatus status;
    QList<Touched> touched;
    QList<TextReader> readers;
    QString joinFailed, failed;
    QList<Id> submitted, settled;
    QList<Refusal> refused;
    std::unique_ptr<WorkerCore> core;
};

inline v1::Change change(uint8_t n)
{
    Id id;
    id.bytes[15] = n;
    v1::Change made;
    made.set_id(id.str());
    return made;
}

inline void say(Server& server, const v1::Envelope& envelope)
{
    const std::string frame = encodeFrame(envelope);
    server.peer->write(frame.data(), qint64(frame.size()));
}

// Whether such a message is among what came.
inline bool heard(const Server& server, v1::Envelope::MessageCase kind)
{
    FrameDecoder decoder(size_t{1} << 20);
    decoder.append(server.bytes);
    for (auto next = decoder.next(); next && *next; next = decoder.next())
        if ((*next)->message_case() == kind)
            return true;
    return false;
}

inline v1::Envelope welcome()
{
    v1::Envelope envelope;
    envelope.mutable_welcome()->set_token("secret");
    return envelope;
}

inline v1::Envelope goodbye(v1::Code code)
{
    v1::Envelope envelope;
    envelope.mutable_goodbye()->mutable_why()->set_code(code);
    return envelope;
}

inline Join invitation(const Server& server, const Identity& identity)
{
    return {QStringLiteral("127.0.0.1"), server.serverPort(), publicKeyPin(identity.certificate),
            QStringLiteral("ann"),       QByteArray(16, 'c'), QStringLiteral("correct horse")};
}

} // namespace stoa::test
