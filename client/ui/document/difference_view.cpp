#include "client/ui/document/difference_view.h"

#include <algorithm>

#include <QApplication>
#include <QElapsedTimer>
#include <QHBoxLayout>
#include <QMouseEvent>
#include <QScrollArea>
#include <QShortcut>
#include <QTextCursor>
#include <QToolButton>
#include <QVBoxLayout>

#include "client/ui/document/document_view.h"
#include "client/ui/keys.h"
#include "client/ui/widgets/widgets.h"

namespace stoa {

namespace {

constexpr int arrangeMs = 8;             // after which the rest is written in later turns of the event loop
constexpr size_t spokenBytesMax = 1'000; // of what is said of one stretch to who does not see it

QString spoken(const std::vector<Block>& blocks)
{
    QStringList parts;
    if (const std::string added = markedText(blocks, Mark::Added, spokenBytesMax); !added.empty())
        parts << DifferenceView::tr("Added: %1").arg(QString::fromStdString(added));
    if (const std::string removed = markedText(blocks, Mark::Removed, spokenBytesMax); !removed.empty())
        parts << DifferenceView::tr("Removed: %1").arg(QString::fromStdString(removed));
    return parts.join(QLatin1Char('\n'));
}

} // namespace

std::shared_ptr<const DocumentDifference> renderedDifference(std::string_view before, std::string_view after)
{
    return std::make_shared<const DocumentDifference>(differenceOf(parseMarkdown(before), parseMarkdown(after)));
}

DifferenceView::DifferenceView(const Desk& desk, QWidget* parent) : QWidget(parent), desk_(desk)
{
    same_ =
        makeWrappedLabel(tr("The page looks as it did: nothing that is shown was changed."), Size::Text, Tone::Mute);
    same_->hide();
    layout_ = new QVBoxLayout(this);
    layout_->setContentsMargins({});
    layout_->setSpacing(grid(2));
    layout_->addWidget(same_);
    comment_ = makeIconButton(QStringLiteral("plus"), tr("Comment on this line"));
    comment_->setToolTip(withKey(tr("Comment on this line"), Key::Comment));
    comment_->setParent(this);
    comment_->hide();
    connect(comment_, &QToolButton::clicked, this, &DifferenceView::comment);
    setKeysIn(this);
    setAccessibleName(tr("What changed"));
}

void DifferenceView::setKeysIn(QWidget* place)
{
    qDeleteAll(std::exchange(keys_, {}));
    const auto add = [&](Key key, auto act) {
        auto* shortcut = new QShortcut(keyOf(key), place, this, act, Qt::WidgetWithChildrenShortcut);
        shortcut->setAutoRepeat(false);
        keys_.append(shortcut);
    };
    const auto onlyShown = [this](auto act) {
        return [this, act] {
            if (isVisible())
                act();
        };
    };
    add(Key::Comment, onlyShown([this] { comment(); }));
    add(Key::NextChange, onlyShown([this] { go(1); }));
    add(Key::PreviousChange, onlyShown([this] { go(-1); }));
}

void DifferenceView::set(std::shared_ptr<const DocumentDifference> difference)
{
    if (difference == difference_)
        return;
    difference_ = std::move(difference);
    opened_.clear();
    comment_->hide();
    for (const auto& [piece, widget] : std::exchange(shown_, {})) {
        widget->hide();
        widget->deleteLater();
    }
    arrange();
}

bool DifferenceView::isComplete() const
{
    return difference_ && std::all_of(shown_.begin(), shown_.end(), [](const auto& each) {
               return each.first.isFold || static_cast<const DocumentView*>(each.second)->isComplete();
           });
}

int DifferenceView::changes() const
{
    return difference_ ? int(std::count_if(difference_->blocks.begin(), difference_->blocks.end(),
                                           [](const Block& block) { return isMarked(block); }))
                       : 0;
}

void DifferenceView::setNotes(const std::map<size_t, QWidget*>& notes)
{
    for (const auto& [block, widget] : notes_)
        if (std::none_of(notes.begin(), notes.end(), [&](const auto& each) { return each.second == widget; })) {
            widget->hide();
            widget->deleteLater();
        }
    notes_ = notes;
    arrange();
}

void DifferenceView::setCommentable(bool commentable)
{
    commentable_ = commentable;
    for (const auto& [piece, widget] : shown_)
        if (!piece.isFold)
            static_cast<DocumentView*>(widget)->setSides(0, commentable ? grid(9) : 0);
    if (!commentable)
        comment_->hide();
}

// Text and folds in turn; a text ends where something is said of its last block.
std::vector<DifferenceView::Piece> DifferenceView::cut() const
{
    std::vector<Piece> pieces;
    if (!difference_)
        return pieces;
    const std::vector<Block>& blocks = difference_->blocks;
    size_t at = 0;
    const auto addText = [&](size_t to) {
        while (at < to) {
            const auto note = notes_.lower_bound(at);
            const size_t end = note == notes_.end() ? to : std::min(to, note->first + 1);
            pieces.push_back({at, end - at, false});
            at = end;
        }
    };
    for (const Fold& fold : foldsOf(blocks)) {
        addText(fold.from);
        const auto note = notes_.lower_bound(fold.from);
        const bool isSpokenOf = note != notes_.end() && note->first < fold.from + fold.count;
        if (opened_.contains(fold.from) || isSpokenOf) {
            addText(fold.from + fold.count);
            continue;
        }
        pieces.push_back({fold.from, fold.count, true});
        at = fold.from + fold.count;
    }
    addText(blocks.size());
    return pieces;
}

// What stands already stays as it is.
void DifferenceView::arrange()
{
    const std::optional<Spot> held = spot();
    const QWidget* keyboard = QApplication::focusWidget();
    std::map<Piece, QWidget*> stale = std::exchange(shown_, {});
    while (QLayoutItem* item = layout_->takeAt(0))
        delete item;
    layout_->addWidget(same_);
    same_->setVisible(difference_ && changes() == 0);
    QElapsedTimer clock;
    clock.start();
    QWidget* before = nullptr;
    setFocusProxy(nullptr);
    const auto add = [&](QWidget* widget) {
        layout_->addWidget(widget);
        widget->show();
        if (before)
            setTabOrder(before, widget);
        before = widget;
    };
    for (const Piece& piece : cut()) {
        QWidget* widget = nullptr;
        if (const auto found = stale.find(piece); found != stale.end()) {
            widget = found->second;
            stale.erase(found);
        } else {
            widget = piece.isFold ? makeFold(piece) : makeText(piece, clock.elapsed() > arrangeMs);
        }
        shown_.emplace(piece, widget);
        add(widget);
        if (!piece.isFold && !focusProxy())
            setFocusProxy(widget);
        if (const auto note = notes_.find(piece.from + piece.count - 1); !piece.isFold && note != notes_.end())
            add(note->second);
    }
    for (const auto& [piece, widget] : stale) {
        widget->hide();
        widget->deleteLater();
    }
    comment_->raise();
    const auto isKept = [&](const auto& each) { return each.second == keyboard; };
    if (held && std::none_of(shown_.begin(), shown_.end(), isKept))
        putCursor(*held);
}

// Where the keyboard is.
std::optional<DifferenceView::Spot> DifferenceView::spot() const
{
    for (const auto& [piece, widget] : shown_) {
        auto* text = piece.isFold || !widget->hasFocus() ? nullptr : static_cast<DocumentView*>(widget);
        const auto line = text ? text->lineAt(text->textCursor()) : std::nullopt;
        if (line)
            return Spot{piece.from + line->block,
                        text->textCursor().position() - std::max(0, text->positionOf(line->block))};
    }
    return std::nullopt;
}

DocumentView* DifferenceView::putCursor(const Spot& spot)
{
    DocumentView* text = textWith(spot.block);
    if (!text)
        return nullptr;
    const auto shown =
        std::find_if(shown_.begin(), shown_.end(), [&](const auto& each) { return each.second == text; });
    text->setFocus(Qt::OtherFocusReason);
    QTextCursor cursor(text->document());
    cursor.setPosition(std::clamp(text->positionOf(spot.block - shown->first.from) + spot.letter, 0,
                                  std::max(0, text->document()->characterCount() - 1)));
    text->setTextCursor(cursor);
    return text;
}

void DifferenceView::focusBlock(size_t block)
{
    putCursor({block, 0});
}

QWidget* DifferenceView::makeFold(const Piece& piece)
{
    auto* row = new QWidget(this);
    QPushButton* open = makeButton(
        counted(qint64(piece.count), tr("Show %1 unchanged block"), tr("Show %1 unchanged blocks")), ButtonKind::Link);
    connect(open, &QPushButton::clicked, this, [this, from = piece.from] { unfold(from); });
    row->setFocusProxy(open);
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins({});
    layout->setSpacing(grid(3));
    layout->addWidget(makeLine(), 1);
    layout->addWidget(open);
    layout->addWidget(makeLine(), 1);
    return row;
}

DocumentView* DifferenceView::makeText(const Piece& piece, bool later)
{
    auto* text = new DocumentView(desk_, DocumentView::Fit::Grows, this);
    const auto first = difference_->blocks.begin() + ptrdiff_t(piece.from);
    Document part{{first, first + ptrdiff_t(piece.count)}};
    const QString change = spoken(part.blocks);
    text->setAccessibleName(change.isEmpty() ? tr("Unchanged text") : tr("Changed text"));
    text->setAccessibleDescription(change);
    text->setBars(true);
    text->setSides(0, commentable_ ? grid(9) : 0);
    text->viewport()->setMouseTracking(true);
    text->viewport()->installEventFilter(this);
    text->installEventFilter(this);
    connect(text, &DocumentView::wanted, this, &DifferenceView::wanted);
    connect(text, &DocumentView::linkFailed, this, &DifferenceView::linkFailed);
    connect(text, &DocumentView::completed, this, [this, text] {
        // Writing took the cursor along to the end.
        if (!text->textCursor().hasSelection())
            text->moveCursor(QTextCursor::Start);
        if (isComplete())
            Q_EMIT completed();
    });
    connect(text, &QTextBrowser::cursorPositionChanged, this, [this, text] {
        if (!text->hasFocus() || QApplication::mouseButtons() != Qt::NoButton)
            return;
        bringIntoSight(text, text->cursorRect());
        offer(text, nullptr);
    });
    text->setBlocks(std::move(part), later);
    return text;
}

void DifferenceView::unfold(size_t from)
{
    opened_.insert(from);
    arrange();
    if (DocumentView* text = textWith(from))
        text->setFocus(Qt::OtherFocusReason);
}

DocumentView* DifferenceView::textWith(size_t block) const
{
    for (const auto& [piece, widget] : shown_)
        if (!piece.isFold && block >= piece.from && block < piece.from + piece.count)
            return static_cast<DocumentView*>(widget);
    return nullptr;
}

// The line below the mouse, or that with the cursor.
void DifferenceView::offer(DocumentView* text, const QPoint* at)
{
    const auto line = text->lineAt(at ? text->cursorForPosition(*at) : text->textCursor());
    const auto shown =
        std::find_if(shown_.begin(), shown_.end(), [&](const auto& each) { return each.second == text; });
    if (!commentable_ || !line || shown == shown_.end() || (at && !line->rect.adjusted(0, -4, 9999, 4).contains(*at)))
        return;
    offered_ = shown->first.from + line->block;
    offeredLine_ = line->text;
    const QPoint corner = text->viewport()->mapTo(this, QPoint(text->viewport()->width(), line->rect.top()));
    comment_->move(std::min(corner.x() + grid(1), width() - comment_->sizeHint().width()), std::max(0, corner.y()));
    comment_->resize(comment_->sizeHint());
    comment_->raise();
    comment_->show();
}

void DifferenceView::comment()
{
    if (!commentable_)
        return;
    if (offeredLine_.isEmpty())
        go(1); // nobody was at a line yet
    for (const auto& [piece, widget] : shown_)
        if (!piece.isFold && widget->hasFocus())
            offer(static_cast<DocumentView*>(widget), nullptr);
    if (!offeredLine_.isEmpty())
        Q_EMIT commentWanted(offered_, offeredLine_);
}

void DifferenceView::go(int by)
{
    std::vector<size_t> marked;
    for (size_t i = 0; difference_ && i < difference_->blocks.size(); ++i)
        if (isMarked(difference_->blocks[i]))
            marked.push_back(i);
    if (marked.empty())
        return;
    std::optional<size_t> here;
    for (const auto& [piece, widget] : shown_)
        if (!piece.isFold && widget->hasFocus()) {
            const auto line =
                static_cast<DocumentView*>(widget)->lineAt(static_cast<DocumentView*>(widget)->textCursor());
            here = piece.from + (line ? line->block : 0);
        }
    auto next = by > 0 ? marked.begin() : marked.end() - 1;
    if (here && by > 0)
        next = std::upper_bound(marked.begin(), marked.end(), *here);
    else if (here)
        next = std::lower_bound(marked.begin(), marked.end(), *here) - (marked.front() < *here ? 1 : 0);
    if (next == marked.end())
        next = marked.end() - 1;
    DocumentView* text = putCursor({*next, 0});
    if (!text)
        return;
    bringIntoSight(text, text->cursorRect());
}

// Whatever it stands in that scrolls.
void DifferenceView::bringIntoSight(const QWidget* of, const QRect& rect)
{
    for (QWidget* above = parentWidget(); above; above = above->parentWidget())
        if (auto* area = qobject_cast<QScrollArea*>(above)) {
            const QPoint at = of->mapTo(area->widget(), rect.center());
            return area->ensureVisible(at.x(), at.y(), 0, grid(15));
        }
}

bool DifferenceView::eventFilter(QObject* watched, QEvent* event)
{
    auto* text = qobject_cast<DocumentView*>(watched);
    if (text && event->type() == QEvent::FocusIn)
        offer(text, nullptr);
    else if (!text && event->type() == QEvent::MouseMove)
        if (auto* viewed = qobject_cast<DocumentView*>(watched->parent())) {
            const QPoint at = static_cast<QMouseEvent*>(event)->position().toPoint();
            offer(viewed, &at);
        }
    return QWidget::eventFilter(watched, event);
}

void DifferenceView::leaveEvent(QEvent* event)
{
    QWidget::leaveEvent(event);
    if (!comment_->hasFocus())
        comment_->hide();
}

} // namespace stoa
