#include "client/models/history_model.h"

#include <algorithm>

#include <QDateTime>
#include <QLocale>

namespace stoa {

namespace {

Id idOfNumber(uint64_t number)
{
    std::string bytes(16, '\0');
    for (size_t i = 0; i < 8; ++i)
        bytes[i] = char(number >> (8 * i));
    bytes[8] = 'h';
    return Id::from(bytes).value_or(Id{});
}

} // namespace

HistoryModel::HistoryModel(const Reading& reading, QObject* parent) : RowModel(parent), reading_(reading) {}

void HistoryModel::load(const Id& post, quint64 since)
{
    auto read = post.isNull() ? std::nullopt : history(reading_, post);
    fetched_ = read.has_value();
    whole_ = read && read->whole;
    revisions_ = std::make_shared<const std::vector<v1::Revision>>(read ? std::move(read->revisions)
                                                                        : std::vector<v1::Revision>());
    QHash<Id, QString> names;
    QList<HistoryRow> rows;
    for (const Stretch& stretch : stretches(*revisions_)) {
        const v1::Revision& first = (*revisions_)[stretch.first];
        HistoryRow row;
        row.id = idOfNumber(first.version().revision());
        row.author = Id::from(stretch.author).value_or(Id{});
        if (!row.author.isNull() && !names.contains(row.author)) {
            const auto known = person(reading_, row.author);
            names.insert(row.author, known ? known->name.isEmpty() ? known->login : known->name : QString());
        }
        row.authorName = names.value(row.author);
        row.fromMs = stretch.fromMs;
        row.toMs = stretch.toMs;
        row.summary = QString::fromStdString(stretch.summary);
        row.begin = stretch.first;
        row.end = stretch.first + stretch.count;
        row.created = first.after() == first.version().revision();
        rows.prepend(row);
    }
    if (!rows.isEmpty())
        rows.front().newest = true;
    const auto unread = std::find_if(revisions_->begin(), revisions_->end(),
                                     [&](const v1::Revision& each) { return each.version().revision() > since; });
    if (since > 0 && unread != revisions_->begin() && unread != revisions_->end()) {
        HistoryRow all;
        all.id = idOfNumber(UINT64_MAX);
        all.fromMs = unread->time_ms();
        all.toMs = revisions_->back().time_ms();
        all.begin = size_t(unread - revisions_->begin());
        all.end = revisions_->size();
        all.sinceRead = true;
        rows.prepend(all);
    }
    become(std::move(rows));
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
