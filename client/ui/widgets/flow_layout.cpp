#include "client/ui/widgets/flow_layout.h"

#include <algorithm>

#include <QWidget>

namespace stoa {

FlowLayout::FlowLayout(int gap) : gap_(gap)
{
    setContentsMargins({});
}

FlowLayout::~FlowLayout()
{
    for (QLayoutItem* each : items_)
        delete each;
}

void FlowLayout::addItem(QLayoutItem* item)
{
    items_.push_back(item);
}

QLayoutItem* FlowLayout::itemAt(int index) const
{
    return index >= 0 && index < count() ? items_[size_t(index)] : nullptr;
}

QLayoutItem* FlowLayout::takeAt(int index)
{
    QLayoutItem* item = itemAt(index);
    if (item)
        items_.erase(items_.begin() + index);
    return item;
}

int FlowLayout::heightForWidth(int width) const
{
    return place({0, 0, width, 0}, false);
}

QSize FlowLayout::sizeHint() const
{
    QSize size(0, 0);
    for (const QLayoutItem* each : items_)
        if (!each->isEmpty())
            size = {size.width() + (size.width() > 0 ? gap_ : 0) + each->sizeHint().width(),
                    std::max(size.height(), each->sizeHint().height())};
    return size;
}

QSize FlowLayout::minimumSize() const
{
    QSize size(0, 0);
    for (const QLayoutItem* each : items_)
        if (!each->isEmpty())
            size = size.expandedTo(each->minimumSize());
    return size;
}

void FlowLayout::setGeometry(const QRect& rect)
{
    QLayout::setGeometry(rect);
    place(rect, true);
}

int FlowLayout::place(const QRect& rect, bool moves) const
{
    int x = rect.left(), y = rect.top(), height = 0;
    for (QLayoutItem* each : items_) {
        if (each->isEmpty())
            continue;
        const QSize size = each->sizeHint();
        if (x > rect.left() && x + size.width() > rect.right() + 1) {
            x = rect.left();
            y += height + gap_;
            height = 0;
        }
        if (moves)
            each->setGeometry({QPoint(x, y), size.boundedTo({rect.width(), size.height()})});
        x += size.width() + gap_;
        height = std::max(height, size.height());
    }
    return y + height - rect.top();
}

} // namespace stoa
