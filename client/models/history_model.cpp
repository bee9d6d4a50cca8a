#include "client/models/history_model.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>
#include <QPointer>
#include <QThreadPool>

#include "client/commands/sentences.h"

namespace stoa {

namespace {

constexpr qint64 readHereMax = 256 * 1024; // up to here reading takes less than a frame

} // namespace

HistoryModel::HistoryModel(const Reading& reading, QString replicaPath, QObject* parent)
    : RowModel(parent), reading_(reading), replicaPath_(std::move(replicaPath))
{
}

HistoryModel::Loaded HistoryModel::read(const Reading& reading, const Id& post, std::optional<quint64> since)
{
    auto found = post.isNull() ? std::nullopt : history(reading, post);
    Loaded loaded;
    loaded.fetched = found.has_value();
    loaded.whole = found && found->whole;
    loaded.revisions = std::make_shared<const std::vector<v1::Revision>>(found ? std::move(found->revisions)
                                                                               : std::vector<v1::Revision>());
    loaded.rows = historyRows(reading, *loaded.revisions, since);
    return loaded;
}

void HistoryModel::load(const Id& post, std::optional<quint64> since)
{
    const quint64 generation = ++generation_;
    const bool another = std::exchange(wanted_, post) != post;
    if (post.isNull() || historyBytes(reading_, post) <= readHereMax)
        return show(read(reading_, post, since));
    if (another)
        become({});
    QThreadPool::globalInstance()->start(
        [model = QPointer<HistoryModel>(this), generation, path = replicaPath_, post, since] {
            auto loaded = std::make_shared<Loaded>();
            try {
                *loaded = read(Reading(path), post, since);
            } catch (const std::exception&) {
                return; // who reads next on the GUI's thread says what is wrong with the file
            }
            QMetaObject::invokeMethod(QCoreApplication::instance(), [model, generation, loaded] {
                if (model && model->generation_ == generation)
                    model->show(std::move(*loaded));
            });
        });
}

void HistoryModel::show(Loaded read)
{
    revisions_ = std::move(read.revisions);
    fetched_ = read.fetched;
    whole_ = read.whole;
    become(std::move(read.rows));
    Q_EMIT loaded();
}

QVariant HistoryModel::textOf(const HistoryRow& row, int role) const
{
    const QString name = row.sinceRead ? tr("Since you read it last") : peopleText(authorTexts(row));
    switch (role) {
    case Qt::DisplayRole:
        return name;
    case Qt::AccessibleTextRole: {
        if (row.sinceRead)
            return name;
        const QString when = QLocale().toString(QDateTime::fromMSecsSinceEpoch(row.toMs), QLocale::ShortFormat);
        const QString what = row.created ? tr("%1 wrote the first text, %2").arg(name, when)
                                         : tr("%1 changed the text, %2").arg(name, when);
        const QString said = saidText(row, authorTexts(row));
        return said.isEmpty() ? what : tr("%1: %2").arg(what, said);
    }
    default:
        return {};
    }
}

} // namespace stoa
