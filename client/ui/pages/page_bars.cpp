#include "client/ui/pages/page_bars.h"

#include <QCoreApplication>
#include <QHBoxLayout>
#include <QPointer>
#include <QThreadPool>
#include <QVBoxLayout>

#include "client/commands/sentences.h"
#include "client/replica/queries_review.h"
#include "client/ui/document/difference_view.h"
#include "client/ui/review/proposal_texts.h"
#include "client/ui/widgets/notice_bar.h"
#include "client/ui/widgets/widgets.h"
#include "shared/domain/feed.h"
#include "shared/domain/history.h"

namespace stoa {

namespace {

constexpr int confirmationsMax = 500;

// What became of a page since that revision; nothing where its history is not here.
std::shared_ptr<const DocumentDifference> since(const Reading& reading, const Id& page, quint64 revision)
{
    const auto past = history(reading, page);
    const auto now = record(reading, page);
    if (!past || !now)
        return {};
    const auto read = std::find_if(past->revisions.begin(), past->revisions.end(),
                                   [&](const v1::Revision& each) { return each.version().revision() == revision; });
    if (read == past->revisions.end())
        return {};
    const auto before = bodyAfter({past->revisions.begin(), read + 1});
    return before ? renderedDifference(*before, now->post().body()) : nullptr;
}

qint64 confirmedMs(const Reading& reading, const Id& page, const Id& person)
{
    for (const Confirmation& each : confirmations(reading, page, confirmationsMax))
        if (each.person == person)
            return each.atMs;
    return 0;
}

// What is open, and what is decided and only waits.
QString proposalsText(const OpenProposals& open, qint64 nowMs)
{
    QStringList parts;
    if (open.judged > 0)
        parts << counted(open.judged, PageBars::tr("%1 proposal is open"), PageBars::tr("%1 proposals are open"));
    if (open.approved > 0 && open.nextMs <= nowMs)
        parts << counted(open.approved, PageBars::tr("%1 approved change takes effect in a moment"),
                         PageBars::tr("%1 approved changes take effect, the first in a moment"));
    else if (open.approved > 0)
        parts << counted(open.approved, PageBars::tr("%1 approved change takes effect on %2"),
                         PageBars::tr("%1 approved changes take effect, the first on %2"))
                     .arg(dayText(open.nextMs, nowMs));
    return parts.join(QStringLiteral(" · "));
}

} // namespace

PageBars::PageBars(const Desk& desk, QWidget* parent) : QWidget(parent), desk_(desk)
{
    proposals_ = new NoticeBar(tr("Open proposals"));
    QPushButton* list = proposals_->addButton(tr("Show"));
    list->setAccessibleName(tr("Show the proposals"));
    reading_ = new NoticeBar(tr("To read and confirm"));
    show_ = reading_->addButton(QString());
    confirm_ = reading_->addButton(tr("Confirm"), true);
    confirm_->setToolTip(tr("Says that you have read this page as it is now. Those who answer for it see that."));
    hint_ = makeElidedLabel({}, Size::Small, Tone::Mute);
    hint_->hide();
    changes_ = new DifferenceView(desk);
    changes_->hide();
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins({});
    layout->setSpacing(grid(2));
    layout->addWidget(proposals_);
    layout->addWidget(reading_);
    layout->addWidget(hint_);
    layout->addWidget(changes_);
    connect(list, &QPushButton::clicked, this, [this] { Q_EMIT wanted(proposalsLocation(space_, page_)); });
    connect(show_, &QPushButton::clicked, this, &PageBars::toggle);
    connect(confirm_, &QPushButton::clicked, this, &PageBars::confirm);
    connect(changes_, &DifferenceView::wanted, this, &PageBars::wanted);
    connect(changes_, &DifferenceView::linkFailed, this, &PageBars::said);
}

void PageBars::setPage(const Id& page)
{
    if (page != page_) {
        ++generation_;
        open_ = false;
        changes_->set({});
    }
    page_ = page;
    read();
}

void PageBars::refresh(const Touched& touched)
{
    if (open_ && touched.histories.contains(page_) && !changes_->difference())
        fetchDifference();
}

void PageBars::read()
{
    const auto row = page_.isNull() ? std::nullopt : post(*desk_.reading, page_);
    const bool isPage = row && row->kind == v1::PAGE;
    setVisible(isPage);
    if (!isPage) {
        open_ = false;
        return showDifference();
    }
    space_ = row->space;
    const auto space = stoa::space(*desk_.reading, space_);
    const OpenProposals open = openProposals(*desk_.reading, page_);
    proposals_->setText(proposalsText(open, desk_.pen.now()));
    proposals_->setVisible(open.judged + open.approved > 0);

    const bool asks = space && !space->setAside && isToConfirm(*desk_.reading, page_);
    reading_->setVisible(asks);
    confirmed_ = confirmedRevision(*desk_.reading, page_);
    const auto record = stoa::record(*desk_.reading, page_);
    const quint64 revision = record ? record->post().body_version().revision() : 0;
    // What is shown is what is confirmed.
    if (std::exchange(revision_, revision) != revision)
        changes_->set({});
    show_->setVisible(confirmed_.has_value());
    if (!confirmed_)
        reading_->setText(tr("Please read this page and confirm that you did."));
    else if (const qint64 at = confirmedMs(*desk_.reading, page_, desk_.pen.person); at > 0)
        reading_->setText(tr("Changed since you confirmed it (%1).").arg(timeText(at, desk_.pen.now())));
    else
        reading_->setText(tr("Changed since you confirmed it."));
    if (!asks || !confirmed_)
        open_ = false;
    if (open_ && !changes_->difference())
        fetchDifference();
    showDifference();
}

void PageBars::confirm()
{
    const auto page = stoa::record(*desk_.reading, page_);
    if (!page)
        return;
    // What came in this moment was not read here: it is shown first.
    if (page->post().body_version().revision() != revision_)
        return Q_EMIT said(tr("The page has changed this moment. Read what is new, then confirm it."));
    desk_.worker->submit({confirmRead(desk_.pen, *page)});
    Q_EMIT said(tr("Confirmed. You are asked again only for what changes."));
}

void PageBars::toggle()
{
    open_ = !open_;
    if (open_ && !changes_->difference()) {
        desk_.worker->readHistory(page_);
        fetchDifference();
    }
    showDifference();
}

void PageBars::showDifference()
{
    const auto& difference = changes_->difference();
    const bool isThere = open_ && difference && !difference->isTooMuch;
    show_->setText(open_ ? tr("Show the page") : tr("Show what changed"));
    changes_->setVisible(isThere);
    hint_->setFullText(difference && difference->isTooMuch
                           ? tr("This text is too long to be compared here. Its history shows what changed.")
                       : desk_.worker->status().state == SyncStatus::State::Offline
                           ? tr("What changed is fetched as soon as there is a network. The page is here.")
                           : tr("Fetching what changed"));
    hint_->setVisible(open_ && !isThere);
    Q_EMIT differenceShown(isThere);
}

void PageBars::fetchDifference()
{
    if (!confirmed_)
        return;
    QThreadPool::globalInstance()->start([bars = QPointer<PageBars>(this), generation = ++generation_,
                                          path = desk_.worker->replicaPath(), page = page_, revision = *confirmed_] {
        std::shared_ptr<const DocumentDifference> difference;
        try {
            difference = since(Reading(path), page, revision);
        } catch (const std::exception&) {
            return; // who reads next on the GUI's thread says what is wrong with the file
        }
        QMetaObject::invokeMethod(QCoreApplication::instance(), [bars, generation, difference] {
            if (!bars || bars->generation_ != generation || !difference)
                return;
            bars->changes_->set(difference);
            bars->showDifference();
        });
    });
}

} // namespace stoa
