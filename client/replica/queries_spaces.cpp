// Who is signed in, spaces and people.

#include "client/replica/projections.h"
#include "client/replica/reading.h"
#include "client/replica/schema.h"
#include "shared/domain/may.h"

namespace stoa {

namespace {

constexpr int freshMax = 1'000;

std::string setting(const Reading& reading, std::string_view name)
{
    Statement& read = reading.statements()("SELECT value FROM meta WHERE key = ?").bind(name);
    std::string value = read.step() ? std::string(read.text(0)) : std::string();
    read.reset();
    return value;
}

constexpr const char* spaceColumns =
    "SELECT s.id, s.name, s.visibility, s.pages, s.questions, s.answers, s.comments, s.unanswered, s.people, "
    "s.active_ms, "
    "f.held, f.total, f.complete, f.set_aside, f.feed, f.first_read_ms FROM spaces s JOIN feeds f ON f.feed = s.feed "
    "WHERE length(s.id) = 16 AND s.name <> ''";

SpaceRow spaceAt(const Reading& reading, const Statement& row, const Id& me, bool countFresh)
{
    SpaceRow space;
    space.id = idAt(row, 0);
    space.name = text(row, 1);
    space.visibility = v1::Visibility(row.number(2));
    space.pages = int(row.number(3));
    space.questions = int(row.number(4));
    space.answers = int(row.number(5));
    space.comments = int(row.number(6));
    space.unanswered = int(row.number(7));
    space.people = int(row.number(8));
    space.activeMs = row.number(9);
    space.held = quint64(row.number(10));
    space.total = quint64(row.number(11));
    space.complete = row.number(12) != 0;
    space.setAside = row.number(13) != 0;
    space.role = roleIn(space.id, {.person = me}, VisibleReader(reading.statements()));
    space.seenMs = seenMs(reading, space.id);
    // All of it was there when the space came: new is what came since.
    if (space.complete && countFresh)
        space.fresh = std::min(
            freshMax,
            int(freshRows(reading, row.number(14), std::max<qint64>(space.seenMs, row.number(15)), freshMax).size()));
    return space;
}

PersonRow personAt(const Statement& row)
{
    PersonRow person;
    person.id = idAt(row, 0);
    person.login = text(row, 1);
    person.name = text(row, 2);
    person.about = text(row, 3);
    person.disabled = row.number(4) != 0;
    person.admin = row.number(5) != 0;
    return person;
}

void withMembership(PersonRow& person, const Statement& row)
{
    person.role = v1::Role(row.number(6));
    for (const char title : row.text(7))
        person.titles.append(v1::Title(title));
    person.posts = int(row.number(8));
}

} // namespace

Reading::Reading(const QString& replicaPath)
    : statements_(std::make_unique<Statements>(replicaPath.toStdString(), Database::Mode::Read))
{
    statements_->database().run("PRAGMA query_only=1");
    statements_->database().run("PRAGMA cache_size=-8000");
}

Reading::~Reading() = default;

qint64 Reading::version() const
{
    Statement& read = (*statements_)("PRAGMA data_version");
    const qint64 version = read.step() ? read.number(0) : 0;
    read.reset();
    return version;
}

Id signedInPerson(const Reading& reading)
{
    return Id::from(setting(reading, "person")).value_or(Id{});
}

std::optional<int64_t> feedRow(const Reading& reading, const Id& space)
{
    Statement& read = reading.statements()("SELECT feed FROM feeds WHERE key = ?");
    read.bindBlob(Feed{FeedKind::Space, space}.key());
    const auto row = read.step() ? std::optional(read.number(0)) : std::nullopt;
    read.reset();
    return row;
}

std::vector<int64_t> spaceFeeds(const Reading& reading)
{
    std::vector<int64_t> feeds;
    Statement& read = reading.statements()("SELECT feed FROM spaces WHERE name <> ''");
    while (read.step())
        feeds.push_back(read.number(0));
    return feeds;
}

qint64 seenMs(const Reading& reading, const Id& space)
{
    const auto mark = VisibleReader(reading.statements()).find(markId(space, signedInPerson(reading), v1::SEEN));
    return mark && mark->record->has_mark() ? mark->record->mark().value() : 0;
}

bool hasListIndexes(const Reading& reading)
{
    return hasListIndexes(static_cast<Connection&>(reading.statements()));
}

Profile profile(const Reading& reading)
{
    Profile profile;
    profile.person = signedInPerson(reading);
    profile.organisation = Id::from(setting(reading, "organisation")).value_or(Id{});
    profile.server = QString::fromStdString(setting(reading, "server"));
    profile.login = QString::fromStdString(setting(reading, "login"));
    profile.signedOut = setting(reading, "signed_out") == "1";
    if (const auto organisation = record(reading, profile.organisation))
        profile.organisationName = QString::fromStdString(organisation->organisation().name());
    if (const auto self = person(reading, profile.person)) {
        profile.login = self->login;
        profile.name = self->name;
        profile.admin = self->admin;
    }
    return profile;
}

QList<SpaceRow> spaces(const Reading& reading)
{
    QList<SpaceRow> rows;
    const Id me = signedInPerson(reading);
    const bool countFresh = hasListIndexes(reading);
    Statement& read = reading.statements()(reading.statements().keep(std::string(spaceColumns)));
    while (read.step())
        rows.append(spaceAt(reading, read, me, countFresh));
    std::sort(rows.begin(), rows.end(), [](const SpaceRow& a, const SpaceRow& b) {
        const int order = QString::localeAwareCompare(a.name, b.name);
        return order != 0 ? order < 0 : a.id < b.id;
    });
    return rows;
}

std::optional<SpaceRow> space(const Reading& reading, const Id& space)
{
    Statement& read = reading.statements()(reading.statements().keep(std::string(spaceColumns) + " AND s.id = ?"));
    read.bindBlob(space.view());
    std::optional<SpaceRow> row;
    if (read.step())
        row = spaceAt(reading, read, signedInPerson(reading), hasListIndexes(reading));
    read.reset();
    return row;
}

std::optional<v1::Charter> charter(const Reading& reading, const Id& space)
{
    const auto found = record(reading, space);
    return found && found->has_space() ? std::optional(found->space().charter()) : std::nullopt;
}

std::optional<v1::Record> record(const Reading& reading, const Id& id)
{
    const auto found = VisibleReader(reading.statements()).find(id);
    if (!found || found->record->deleted())
        return std::nullopt;
    return std::move(*std::const_pointer_cast<v1::Record>(found->record)); // nobody else has it
}

std::optional<PersonRow> person(const Reading& reading, const Id& person)
{
    Statement& read = reading.statements()("SELECT id, login, name, about, disabled, admin FROM people WHERE id = ?")
                          .bindBlob(person.view());
    const auto row = read.step() ? std::optional(personAt(read)) : std::nullopt;
    read.reset();
    return row;
}

QList<PersonRow> members(const Reading& reading, const Id& space, int limit)
{
    QList<PersonRow> rows;
    const auto feed = feedRow(reading, space);
    if (!feed)
        return rows;
    Statement& read = reading.statements()("SELECT p.id, p.login, p.name, p.about, p.disabled, p.admin, m.role, "
                                           "m.titles, coalesce(a.posts, 0) FROM members m "
                                           "JOIN people p ON p.id = m.person LEFT JOIN authors a ON a.feed = m.feed "
                                           "AND a.person = m.person WHERE m.feed = ? "
                                           "ORDER BY m.role DESC, p.folded LIMIT ?");
    read.bind(*feed).bind(int64_t{limit});
    while (read.step())
        withMembership(rows.emplaceBack(personAt(read)), read);
    return rows;
}

QList<PersonRow> mostActive(const Reading& reading, const Id& space, int limit)
{
    QList<PersonRow> rows;
    const auto feed = feedRow(reading, space);
    if (!feed)
        return rows;
    Statement& read = reading.statements()("SELECT p.id, p.login, p.name, p.about, p.disabled, p.admin, "
                                           "coalesce(m.role, 0), coalesce(m.titles, x''), a.posts "
                                           "FROM authors a JOIN people p ON p.id = a.person LEFT JOIN members m ON "
                                           "m.feed = a.feed AND m.person = a.person "
                                           "WHERE a.feed = ? AND a.posts > 0 ORDER BY a.posts DESC, p.folded LIMIT ?");
    read.bind(*feed).bind(int64_t{limit});
    while (read.step())
        withMembership(rows.emplaceBack(personAt(read)), read);
    return rows;
}

QList<PersonRow> findPeople(const Reading& reading, const QString& prefix, int limit)
{
    QList<PersonRow> rows;
    std::string folded;
    for (const char c : foldName(prefix.trimmed().toStdString())) {
        if (c == '%' || c == '_' || c == '\\')
            folded += '\\';
        folded += c;
    }
    Statement& read = reading.statements()(
        "SELECT id, login, name, about, disabled, admin FROM people WHERE folded LIKE ?1 || '%' ESCAPE '\\' OR "
        "folded LIKE '% ' || ?1 || '%' ESCAPE '\\' OR login LIKE ?1 || '%' ESCAPE '\\' ORDER BY folded LIMIT ?2");
    read.bind(folded).bind(int64_t{limit});
    while (read.step())
        rows.append(personAt(read));
    return rows;
}

} // namespace stoa
