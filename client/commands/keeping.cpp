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

// Its page's name, or the first line of the text.
QString pageTitle(const OutboxRow& row, const QString& text)
{
    constexpr qsizetype lettersMax = 80;
    if (!row.title.isEmpty())
        return row.act == v1::Change::kCreatePost && row.kind == v1::PAGE
                 ? row.title
                 : KeepingTexts::tr("%1 (my version)").arg(row.title);
    QString line = text.trimmed().section(QLatin1Char('\n'), 0, 0);
    while (line.startsWith(QLatin1Char('#')))
        line.remove(0, 1);
    line = line.simplified();
    return line.size() > lettersMax ? line.left(lettersMax) + QChar(0x2026) : line;
}

QString whatHappened(const OutboxRow& row, const std::optional<SpaceRow>& home, bool isHere)
{
    const bool isPage = row.kind == v1::PAGE;
    const QString name = QChar(0x201c) + row.title.simplified() + QChar(0x201d);
    if (!home)
        return KeepingTexts::tr("The space that you wrote this in is not open to you any more.");
    if (home->setAside)
        return KeepingTexts::tr("The server no longer serves the space that you wrote this in to you.");
    if (row.act == v1::Change::kCreatePost)
        return row.refusal.code == v1::NOT_FOUND
                 ? KeepingTexts::tr("What this was to lie below was deleted before it arrived.")
             : row.refusal.code == v1::NOT_ALLOWED
                 ? KeepingTexts::tr("You may not write in the space “%1” any more.").arg(home->name)
                 : refusalSentence(row.refusal);
    if (!isHere)
        return KeepingTexts::tr("What you wrote in was deleted meanwhile.");
    if (row.refusal.code == v1::REVIEWED)
        return KeepingTexts::tr("%1 asks for review by now: it changes by proposals.").arg(name);
    if (row.refusal.code == v1::NOT_ALLOWED)
        return isPage ? KeepingTexts::tr("You may still read %1, but not write in it any more.").arg(name)
                      : KeepingTexts::tr("You may still read this, but not write in it any more.");
    return refusalSentence(row.refusal);
}

// Where the page can still be read.
std::optional<v1::Change> proposalOf(const Reading& reading, const Pen& pen, const OutboxRow& row)
{
    if (row.act != v1::Change::kEditText || row.kind != v1::PAGE || row.post.isNull())
        return std::nullopt;
    const auto over = refusedText(reading, row.change);
    const auto page = over ? record(reading, over->post) : std::nullopt;
    if (!page || page->deleted())
        return std::nullopt;
    v1::Change made = proposeOver(pen, *page, over->base ? &*over->base : nullptr, over->text.toStdString(),
                                  row.refusal.code == v1::REVIEWED
                                      ? KeepingTexts::tr("What I wrote while the page began to ask for review")
                                      : KeepingTexts::tr("What I wrote while I could still write here"));
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

std::optional<Keeping> keeping(const Reading& reading, const Pen& pen, const OutboxRow& row,
                               const QList<OutboxRow>& all)
{
    const bool creates = row.act == v1::Change::kCreatePost;
    if (row.state != ChangeState::Refused || !(creates || row.act == v1::Change::kEditText))
        return std::nullopt;
    Keeping kept;
    const auto shown = record(reading, row.target);
    kept.settles = {row.change};
    // A refused post is still shown to its author, with what they wrote in it since, unless that was refused too.
    kept.text = !creates ? row.text : shown ? QString::fromStdString(shown->post().body()) : row.body;
    kept.tags = row.tags;
    for (const OutboxRow& each : all) {
        if (!creates || each.target != row.target || each.act != v1::Change::kEditText)
            continue;
        kept.settles.prepend(each.change);
        if (each.state == ChangeState::Refused)
            kept.text = each.text;
    }
    if (kept.text.trimmed().isEmpty())
        return std::nullopt;
    if (!row.reason.isEmpty())
        kept.text.prepend(row.reason.trimmed() + QStringLiteral("\n\n"));
    const auto home = row.space.isNull() ? std::nullopt : space(reading, row.space);
    kept.title = pageTitle(row, kept.text);
    kept.happened = whatHappened(row, home, shown && !shown->deleted() && !row.post.isNull());
    if (!home || home->setAside)
        return kept;
    v1::Change page = keepAsPage(pen, kept, row.space);
    if (isAllowed(reading, page))
        kept.asPage = std::move(page);
    kept.asProposal = proposalOf(reading, pen, row);
    kept.asComment = commentOf(reading, pen, row, kept.text);
    return kept;
}

v1::Change keepAsPage(const Pen& pen, const Keeping& kept, const Id& space)
{
    return createPage(pen, space, {}, kept.title, kept.text, kept.tags);
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
