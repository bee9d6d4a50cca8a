#include "client/cli/output.h"

#include <algorithm>
#include <cstdio>

#include <QDateTime>
#include <QJsonArray>
#include <QJsonDocument>

#include "client/commands/sentences.h"

#ifdef Q_OS_UNIX
#include <sys/ioctl.h>
#include <unistd.h>
#endif

namespace stoa::cli {

namespace {

int widthOf(char32_t c)
{
    const bool wide = (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) || (c >= 0xac00 && c <= 0xd7a3) ||
                      (c >= 0xf900 && c <= 0xfaff) || (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
                      (c >= 0x1f300 && c <= 0x1faff) || (c >= 0x20000 && c <= 0x3fffd);
    return QChar::isMark(c) || QChar::category(c) == QChar::Other_Format ? 0 : wide ? 2 : 1;
}

int widthOf(const QString& text)
{
    int width = 0;
    for (const uint c : text.toUcs4())
        width += widthOf(char32_t(c));
    return width;
}

// Without what would move a terminal's cursor or turn its text around.
QString harmless(const QString& text)
{
    QString result;
    for (const QChar c : text) {
        const bool control = c.category() == QChar::Other_Control || (c >= QChar(0x202a) && c <= QChar(0x202e)) ||
                             (c >= QChar(0x2066) && c <= QChar(0x2069));
        result += control && c != QLatin1Char('\n') && c != QLatin1Char('\t') ? QChar(QChar::ReplacementCharacter) : c;
    }
    return result;
}

QString clip(const QString& text, int widthMax)
{
    if (widthOf(text) <= widthMax)
        return text;
    QString result;
    int width = 1;
    for (const uint c : text.toUcs4()) {
        width += widthOf(char32_t(c));
        if (width > widthMax)
            break;
        const char32_t one = char32_t(c);
        result += QString::fromUcs4(&one, 1);
    }
    return result + QChar(0x2026);
}

int terminalWidth()
{
#ifdef Q_OS_UNIX
    winsize size{};
    if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 40)
        return size.ws_col;
#endif
    return 120;
}

QString hex(const Id& id)
{
    return id.isNull() ? QString() : QString::fromStdString(id.hex());
}

QString lower(const QString& text)
{
    return text.toLower();
}

} // namespace

void print(const QString& line)
{
    const QByteArray bytes = harmless(line).toUtf8() + '\n';
    std::fwrite(bytes.constData(), 1, size_t(bytes.size()), stdout);
}

void printJson(const QJsonValue& value)
{
    const QJsonDocument document = value.isArray() ? QJsonDocument(value.toArray()) : QJsonDocument(value.toObject());
    const QByteArray bytes = document.toJson(QJsonDocument::Compact) + '\n';
    std::fwrite(bytes.constData(), 1, size_t(bytes.size()), stdout);
}

void printStop(const Stop& stop, bool json)
{
    std::fprintf(stderr, "%s\n", qUtf8Printable(stop.sentence));
    if (json && !stop.isAnswered)
        printJson(QJsonObject{{QStringLiteral("ok"), false}, {QStringLiteral("message"), stop.sentence}});
}

void printTable(const QStringList& head, const QList<QStringList>& rows)
{
    QList<int> widths;
    for (const QString& cell : head)
        widths.append(widthOf(cell));
    for (const QStringList& row : rows)
        for (int i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], widthOf(row[i]));
    const auto line = [&](const QStringList& cells) {
        QString text;
        int used = 0;
        for (int i = 0; i < cells.size(); ++i) {
            const bool last = i + 1 == cells.size();
            const QString cell = last ? clip(cells[i], std::max(20, terminalWidth() - used)) : cells[i];
            text += cell;
            if (!last)
                text += QString(widths[i] - widthOf(cell) + 2, QLatin1Char(' '));
            used += widths[i] + 2;
        }
        print(text);
    };
    line(head);
    for (const QStringList& row : rows)
        line(row);
}

QString shortId(const Id& id)
{
    return QString::fromStdString(id.hex()).left(16);
}

QString dateText(qint64 ms)
{
    return ms == 0 ? QString() : QDateTime::fromMSecsSinceEpoch(ms).toString(QStringLiteral("yyyy-MM-dd HH:mm"));
}

QJsonObject toJson(const PostRow& row)
{
    return {
        {QStringLiteral("id"), hex(row.id)},
        {QStringLiteral("space"), hex(row.space)},
        {QStringLiteral("parent"), hex(row.parent)},
        {QStringLiteral("root"), hex(row.root)},
        {QStringLiteral("kind"), lower(kindText(row.kind))},
        {QStringLiteral("title"), row.title},
        {QStringLiteral("tags"), QJsonArray::fromStringList(row.tags)},
        {QStringLiteral("author"), hex(row.author)},
        {QStringLiteral("author_name"), row.authorName},
        {QStringLiteral("created_ms"), row.createdMs},
        {QStringLiteral("changed_ms"), row.changedMs},
        {QStringLiteral("score"), row.score},
        {QStringLiteral("imported_score"), row.importedScore},
        {QStringLiteral("my_vote"), row.myVote},
        {QStringLiteral("answers"), row.answers},
        {QStringLiteral("comments"), row.comments},
        {QStringLiteral("accepted"), hex(row.accepted)},
        {QStringLiteral("bookmarked"), row.bookmarked},
        {QStringLiteral("pending"), row.pending},
        {QStringLiteral("refused"), row.refused},
    };
}

QJsonObject toJson(const SpaceRow& row)
{
    return {
        {QStringLiteral("id"), hex(row.id)},
        {QStringLiteral("name"), row.name},
        {QStringLiteral("visibility"), lower(visibilityText(row.visibility))},
        {QStringLiteral("role"), row.role == v1::ROLE_NONE ? QString() : lower(roleText(row.role))},
        {QStringLiteral("pages"), row.pages},
        {QStringLiteral("questions"), row.questions},
        {QStringLiteral("answers"), row.answers},
        {QStringLiteral("comments"), row.comments},
        {QStringLiteral("unanswered"), row.unanswered},
        {QStringLiteral("people"), row.people},
        {QStringLiteral("held"), qint64(row.held)},
        {QStringLiteral("total"), qint64(row.total)},
        {QStringLiteral("complete"), row.complete},
        {QStringLiteral("set_aside"), row.setAside},
    };
}

QJsonObject toJson(const OutboxRow& row)
{
    QJsonObject json{
        {QStringLiteral("id"), hex(row.change)},
        {QStringLiteral("target"), hex(row.target)},
        {QStringLiteral("post"), hex(row.post)},
        {QStringLiteral("state"), row.isDraft                         ? QStringLiteral("kept")
                                  : row.state == ChangeState::Blocked ? QStringLiteral("blocked")
                                                                      : lower(stateText(row))},
        {QStringLiteral("change"), changeText(row)},
        {QStringLiteral("space"), row.spaceName},
        {QStringLiteral("text"), row.text},
        {QStringLiteral("made_ms"), row.madeMs},
    };
    if (row.refusal.code != v1::CODE_NONE && row.state == ChangeState::Refused) {
        json.insert(QStringLiteral("code"), QString::fromStdString(v1::Code_Name(row.refusal.code)).toLower());
        json.insert(QStringLiteral("reason"), refusalSentence(row.refusal));
    }
    return json;
}

QJsonObject toJson(const Totals& totals)
{
    return {
        {QStringLiteral("spaces"), totals.spaces},
        {QStringLiteral("people"), totals.people},
        {QStringLiteral("pages"), totals.pages},
        {QStringLiteral("questions"), totals.questions},
        {QStringLiteral("answers"), totals.answers},
        {QStringLiteral("comments"), totals.comments},
        {QStringLiteral("records"), totals.records},
        {QStringLiteral("complete"), totals.complete},
        {QStringLiteral("digests_equal"), totals.digestsEqual},
    };
}

} // namespace stoa::cli
