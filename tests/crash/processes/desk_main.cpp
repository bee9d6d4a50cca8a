// crash_desk PROFILE: a person's device without a window, for tests that kill and cut. Reads commands line by line:
//   ask TITLE BYTES | comment BYTES | vote    a change, in the first space, on any post that is here
//   retitle TITLE | remove                    of a question, or of a comment, that this person wrote
//   discard CHANGE                            that was refused
//   status                                    where things stand, as one line of JSON
// and says, a line each, what happened when it was durable: "stored CHANGE" ("marked CHANGE" for a vote, which is no
// change where it stands already), "receipt CHANGE", "refused CHANGE CODE"; "again CHANGE" for what it sends although
// the receipt was there, or twice over one connection.

#include <cstdio>
#include <random>
#include <set>

#include <QCoreApplication>
#include <QDir>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSocketNotifier>
#include <unistd.h>

#include "client/commands/commands.h"
#include "client/replica/queries.h"
#include "client/worker/core.h"
#include "shared/base/protobuf_log.h"

using namespace stoa;

namespace {

void say(const std::string& line)
{
    std::puts(line.c_str());
    std::fflush(stdout);
}

// The shipped port, watched at the border to the network.
class WatchedPort : public SyncPort {
public:
    explicit WatchedPort(std::unique_ptr<SyncPort> port) : port_(std::move(port)) {}

    void open() override { port_->open(); }
    std::optional<ServerPlace> server() override { return port_->server(); }
    void setServer(const ServerPlace& place, const QString& login) override { port_->setServer(place, login); }
    QString login() override { return port_->login(); }
    void setSignedOut(bool signedOut) override { port_->setSignedOut(signedOut); }
    bool isSignedOut() override { return port_->isSignedOut(); }
    void reportDamage() override { port_->reportDamage(); }
    void wipe() override { port_->wipe(); }
    void begin() override { port_->begin(); }
    Touched commit() override
    {
        Touched touched = port_->commit();
        for (const v1::Receipt& receipt : heard_) {
            const std::string change = toHex(receipt.change());
            if (receipt.has_refusal() && receipt.refusal().code() != v1::CODE_NONE) {
                say("refused " + change + " " + v1::Code_Name(receipt.refusal().code()));
            } else {
                receipted_.insert(receipt.change());
                say("receipt " + change);
            }
        }
        heard_.clear();
        return touched;
    }
    void rollback() override
    {
        heard_.clear();
        port_->rollback();
    }
    void rest() override { port_->rest(); }
    Result<void> submit(const v1::Change& change, const QString& draftPlace) override
    {
        return port_->submit(change, draftPlace);
    }
    Result<void> sendAgain(const Id& change) override { return port_->sendAgain(change); }
    Result<void> discard(const Id& change) override { return port_->discard(change); }
    void saveDraft(const QString& place, const QString& title, const QString& text, const QStringList& tags) override
    {
        port_->saveDraft(place, title, text, tags);
    }
    void readHistory(const Id& post) override { port_->readHistory(post); }
    void noteRead(const Id& post) override { port_->noteRead(post); }
    void openText(const Id& post) override { port_->openText(post); }
    void closeText(const Id& post) override { port_->closeText(post); }
    void setPresence(const Id& post, quint64 from, quint64 to, bool writing) override
    {
        port_->setPresence(post, from, to, writing);
    }
    void connected(v1::Hello hello) override
    {
        sent_.clear();
        port_->connected(std::move(hello));
    }
    void received(const v1::Envelope& envelope) override
    {
        if (envelope.has_receipts())
            heard_.insert(heard_.end(), envelope.receipts().receipts().begin(), envelope.receipts().receipts().end());
        port_->received(envelope);
    }
    void disconnected() override { port_->disconnected(); }
    bool isWelcome() override { return port_->isWelcome(); }
    void pump() override { port_->pump(); }
    SyncNews takeNews() override
    {
        SyncNews news = port_->takeNews();
        for (const v1::Envelope& envelope : news.send)
            for (const v1::PushedChange& pushed : envelope.push().changes()) {
                v1::Change change;
                change.ParseFromString(pushed.change());
                if (receipted_.contains(change.id()) || !sent_.insert(change.id()).second)
                    say("again " + toHex(change.id()));
            }
        return news;
    }
    SyncStatus standing() override { return port_->standing(); }

private:
    std::unique_ptr<SyncPort> port_;
    std::vector<v1::Receipt> heard_; // within this transaction
    std::set<std::string> receipted_;
    std::set<std::string> sent_; // over this connection
};

class Desk {
public:
    explicit Desk(const QString& profile)
        : path_(replicaPathOf(profile)),
          core_({profile, systemTokenStore(), QStringLiteral("crash_desk")},
                std::make_unique<WatchedPort>(makeSyncPort(path_)),
                {
                    [this] { reading_ = std::make_unique<Reading>(path_); },
                    [this](const SyncStatus& status) { status_ = status; },
                    [](const Touched&) {},
                    [](const Id&, const QList<TextReader>&) {},
                    [] {},
                    [](const QString&) {},
                    [this](const Id& change) { say((votes_.contains(change) ? "marked " : "stored ") + change.hex()); },
                    [](const Id&) {},
                    [](const Id& change, const Refusal& why) {
                        say("refused " + change.hex() + " " + v1::Code_Name(why.code));
                    },
                    [](const QString& sentence) { say("failed " + sentence.toStdString()); },
                    [] {},
                })
    {
        core_.open();
        core_.indexing(0);
    }
    ~Desk() { core_.close(); }

    void obey(const QStringList& words)
    {
        if (!reading_)
            return;
        if (words[0] == QLatin1String("status"))
            return tellStatus();
        if (words[0] == QLatin1String("discard"))
            return core_.discard(*Id::fromHex(words[1].toStdString()));
        const QList<SpaceRow> all = spaces(*reading_);
        if (all.isEmpty())
            return say("empty");
        const Pen pen{profile(*reading_).person, systemWallClock(), systemRandom()};
        const Id space = all.first().id;
        if (words[0] == QLatin1String("ask"))
            return core_.submitSoon({askQuestion(pen, space, words[1], text(words[2].toInt()), {})}, {});
        if (words[0] == QLatin1String("retitle") || words[0] == QLatin1String("remove"))
            return own(pen, space, words);
        QList<PostRow> rows = posts(*reading_, {.space = space}, {}, 50).rows;
        if (words[0] == QLatin1String("vote")) // nobody votes for what they wrote
            rows.removeIf([&](const PostRow& row) { return row.author == pen.person; });
        if (rows.isEmpty())
            return say("empty");
        const Id post = rows[qsizetype(generator_() % size_t(rows.size()))].id;
        if (words[0] == QLatin1String("comment"))
            return core_.submitSoon({commentOn(pen, space, post, text(words[1].toInt()))}, {});
        const v1::Change change = vote(pen, post, int(generator_() % 3) - 1);
        votes_.insert(*Id::from(change.id()));
        core_.submitSoon({change}, {});
    }

private:
    void own(const Pen& pen, const Id& space, const QStringList& words)
    {
        const bool removes = words[0] == QLatin1String("remove");
        const PostFilter filter{
            .space = space, .kind = removes ? v1::COMMENT : v1::QUESTION, .mine = true, .order = Order::Newest};
        QList<PostRow> rows = posts(*reading_, filter, {}, 50).rows;
        rows.removeIf([&](const PostRow& row) { return removed_.contains(row.id); });
        if (rows.isEmpty())
            return say("empty");
        const Id post = rows[qsizetype(generator_() % size_t(rows.size()))].id;
        v1::Change change;
        change.set_id(newId(pen.now(), pen.random).str());
        change.set_target(post.str());
        change.set_made_ms(pen.now());
        if (removes) {
            change.mutable_delete_();
            removed_.insert(post);
        } else {
            v1::FieldEdit& edit = *change.mutable_edit()->add_fields();
            edit.set_field(v1::POST_TITLE);
            edit.mutable_value()->set_text(words[1].toStdString());
            const auto question = record(*reading_, post);
            for (const v1::Writer& writer : question->writers())
                if (writer.field() == v1::POST_TITLE)
                    edit.set_seen(writer.change());
        }
        core_.submitSoon({change}, {});
    }

    void tellStatus()
    {
        const Totals all = totals(*reading_);
        say(QJsonDocument(QJsonObject{{QStringLiteral("up_to_date"), status_.state == SyncStatus::State::UpToDate},
                                      {QStringLiteral("state"), int(status_.state)},
                                      {QStringLiteral("waiting"), int(outbox(*reading_, 10'000).size())},
                                      {QStringLiteral("refused"), status_.refused},
                                      {QStringLiteral("complete"), all.complete},
                                      {QStringLiteral("digests_equal"), all.digestsEqual},
                                      {QStringLiteral("questions"), all.questions},
                                      {QStringLiteral("comments"), all.comments}})
                .toJson(QJsonDocument::Compact)
                .toStdString());
    }

    // That hardly compresses.
    QString text(int bytes)
    {
        QString text;
        for (int i = 0; i < bytes; ++i)
            text += QChar(char16_t('a' + generator_() % 26));
        return text;
    }

    QString path_;
    std::unique_ptr<Reading> reading_;
    SyncStatus status_;
    std::set<Id> votes_;
    std::set<Id> removed_; // soon, where the replica still has it
    std::mt19937_64 generator_{std::random_device()()};
    WorkerCore core_;
};

} // namespace

int main(int argc, char** argv)
{
    if (argc != 2)
        return 2;
    muteProtobuf();
    QCoreApplication application(argc, argv);
    Desk desk(QDir(QString::fromLocal8Bit(argv[1])).absolutePath());
    QByteArray typed;
    QSocketNotifier input(STDIN_FILENO, QSocketNotifier::Read);
    QObject::connect(&input, &QSocketNotifier::activated, &application, [&] {
        char buffer[4096];
        const ssize_t got = ::read(STDIN_FILENO, buffer, sizeof buffer);
        if (got <= 0)
            return QCoreApplication::exit(0);
        typed.append(buffer, got);
        for (qsizetype end; (end = typed.indexOf('\n')) >= 0; typed.remove(0, end + 1))
            desk.obey(QString::fromUtf8(typed.left(end)).split(QLatin1Char(' ')));
    });
    return QCoreApplication::exec();
}
