#include "client/replica/queries_review.h"

#include <algorithm>

#include "client/replica/outlines.h"
#include "client/replica/reading.h"
#include "client/replica/texts.h"
#include "shared/base/limits.h"
#include "shared/base/text.h"
#include "shared/domain/fields.h"
#include "shared/domain/may.h"
#include "shared/domain/review.h"
#include "shared/domain/revision.h"
#include "shared/text/codec.h"

namespace stoa {

namespace {

constexpr int signaturesMax = 2'000; // of one post
constexpr int openScanned = 1'000;   // open proposals that are looked at for somebody
constexpr int openAtOnce = 64;       // of these, before it is seen whether that is enough
constexpr int confirmCountMax = 100;
constexpr int anchorsMax = 2'000; // of one post

struct Signature {
    Id person;
    QString name;
    int64_t value = 0;
    qint64 atMs = 0;
};

std::vector<Signature> signaturesOf(const Reading& reading, const Id& target, v1::MarkKind kind, int limit)
{
    std::vector<Signature> found;
    Statement& read = reading.statements()(
        "SELECT s.person, p.name, s.value, s.changed_ms FROM signatures s LEFT JOIN people p ON p.id = s.person "
        "WHERE s.target = ? AND s.kind = ? LIMIT ?");
    read.bindBlob(target.view()).bind(int64_t(kind)).bind(int64_t{limit});
    while (read.step())
        found.push_back({idAt(read, 0), text(read, 1), read.number(2), read.number(3)});
    return found;
}

PersonRow namedPerson(const Reading& reading, const Id& id)
{
    PersonRow unknown;
    unknown.id = id;
    return person(reading, id).value_or(unknown);
}

QList<PersonRow> peopleOf(const Reading& reading, const std::vector<Id>& ids)
{
    QList<PersonRow> people;
    for (const Id& id : ids)
        people.append(namedPerson(reading, id));
    return people;
}

bool holds(const std::vector<Id>& ids, const Id& id)
{
    return std::ranges::find(ids, id) != ids.end();
}

std::vector<Id> idsIn(Statement& read)
{
    std::vector<Id> ids;
    while (read.step())
        ids.push_back(idAt(read, 0));
    return ids;
}

std::vector<Id> proposalsIn(const Reading& reading, const Id& page, bool open, int limit)
{
    Statement& read = reading.statements()(
        open ? "SELECT r.id FROM records page JOIN posts p ON p.parent = page.row AND p.kind = 6 JOIN proposals s ON "
               "s.row = p.row JOIN records r ON r.row = p.row WHERE page.id = ? AND s.state IN (1, 2) "
               "ORDER BY p.created_ms DESC, r.id DESC LIMIT ?"
             : "SELECT r.id FROM records page JOIN posts p ON p.parent = page.row AND p.kind = 6 JOIN proposals s ON "
               "s.row = p.row JOIN records r ON r.row = p.row WHERE page.id = ? AND s.state NOT IN (1, 2) "
               "ORDER BY p.created_ms DESC, r.id DESC LIMIT ?");
    read.bindBlob(page.view()).bind(int64_t{limit});
    return idsIn(read);
}

bool isLivingProposal(const std::optional<Located>& found)
{
    return found && !found->record->deleted() && found->record->post().kind() == v1::PROPOSAL;
}

// Of an outline: nothing here asks for words.
std::optional<ProposalRow> rowOf(const Reading& reading, const v1::Record& record, const Id& me,
                                 const OutlineReader& reader)
{
    auto row = post(reading, Id::from(record.id()).value_or(Id{}));
    if (!row)
        return std::nullopt;
    const std::vector<Signature> signatures = signaturesOf(reading, row->id, v1::APPROVAL, signaturesMax);
    std::vector<Id> people;
    for (const Signature& each : signatures)
        people.push_back(each.person);
    const ReviewStanding now = reviewStanding(record, people, reader);
    const v1::Proposal& proposal = record.post().proposal();

    ProposalRow found{.row = std::move(*row)};
    found.reason = QString::fromStdString(proposal.reason());
    found.effectiveMs = proposal.effective_ms();
    found.state = proposal.state();
    found.revision = record.post().body_version().revision();
    found.isCurrent = now.isCurrent;
    found.isContested = now.isContested;
    found.isComplete = now.isComplete;
    const v1::Writer* turned = writerOf(record, v1::PROPOSAL_STATE);
    found.isTooOld = proposal.state() == v1::PROPOSAL_DECLINED && turned && turned->author().empty();
    for (const Signature& each : signatures)
        found.approvals.append({.person = each.person,
                                .name = each.name,
                                .approves = each.value > 0,
                                .counts = holds(each.value > 0 ? now.approved : now.asking, each.person),
                                .atMs = each.atMs});
    std::ranges::sort(found.approvals, {}, &Approval::atMs);
    found.outstanding = peopleOf(reading, now.outstanding);
    found.anyModerator = now.anyModerator;
    found.mine = !me.isNull() && record.author() == me.view();
    found.mayApprove = isOpen(proposal) && mayApprove(record, {.person = me}, reader);
    found.myApproval = holds(now.approved, me) ? 1 : holds(now.asking, me) ? -1 : 0;
    return found;
}

void append(const Reading& reading, const std::vector<Id>& ids, int limit, const OutlineReader& reader,
            QList<ProposalRow>& to)
{
    const Id me = signedInPerson(reading);
    for (const Id& id : ids) {
        if (to.size() >= limit)
            return;
        const auto found = reader.find(id);
        if (!isLivingProposal(found))
            continue;
        if (auto row = rowOf(reading, *found->record, me, reader))
            to.append(std::move(*row));
    }
}

// The living post, shown or not.
std::optional<v1::Record> postRecord(const Reading& reading, const Id& id, v1::PostKind kind)
{
    auto found = record(reading, id);
    return found && found->post().kind() == kind ? std::move(found) : std::nullopt;
}

// The revision that a mark of a confirmation names.
quint64 revisionOfMark(int64_t value)
{
    return value > 0 ? quint64(value - 1) : 0;
}

} // namespace

QList<ProposalRow> proposalsOf(const Reading& reading, const Id& page, int limit)
{
    QList<ProposalRow> rows;
    const OutlineReader reader(reading.statements());
    for (const bool open : {true, false})
        append(reading, proposalsIn(reading, page, open, limit), limit, reader, rows);
    return rows;
}

OpenProposals openProposals(const Reading& reading, const Id& page)
{
    OpenProposals open;
    const OutlineReader reader(reading.statements());
    for (const Id& id : proposalsIn(reading, page, true, int(limits::openProposalsMax))) {
        const auto found = reader.find(id);
        if (!isLivingProposal(found))
            continue;
        const v1::Proposal& proposal = found->record->post().proposal();
        if (proposal.state() != v1::PROPOSAL_WAITING) {
            ++open.judged;
            continue;
        }
        open.nextMs =
            open.approved == 0 ? proposal.effective_ms() : std::min<qint64>(open.nextMs, proposal.effective_ms());
        ++open.approved;
    }
    return open;
}

std::optional<ProposalRow> proposal(const Reading& reading, const Id& proposal)
{
    const OutlineReader reader(reading.statements());
    const auto found = reader.find(proposal);
    return isLivingProposal(found) ? rowOf(reading, *found->record, signedInPerson(reading), reader) : std::nullopt;
}

QList<ProposalRow> proposalsAwaitingMe(const Reading& reading, int limit)
{
    const Id me = signedInPerson(reading);
    QList<ProposalRow> rows;
    const OutlineReader reader(reading.statements());
    int64_t before = INT64_MAX;
    for (int scanned = 0; scanned < openScanned && rows.size() < limit; scanned += openAtOnce) {
        Statement& read = reading.statements()(
            "SELECT r.id, s.row FROM proposals s JOIN records r ON r.row = s.row WHERE s.state = 1 AND s.row < ? AND "
            "s.author <> ? ORDER BY s.row DESC LIMIT ?");
        read.bind(before).bindBlob(me.view()).bind(int64_t{openAtOnce});
        std::vector<Id> ids;
        while (read.step()) {
            ids.push_back(idAt(read, 0));
            before = read.number(1);
        }
        for (const Id& id : ids) {
            const auto found = reader.find(id);
            if (rows.size() >= limit || !isLivingProposal(found) || !mayApprove(*found->record, {.person = me}, reader))
                continue;
            auto row = rowOf(reading, *found->record, me, reader);
            if (row && row->isCurrent && !row->isContested && row->myApproval == 0)
                rows.append(std::move(*row));
        }
        if (ids.size() < size_t{openAtOnce})
            break;
    }
    std::ranges::stable_sort(rows, std::greater(), [](const ProposalRow& row) { return row.row.createdMs; });
    return rows;
}

QList<ProposalRow> myProposals(const Reading& reading, int limit)
{
    const Id me = signedInPerson(reading);
    QList<ProposalRow> rows;
    const OutlineReader reader(reading.statements());
    for (const bool open : {true, false}) {
        Statement& read = reading.statements()(
            open ? "SELECT r.id FROM proposals s JOIN records r ON r.row = s.row WHERE s.author = ? AND s.state IN "
                   "(1, 2) ORDER BY s.row DESC LIMIT ?"
                 : "SELECT r.id FROM proposals s JOIN records r ON r.row = s.row WHERE s.author = ? AND s.state NOT "
                   "IN (1, 2) ORDER BY s.row DESC LIMIT ?");
        read.bindBlob(me.view()).bind(int64_t{limit});
        append(reading, idsIn(read), limit, reader, rows);
    }
    return rows;
}

std::map<Id, LineAnchor> anchors(const Reading& reading, const Id& post)
{
    std::map<Id, LineAnchor> found;
    Statement& read = reading.statements()(
        "SELECT r.id FROM records above JOIN posts p ON p.parent = above.row AND p.kind = 5 JOIN records r ON "
        "r.row = p.row WHERE above.id = ? LIMIT ?");
    read.bindBlob(post.view()).bind(int64_t{anchorsMax});
    for (const Id& id : idsIn(read)) {
        const auto comment = postRecord(reading, id, v1::COMMENT);
        if (comment && comment->post().has_about())
            found.emplace(id, LineAnchor{.line = int(comment->post().about().line()),
                                         .quote = QString::fromStdString(comment->post().about().quote())});
    }
    return found;
}

std::optional<ReviewRow> review(const Reading& reading, const Id& pageOrSpace)
{
    const auto found = record(reading, pageOrSpace);
    if (!found)
        return std::nullopt;
    const VisibleReader reader(reading.statements());
    ReviewRow row;
    std::vector<Id> named;
    if (found->has_space()) {
        row.asks = found->space().review();
        for (const std::string& each : found->space().reviewers())
            named.push_back(Id::from(each).value_or(Id{}));
    } else if (found->post().kind() == v1::PAGE) {
        row.asks = asksForReview(*found, reader);
        row.own = found->post().review();
        row.required = found->post().required();
        named = namedReviewers(*found, reader, &row.ofSpace);
    } else {
        return std::nullopt;
    }
    row.reviewers = peopleOf(reading, named);
    return row;
}

QList<ToConfirm> toConfirm(const Reading& reading, int limit)
{
    const Id me = signedInPerson(reading);
    Statement& read = reading.statements()(
        "SELECT q.id, q.revision, s.value FROM required q JOIN posts p ON p.row = q.row LEFT JOIN signatures s ON "
        "s.target = q.id AND s.kind = ?1 AND s.person = ?2 WHERE coalesce(s.value, 0) <= q.revision AND p.kind = 2 "
        "ORDER BY p.changed_ms, q.row LIMIT ?3");
    read.bind(int64_t{v1::CONFIRMED}).bindBlob(me.view()).bind(int64_t{limit});
    QList<ToConfirm> rows;
    while (read.step()) {
        ToConfirm row;
        row.page.id = idAt(read, 0);
        row.revision = quint64(read.number(1));
        if (!read.isNull(2))
            row.confirmed = revisionOfMark(read.number(2));
        rows.append(std::move(row));
    }
    // What lies below something that was deleted is not shown.
    QList<ToConfirm> shown;
    for (ToConfirm& row : rows) {
        if (auto page = post(reading, row.page.id)) {
            row.page = std::move(*page);
            shown.append(std::move(row));
        }
    }
    return shown;
}

int toConfirmCount(const Reading& reading)
{
    return int(toConfirm(reading, confirmCountMax).size());
}

bool isToConfirm(const Reading& reading, const Id& page)
{
    const auto found = postRecord(reading, page, v1::PAGE);
    if (!found || !found->post().required())
        return false;
    const auto confirmed = confirmedRevision(reading, page);
    return !confirmed || *confirmed < found->post().body_version().revision();
}

std::optional<quint64> confirmedRevision(const Reading& reading, const Id& page)
{
    const auto mark = VisibleReader(reading.statements()).find(markId(page, signedInPerson(reading), v1::CONFIRMED));
    if (!mark || mark->record->mark().value() == 0)
        return std::nullopt;
    return revisionOfMark(mark->record->mark().value());
}

QList<Confirmation> confirmations(const Reading& reading, const Id& page, int limit)
{
    QList<Confirmation> rows;
    const auto found = postRecord(reading, page, v1::PAGE);
    if (!found)
        return rows;
    for (Signature& each : signaturesOf(reading, page, v1::CONFIRMED, limit)) {
        const quint64 revision = revisionOfMark(each.value);
        rows.append({.person = each.person,
                     .name = std::move(each.name),
                     .revision = revision,
                     .isCurrent = revision >= found->post().body_version().revision(),
                     .atMs = each.atMs});
    }
    std::ranges::sort(rows, [](const Confirmation& a, const Confirmation& b) {
        const int order = QString::localeAwareCompare(a.name, b.name);
        return order != 0 ? order < 0 : a.person < b.person;
    });
    return rows;
}

std::optional<TextOver> refusedText(const Reading& reading, const Id& change)
{
    Statement& read = reading.statements()(
        "SELECT o.target, c.bytes, m.form, m.body FROM outbox o JOIN changes c USING (position) JOIN moved m ON "
        "m.position = o.position WHERE o.id = ? AND o.state = 3");
    read.bindBlob(change.view());
    if (!read.step())
        return std::nullopt;
    const Id target = idAt(read, 0);
    const std::string bytes(read.text(1));
    const auto form = read.isNull(2) ? std::nullopt : std::optional(std::string(read.text(2)));
    const auto kept = read.isNull(3) ? std::nullopt : std::optional(text(read, 3));
    read.reset();

    const v1::EditText edit = formOf(bytes, form);
    TextOver over{.post = target};
    if (edit.has_base())
        over.base = edit.base();
    // It is kept for the body that is here, with what others made of it meanwhile.
    const auto now = record(reading, target);
    const auto words = decode(edit.text());
    if (now && words && isSameVersion(now->post().body_version(), edit.base())) {
        if (const auto whole = applyTo(now->post().body(), *words)) {
            over.text = QString::fromStdString(*whole);
            return over;
        }
    }
    if (!kept)
        return std::nullopt;
    over.text = *kept;
    return over;
}

} // namespace stoa
