#include "client/commands/keeping.h"

#include <algorithm>
#include <set>

#include <QCoreApplication>

#include "client/commands/placing.h"
#include "client/replica/queries_review.h"
#include "client/worker/refusals.h"
#include "shared/base/limits.h"

namespace stoa {

namespace {

struct KeepingTexts {
    Q_DECLARE_TR_FUNCTIONS(Keeping)
};

constexpr qsizetype titleLettersMax = 80; // that is made of a line

// The first letters; never half of one.
QString firstOf(QString text, qsizetype letters)
{
    if (letters < text.size() && text[letters].isLowSurrogate())
        --letters;
    text.truncate(letters);
    return text;
}

QString fitting(QString title)
{
    while (title.toUtf8().size() > qsizetype(limits::titleBytesMax))
        title = firstOf(title, title.size() - 1);
    return title;
}

// What it is called that was written in, or where that is not known the first line of the text, which is no part of the
// page's body then.
void nameIt(Keeping& kept, const OutboxRow& row)
{
    kept.body = kept.text;
    if (!row.title.isEmpty()) {
        const bool isFree = row.kind == v1::PAGE && (row.act == v1::Change::kCreatePost || row.post.isNull());
        kept.title = fitting(isFree                    ? row.title
                             : row.kind == v1::COMMENT ? KeepingTexts::tr("Comment on %1").arg(row.title)
                             : row.kind == v1::ANSWER  ? KeepingTexts::tr("Answer to %1").arg(row.title)
                             : row.act == v1::Change::kCreatePost && row.kind == v1::QUESTION
                                 ? row.title
                                 : KeepingTexts::tr("%1 (my version)").arg(row.title));
        return;
    }
    const QString text = kept.text.trimmed();
    QString line = text.section(QLatin1Char('\n'), 0, 0);
    while (line.startsWith(QLatin1Char('#')))
        line.remove(0, 1);
    line = line.simplified();
    const bool isWhole = line.size() <= titleLettersMax;
    kept.title = fitting(isWhole ? line : firstOf(line, titleLettersMax) + QChar(0x2026));
    if (isWhole)
        kept.body = text.section(QLatin1Char('\n'), 1).trimmed();
}

QString whatHappened(const OutboxRow& row, const std::optional<SpaceRow>& home, bool isHere)
{
    const bool isPage = row.kind == v1::PAGE;
    const QString name = QChar(0x201c) + row.title.simplified() + QChar(0x201d);
    if (!home)
        return KeepingTexts::tr("The space that you wrote this in is not open to you any more.");
    if (home->setAside)
        return KeepingTexts::tr("The server no longer serves the space that you wrote this in to you.");
    if (row.state == ChangeState::Blocked)
        return KeepingTexts::tr("What this hangs on was refused, so it was not sent.");
    if (row.act == v1::Change::kCreatePost)
        return row.refusal.code == v1::NOT_FOUND
                 ? KeepingTexts::tr("What this was to lie below was deleted before it arrived.")
             : row.refusal.code == v1::NOT_ALLOWED
                 ? KeepingTexts::tr("You may not write in the space “%1” any more.").arg(home->name)
                 : refusalSentence(row.refusal);
    if (!isHere)
        return row.title.isEmpty() ? KeepingTexts::tr("What you wrote in was deleted meanwhile.")
             : isPage              ? KeepingTexts::tr("%1, which you wrote in, was deleted meanwhile.").arg(name)
                                   : KeepingTexts::tr("What you wrote in at %1 was deleted meanwhile.").arg(name);
    if (row.isDraft && row.refusal.code == v1::CODE_NONE) {
        const bool wasBarred =
            row.why.code == v1::NOT_ALLOWED || row.why.code == v1::REVIEWED || row.why.code == v1::NOT_FOUND;
        return wasBarred || row.why.code == v1::CODE_NONE
                 ? KeepingTexts::tr("You may write here again. What you wrote is not stored there yet.")
                 : KeepingTexts::tr("What you wrote is not stored there yet. %1").arg(refusalSentence(row.why));
    }
    if (row.refusal.code == v1::REVIEWED)
        return KeepingTexts::tr("%1 asks for review by now: it changes by proposals.").arg(name);
    if (row.refusal.code == v1::NOT_ALLOWED)
        return isPage ? KeepingTexts::tr("You may still read %1, but not write in it any more.").arg(name)
                      : KeepingTexts::tr("You may still read this, but not write in it any more.");
    return refusalSentence(row.refusal);
}

bool needsPerson(ChangeState state)
{
    return state == ChangeState::Refused || state == ChangeState::Blocked;
}

// Where the page can still be read.
std::optional<v1::Change> proposalOf(const Reading& reading, const Pen& pen, const OutboxRow& row)
{
    if (row.act != v1::Change::kEditText || row.kind != v1::PAGE || row.post.isNull())
        return std::nullopt;
    const auto page = record(reading, row.target);
    if (!page || page->deleted())
        return std::nullopt;
    const QString reason = row.refusal.code == v1::REVIEWED
                             ? KeepingTexts::tr("What I wrote while the page began to ask for review")
                             : KeepingTexts::tr("What I wrote while I could still write here");
    v1::Change made;
    if (row.isDraft) {
        const std::string& now = page->post().body();
        made = propose(pen, *page, movedOnto(now, row.body.toStdString(), row.text.toStdString()), reason);
    } else if (const auto over = refusedText(reading, row.change)) {
        made = proposeOver(pen, *page, over->base ? &*over->base : nullptr, over->text.toStdString(), reason);
    } else {
        return std::nullopt;
    }
    return isAllowed(reading, made) ? std::optional(std::move(made)) : std::nullopt;
}

// Below what it was written in.
std::optional<v1::Change> commentOf(const Reading& reading, const Pen& pen, const OutboxRow& row, const QString& text)
{
    const bool takesComments =
        row.kind == v1::PAGE || row.kind == v1::QUESTION || row.kind == v1::ANSWER || row.kind == v1::PROPOSAL;
    if (row.act != v1::Change::kEditText || row.post.isNull() || row.space.isNull() || !takesComments ||
        text.toUtf8().size() > qsizetype(limits::textBytesMax))
        return std::nullopt;
    v1::Change made = commentOn(pen, row.space, row.post, text);
    return isAllowed(reading, made) ? std::optional(std::move(made)) : std::nullopt;
}

} // namespace

namespace {

// What a change of a post's fields, which was refused with the post, would have made of its name and tags.
void takeFields(const Reading& reading, const Id& change, OutboxRow& made, QStringList& tags)
{
    const auto found = changeInOutbox(reading, change);
    if (!found)
        return;
    for (const v1::FieldEdit& each : found->edit().fields()) {
        if (each.field() == v1::POST_TITLE)
            made.title = QString::fromStdString(each.value().text());
        if (each.field() != v1::POST_TAGS)
            continue;
        tags.clear();
        for (const std::string& tag : each.value().texts().text())
            tags.append(QString::fromStdString(tag));
    }
}

} // namespace

std::optional<Keeping> keeping(const Reading& reading, const Pen& pen, const OutboxRow& row,
                               const QList<OutboxRow>& all)
{
    const bool creates = row.act == v1::Change::kCreatePost;
    const bool edits = row.act == v1::Change::kEditText;
    if (!needsPerson(row.state) || !(creates || edits))
        return std::nullopt;
    if (row.state == ChangeState::Blocked && edits)
        for (const OutboxRow& each : all)
            if (each.act == v1::Change::kCreatePost && each.target == row.target)
                return keeping(reading, pen, each, all);
    Keeping kept;
    OutboxRow made = row;
    const auto shown = record(reading, row.target);
    kept.settles = {row.change};
    // A refused post is still shown to its author, with what they wrote in it since, unless that was refused too.
    kept.text = !creates ? row.text : shown ? QString::fromStdString(shown->post().body()) : row.body;
    kept.tags = row.tags;
    if (creates && shown) {
        kept.tags.clear();
        for (const std::string& tag : shown->post().tags())
            kept.tags.append(QString::fromStdString(tag));
    }
    for (const OutboxRow& each : all) {
        if (each.target != row.target || each.change == row.change || each.isDraft)
            continue;
        const bool isText = each.act == v1::Change::kEditText;
        // A draft was made over what was pending when the post went.
        const bool isInDraft = row.isDraft && isText && each.state != ChangeState::Accepted &&
                               (each.text == row.text || each.text == row.body);
        if (!isInDraft && !(creates && (isText || each.act == v1::Change::kEdit)))
            continue;
        kept.settles.prepend(each.change);
        if (creates && isText && each.state == ChangeState::Refused)
            kept.text = each.text;
        if (creates && !isText)
            takeFields(reading, each.change, made, kept.tags);
    }
    if (kept.text.trimmed().isEmpty())
        return std::nullopt;
    if (!row.reason.isEmpty())
        kept.text.prepend(row.reason.trimmed() + QStringLiteral("\n\n"));
    const auto home = row.space.isNull() ? std::nullopt : space(reading, row.space);
    nameIt(kept, made);
    const bool isHere = shown && !shown->deleted() && !row.post.isNull();
    kept.happened = whatHappened(row, home, isHere);
    kept.mayContinue = row.isDraft && isHere && row.refusal.code == v1::CODE_NONE;
    if (!home || home->setAside)
        return kept;
    v1::Change page = keepAsPage(pen, kept, row.space);
    if (isAllowed(reading, page))
        kept.asPage = std::move(page);
    kept.asProposal = proposalOf(reading, pen, row);
    kept.asComment = commentOf(reading, pen, row, kept.text);
    return kept;
}

OutboxRow withoutWords(OutboxRow draft)
{
    draft.body.clear();
    draft.text = firstOf(draft.text, qsizetype(limits::textBytesMax) + 1); // longer than a comment may be
    return draft;
}

v1::Change keepAsPage(const Pen& pen, const Keeping& kept, const Id& space)
{
    return createPage(pen, space, {}, kept.title, kept.body, kept.tags);
}

QList<SpaceRow> spacesForPages(const Reading& reading, const Pen& pen)
{
    QList<SpaceRow> rows = spaces(reading);
    rows.removeIf([&](const SpaceRow& row) {
        return row.setAside || !isAllowed(reading, createPage(pen, row.id, {}, QStringLiteral("?"), {}, {}));
    });
    return rows;
}

QList<OutboxRow> withTextsAsOne(QList<OutboxRow> rows)
{
    std::set<Id> newest;
    for (auto row = rows.rbegin(); row != rows.rend(); ++row)
        if (row->act == v1::Change::kEditText && row->state == ChangeState::Accepted &&
            !newest.insert(row->target).second)
            row->change = {};
    rows.removeIf([](const OutboxRow& row) { return row.change.isNull(); });
    return rows;
}

} // namespace stoa
