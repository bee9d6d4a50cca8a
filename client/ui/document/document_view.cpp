#include "client/ui/document/document_view.h"

#include <algorithm>
#include <cmath>

#include <QAbstractTextDocumentLayout>
#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QDesktopServices>
#include <QMenu>
#include <QMimeData>
#include <QPainter>
#include <QPointer>
#include <QScrollBar>
#include <QTextBlock>
#include <QTextDocumentFragment>
#include <QTextFrame>
#include <QTextLayout>
#include <QTextTable>
#include <QThreadPool>
#include <QUrl>
#include <QWheelEvent>

#include "client/ui/document/document_writer.h"
#include "shared/markup/references.h"

namespace stoa {

namespace {

constexpr int sliceMs = 6;
constexpr int indentWidth = grid(5);
// Up to here parsing takes less than a millisecond.
constexpr qsizetype parseHereMax = 16 * 1024;
// Higher than any screen; what grows beyond scrolls by itself, so that nobody lays out a megabyte to know
// its height.
constexpr int growMax = 30'000;
constexpr qsizetype growLettersMax = 200'000;

} // namespace

DocumentView::DocumentView(const Desk& desk, Fit fit, QWidget* parent) : QTextBrowser(parent), desk_(desk), fit_(fit)
{
    setOpenLinks(false);
    setOpenExternalLinks(false);
    setFrameShape(QFrame::NoFrame);
    setUndoRedoEnabled(false);
    setAccessibleName(tr("Text"));
    setTextInteractionFlags(Qt::TextBrowserInteraction | Qt::TextSelectableByKeyboard);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    document()->setDocumentMargin(0);
    document()->setIndentWidth(indentWidth);
    QTextOption option = document()->defaultTextOption();
    option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    option.setTextDirection(Qt::LayoutDirectionAuto);
    document()->setDefaultTextOption(option);
    if (fit_ == Fit::Grows) {
        setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
        setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
        setFixedHeight(grid(6));
    }
    slices_.setSingleShot(true);
    slices_.setInterval(0);
    connect(&slices_, &QTimer::timeout, this, &DocumentView::writeSlice);
    connect(this, &QTextBrowser::anchorClicked, this, &DocumentView::follow);
    connect(this, &QTextBrowser::highlighted, this, [this](const QUrl& url) {
        bool isLink = false;
        const int index = url.toString().toInt(&isLink);
        const QString target = writer_ && isLink ? writer_->targets().value(index) : QString();
        setToolTip(target.left(500).toHtmlEscaped());
    });
}

DocumentView::~DocumentView() = default;

void DocumentView::setMarkdown(const QString& markdown)
{
    if (filled_ && markdown == markdown_)
        return;
    filled_ = true;
    markdown_ = markdown;
    const quint64 generation = ++generation_;
    if (markdown.size() <= parseHereMax) {
        write(parseMarkdown(markdown.toStdString()));
        return;
    }
    QThreadPool::globalInstance()->start([view = QPointer<DocumentView>(this), generation, markdown] {
        auto parsed = std::make_shared<Document>(parseMarkdown(markdown.toStdString()));
        QMetaObject::invokeMethod(QCoreApplication::instance(), [view, generation, parsed] {
            if (view && view->generation_ == generation)
                view->write(std::move(*parsed));
        });
    });
}

void DocumentView::setBlocks(Document document, bool later)
{
    filled_ = true;
    markdown_.clear();
    ++generation_;
    write(std::move(document), later);
}

void DocumentView::setTextSize(Size size)
{
    size_ = size;
}

void DocumentView::setTickable(bool tickable)
{
    const quint64 written = written_;
    if (std::exchange(tickable_, tickable) == tickable || !filled_ || !writer_)
        return;
    write(writer_->takeDocument());
    written_ = written;
}

bool DocumentView::isComplete() const
{
    return filled_ && writer_ && writer_->isDone();
}

void DocumentView::write(Document document, bool later)
{
    slices_.stop();
    clear();
    written_ = generation_;
    if (left_ > 0) {
        QTextFrameFormat frame = QTextBrowser::document()->rootFrame()->frameFormat();
        frame.setLeftMargin(left_);
        QTextBrowser::document()->rootFrame()->setFrameFormat(frame);
    }
    writtenInk_ = tokens().text.rgb();
    writer_ = std::make_unique<DocumentWriter>(QTextBrowser::document(), std::move(document), size_, tickable_);
    if (later)
        slices_.start();
    else
        writeSlice();
}

void DocumentView::writeSlice()
{
    if (!writer_)
        return;
    const bool more = writer_->work(sliceMs);
    fitHeight();
    reachAnchor();
    focusBox();
    if (more)
        slices_.start();
    else
        Q_EMIT completed();
}

void DocumentView::fitHeight()
{
    if (fit_ != Fit::Grows)
        return;
    int wanted = growMax;
    if (document()->characterCount() <= growLettersMax)
        wanted = std::min(growMax, static_cast<int>(std::ceil(document()->size().height())));
    setVerticalScrollBarPolicy(wanted == growMax ? Qt::ScrollBarAsNeeded : Qt::ScrollBarAlwaysOff);
    if (height() != wanted) {
        setFixedHeight(wanted);
        updateGeometry();
    }
}

QSize DocumentView::sizeHint() const
{
    return fit_ == Fit::Grows ? QSize(metrics::reading, height()) : QTextBrowser::sizeHint();
}

QSize DocumentView::minimumSizeHint() const
{
    return {grid(30), fit_ == Fit::Grows ? height() : grid(20)};
}

void DocumentView::scrollToAnchor(const QString& anchor)
{
    wantedAnchor_ = anchor;
    reachAnchor();
}

void DocumentView::reachAnchor()
{
    if (wantedAnchor_.isEmpty() || !writer_)
        return;
    int position = writer_->anchor(wantedAnchor_);
    if (position < 0)
        position = writer_->anchor(wantedAnchor_.toLower());
    if (position < 0) {
        if (writer_->isDone())
            wantedAnchor_.clear();
        return;
    }
    // In a text that scrolls, what follows must be there to scroll that far.
    if (fit_ == Fit::Scrolls && !writer_->isDone())
        return;
    wantedAnchor_.clear();
    QTextCursor cursor(document());
    cursor.setPosition(std::min(position, document()->characterCount() - 1));
    const int y = cursorRect(cursor).top();
    if (fit_ == Fit::Scrolls)
        verticalScrollBar()->setValue(verticalScrollBar()->value() + y);
    else
        Q_EMIT anchorReached(y);
}

QRect DocumentView::select(const QString& words, int asked)
{
    QString wanted = words.simplified();
    QTextCursor found;
    while (!wanted.isEmpty() && found.isNull()) {
        found = document()->find(wanted);
        wanted.truncate(std::max<qsizetype>(0, wanted.lastIndexOf(QLatin1Char(' '))));
    }
    if (found.isNull())
        return {};
    // The words behind it only told this place from others.
    if (asked > 0 && found.selectionEnd() - found.selectionStart() > asked) {
        const int start = found.selectionStart();
        found.setPosition(start);
        found.setPosition(start + asked, QTextCursor::KeepAnchor);
    }
    setTextCursor(found);
    return cursorRect(found).translated(viewport()->pos());
}

void DocumentView::resizeEvent(QResizeEvent* event)
{
    QTextBrowser::resizeEvent(event);
    fitHeight();
}

void DocumentView::changeEvent(QEvent* event)
{
    QTextBrowser::changeEvent(event);
    // Colours are part of the text: after a change of theme it is written anew.
    const bool look = event->type() == QEvent::PaletteChange || event->type() == QEvent::StyleChange;
    if (look && filled_ && writer_ && writtenInk_ != tokens().text.rgb())
        write(writer_->takeDocument());
}

std::optional<DocumentView::Line> DocumentView::lineAt(const QTextCursor& at) const
{
    if (at.isNull() || !at.blockFormat().hasProperty(block_property::source))
        return std::nullopt;
    QTextBlock first = at.block(), last = first;
    if (const QTextTable* table = at.currentTable()) {
        const QTextTableCell cell = table->cellAt(at);
        first = table->cellAt(cell.row(), 0).firstCursorPosition().block();
        last = table->cellAt(cell.row(), table->columns() - 1).lastCursorPosition().block();
    }
    Line line;
    line.block = size_t(at.blockFormat().intProperty(block_property::source));
    QString removed;
    QRectF rect;
    for (QTextBlock block = first; block.isValid(); block = block.next()) {
        for (auto it = block.begin(); !it.atEnd(); ++it) {
            const bool isGone = it.fragment().charFormat().intProperty(markProperty) == int(Mark::Removed);
            (isGone ? removed : line.text) += it.fragment().text();
        }
        rect = rect.united(document()->documentLayout()->blockBoundingRect(block));
        if (block == last)
            break;
        line.text += QLatin1Char(' ');
    }
    if (line.text.trimmed().isEmpty())
        line.text = removed;
    line.text.replace(QChar(QChar::LineSeparator), QLatin1Char('\n'));
    line.rect = rect.translated(-horizontalScrollBar()->value(), -verticalScrollBar()->value()).toAlignedRect();
    return line;
}

int DocumentView::positionOf(size_t block) const
{
    for (QTextBlock each = document()->begin(); each.isValid(); each = each.next())
        if (each.blockFormat().hasProperty(block_property::source) &&
            size_t(each.blockFormat().intProperty(block_property::source)) == block)
            return each.position();
    return -1;
}

void DocumentView::wheelEvent(QWheelEvent* event)
{
    if (fit_ == Fit::Grows && verticalScrollBarPolicy() == Qt::ScrollBarAlwaysOff)
        event->ignore();
    else
        QTextBrowser::wheelEvent(event);
}

QVariant DocumentView::loadResource(int, const QUrl&)
{
    return {};
}

void DocumentView::paintBar(QPainter& painter, const QRectF& rect, int change) const
{
    const Tokens& t = tokens();
    if (left_ > 0 && change > 0)
        painter.fillRect(QRectF(0, rect.top(), grid(1) - 1, rect.height()), change == 3                  ? t.acc
                                                                            : change == int(Mark::Added) ? t.ok
                                                                                                         : t.bad);
}

void DocumentView::paintEvent(QPaintEvent* event)
{
    const Tokens& t = tokens();
    QPainter painter(viewport());
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setClipRect(event->rect());
    const QAbstractTextDocumentLayout* layout = document()->documentLayout();
    const QPointF offset(-horizontalScrollBar()->value(), -verticalScrollBar()->value());
    const qreal top = event->rect().top() - offset.y(), bottom = event->rect().bottom() - offset.y();
    const qreal right = viewport()->width();

    QTextBlock block =
        document()->findBlock(std::max(0, layout->hitTest({0, std::max(0.0, top - grid(10))}, Qt::FuzzyHit)));
    QRectF ground; // of the run of code lines being gone through
    const auto flushCode = [&] {
        if (ground.isNull())
            return;
        painter.setPen(t.line);
        painter.setBrush(t.code);
        painter.drawRoundedRect(ground.translated(offset).adjusted(0.5, 0.5, -0.5, -0.5), metrics::radius,
                                metrics::radius);
        ground = {};
    };
    for (; block.isValid(); block = block.next()) {
        const QRectF rect = layout->blockBoundingRect(block);
        if (rect.top() > bottom + grid(4))
            break;
        const QTextBlockFormat format = block.blockFormat();
        const bool rtl = block.textDirection() == Qt::RightToLeft;
        paintBar(painter, rect.translated(offset), format.intProperty(block_property::change));
        const int quotes = format.intProperty(block_property::quotes);
        for (int i = 0; i < quotes; ++i) {
            const qreal x = rtl ? right - i * indentWidth - grid(1) : left_ + i * indentWidth + grid(1) / 2.0;
            painter.fillRect(QRectF(x, rect.top() - 2 + offset.y(), 3, rect.height() + 4), t.line);
        }
        if (format.hasProperty(block_property::code)) {
            const int edge = format.intProperty(block_property::edge);
            const qreal left = left_ + format.indent() * indentWidth;
            // Lines without a neighbour in sight go on beyond what is painted.
            const qreal above = edge & 1 ? grid(2) : grid(10), below = edge & 2 ? grid(2) : grid(10);
            const QRectF line(left, rect.top() - above, right - left, rect.height() + above + below);
            if (edge & 1)
                flushCode();
            ground = ground.isNull() ? line : QRectF(ground.topLeft(), QPointF(line.right(), line.bottom()));
            if (edge & 2)
                flushCode();
            continue;
        }
        flushCode();
        if (format.hasProperty(block_property::rule)) {
            painter.fillRect(QRectF(left_, std::round(rect.center().y() + offset.y()), right - left_, 1), t.line);
            continue;
        }
        const QString marker = format.stringProperty(block_property::marker);
        if (!marker.isEmpty() && block.layout()->lineCount() > 0) {
            const QTextLine first = block.layout()->lineAt(0);
            const qreal baseline = block.layout()->position().y() + first.y() + first.ascent() + offset.y();
            painter.setFont(block.charFormat().font());
            const int change = format.intProperty(block_property::change);
            painter.setPen(change == int(Mark::Added) ? t.ok : change == int(Mark::Removed) ? t.bad : t.mute);
            const qreal width = painter.fontMetrics().horizontalAdvance(marker);
            const qreal edge = format.indent() * indentWidth;
            const qreal x = rtl ? right - edge + grid(2) : left_ + std::max(0.0, edge - grid(2) - width);
            painter.drawText(QPointF(x + offset.x(), baseline), marker);
        }
    }
    flushCode();
    painter.end();
    QTextBrowser::paintEvent(event);
}

void DocumentView::contextMenuEvent(QContextMenuEvent* event)
{
    QMenu menu(this);
    QAction* copy = menu.addAction(tr("Copy"), this, &QTextBrowser::copy);
    copy->setEnabled(textCursor().hasSelection());
    if (!markdown_.isEmpty())
        menu.addAction(tr("Copy the whole text"), this, [this] { QApplication::clipboard()->setText(markdown_); });
    const QString href = anchorAt(event->pos());
    if (!href.isEmpty() && !href.startsWith(boxAddress) && writer_) {
        const QString target = writer_->targets().value(href.toInt());
        menu.addAction(tr("Copy the link"), this, [target] { QApplication::clipboard()->setText(target); });
    }
    menu.addAction(tr("Select all"), this, &QTextBrowser::selectAll);
    menu.exec(event->globalPos());
}

QMimeData* DocumentView::createMimeDataFromSelection() const
{
    auto* copied = new QMimeData;
    copied->setText(textCursor().selection().toPlainText());
    return copied;
}

void DocumentView::keyPressEvent(QKeyEvent* event)
{
    const QString address = textCursor().hasSelection() ? textCursor().charFormat().anchorHref() : QString();
    if (event->key() == Qt::Key_Space && address.startsWith(boxAddress) && event->modifiers() == Qt::NoModifier)
        return event->isAutoRepeat() ? void() : tick(address);
    QTextBrowser::keyPressEvent(event);
}

bool DocumentView::focusNextPrevChild(bool next)
{
    const bool isHere = QTextBrowser::focusNextPrevChild(next);
    if (isHere && fit_ == Fit::Grows && textCursor().hasSelection())
        Q_EMIT linkReached(cursorRect().translated(viewport()->pos()));
    return isHere;
}

void DocumentView::tick(const QString& address)
{
    const int block = address.mid(boxAddress.size()).toInt();
    if (written_ != generation_) // of a text that is about to go
        return;
    if (window()->focusWidget() == this) // also in a window that is not the active one right now
        ticked_ = block;
    Q_EMIT boxTicked(size_t(block));
}

// The text browser finds the link that follows what is selected.
void DocumentView::focusBox()
{
    const int position = ticked_ < 0 ? -1 : positionOf(size_t(ticked_));
    if (position < 0)
        return;
    ticked_ = -1;
    if (window()->focusWidget() != this)
        return;
    QTextCursor before(document());
    before.setPosition(std::max(0, position - 1));
    before.setPosition(position, QTextCursor::KeepAnchor);
    setTextCursor(before);
    focusNextPrevChild(true);
}

void DocumentView::follow(const QUrl& url)
{
    if (!writer_)
        return;
    if (url.toString().startsWith(boxAddress))
        return tick(url.toString());
    const QString target = writer_->targets().value(url.toString().toInt());
    if (classifyLink(target.toStdString()) == LinkKind::Anchor) {
        scrollToAnchor(target.mid(1));
        return;
    }
    const LinkOutcome outcome = openLink(desk_, target);
    if (outcome.location)
        Q_EMIT wanted(*outcome.location, QApplication::keyboardModifiers() & Qt::ControlModifier);
    else if (!outcome.sentence.isEmpty())
        Q_EMIT linkFailed(outcome.sentence);
}

LinkOutcome openLink(const Desk& desk, const QString& target)
{
    LinkOutcome outcome;
    const std::string utf8 = target.toStdString();
    switch (classifyLink(utf8)) {
    case LinkKind::Post: {
        const auto reference = parsePostReference(utf8);
        if (reference)
            outcome.location = locationOf(*desk.reading, reference->post, QString::fromStdString(reference->anchor));
        if (!outcome.location)
            outcome.sentence = DocumentView::tr(
                "What this link leads to is not here: it was deleted, or it has not arrived yet, or you do not read "
                "the space that it is in.");
        break;
    }
    case LinkKind::Web:
        if (!QDesktopServices::openUrl(QUrl(target, QUrl::TolerantMode)))
            outcome.sentence = DocumentView::tr("No program on this computer opens this link.");
        break;
    case LinkKind::Anchor:
        break;
    case LinkKind::Refused:
        outcome.sentence = DocumentView::tr("Stoa does not open links of this kind: %1").arg(target.left(100));
        break;
    }
    return outcome;
}

} // namespace stoa
