#include "client/ui/pages/reading_place.h"

#include <algorithm>

#include <QCoreApplication>
#include <QScrollArea>
#include <QScrollBar>

#include "client/ui/document/document_view.h"

namespace stoa {

ReadingPlace::ReadingPlace(QScrollArea* scroll, DocumentView* document)
    : QObject(scroll), scroll_(scroll), document_(document)
{
    connect(document, &DocumentView::completed, this, &ReadingPlace::restore);
}

void ReadingPlace::hold()
{
    if (held_) // from the one before the one that is not laid out yet
        return;
    const int top = document_->mapFrom(scroll_->viewport(), QPoint(0, 0)).y();
    Held held;
    held.value = scroll_->verticalScrollBar()->value();
    held.within = document_->verticalScrollBar()->value();
    if (held.value == 0 && held.within == 0) // at the beginning: there one stays
        return;
    held.text = document_->toPlainText();
    held.first = document_->cursorForPosition(QPoint(0, std::max(0, top))).position();
    held.height = document_->height();
    held_ = std::move(held);
    // The column is as long as it was until all of the new text is there.
    scroll_->widget()->setMinimumHeight(scroll_->widget()->height());
}

void ReadingPlace::drop()
{
    held_.reset();
    scroll_->widget()->setMinimumHeight(0);
}

void ReadingPlace::restore()
{
    if (!held_)
        return;
    const Held held = *std::exchange(held_, std::nullopt);
    const QString text = document_->toPlainText();
    const qsizetype shorter = std::min(text.size(), held.text.size());
    const auto same = std::mismatch(text.cbegin(), text.cbegin() + shorter, held.text.cbegin()).first - text.cbegin();
    // What was written above moves what is read below it.
    const int by = same < held.first ? document_->height() - held.height : 0;
    scroll_->widget()->setMinimumHeight(0);
    QCoreApplication::sendPostedEvents(nullptr, QEvent::LayoutRequest);
    scroll_->verticalScrollBar()->setValue(held.value + by);
    document_->verticalScrollBar()->setValue(held.within);
}

} // namespace stoa
