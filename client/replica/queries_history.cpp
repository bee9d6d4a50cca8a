// What became of a body.

#include <algorithm>
#include <map>
#include <span>

#include "client/replica/reading.h"
#include "shared/domain/history.h"

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

// What each of the authors said of it.
QList<QPair<qsizetype, QString>> saidIn(std::span<const v1::Revision> revisions, const QList<Id>& authors)
{
    QList<QPair<qsizetype, QString>> said;
    for (const v1::Revision& each : revisions) {
        if (each.summary().empty())
            continue;
        const QPair one(authors.indexOf(Id::from(each.author()).value_or(Id{})),
                        QString::fromStdString(each.summary()));
        if (size_t(said.size()) < limits::stretchSummariesMax && !said.contains(one))
            said.append(one);
    }
    return said;
}

} // namespace

std::optional<BodyHistory> history(const Reading& reading, const Id& post, quint64 downTo)
{
    Statement& shown = reading.statements()(
        "SELECT 1 FROM histories WHERE post = ? AND EXISTS(SELECT 1 FROM records WHERE id = post AND deleted = 0 AND "
        "bytes IS NOT NULL)");
    const bool there = shown.bindBlob(post.view()).step();
    shown.reset();
    if (!there)
        return std::nullopt;
    BodyHistory history;
    Statement& read =
        reading.statements()("SELECT bytes FROM revisions WHERE post = ? ORDER BY revision DESC").bindBlob(post.view());
    while (!history.whole && read.step()) {
        const std::string_view bytes = read.text(0);
        v1::Revision revision;
        if (!revision.ParseFromArray(bytes.data(), int(bytes.size())))
            break;
        // A page is still on its way.
        if (!history.revisions.empty() && history.revisions.back().after() != revision.version().revision())
            break;
        history.whole = revision.after() == revision.version().revision();
        const bool isLast = revision.version().revision() <= downTo;
        history.revisions.push_back(std::move(revision));
        if (isLast)
            break;
    }
    read.reset();
    std::reverse(history.revisions.begin(), history.revisions.end());
    return history;
}

qint64 historyBytes(const Reading& reading, const Id& post)
{
    Statement& read = reading.statements()("SELECT bytes FROM histories WHERE post = ?").bindBlob(post.view());
    const qint64 bytes = read.step() ? read.number(0) : 0;
    read.reset();
    return bytes;
}

std::optional<quint64> readRevision(const Reading& reading, const Id& post)
{
    Statement& read = reading.statements()("SELECT revision FROM readings WHERE post = ?").bindBlob(post.view());
    const auto revision = read.step() ? std::optional(quint64(read.number(0))) : std::nullopt;
    read.reset();
    return revision;
}

QList<HistoryRow> historyRows(const Reading& reading, const std::vector<v1::Revision>& revisions,
                              std::optional<quint64> since)
{
    std::map<Id, QString> names;
    QList<HistoryRow> rows;
    for (const Stretch& stretch : stretches(revisions)) {
        const v1::Revision& first = revisions[stretch.first];
        HistoryRow row;
        row.id = idOfNumber(first.version().revision());
        for (const std::string& each : stretch.authors) {
            const Id author = Id::from(each).value_or(Id{});
            const auto [name, isNew] = names.try_emplace(author);
            if (isNew && !author.isNull()) {
                const auto known = person(reading, author);
                name->second = known ? known->name.isEmpty() ? known->login : known->name : QString();
            }
            row.authors.append(author);
            row.authorNames.append(name->second);
        }
        row.fromMs = stretch.fromMs;
        row.toMs = stretch.toMs;
        row.summary = QString::fromStdString(stretch.summary);
        if (row.authors.size() > 1)
            row.said = saidIn(std::span(revisions).subspan(stretch.first, stretch.count), row.authors);
        row.begin = stretch.first;
        row.end = stretch.first + stretch.count;
        row.created = first.after() == first.version().revision();
        rows.prepend(row);
    }
    const auto unread = std::find_if(revisions.begin(), revisions.end(), [&](const v1::Revision& each) {
        return since && each.version().revision() > *since;
    });
    if (unread != revisions.begin() && unread != revisions.end()) {
        HistoryRow all;
        all.id = idOfNumber(UINT64_MAX);
        all.fromMs = unread->time_ms();
        all.toMs = revisions.back().time_ms();
        all.begin = size_t(unread - revisions.begin());
        all.end = revisions.size();
        all.sinceRead = true;
        rows.prepend(all);
    }
    return rows;
}

} // namespace stoa
