#include "client/cli/errand.h"
#include "client/cli/storing.h"
#include "client/cli/verbs.h"

#include <functional>

#include <QCoreApplication>
#include <QDateTime>
#include <QElapsedTimer>
#include <QJsonObject>
#include <QTimer>

#include "client/commands/commands.h"
#include "client/commands/sentences.h"
#include "client/worker/local_door.h"
#include "shared/base/text.h"

namespace stoa::cli {

namespace {

constexpr int editTriesMax = 8;

} // namespace

Pen penOf(const Place& place, const Reading& reading)
{
    Pen pen{profile(reading).person, systemWallClock(), systemRandom()};
    if (pen.person.isNull())
        throw Stop{QStringLiteral("Nobody is signed in here. Begin with: stoa-cli --profile %1 join LINK")
                       .arg(place.profileDir)};
    return pen;
}

// By the desktop where it runs, else by this program itself.
Refusal submit(const Place& place, const v1::Change& change)
{
    if (const auto answer =
            askLocalDoor(place.profileDir, LocalVerb::Store, QByteArray::fromStdString(change.SerializeAsString())))
        return *answer;
    Refusal why;
    Errand errand(place, false);
    QObject::connect(&errand.worker, &Worker::opened, &errand, [&] { errand.worker.submit({change}); });
    QObject::connect(&errand.worker, &Worker::notSubmitted, &errand, [&](const Id&, const Refusal& refusal) {
        why = refusal;
        errand.stop(0);
    });
    QObject::connect(&errand.worker, &Worker::submitted, &errand, [&](const Id&) { errand.stop(0); });
    errand.run();
    return why;
}

void submitOrStop(const Place& place, const v1::Change& change)
{
    if (const Refusal refusal = submit(place, change); refusal.code != v1::CODE_NONE)
        throw Stop{refusalSentence(refusal)};
}

int sayStored(const Place& place, const v1::Change& change)
{
    const QString target = QString::fromStdString(toHex(change.target()));
    if (place.json)
        printJson(QJsonObject{{QStringLiteral("change"), QString::fromStdString(toHex(change.id()))},
                              {QStringLiteral("target"), target}});
    else if (change.has_create_post())
        print(QStringLiteral("Stored as %1. “stoa-cli sync” sends it.").arg(target));
    else
        print(QStringLiteral("Stored. “stoa-cli sync” sends it."));
    return 0;
}

int store(const Place& place, const std::function<v1::Change(const Reading&, const Pen&)>& make)
{
    const QString replica = replicaFile(place);
    v1::Change change;
    {
        const Reading reading(replica);
        change = make(reading, penOf(place, reading));
    }
    submitOrStop(place, change);
    return sayStored(place, change);
}

PostRow postOf(const Reading& reading, const QString& typed)
{
    const auto row = post(reading, findPost(reading, typed));
    if (!row)
        throw Stop{QStringLiteral("There is no post %1 here.").arg(typed)};
    return *row;
}

OutboxRow changeOf(const Reading& reading, const QString& typed)
{
    const QString wanted = typed.trimmed().toLower();
    QList<OutboxRow> found;
    for (const OutboxRow& one : outbox(reading, 10'000))
        if (wanted.size() >= 8 && QString::fromStdString(one.change.hex()).startsWith(wanted))
            found.append(one);
    if (found.isEmpty())
        throw Stop{QStringLiteral("There is no change %1 in the outbox. “stoa-cli outbox” lists them.").arg(typed)};
    if (found.size() > 1)
        throw Stop{QStringLiteral("Several changes begin with %1. Give more digits.").arg(typed)};
    return found.first();
}

Refusal settle(const Place& place, const Id& change, Settling how)
{
    const bool again = how == Settling::SendAgain;
    if (const auto answer = askLocalDoor(place.profileDir, again ? LocalVerb::SendAgain : LocalVerb::Discard,
                                         QByteArray::fromStdString(change.str())))
        return *answer;
    Refusal why;
    Errand errand(place, false);
    QObject::connect(&errand.worker, &Worker::opened, &errand, [&] {
        if (again)
            errand.worker.sendAgain(change);
        else
            errand.worker.discard(change);
    });
    QObject::connect(&errand.worker, &Worker::notSubmitted, &errand, [&](const Id&, const Refusal& refusal) {
        why = refusal;
        errand.stop(0);
    });
    QObject::connect(&errand.worker, &Worker::settled, &errand, [&](const Id&) { errand.stop(0); });
    errand.run();
    return why;
}

int join(const Place& place, const Join& wanted)
{
    Errand errand(place, true);
    QObject::connect(&errand.worker, &Worker::opened, &errand, [&] { errand.worker.join(wanted); });
    QObject::connect(&errand.worker, &Worker::joined, &errand, [&] { errand.stop(0); });
    QObject::connect(&errand.worker, &Worker::joinFailed, &errand,
                     [&](const QString& sentence) { errand.stop(1, sentence); });
    errand.run();
    if (place.json)
        printJson(QJsonObject{{QStringLiteral("joined"), true}});
    else
        print(QStringLiteral("Joined %1. “stoa-cli sync” fetches what you may read.").arg(wanted.host));
    return 0;
}

int sync(const Place& place, int secondsMax)
{
    using State = SyncStatus::State;
    stopWithoutReplica(place);
    QElapsedTimer timer;
    timer.start();
    int losses = 0;
    bool connected = false;
    State before = State::SignedOut;
    QString shown;
    Errand errand(place, true);
    QObject::connect(&errand.worker, &Worker::statusChanged, &errand, [&](const SyncStatus& status) {
        const qint64 now = QDateTime::currentMSecsSinceEpoch();
        // While it is offline other things are told as well, such as how far the index is.
        const bool lost = status.state == State::Offline && before != State::Offline;
        before = status.state;
        switch (status.state) {
        case State::SignedOut:
            errand.stop(1, QStringLiteral("Nobody is signed in here. Begin with: stoa-cli --profile %1 join LINK")
                               .arg(place.profileDir));
            return;
        case State::SignInAgain:
        case State::Failed: {
            const QString detail = statusDetail(status, now);
            errand.stop(1, detail.isEmpty() ? statusText(status, now) : detail);
            return;
        }
        case State::Offline:
            // What cannot be reached at once is not waited for; what was lost on the way is tried again.
            losses += lost ? 1 : 0;
            if (!connected || losses > 5)
                errand.stop(1, status.problem.isEmpty() && status.refusal.code == v1::CODE_NONE
                                   ? QStringLiteral("The server cannot be reached.")
                                   : statusDetail(status, now));
            return;
        case State::Connecting:
            break;
        case State::Fetching:
        case State::Sending:
            connected = true;
            break;
        case State::UpToDate:
            connected = true;
            if (status.indexing == 0) {
                errand.stop(0);
                return;
            }
            break;
        }
        const QString line = statusText(status, now);
        if (!place.json && line != shown) {
            std::fprintf(stderr, "%s\n", qUtf8Printable(line));
            shown = line;
        }
    });
    if (secondsMax > 0)
        QTimer::singleShot(secondsMax * 1'000, &errand, [&] {
            errand.stop(1, QStringLiteral("Not finished after %1 seconds; what has arrived is here.").arg(secondsMax));
        });
    errand.run();
    const double seconds = double(timer.elapsed()) / 1000;
    const Reading reading(replicaFile(place));
    const Totals all = totals(reading);
    int refused = 0;
    for (const OutboxRow& row : outbox(reading, 10'000))
        refused += row.state == ChangeState::Refused ? 1 : 0;
    if (place.json) {
        QJsonObject json = toJson(all);
        json.insert(QStringLiteral("seconds"), seconds);
        json.insert(QStringLiteral("refused"), refused);
        printJson(json);
    } else {
        print(QStringLiteral("Up to date: %1 spaces, %2 records.").arg(all.spaces).arg(all.records));
    }
    if (refused > 0)
        throw Stop{QStringLiteral("Refused: %1. “stoa-cli outbox” says why.").arg(refused), 1, true};
    return 0;
}

int ask(const Place& place, const QString& space, const QString& title, const QString& body, const QStringList& tags)
{
    return store(place, [&](const Reading& reading, const Pen& pen) {
        return askQuestion(pen, findSpace(reading, space).id, title, body, tags);
    });
}

int answer(const Place& place, const QString& question, const QString& body)
{
    return store(place, [&](const Reading& reading, const Pen& pen) {
        const PostRow row = postOf(reading, question);
        return answerQuestion(pen, row.space, row.id, body);
    });
}

int comment(const Place& place, const QString& post, const QString& body)
{
    return store(place, [&](const Reading& reading, const Pen& pen) {
        const PostRow row = postOf(reading, post);
        return commentOn(pen, row.space, row.id, body);
    });
}

int edit(const Place& place, const Edit& wanted)
{
    const QString replica = replicaFile(place);
    Id id;
    v1::Post seen;
    const auto look = [&] {
        const Reading reading(replica);
        id = postOf(reading, wanted.post).id;
        const std::optional<v1::Record> found = record(reading, id);
        seen = found ? found->post() : v1::Post();
        return penOf(place, reading);
    };
    Pen pen = look();
    std::string before = seen.body();
    std::string after = wanted.write(before);
    if (!wanted.mayEmpty && trim(after).empty() && !trim(before).empty())
        throw Stop{QStringLiteral("The new text is empty. Say --empty where nothing of the old one is to stay."), 2};
    Refusal refusal;
    // Somebody else may write at the same time: then again, from what is there by now.
    for (int i = 0; i < editTriesMax; ++i) {
        const bool resolves = wanted.resolved && !seen.contested().empty();
        if (after == before && !resolves) {
            if (place.json)
                printJson(QJsonObject{{QStringLiteral("change"), QJsonValue()},
                                      {QStringLiteral("target"), QString::fromStdString(id.hex())}});
            else
                print(QStringLiteral("Nothing has changed."));
            return 0;
        }
        v1::Change change = editBody(pen, id, before, after);
        change.mutable_edit_text()->set_summary(wanted.summary.toStdString());
        if (resolves && before == seen.body())
            *change.mutable_edit_text()->mutable_resolved() = seen.contested();
        refusal = submit(place, change);
        if (refusal.code == v1::CODE_NONE)
            return sayStored(place, change);
        if (refusal.code != v1::UNKNOWN_BASE)
            break;
        pen = look();
        after = movedOnto(seen.body(), before, after);
        before = seen.body();
    }
    throw Stop{refusalSentence(refusal)};
}

int vote(const Place& place, const QString& post, int value)
{
    return store(place, [&](const Reading& reading, const Pen& pen) {
        return stoa::vote(pen, postOf(reading, post).id, value);
    });
}

int accept(const Place& place, const QString& answer)
{
    return store(place, [&](const Reading& reading, const Pen& pen) {
        const PostRow row = postOf(reading, answer);
        const auto question = row.kind == v1::ANSWER ? record(reading, row.parent) : std::nullopt;
        if (!question)
            throw Stop{QStringLiteral("%1 is no answer to a question that is here.").arg(answer)};
        return acceptAnswer(pen, *question, row.id);
    });
}

int bookmark(const Place& place, const QString& post, bool set)
{
    return store(place, [&](const Reading& reading, const Pen& pen) {
        return stoa::bookmark(pen, postOf(reading, post).id, set);
    });
}

namespace {

int settleTyped(const Place& place, const QString& typed, Settling how)
{
    const Id change = changeOf(Reading(replicaFile(place)), typed).change;
    if (const Refusal refusal = settle(place, change, how); refusal.code != v1::CODE_NONE)
        throw Stop{refusalSentence(refusal)};
    if (place.json)
        printJson(QJsonObject{{QStringLiteral("change"), QString::fromStdString(change.hex())}});
    else
        print(how == Settling::SendAgain ? QStringLiteral("It waits to be sent again.") : QStringLiteral("Discarded."));
    return 0;
}

} // namespace

int sendAgain(const Place& place, const QString& change)
{
    return settleTyped(place, change, Settling::SendAgain);
}

int discard(const Place& place, const QString& change)
{
    return settleTyped(place, change, Settling::Discard);
}

} // namespace stoa::cli
