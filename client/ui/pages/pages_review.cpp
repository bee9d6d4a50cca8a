// What asks for review, and what is contested, on the page that is read.

#include <QMenu>
#include <QPushButton>
#include <QToolButton>

#include "client/replica/queries_review.h"
#include "client/ui/editor/bodies_on_their_way.h"
#include "client/ui/editor/versions_bar.h"
#include "client/ui/pages/page_bars.h"
#include "client/ui/pages/pages_view.h"
#include "client/ui/review/review_settings.h"
#include "client/ui/rights.h"
#include "client/ui/widgets/widgets.h"
#include "shared/base/limits.h"
#include "shared/domain/body.h"
#include "shared/text/diff.h"

namespace stoa {

// Where the page asks for review, and who may read but not edit.
bool PagesPlace::mayPropose(const Id& page) const
{
    const auto row = page.isNull() ? std::nullopt : post(*desk().reading, page);
    const auto space = row ? stoa::space(*desk().reading, row->space) : std::nullopt;
    const auto record =
        space && !space->setAside && row->kind == v1::PAGE ? stoa::record(*desk().reading, page) : std::nullopt;
    return record && allowed(desk(), stoa::propose(desk().pen, *record, "?", QStringLiteral("?")));
}

// One's own proposal for this page is gone on with.
void PagesPlace::propose()
{
    for (const ProposalRow& each : proposalsOf(*desk().reading, location_.post, int(limits::openProposalsMax)))
        if (each.mine && each.state == v1::PROPOSAL_OPEN) {
            Location to = reviewLocation(location_.space, each.row.id);
            to.write = true;
            return Q_EMIT wanted(to);
        }
    Q_EMIT wanted(newProposalLocation(location_.space, location_.post));
}

void PagesPlace::showReview(const PostRow& page)
{
    const auto review = stoa::review(*desk().reading, page.id);
    review_->setVisible(review && review->asks && page.kind == v1::PAGE);
    const bool edits = mayEdit(page.id), proposes = !edits && mayPropose(page.id);
    edit_->setText(edits ? tr("Edit") : tr("Propose a change"));
    edit_->setToolTip(edits ? tr("Edit this page (E)")
                            : tr("Write what the page should say; it is approved first (E)"));
    edit_->setVisible(edits || proposes);
    fillMenu();
    more_->setVisible(!more_->menu()->isEmpty());
    bars_->setPage(page.id);
}

void PagesPlace::fillMenu()
{
    QMenu* menu = more_->menu();
    menu->clear();
    const auto page = location_.post.isNull() ? std::nullopt : stoa::record(*desk().reading, location_.post);
    const auto space = stoa::space(*desk().reading, location_.space);
    if (!page || !space || space->setAside)
        return;
    if (page->post().kind() == v1::PAGE)
        addReview(*menu, *page);
    addPlacing(*menu);
}

void PagesPlace::addReview(QMenu& menu, const v1::Record& page)
{
    if (mayEdit(location_.post) && mayPropose(location_.post))
        menu.addAction(tr("Propose a change"), this, &PagesPlace::propose);
    if (!proposalsOf(*desk().reading, location_.post, 1).isEmpty())
        menu.addAction(tr("Proposals"), this,
                       [this] { Q_EMIT wanted(proposalsLocation(location_.space, location_.post)); });
    if (!allowed(desk(), setRequired(desk().pen, page, true)))
        return;
    menu.addAction(tr("Review and reading…"), this, [this] { openReviewSettings(desk(), location_.post, this); });
    if (page.post().required())
        menu.addAction(tr("Who confirmed…"), this, [this] { openConfirmations(desk(), location_.post, this); });
}

namespace {

std::vector<TwoVersions> versionsOf(const v1::Record& page)
{
    return versionsIn(rangesOf(page.post().contested()));
}

QList<VersionsBar::Versions> shownVersions(const v1::Record& page, const std::vector<TwoVersions>& versions)
{
    QList<VersionsBar::Versions> shown;
    if (versions.empty())
        return shown;
    const QList<uint> letters = QString::fromStdString(page.post().body()).toUcs4();
    const auto part = [&](size_t from, size_t to) {
        const QList<uint> some = letters.mid(qsizetype(from), qsizetype(to - from));
        return QString::fromUcs4(reinterpret_cast<const char32_t*>(some.constData()), some.size());
    };
    for (const TwoVersions& each : versions)
        shown.append({part(each.whole.from, each.whole.to),
                      each.second ? part(each.whole.from, *each.second) : QString(),
                      each.second ? part(*each.second, each.whole.to) : QString()});
    return shown;
}

} // namespace

// Of the page as it is read; nothing is asked for, and it can wait.
void PagesPlace::showVersions(const PostRow& page)
{
    const auto record = page.kind == v1::PAGE ? stoa::record(*desk().reading, page.id) : std::nullopt;
    const bool any = record && record->post().contested_size() > 0 && mayEdit(page.id);
    versions_->set(any ? shownVersions(*record, versionsOf(*record)) : QList<VersionsBar::Versions>());
}

void PagesPlace::settle(int which, const QString& text)
{
    const auto record = stoa::record(*desk().reading, location_.post);
    const auto versions = record ? versionsOf(*record) : std::vector<TwoVersions>();
    const QList<VersionsBar::Versions> now = record ? shownVersions(*record, versions) : QList<VersionsBar::Versions>();
    // What is shown may be of a moment ago: nobody settles what they did not see.
    if (which >= now.size() || now[which] != versions_->versions().value(which))
        return versions_->set(now);
    const TextRange range = versions[size_t(which)].whole;
    const TextChange change = TextChange::replace(range.from, range.to - range.from, text.toStdString());
    if (const auto after = applyTo(record->post().body(), change))
        BodiesOnTheirWay::of(desk()).submit(location_.post, record->post().body(), diff(record->post().body(), *after),
                                            {range}); // what is kept stays
}

} // namespace stoa
