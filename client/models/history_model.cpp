#include "client/models/history_model.h"

#include <QDateTime>
#include <QLocale>

namespace stoa {

HistoryModel::HistoryModel(const Reading& reading, QObject* parent) : RowModel(parent), reading_(reading) {}

void HistoryModel::load(const Id& post, std::optional<quint64> since)
{
    auto read = post.isNull() ? std::nullopt : history(reading_, post);
    fetched_ = read.has_value();
    whole_ = read && read->whole;
    revisions_ = std::make_shared<const std::vector<v1::Revision>>(read ? std::move(read->revisions)
                                                                        : std::vector<v1::Revision>());
    become(historyRows(reading_, *revisions_, since));
}

QVariant HistoryModel::textOf(const HistoryRow& row, int role) const
{
    const QString name = row.sinceRead            ? tr("Since you read it last")
                       : row.authorName.isEmpty() ? tr("Somebody who left")
                                                  : row.authorName;
    switch (role) {
    case Qt::DisplayRole:
        return name;
    case Qt::AccessibleTextRole: {
        if (row.sinceRead)
            return name;
        const QString when = QLocale().toString(QDateTime::fromMSecsSinceEpoch(row.toMs), QLocale::ShortFormat);
        const QString what = row.created ? tr("%1 wrote the first text, %2").arg(name, when)
                                         : tr("%1 changed the text, %2").arg(name, when);
        return row.summary.isEmpty() ? what : tr("%1: %2").arg(what, row.summary);
    }
    default:
        return {};
    }
}

} // namespace stoa
