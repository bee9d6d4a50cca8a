#pragma once

// What stoa-cli prints: tables and texts for people, JSON for scripts. One thread.

#include <QJsonObject>
#include <QJsonValue>
#include <QList>
#include <QString>
#include <QStringList>

#include "client/replica/queries.h"

namespace stoa::cli {

// Something that ends the program: a sentence for the person and the exit code.
struct Stop {
    QString sentence;
    int code = 1;
    bool isAnswered = false; // what was asked for is printed already
};

void print(const QString& line);
void printJson(const QJsonValue& value); // one line
// On the error stream; for a script also as its answer.
void printStop(const Stop&, bool json);
// Columns as wide as their widest cell; the last one is cut to the terminal's width. Characters of
// Chinese, Japanese and Korean count twice.
void printTable(const QStringList& head, const QList<QStringList>& rows);

QString shortId(const Id& id);
QString dateText(qint64 ms);

QJsonObject toJson(const PostRow& row);
QJsonObject toJson(const SpaceRow& row);
QJsonObject toJson(const OutboxRow& row);
QJsonObject toJson(const Totals& totals);

} // namespace stoa::cli
