#include <QDateTime>
#include <QJsonArray>
#include <QJsonObject>
#include <QTimer>

#include "client/cli/errand.h"
#include "client/commands/sentences.h"
#include "client/worker/refusals.h"
#include "shared/domain/history.h"

namespace stoa::cli {

namespace {

constexpr int patienceMs = 30'000;

// Until it is here, or nobody can say when it will be.
void fetch(const Place& place, const Id& post)
{
    using State = SyncStatus::State;
    Errand errand(place, true);
    QObject::connect(&errand.worker, &Worker::opened, &errand, [&] { errand.worker.readHistory(post); });
    QObject::connect(&errand.worker, &Worker::touched, &errand, [&](const Touched& touched) {
        if (touched.histories.contains(post))
            errand.stop(0);
    });
    QObject::connect(&errand.worker, &Worker::statusChanged, &errand, [&](const SyncStatus& status) {
        const qint64 now = QDateTime::currentMSecsSinceEpoch();
        const QString detail = statusDetail(status, now);
        if (status.state == State::Offline)
            errand.stop(1, QStringLiteral("The server cannot be reached."));
        else if (status.state == State::SignedOut || status.state == State::SignInAgain ||
                 status.state == State::Failed)
            errand.stop(1, detail.isEmpty() ? statusText(status, now) : detail);
    });
    QTimer::singleShot(patienceMs, &errand, [&] {
        errand.stop(1, QStringLiteral("The server did not answer within %1 seconds.").arg(patienceMs / 1'000));
    });
    errand.run();
}

// An import is nobody's.
QJsonArray authorsOf(const HistoryRow& row)
{
    QJsonArray authors;
    for (qsizetype i = 0; i < row.authors.size(); ++i) {
        const Id& id = row.authors[i];
        authors.append(QJsonObject{
            {QStringLiteral("id"), id.isNull() ? QJsonValue() : QJsonValue(QString::fromStdString(id.hex()))},
            {QStringLiteral("name"), id.isNull() ? QJsonValue() : QJsonValue(row.authorNames[i])}});
    }
    return authors;
}

} // namespace

int history(const Place& place, const QString& typed, int at)
{
    const QString replica = replicaFile(place);
    Id id;
    {
        const Reading reading(replica);
        id = findPost(reading, typed);
        if (!post(reading, id))
            throw Stop{QStringLiteral("There is no post %1 here.").arg(typed)};
    }
    QString old; // why it is not newer
    try {
        fetch(place, id);
    } catch (const Stop& stop) {
        old = stop.sentence;
    }
    const Reading reading(replica);
    const auto known = stoa::history(reading, id);
    if (!old.isEmpty() && !known)
        throw Stop{QStringLiteral("%1 The history of this post was not looked at before.").arg(old)};
    if (!old.isEmpty())
        printStop({QStringLiteral("%1 This is what was looked at before.").arg(old)}, false);

    const std::vector<v1::Revision> revisions = known ? known->revisions : std::vector<v1::Revision>();
    const QList<HistoryRow> work = historyRows(reading, revisions);
    const int count = int(work.size());
    if (at > 0) {
        if (at > count)
            throw Stop{QStringLiteral("There is no %1 in this history.").arg(at), 2};
        const HistoryRow row = work.at(count - at);
        const auto body = bodyAfter(std::span(revisions).first(row.end));
        if (!body)
            throw Stop{QStringLiteral("The texts of this history are not here.")};
        const QString text = QString::fromStdString(*body);
        if (place.json)
            printJson(QJsonObject{{QStringLiteral("body"), text}});
        else
            print(text.endsWith(QLatin1Char('\n')) ? text.chopped(1) : text);
        return 0;
    }
    if (place.json) {
        QJsonArray array;
        for (int i = count; i-- > 0;) {
            const HistoryRow& row = work.at(i);
            array.append(QJsonObject{{QStringLiteral("at"), count - i},
                                     {QStringLiteral("authors"), authorsOf(row)},
                                     {QStringLiteral("from_ms"), row.fromMs},
                                     {QStringLiteral("to_ms"), row.toMs},
                                     {QStringLiteral("summary"), row.summary}});
        }
        printJson(array);
        return 0;
    }
    if (count == 0) {
        print(QStringLiteral("Nobody has changed this text yet."));
        return 0;
    }
    const bool isProposal = post(reading, id)->kind == v1::PROPOSAL;
    QList<QStringList> rows;
    for (int i = 0; i < count; ++i) {
        const HistoryRow& row = work.at(i);
        QStringList authors = authorTexts(row);
        for (qsizetype each = 0; isProposal && each < authors.size(); ++each)
            if (row.authors[each].isNull()) // the server
                authors[each] = QStringLiteral("Moved with its page");
        rows.append(
            {QString::number(count - i), dateText(row.toMs), peopleText(authors), saidText(row, authors).simplified()});
    }
    printTable({QStringLiteral("At"), QStringLiteral("When"), QStringLiteral("Who"), QStringLiteral("What")}, rows);
    return 0;
}

} // namespace stoa::cli
