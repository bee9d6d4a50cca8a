#include <algorithm>

#include <QCoreApplication>
#include <QHBoxLayout>
#include <QPointer>
#include <QScrollArea>
#include <QScrollBar>
#include <QShortcut>
#include <QStackedWidget>
#include <QThreadPool>
#include <QVBoxLayout>

#include "client/ui/document/document_view.h"
#include "client/ui/keys.h"
#include "client/ui/pages/page_comments.h"
#include "client/ui/questions/composer.h"
#include "client/ui/review/review_view.h"
#include "client/ui/rights.h"
#include "client/ui/widgets/widgets.h"

namespace stoa {

namespace {

constexpr qsizetype compareHereMax = 24 * 1024; // letters of both texts; up to here it takes less than a frame

// Of a comment whose line is not there any more: what it was about.
PostText withQuote(PostText comment, const QString& quote)
{
    comment.body = QStringLiteral("> ") + quote + QStringLiteral("\n\n*") +
                   ProposalView::tr("On a line that has changed since:") + QStringLiteral("* ") + comment.body;
    return comment;
}

} // namespace

ProposalView::ProposalView(const Desk& desk, QWidget* parent) : QWidget(parent), desk_(desk)
{
    head_ = new ProposalHead(desk);
    changes_ = new DifferenceView(desk);
    tooMuch_ = makeWrappedLabel(tr("This text is too long to be compared as the page looks. Read the draft instead."),
                                Size::Text, Tone::Mute);
    tooMuch_->hide();
    draft_ = new DocumentView(desk);
    draft_->setAccessibleName(tr("The draft"));
    thread_ = new PageComments(desk);
    auto* content = new QWidget;
    auto* layout = new QVBoxLayout(content);
    layout->setContentsMargins(grid(8), grid(6), grid(8), grid(8));
    layout->setSpacing(grid(4));
    layout->addWidget(head_);
    layout->addWidget(makeSwitch());
    layout->addWidget(tooMuch_);
    layout->addWidget(changes_);
    layout->addWidget(draft_);
    layout->addWidget(thread_);
    layout->addStretch(1);
    scroll_ = makeScroll(content, metrics::reading + grid(16));
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins({});
    outer->addWidget(scroll_);

    connect(head_, &ProposalHead::wanted, this, &ProposalView::wanted);
    connect(head_, &ProposalHead::commentWanted, this, [this] {
        if (thread_->focusComposer())
            scroll_->ensureWidgetVisible(thread_);
    });
    connect(changes_, &DifferenceView::wanted, this, &ProposalView::wanted);
    connect(changes_, &DifferenceView::linkFailed, this, &ProposalView::said);
    connect(changes_, &DifferenceView::commentWanted, this, &ProposalView::writeComment);
    connect(changes_, &DifferenceView::completed, this, &ProposalView::reach);
    connect(draft_, &DocumentView::wanted, this, &ProposalView::wanted);
    connect(draft_, &DocumentView::linkFailed, this, &ProposalView::said);
    connect(thread_, &PageComments::wanted, this, &ProposalView::wanted);
    connect(thread_, &PageComments::said, this, &ProposalView::said);
    setKeysIn(this);
}

void ProposalView::setKeysIn(QWidget* place)
{
    changes_->setKeysIn(place);
    delete edit_;
    edit_ = new QShortcut(
        keyOf(Key::Edit), place, this,
        [this] {
            if (isVisible() && row_.mine && row_.state == v1::PROPOSAL_OPEN) {
                Location to = reviewLocation(row_.row.space, row_.row.id);
                to.write = true;
                Q_EMIT wanted(to);
            }
        },
        Qt::WidgetWithChildrenShortcut);
}

ProposalView::~ProposalView()
{
    closeComposer();
}

QWidget* ProposalView::makeSwitch()
{
    auto* row = new QWidget;
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins({});
    layout->setSpacing(grid(2));
    const auto add = [&](const QString& name, bool draft) {
        QPushButton* choice = makeButton(name, ButtonKind::Chip);
        choice->setCheckable(true);
        choice->setAutoExclusive(true);
        connect(choice, &QPushButton::clicked, this, [this, draft] {
            draft_->setVisible(draft);
            changes_->setVisible(!draft);
            hint_->setVisible(!draft && changes_->changes() > 0);
        });
        layout->addWidget(choice);
        return choice;
    };
    asChanges_ = add(tr("What changes"), false);
    asDraft_ = add(tr("The draft"), true);
    asChanges_->setChecked(true);
    hint_ = makeElidedLabel({}, Size::Small, Tone::Faint);
    layout->addStretch(1);
    layout->addWidget(hint_);
    return row;
}

void ProposalView::open(const Id& proposal, const Id& comment)
{
    const bool another = proposal != proposal_;
    wantedComment_ = comment;
    if (another) {
        closeComposer();
        notes_.clear();
        changes_->setNotes({});
        changes_->set({});
        asChanges_->setChecked(true);
        changes_->show();
        draft_->hide();
        compared_ = {};
        isComparing_ = false;
        pageText_.clear();
        draftText_.clear();
        ++generation_;
        scroll_->verticalScrollBar()->setValue(0);
    }
    proposal_ = proposal;
    refresh();
    reach();
}

void ProposalView::refresh()
{
    const auto row = stoa::proposal(*desk_.reading, proposal_);
    if (!row)
        return;
    row_ = *row;
    head_->set(*row);
    const QString draft = body(*desk_.reading, proposal_);
    draft_->setMarkdown(draft);
    // What is in force is what the page was made of then: there is nothing to compare any more.
    const bool isInForce = row->state == v1::PROPOSAL_EFFECTIVE;
    const QString page = isInForce ? draft : body(*desk_.reading, row->row.parent);
    asChanges_->setVisible(!isInForce);
    asDraft_->setVisible(!isInForce);
    if (isInForce) {
        changes_->hide();
        draft_->show();
    }
    const auto space = stoa::space(*desk_.reading, row->row.space);
    changes_->setCommentable(space && !space->setAside &&
                             allowed(desk_, commentOnLine(desk_.pen, row->row.space, proposal_, 1, QStringLiteral("?"),
                                                          QStringLiteral("?"))));
    const auto all = row->row.comments > 0 ? stoa::thread(*desk_.reading, proposal_) : std::nullopt;
    comments_ = all ? all->comments : QList<PostText>();
    anchors_ = all ? anchors(*desk_.reading, proposal_) : std::map<Id, LineAnchor>();
    const bool isShown = compared_.difference && page == compared_.page && draft == compared_.draft;
    const bool isComing = isComparing_ && page == pageText_ && draft == draftText_;
    pageText_ = page;
    draftText_ = draft;
    if (isComing || (isShown && !isComparing_ && isPlaced()))
        return showComments();
    compare();
}

bool ProposalView::isPlaced() const
{
    return std::ranges::all_of(anchors_,
                               [&](const auto& each) { return compared_.places.contains(each.second.quote); });
}

// What is there already is not made again.
ProposalView::Compared ProposalView::compared(Compared known, const std::map<Id, LineAnchor>& anchors)
{
    if (!known.difference) {
        known.difference = renderedDifference(known.page.toStdString(), known.draft.toStdString());
        known.lines = std::make_shared<ShownLines>(known.difference->blocks);
    }
    for (const auto& [comment, anchor] : anchors)
        if (!known.places.contains(anchor.quote))
            known.places.insert(anchor.quote, known.lines->blockWith(anchor.quote));
    return known;
}

void ProposalView::compare()
{
    const quint64 generation = ++generation_;
    const bool isShown = compared_.difference && pageText_ == compared_.page && draftText_ == compared_.draft;
    Compared known;
    known.page = pageText_;
    known.draft = draftText_;
    if (isShown)
        known = compared_;
    if (pageText_.size() + draftText_.size() <= compareHereMax)
        return take(compared(known, anchors_));
    isComparing_ = true;
    // A new comment alone leaves what is shown as it is.
    if (!isShown)
        head_->setReadable(false);
    showComments();
    QThreadPool::globalInstance()->start([view = QPointer<ProposalView>(this), generation, known, anchors = anchors_] {
        const Compared made = compared(known, anchors);
        QMetaObject::invokeMethod(QCoreApplication::instance(), [view, generation, made] {
            if (view && view->generation_ == generation)
                view->take(made);
        });
    });
}

void ProposalView::take(const Compared& made)
{
    isComparing_ = false;
    compared_ = made;
    head_->setReadable(true);
    tooMuch_->setVisible(made.difference->isTooMuch);
    changes_->set(made.difference);
    const int count = changes_->changes();
    hint_->setFullText(counted(count, tr("%1 block differs · N, P: next, previous · C: comment"),
                               tr("%1 blocks differ · N, P: next, previous · C: comment")));
    hint_->setVisible(count > 0 && changes_->isVisibleTo(this));
    showComments();
    reach();
    if (!isPlaced()) // somebody said something meanwhile
        compare();
}

// Among the blocks that are shown; nothing before they are.
std::optional<size_t> ProposalView::blockWith(const QString& line) const
{
    return compared_.lines ? compared_.lines->blockWith(line) : std::nullopt;
}

// Beside the lines that they are about, the others below.
void ProposalView::showComments()
{
    std::map<size_t, QList<PostText>> beside;
    QList<PostText> below;
    for (const PostText& comment : std::as_const(comments_)) {
        const auto anchor = anchors_.find(comment.row.id);
        if (anchor == anchors_.end())
            below.append(comment);
        else if (const auto block = compared_.places.value(anchor->second.quote))
            beside[*block].append(comment);
        else
            below.append(withQuote(comment, anchor->second.quote));
    }
    if (writingAt_) {
        const auto block = blockWith(writingQuote_);
        if (block != writingAt_)
            closeComposer();
        else
            beside[*block];
    }
    std::map<size_t, LineNote*> notes;
    std::map<size_t, QWidget*> shown;
    for (const auto& [block, comments] : beside) {
        const auto known = notes_.find(block);
        LineNote* note = known != notes_.end() ? known->second : nullptr;
        if (!note) {
            note = new LineNote(desk_, changes_);
            connect(note, &LineNote::wanted, this, &ProposalView::wanted);
            connect(note, &LineNote::said, this, &ProposalView::said);
            connect(note, &LineNote::answerWanted, this, [this, first = comments.value(0).row.id] {
                const auto anchor = anchors_.find(first);
                const auto at = anchor == anchors_.end() ? std::nullopt : blockWith(anchor->second.quote);
                if (at)
                    writeComment(*at, anchor->second.quote);
            });
        }
        note->set(comments);
        notes.emplace(block, note);
        shown.emplace(block, note);
    }
    notes_ = std::move(notes);
    changes_->setNotes(shown);
    thread_->setPage(row_.row, below, comments_.size() - below.size());
}

void ProposalView::writeComment(size_t block, const QString& shownLine)
{
    if (composer_ && writingAt_ == block)
        return composer_->focusEditor();
    closeComposer();
    // A line that is gone has its words of the page as it is.
    const bool isGone =
        block < changes_->difference()->blocks.size() && changes_->difference()->blocks[block].mark == Mark::Removed;
    const QString text = isGone ? compared_.page : compared_.draft;
    const int line = lineShownAs(text, shownLine);
    writingQuote_ = line > 0 ? stoa::lineAt(text, line) : shownLine;
    writingLine_ = std::max(1, line);
    writingAt_ = blockWith(writingQuote_);
    if (!writingAt_)
        return;
    showComments();
    composer_ = new Composer(desk_, {tr("What about this line?"), tr("Comment"), tr("Your comment on this line")},
                             QStringLiteral("comment/%1/%2").arg(QString::fromStdString(proposal_.hex())).arg(line),
                             [this, quote = writingQuote_, at = writingLine_](const QString& body) {
                                 return commentOnLine(desk_.pen, row_.row.space, proposal_, at, quote, body);
                             });
    const auto close = [this, at = *writingAt_] {
        closeComposer();
        showComments();
        changes_->focusBlock(at); // and on from there
    };
    // Not while it still tells of it.
    connect(composer_, &Composer::left, this, close, Qt::QueuedConnection);
    connect(composer_, &Composer::sent, this, close, Qt::QueuedConnection);
    LineNote* note = notes_.at(*writingAt_);
    note->setComposer(composer_);
    composer_->show();
    composer_->focusEditor();
}

void ProposalView::closeComposer()
{
    if (composer_)
        composer_->keep();
    composer_ = nullptr;
    if (writingAt_)
        if (const auto note = notes_.find(*writingAt_); note != notes_.end())
            note->second->setComposer(nullptr);
    writingAt_.reset();
}

void ProposalView::reach()
{
    if (wantedComment_.isNull())
        return;
    QWidget* block = thread_->commentBlock(wantedComment_);
    for (const auto& [at, note] : notes_)
        if (QWidget* found = note->commentBlock(wantedComment_))
            block = found;
    if (!block || !changes_->isComplete())
        return;
    wantedComment_ = {};
    QCoreApplication::sendPostedEvents(nullptr, QEvent::LayoutRequest);
    scroll_->ensureWidgetVisible(block, 0, scroll_->viewport()->height() / 3);
}

void ProposalView::takeFocus()
{
    if (changes_->isVisibleTo(this))
        changes_->setFocus(Qt::OtherFocusReason);
    else
        draft_->setFocus(Qt::OtherFocusReason);
}

} // namespace stoa
