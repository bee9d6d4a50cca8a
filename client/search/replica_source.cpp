#include "client/search/index.h"

#include "shared/markup/plain.h"

namespace stoa {

IndexSource replicaSource(const Reading& reading)
{
    return {
        [&reading](qint64 after, int limit) { return indexStamps(reading, after, limit); },
        [&reading](const QList<qint64>& rows) {
            QList<IndexText> texts;
            for (const IndexRow& row : indexRows(reading, rows))
                texts.append({row.row, row.stamp, row.post, row.space, row.author, row.kind, row.title,
                              QString::fromStdString(plainText(row.body.toStdString())), row.tags, row.authorName});
            return texts;
        },
        [&reading](const QList<Id>& posts) { return rowsOfPosts(reading, posts); },
    };
}

} // namespace stoa
