#pragma once

// Draws one post of a list in two lines of title (or title and excerpt) and one line of who, when, tags
// and score. All rows are equally high, so a list of any length lays out at once. GUI thread.

#include <QStyledItemDelegate>

#include <QHash>

#include "client/models/row_model.h"
#include "shared/base/clock.h"
#include "shared/base/ids.h"

namespace stoa {

class PostDelegate : public QStyledItemDelegate {
    Q_OBJECT

public:
    explicit PostDelegate(WallClock now, QObject* parent = nullptr);

    // For lists over several spaces: says which.
    void setSpaceNames(const QHash<Id, QString>& names);

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

private:
    WallClock now_;
    QHash<Id, QString> spaceNames_;
};

} // namespace stoa
