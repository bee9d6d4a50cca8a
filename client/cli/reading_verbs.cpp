#include "client/cli/verbs.h"

#include <QDateTime>
#include <QFile>
#include <QJsonArray>

#include "client/commands/sentences.h"
#include "client/replica/schema.h"
#include "client/search/finder.h"
#include "client/worker/core.h"
#include "shared/base/black_box_folder.h"
#include "shared/base/limits.h"
#include "shared/domain/body.h"

namespace stoa::cli {

namespace {

constexpr qsizetype digitsMin = 8;

v1::PostKind kindOf(const QString& name)
{
    const QString wanted = name.toLower();
    for (const v1::PostKind kind : {v1::SECTION, v1::PAGE, v1::QUESTION, v1::ANSWER, v1::COMMENT, v1::PROPOSAL})
        if (wanted == kindText(kind).toLower() || wanted == kindText(kind).toLower() + QLatin1Char('s'))
            return kind;
    throw Stop{
        QStringLiteral("There is no kind “%1”: there are page, question, answer, comment and proposal.").arg(name), 2};
}

Order orderOf(const QString& name)
{
    if (name == QLatin1String("activity"))
        return Order::Activity;
    if (name == QLatin1String("newest"))
        return Order::Newest;
    if (name == QLatin1String("score"))
        return Order::Score;
    throw Stop{QStringLiteral("There is no order “%1”: there are activity, newest and score.").arg(name), 2};
}

QString byline(const PostRow& row)
{
    QString text = authorText(row.author, row.authorName);
    text += QStringLiteral(", ") + dateText(row.createdMs);
    if (row.kind != v1::SECTION && row.kind != v1::PAGE)
        text += QStringLiteral(", score %1").arg(row.score);
    if (row.pending)
        text += QStringLiteral(", not yet sent");
    if (row.refused)
        text += QStringLiteral(", refused: see the outbox");
    return text;
}

QString indented(const QString& text)
{
    QStringList lines = text.split(QLatin1Char('\n'));
    for (QString& line : lines)
        line.prepend(QStringLiteral("    "));
    return lines.join(QLatin1Char('\n'));
}

// Each passage of a text that two people rewrote: both versions or, where nobody knows where the second begins, all of
// it.
QList<QStringList> contestedIn(const Reading& reading, const Id& id)
{
    QList<QStringList> passages;
    const std::optional<v1::Record> found = record(reading, id);
    if (!found || found->post().contested_size() == 0)
        return passages;
    const std::u32string body = QString::fromStdString(found->post().body()).toStdU32String();
    const auto part = [&](size_t from, size_t to) {
        return from < body.size() ? QString::fromStdU32String(body.substr(from, to - from)) : QString();
    };
    for (const TwoVersions& each : versionsIn(rangesOf(found->post().contested()))) {
        const size_t from = each.whole.from, to = each.whole.to;
        if (each.second)
            passages.append(QStringList{part(from, *each.second), part(*each.second, to)});
        else
            passages.append(QStringList{part(from, to)});
    }
    return passages;
}

QJsonArray toJson(const QList<QStringList>& passages)
{
    QJsonArray all;
    for (const QStringList& each : passages)
        all.append(QJsonArray::fromStringList(each));
    return all;
}

QJsonObject toJson(const PostText& text)
{
    QJsonObject json = cli::toJson(text.row);
    json.insert(QStringLiteral("body"), text.body);
    return json;
}

} // namespace

void stopWithoutReplica(const Place& place)
{
    if (!QFile::exists(replicaPathOf(place.profileDir)))
        throw Stop{QStringLiteral("There is nothing in the profile %1 yet. Begin with: stoa-cli --profile %1 join LINK")
                       .arg(place.profileDir)};
}

QString replicaFile(const Place& place)
{
    stopWithoutReplica(place);
    const QString path = replicaPathOf(place.profileDir);
    const Database database(path.toStdString(), Database::Mode::Read);
    Statement version(database, "PRAGMA user_version");
    if (version.step() && version.number(0) > replicaSchemaVersion)
        throw Stop{QStringLiteral("The copy in the profile %1 was written by a newer version of Stoa. Install that "
                                  "version; nothing was changed.")
                       .arg(place.profileDir)};
    Statement signedOut(database, "SELECT 1 FROM meta WHERE key = 'signed_out' AND value = '1'");
    if (signedOut.step())
        throw Stop{QStringLiteral("Somebody signed out here. To read what is kept and to write: stoa-cli --profile %1 "
                                  "join LINK --login NAME")
                       .arg(place.profileDir)};
    Statement projections(database, "SELECT value FROM meta WHERE key = 'projections'");
    if (!projections.step() || projections.text(0) != std::to_string(projectionVersion))
        throw Stop{QStringLiteral("The copy in the profile %1 was last used by another version of Stoa. "
                                  "“stoa-cli sync” makes its lists anew, also without a network.")
                       .arg(place.profileDir)};
    return path;
}

SpaceRow findSpace(const Reading& reading, const QString& typed)
{
    const QString wanted = typed.simplified();
    QList<SpaceRow> same, beginning;
    for (const SpaceRow& row : spaces(reading)) {
        if (row.name.compare(wanted, Qt::CaseInsensitive) == 0)
            same.append(row);
        else if (row.name.startsWith(wanted, Qt::CaseInsensitive) ||
                 (wanted.size() >= digitsMin && QString::fromStdString(row.id.hex()).startsWith(wanted.toLower())))
            beginning.append(row);
    }
    const QList<SpaceRow>& found = same.isEmpty() ? beginning : same;
    if (found.size() == 1)
        return found.first();
    if (found.isEmpty())
        throw Stop{QStringLiteral("No space is called “%1”. “stoa-cli spaces” lists those that are here.").arg(typed)};
    throw Stop{QStringLiteral("%1 spaces are called “%2”. Give the id instead; “stoa-cli spaces” lists them.")
                   .arg(found.size())
                   .arg(typed)};
}

Id findPost(const Reading& reading, const QString& typed)
{
    const std::string digits = typed.trimmed().toLower().toStdString();
    if (const auto id = Id::fromHex(digits))
        return *id;
    if (digits.size() < size_t(digitsMin) || digits.size() > 32 ||
        digits.find_first_not_of("0123456789abcdef") != std::string::npos)
        throw Stop{QStringLiteral("“%1” is no id: an id has 32 hexadecimal digits, of which the first 8 or more are "
                                  "enough where they are unambiguous.")
                       .arg(typed),
                   2};
    const QList<Id> found = postsByPrefix(reading, QString::fromStdString(digits), 2);
    if (found.isEmpty())
        throw Stop{QStringLiteral("There is no post whose id begins with %1.").arg(typed)};
    if (found.size() > 1)
        throw Stop{QStringLiteral("Several posts have ids that begin with %1. Give more digits.").arg(typed)};
    return found.first();
}

int listSpaces(const Place& place)
{
    const Reading reading(replicaFile(place));
    const QList<SpaceRow> rows = spaces(reading);
    if (place.json) {
        QJsonArray array;
        for (const SpaceRow& row : rows)
            array.append(toJson(row));
        printJson(array);
        return 0;
    }
    if (rows.isEmpty()) {
        print(QStringLiteral("No spaces are here yet. “stoa-cli sync” fetches those that you may read."));
        return 0;
    }
    QList<QStringList> cells;
    const QLocale locale;
    for (const SpaceRow& row : rows)
        cells.append({shortId(row.id), visibilityText(row.visibility), roleText(row.role), locale.toString(row.pages),
                      locale.toString(row.questions), locale.toString(row.answers), locale.toString(row.comments),
                      row.complete ? row.name
                                   : QStringLiteral("%1 (%2 of %3 fetched)")
                                         .arg(row.name, locale.toString(row.held), locale.toString(row.total))});
    printTable({QStringLiteral("ID"), QStringLiteral("VISIBILITY"), QStringLiteral("ROLE"), QStringLiteral("PAGES"),
                QStringLiteral("QUESTIONS"), QStringLiteral("ANSWERS"), QStringLiteral("COMMENTS"),
                QStringLiteral("NAME")},
               cells);
    return 0;
}

int listPosts(const Place& place, const ListWanted& wanted)
{
    const Reading reading(replicaFile(place));
    PostFilter filter;
    if (!wanted.space.isEmpty())
        filter.space = findSpace(reading, wanted.space).id;
    filter.kind = kindOf(wanted.kind);
    filter.tag = wanted.tag;
    filter.unanswered = wanted.unanswered;
    filter.bookmarked = wanted.bookmarked;
    filter.mine = wanted.mine;
    filter.order = orderOf(wanted.order);
    QList<PostRow> rows;
    std::optional<PageKey> after;
    do {
        const PostPage page = posts(reading, filter, after, std::min(200, wanted.limit - int(rows.size())));
        rows += page.rows;
        after = page.next;
    } while (after && rows.size() < wanted.limit);
    if (place.json) {
        QJsonArray array;
        for (const PostRow& row : rows)
            array.append(toJson(row));
        printJson(array);
        return 0;
    }
    if (rows.isEmpty()) {
        print(QStringLiteral("Nothing here fits."));
        return 0;
    }
    QList<QStringList> cells;
    for (const PostRow& row : rows)
        cells.append(
            {shortId(row.id), dateText(wanted.order == QLatin1String("newest") ? row.createdMs : row.activeMs),
             QString::number(row.score), QString::number(row.answers),
             row.title +
                 (row.tags.isEmpty() ? QString() : QStringLiteral("  [%1]").arg(row.tags.join(QLatin1Char(' '))))});
    printTable({QStringLiteral("ID"), QStringLiteral("DATE"), QStringLiteral("SCORE"), QStringLiteral("ANSWERS"),
                QStringLiteral("TITLE")},
               cells);
    if (after)
        print(QStringLiteral("There are more: --limit N shows them."));
    return 0;
}

int show(const Place& place, const QString& typed)
{
    const Reading reading(replicaFile(place));
    const Id id = findPost(reading, typed);
    const auto row = post(reading, id);
    const auto found = row ? thread(reading, row->root.isNull() ? id : row->root) : std::nullopt;
    if (!found)
        throw Stop{QStringLiteral("There is no post %1 here.").arg(typed)};
    const auto commentsOf = [&](const Id& parent) {
        QList<PostText> comments;
        for (const PostText& one : found->comments)
            if (one.row.parent == parent)
                comments.append(one);
        return comments;
    };
    if (place.json) {
        const auto withComments = [&](const PostText& text) {
            QJsonObject json = toJson(text);
            QJsonArray comments;
            for (const PostText& one : commentsOf(text.row.id))
                comments.append(toJson(one));
            json.insert(QStringLiteral("comment_list"), comments);
            json.insert(QStringLiteral("contested"), toJson(contestedIn(reading, text.row.id)));
            return json;
        };
        QJsonObject json = withComments(found->post);
        QJsonArray answers;
        for (const PostText& one : found->answers)
            answers.append(withComments(one));
        json.insert(QStringLiteral("answer_list"), answers);
        printJson(json);
        return 0;
    }
    const auto contested = [&](const Id& of) {
        const QList<QStringList> passages = contestedIn(reading, of);
        if (passages.isEmpty())
            return;
        print(QStringLiteral("Two people rewrote the same passage, and both versions are in the text. “stoa-cli edit "
                             "%1 --resolved” says that it is one again. Where:")
                  .arg(shortId(of)));
        for (const QStringList& passage : passages) {
            for (const QString& version : passage)
                print(indented(version));
            print({});
        }
    };
    const auto comments = [&](const Id& parent) {
        for (const PostText& one : commentsOf(parent)) {
            print(QStringLiteral("  Comment %1, %2").arg(shortId(one.row.id), byline(one.row)));
            print(indented(one.body));
            print({});
        }
    };
    print(found->post.row.title);
    print(QStringLiteral("%1 %2, %3")
              .arg(kindText(found->post.row.kind), shortId(found->post.row.id), byline(found->post.row)));
    if (!found->post.row.tags.isEmpty())
        print(QStringLiteral("Tags: %1").arg(found->post.row.tags.join(QStringLiteral(", "))));
    print({});
    print(found->post.body);
    print({});
    contested(found->post.row.id);
    comments(found->post.row.id);
    for (const PostText& one : found->answers) {
        const bool accepted = one.row.id == found->post.row.accepted;
        print(QStringLiteral("%1 %2, %3")
                  .arg(accepted ? QStringLiteral("Accepted answer") : QStringLiteral("Answer"), shortId(one.row.id),
                       byline(one.row)));
        print({});
        print(one.body);
        print({});
        contested(one.row.id);
        comments(one.row.id);
    }
    return 0;
}

int search(const Place& place, const QString& words, int limit)
{
    const Reading reading(replicaFile(place));
    const QString path = searchPathOf(place.profileDir);
    SearchResults results;
    try {
        if (!QFile::exists(path))
            throw Database::Damaged("missing");
        results = Finder(path).find(reading, words, {}, limit, QDateTime::currentMSecsSinceEpoch());
    } catch (const Database::Damaged&) {
        throw Stop{QStringLiteral("The search index is missing or damaged. “stoa-cli sync” makes it anew.")};
    } catch (const Database::Failed& failed) {
        throw Stop{QStringLiteral("The search index cannot be read: %1.").arg(QString::fromUtf8(failed.what()))};
    }
    if (place.json) {
        QJsonArray hits;
        for (const SearchHit& hit : results.hits) {
            QJsonObject json = toJson(hit.post);
            json.insert(QStringLiteral("space_name"), hit.spaceName);
            json.insert(QStringLiteral("snippet"), hit.snippet);
            QJsonArray marks;
            for (const auto& [start, length] : hit.marks)
                marks.append(QJsonArray{start, length});
            json.insert(QStringLiteral("marks"), marks);
            hits.append(json);
        }
        printJson(QJsonObject{{QStringLiteral("hits"), hits},
                              {QStringLiteral("more"), results.more},
                              {QStringLiteral("note"), results.note}});
        return 0;
    }
    if (!results.note.isEmpty())
        print(results.note);
    if (results.hits.isEmpty() && results.note.isEmpty())
        print(QStringLiteral("Nothing was found."));
    for (const SearchHit& hit : results.hits) {
        print(QStringLiteral("%1  %2").arg(shortId(hit.post.id), hit.post.title));
        print(QStringLiteral("    %1 in %2, %3").arg(kindText(hit.post.kind), hit.spaceName, byline(hit.post)));
        QString snippet = hit.snippet;
        for (auto mark = hit.marks.rbegin(); mark != hit.marks.rend(); ++mark) {
            snippet.insert(mark->first + mark->second, QLatin1Char(']'));
            snippet.insert(mark->first, QLatin1Char('['));
        }
        if (!snippet.isEmpty())
            print(QStringLiteral("    ") + snippet);
    }
    if (results.more)
        print(QStringLiteral("There are more: --limit N shows them, further words narrow them down."));
    return 0;
}

int showStatus(const Place& place)
{
    const Reading reading(replicaFile(place));
    const Profile me = profile(reading);
    const Totals all = totals(reading);
    int refused = 0, kept = 0;
    for (const OutboxRow& row : outbox(reading, 10'000))
        if (row.state == ChangeState::Refused || row.state == ChangeState::Blocked)
            ++(row.isDraft ? kept : refused);
    const int waiting = std::max(0, outboxCount(reading) - refused - kept);
    const BlackBoxFolder boxes(blackBoxesOf(place.profileDir).toStdString(), limits::blackBoxFilesMax);
    const int boxCount = int(boxes.count());
    if (place.json) {
        QJsonObject json = toJson(all);
        json.insert(QStringLiteral("login"), me.login);
        json.insert(QStringLiteral("name"), me.name);
        json.insert(QStringLiteral("organisation"), me.organisationName);
        json.insert(QStringLiteral("server"), me.server);
        json.insert(QStringLiteral("waiting"), waiting);
        json.insert(QStringLiteral("refused"), refused);
        json.insert(QStringLiteral("kept"), kept);
        json.insert(QStringLiteral("black_boxes"), boxCount);
        printJson(json);
        return 0;
    }
    const QLocale locale;
    if (me.person.isNull())
        print(QStringLiteral("Not signed in. Begin with: stoa-cli --profile %1 join LINK").arg(place.profileDir));
    else
        print(QStringLiteral("%1 (%2) at %3, %4").arg(me.name, me.login, me.organisationName, me.server));
    print(QStringLiteral("%1 spaces, %2 people, %3 pages, %4 questions, %5 answers, %6 comments: %7 records")
              .arg(locale.toString(all.spaces), locale.toString(all.people), locale.toString(all.pages),
                   locale.toString(all.questions), locale.toString(all.answers), locale.toString(all.comments),
                   locale.toString(all.records)));
    print(!all.complete ? QStringLiteral("Not everything has been fetched yet.")
          : all.digestsEqual
              ? QStringLiteral("Everything is here, as the server had it at the last sync.")
              : QStringLiteral("Everything is here, but does not equal what the server has: it is being read anew."));
    if (waiting > 0)
        print(QStringLiteral("Waiting in the outbox: %1.").arg(locale.toString(waiting)));
    if (refused > 0)
        print(QStringLiteral("Refused: %1. “stoa-cli outbox” says why.").arg(locale.toString(refused)));
    if (kept > 0)
        print(QStringLiteral("Kept, as it could not be stored where it was written: %1. “stoa-cli outbox” says why.")
                  .arg(locale.toString(kept)));
    if (boxCount > 0)
        print(QStringLiteral("A copy did not agree with the server's. What is known of that is in %1.")
                  .arg(blackBoxesOf(place.profileDir)));
    return 0;
}

} // namespace stoa::cli
