#include "client/ui/pages/unread_bar.h"

#include <algorithm>

#include <QCoreApplication>
#include <QHBoxLayout>
#include <QPointer>
#include <QSet>
#include <QThreadPool>

#include "client/ui/widgets/widgets.h"
#include "shared/domain/fields.h"
#include "shared/domain/history.h"

namespace stoa {

namespace {

constexpr qint64 readHereMax = 256 * 1024; // of a past; up to here reading takes less than a frame
constexpr int readMs = 3'000;              // a page that was before somebody's eyes for so long was read

quint64 revisionOf(const std::optional<v1::Record>& record)
{
    return record ? record->post().body_version().revision() : 0;
}

QString sentenceFor(int changes, int people)
{
    if (changes == 0)
        return UnreadBar::tr("Others changed this page since you read it last.");
    const QString work = counted(changes, UnreadBar::tr("%1 change"), UnreadBar::tr("%1 changes"));
    if (people == 0) // an import alone
        return UnreadBar::tr("%1 since you read it last").arg(work);
    return UnreadBar::tr("%1 by %2 since you read it last")
        .arg(work, counted(people, UnreadBar::tr("%1 person"), UnreadBar::tr("%1 people")));
}

} // namespace

void Unseen::open(std::optional<quint64> read, quint64 now)
{
    now_ = upTo_ = now;
    after_ = read.value_or(now);
}

void Unseen::become(quint64 now, bool isSeen)
{
    if (now < now_) { // a server that begins anew
        now_ = now;
        return dismiss();
    }
    if (now > now_ && !isSeen) {
        if (isEmpty())
            after_ = now_;
        upTo_ = now;
    }
    now_ = now;
}

UnreadBar::UnreadBar(const Desk& desk, const QWidget* place, QWidget* parent)
    : QFrame(parent), desk_(desk), place_(place)
{
    text_ = makeElidedLabel({}, Size::Text, Tone::Text);
    QPushButton* show = makeButton(tr("Show changes"));
    QToolButton* close = makeIconButton(QStringLiteral("close"), tr("Dismiss"));
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(grid(3), grid(2), grid(3), grid(2));
    layout->setSpacing(grid(2));
    layout->addWidget(text_, 1);
    layout->addWidget(show);
    layout->addWidget(close);
    setProperty("ground", QStringLiteral("side"));
    setAttribute(Qt::WA_StyledBackground);
    setAccessibleName(tr("What changed since you read it last"));
    reading_.setSingleShot(true);
    reading_.setInterval(readMs);
    connect(&reading_, &QTimer::timeout, this, &UnreadBar::read);
    connect(show, &QPushButton::clicked, this, [this] {
        const quint64 since = unseen_.after();
        unseen_.dismiss();
        hide();
        Q_EMIT showWanted(since);
    });
    connect(close, &QToolButton::clicked, this, [this] {
        unseen_.dismiss();
        hide();
    });
    hide();
}

std::optional<v1::Record> UnreadBar::record() const
{
    return page_.isNull() ? std::nullopt : stoa::record(*desk_.reading, page_);
}

void UnreadBar::setPage(const Id& page)
{
    if (page == page_)
        return;
    leave();
    hide(); // of the page before
    page_ = page;
    isRead_ = false;
    counted_.reset();
    unseen_.open(page.isNull() ? std::nullopt : readRevision(*desk_.reading, page), revisionOf(record()));
    askForHistory();
    if (!page.isNull())
        reading_.start();
}

void UnreadBar::refresh(bool edits)
{
    const quint64 upTo = unseen_.upTo(), before = unseen_.now();
    unseen_.become(revisionOf(record()), place_->isVisible() && !place_->window()->isMinimized());
    if (edits)
        unseen_.dismiss();
    if (unseen_.upTo() != upTo)
        askForHistory();
    if (unseen_.now() != before && !reading_.isActive())
        reading_.start();
    tell();
}

// What came meanwhile is heard of only now.
void UnreadBar::comeBack()
{
    if (page_.isNull())
        return;
    unseen_.become(revisionOf(record()), false);
    askForHistory();
    reading_.start();
    tell();
}

// Who has read the page has also seen what changed in it before their eyes.
void UnreadBar::leave()
{
    const bool isNew = reading_.isActive();
    reading_.stop();
    if (isRead_ && isNew)
        desk_.worker->noteRead(page_);
}

void UnreadBar::read()
{
    if (page_.isNull() || !place_->isVisible() || place_->window()->isMinimized())
        return;
    isRead_ = true;
    desk_.worker->noteRead(page_);
}

void UnreadBar::askForHistory()
{
    if (!unseen_.isEmpty())
        desk_.worker->readHistory(page_);
}

void UnreadBar::tell()
{
    if (unseen_.isEmpty() || !record())
        return hide();
    if (counted_ == std::pair{unseen_.after(), unseen_.upTo()})
        return setVisible(hasOthers_);
    counted_.reset();
    if (historyBytes(*desk_.reading, page_) > readHereMax)
        return count();
    say(workOf(*desk_.reading, page_, unseen_.after(), unseen_.upTo(), desk_.pen.person));
}

// A long past is read elsewhere, once at a time; what came meanwhile, after that.
void UnreadBar::count()
{
    if (std::exchange(isCounting_, true)) {
        countsAgain_ = true;
        return;
    }
    QThreadPool::globalInstance()->start([bar = QPointer<UnreadBar>(this), path = desk_.worker->replicaPath(),
                                          page = page_, after = unseen_.after(), upTo = unseen_.upTo(),
                                          me = desk_.pen.person] {
        std::optional<Work> work;
        try {
            work = workOf(Reading(path), page, after, upTo, me);
        } catch (const std::exception&) {
            // who reads next on the GUI's thread says what is wrong with the file
        }
        QMetaObject::invokeMethod(QCoreApplication::instance(), [bar, page, after, upTo, work] {
            if (!bar)
                return;
            bar->isCounting_ = false;
            const bool isMeant = bar->page_ == page && bar->unseen_.after() == after && bar->unseen_.upTo() == upTo;
            if (isMeant && !bar->unseen_.isEmpty())
                bar->say(work);
            if (std::exchange(bar->countsAgain_, false))
                bar->tell();
        });
    });
}

std::optional<UnreadBar::Work> UnreadBar::workOf(const Reading& reading, const Id& page, quint64 after, quint64 upTo,
                                                 const Id& me)
{
    const auto known = history(reading, page, after);
    const std::vector<v1::Revision> all = known ? known->revisions : std::vector<v1::Revision>();
    const auto isBehind = [](quint64 revision) {
        return [revision](const v1::Revision& each) { return each.version().revision() > revision; };
    };
    const auto first = std::find_if(all.begin(), all.end(), isBehind(after));
    if (first == all.begin() || all.empty() || all.back().version().revision() < upTo)
        return std::nullopt;
    Work work;
    QSet<QByteArray> people;
    for (const Stretch& stretch : stretches({first, std::find_if(first, all.end(), isBehind(upTo))})) {
        bool byOthers = false;
        for (const std::string& author : stretch.authors) {
            if (author == me.view())
                continue;
            byOthers = true;
            if (!author.empty()) // an import
                people.insert(QByteArray::fromStdString(author));
        }
        work.changes += byOthers;
    }
    work.people = int(people.size());
    return work;
}

void UnreadBar::say(const std::optional<Work>& work)
{
    if (!work) {
        // It is on its way, or cannot come: then it is known only who was the last.
        const auto record = this->record();
        const v1::Writer* last = record ? writerOf(*record, v1::POST_BODY) : nullptr;
        text_->setFullText(sentenceFor(0, 0));
        return setVisible(last && last->author() != desk_.pen.person.view());
    }
    counted_ = {unseen_.after(), unseen_.upTo()};
    hasOthers_ = work->changes > 0;
    text_->setFullText(sentenceFor(work->changes, work->people));
    setVisible(hasOthers_);
}

} // namespace stoa
