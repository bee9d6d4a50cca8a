#include "client/ui/editor/side_preview.h"

#include <algorithm>
#include <cmath>

#include <QAbstractTextDocumentLayout>
#include <QHBoxLayout>
#include <QScrollBar>
#include <QTextBlock>

#include "client/ui/document/document_view.h"
#include "client/ui/editor/markdown_editor.h"

namespace stoa {

namespace {

constexpr int writePauseMs = 200;
constexpr int longPauseMs = 1'500; // a text that takes long to lay out
constexpr qsizetype longText = 100'000;
constexpr size_t stopsMax = 5'000;

bool isHeading(const QTextBlock& block)
{
    const QString line = block.text();
    qsizetype level = 0;
    while (level < line.size() && line.at(level) == QLatin1Char('#'))
        ++level;
    return level >= 1 && level <= 6 && level < line.size() && line.at(level).isSpace() && !MarkdownStyle::isCode(block);
}

double between(double at, double from, double to, double toFrom, double toTo)
{
    const double part = to > from ? std::clamp((at - from) / (to - from), 0.0, 1.0) : 0.0;
    return toFrom + part * (toTo - toFrom);
}

} // namespace

SidePreview::SidePreview(const Desk& desk, MarkdownEditor* editor, QWidget* parent) : QWidget(parent), editor_(editor)
{
    view_ = new DocumentView(desk, DocumentView::Fit::Scrolls);
    view_->setAccessibleName(tr("Preview"));
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, grid(3), 0, 0);
    layout->addWidget(view_, 1);
    setFocusProxy(view_);
    soon_.setSingleShot(true);
    connect(&soon_, &QTimer::timeout, this, &SidePreview::write);
    connect(editor_, &QPlainTextEdit::textChanged, this, [this] {
        if (isVisible())
            soon_.start(editor_->text().size() > longText ? longPauseMs : writePauseMs);
    });
    connect(editor_->verticalScrollBar(), &QScrollBar::valueChanged, this, &SidePreview::follow);
    // The cursor takes the view along without a word of the bar.
    connect(editor_, &QPlainTextEdit::updateRequest, this, [this] {
        if (editor_->verticalScrollBar()->value() != followed_)
            follow();
    });
    connect(view_->verticalScrollBar(), &QScrollBar::valueChanged, this, &SidePreview::lead);
    connect(view_, &DocumentView::completed, this, [this] {
        writing_ = false;
        findStops();
        follow();
    });
    connect(view_, &DocumentView::wanted, this, &SidePreview::wanted);
    connect(view_, &DocumentView::linkFailed, this, &SidePreview::said);
}

void SidePreview::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    write();
}

// A column no wider than one reads, in the middle; what scrolls it stands at the edge.
void SidePreview::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    const int bar = view_->verticalScrollBar()->sizeHint().width();
    const int side = std::max(grid(6), (width() - metrics::reading - bar) / 2);
    view_->setSides(side, std::max(grid(3), side - bar));
}

void SidePreview::write()
{
    writing_ = true;
    view_->setMarkdown(editor_->text());
    if (view_->isComplete())
        writing_ = false;
}

void SidePreview::findStops()
{
    editor_->fill();
    std::vector<int> source, shown;
    for (QTextBlock block = editor_->document()->begin(); block.isValid() && source.size() < stopsMax;
         block = block.next())
        if (isHeading(block))
            source.push_back(block.blockNumber());
    for (QTextBlock block = view_->document()->begin(); block.isValid() && shown.size() < stopsMax;
         block = block.next())
        if (block.blockFormat().headingLevel() > 0)
            shown.push_back(block.blockNumber());
    stops_.clear();
    if (source.size() == shown.size()) // else there are headings of another kind: only the ends fit
        for (size_t i = 0; i < source.size(); ++i)
            stops_.push_back({source[i], shown[i]});
}

template <class Before>
SidePreview::Stretch SidePreview::around(Before before) const
{
    const auto next = std::partition_point(stops_.begin(), stops_.end(), before);
    const auto sourceAt = [this](const Stop& stop) {
        return double(editor_->document()->findBlockByNumber(stop.source).firstLineNumber());
    };
    const auto shownAt = [this](const Stop& stop) {
        const QTextBlock block = view_->document()->findBlockByNumber(stop.shown);
        return view_->document()->documentLayout()->blockBoundingRect(block).top();
    };
    Stretch stretch;
    if (next != stops_.begin()) {
        stretch.sourceFrom = sourceAt(*(next - 1));
        stretch.shownFrom = shownAt(*(next - 1));
    }
    if (next != stops_.end()) {
        stretch.sourceTo = sourceAt(*next);
        stretch.shownTo = shownAt(*next);
    } else {
        stretch.sourceTo = editor_->verticalScrollBar()->maximum();
        stretch.shownTo = view_->verticalScrollBar()->maximum();
    }
    return stretch;
}

void SidePreview::follow()
{
    if (writing_ || moving_ || !isVisible())
        return;
    QScrollBar* source = editor_->verticalScrollBar();
    QScrollBar* shown = view_->verticalScrollBar();
    moving_ = true;
    followed_ = source->value();
    if (source->value() == source->maximum() && source->maximum() > 0) {
        shown->setValue(shown->maximum());
    } else {
        const int line = source->value();
        const Stretch at = around([&](const Stop& stop) {
            return editor_->document()->findBlockByNumber(stop.source).firstLineNumber() <= line;
        });
        shown->setValue(int(std::lround(between(line, at.sourceFrom, at.sourceTo, at.shownFrom, at.shownTo))));
    }
    moving_ = false;
}

// Only where somebody scrolls here: the bar also moves because the text is written.
void SidePreview::lead()
{
    if (writing_ || moving_ ||
        !(view_->underMouse() || view_->hasFocus() || view_->verticalScrollBar()->isSliderDown()))
        return;
    const int y = view_->verticalScrollBar()->value();
    const Stretch at = around([&](const Stop& stop) {
        const QTextBlock block = view_->document()->findBlockByNumber(stop.shown);
        return view_->document()->documentLayout()->blockBoundingRect(block).top() <= y;
    });
    moving_ = true;
    editor_->verticalScrollBar()->setValue(
        int(std::lround(between(y, at.shownFrom, at.shownTo, at.sourceFrom, at.sourceTo))));
    followed_ = editor_->verticalScrollBar()->value();
    moving_ = false;
}

} // namespace stoa
