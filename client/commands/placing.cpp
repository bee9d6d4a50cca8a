#include "client/commands/placing.h"

#include <deque>

#include <QCoreApplication>
#include <QLocale>

#include "client/replica/queries_review.h"
#include "shared/domain/may.h"

namespace stoa {

namespace {

constexpr qsizetype removedMax = 200;

struct PlacingTexts {
    Q_DECLARE_TR_FUNCTIONS(Placing)
};

bool isInTree(v1::PostKind kind)
{
    return kind == v1::PAGE || kind == v1::SECTION;
}

// Breadth first; nothing where there are more.
std::optional<QList<PostRow>> belowPost(const Reading& reading, const PostRow& post, qsizetype most)
{
    QList<PostRow> found;
    if (post.kind == v1::QUESTION) {
        if (const auto all = thread(reading, post.id))
            for (const PostText& answer : all->answers)
                found.append(answer.row);
    } else if (isInTree(post.kind)) {
        found = pagesBelow(reading, post.space, post.id);
        for (qsizetype i = 0; i < found.size() && found.size() <= most; ++i)
            if (found[i].children > 0)
                found += pagesBelow(reading, post.space, found[i].id);
    }
    return found.size() <= most ? std::optional(std::move(found)) : std::nullopt;
}

QString figure(int n, const QString& one, const QString& many)
{
    return (n == 1 ? one : many).arg(QLocale().toString(n));
}

} // namespace

bool isAllowed(const Reading& reading, const v1::Change& change)
{
    const Profile me = profile(reading);
    Context asked;
    asked.actor.person = me.person;
    asked.timeMs = change.made_ms();
    asked.directory = me.organisation;
    return may(change, asked, *reader(reading)).has_value();
}

Removal removal(const Reading& reading, const Pen& pen, const PostRow& post)
{
    Removal found;
    found.comments = post.comments;
    const auto home = space(reading, post.space);
    const v1::Change last = deletePost(pen, post.id);
    if (!home || home->setAside) {
        found.barrier = Removal::Barrier::Closed;
        return found;
    }
    if (!isAllowed(reading, last))
        return found;
    const auto below = belowPost(reading, post, removedMax);
    if (!below) {
        found.barrier = Removal::Barrier::TooMuch;
        return found;
    }
    const auto count = [&](const Id& page) {
        const OpenProposals open = openProposals(reading, page);
        found.proposals += open.judged + open.approved;
    };
    found.below = int(below->size());
    found.barrier = Removal::Barrier::None;
    if (post.kind == v1::PAGE)
        count(post.id);
    for (auto each = below->rbegin(); each != below->rend(); ++each) {
        found.changes.append(deletePost(pen, each->id));
        if (!isAllowed(reading, found.changes.last()))
            found.barrier = Removal::Barrier::OthersBelow;
        if (each->kind == v1::PAGE)
            count(each->id);
    }
    found.changes.append(last);
    if (found.barrier != Removal::Barrier::None)
        found.changes.clear();
    return found;
}

QString removalText(const Removal& removal, const PostRow& post)
{
    const bool question = post.kind == v1::QUESTION;
    switch (removal.barrier) {
    case Removal::Barrier::NotAllowed:
        return PlacingTexts::tr(
            "It is deleted by its author, or by a moderator of the space; where it asks for review by "
            "a moderator alone.");
    case Removal::Barrier::Closed:
        return PlacingTexts::tr("This space can only be read now: the server no longer serves it to you.");
    case Removal::Barrier::OthersBelow:
        return question ? PlacingTexts::tr("Others have answered it: a moderator of the space can delete it.")
                        : PlacingTexts::tr("Pages below it are not yours to delete. Move them away first, or ask a "
                                           "moderator of the space.");
    case Removal::Barrier::TooMuch:
        return PlacingTexts::tr("Too much lies below it to be deleted at once. Delete or move some of it first.");
    case Removal::Barrier::None:
        break;
    }
    QStringList with;
    if (removal.below > 0)
        with << (question ? figure(removal.below, PlacingTexts::tr("%1 answer"), PlacingTexts::tr("%1 answers"))
                          : figure(removal.below, PlacingTexts::tr("%1 page below it"),
                                   PlacingTexts::tr("%1 pages below it")));
    if (removal.comments > 0)
        with << figure(removal.comments, PlacingTexts::tr("%1 comment"), PlacingTexts::tr("%1 comments"));
    if (removal.proposals > 0)
        with << figure(removal.proposals, PlacingTexts::tr("%1 open proposal"), PlacingTexts::tr("%1 open proposals"));
    const QString goes =
        with.isEmpty() ? QString()
                       : PlacingTexts::tr("With it goes: %1.").arg(with.join(QStringLiteral(", "))) + QLatin1Char(' ');
    return goes + PlacingTexts::tr("This is for everybody, and for good once the server has it.");
}

bool mayMove(const Reading& reading, const Pen& pen, const PostRow& page)
{
    const auto home = space(reading, page.space);
    const auto found = isInTree(page.kind) ? record(reading, page.id) : std::nullopt;
    return found && home && !home->setAside && isAllowed(reading, movePage(pen, *found, {}));
}

bool isBelow(const Reading& reading, const Id& place, const Id& page)
{
    if (place == page)
        return true;
    const QList<PostRow> above = ancestors(reading, place);
    return std::any_of(above.begin(), above.end(), [&](const PostRow& each) { return each.id == page; });
}

QList<PlaceRow> placesFor(const Reading& reading, const PostRow& page, int limit)
{
    struct Open {
        Id id;
        QString path;
    };
    QList<PlaceRow> rows;
    if (!page.parent.isNull())
        rows.append({{}, PlacingTexts::tr("The top of the space"), {}});
    std::deque<Open> open{{}};
    while (!open.empty() && rows.size() < limit) {
        const Open at = open.front();
        open.pop_front();
        for (const PostRow& row : pagesBelow(reading, page.space, at.id)) {
            if (row.id == page.id)
                continue; // nor what is below it
            if (row.id != page.parent && rows.size() < limit)
                rows.append({row.id, row.title, at.path});
            if (row.children > 0)
                open.push_back({row.id, at.path.isEmpty() ? row.title : at.path + QStringLiteral(" › ") + row.title});
        }
    }
    return rows;
}

} // namespace stoa
