#pragma once

// A card of lines that lead somewhere. What it shows becomes the rows that were read without a new widget where
// one stands already: the keyboard stays on its row, a click that has begun ends on the row it began on, and
// the same rows again cost nothing. GUI thread.

#include <optional>

#include "client/ui/place.h"
#include "client/ui/widgets/widgets.h"

namespace stoa {

struct CardRow {
    Id id;
    QString text;
    QString detail;
    PillPaint pill;

    friend bool operator==(const CardRow&, const CardRow&) = default;
};

class RowCard : public Card {
    Q_OBJECT

public:
    // `nothing`: what it says without rows.
    RowCard(const QString& caption, const QString& nothing, QWidget* parent = nullptr);

    void setRows(const QList<CardRow>& rows);

Q_SIGNALS:
    void chosen(const stoa::Id& id, bool newTab);

private:
    void appendButton();
    int focused() const;

    QList<CardRow> rows_;
    QList<RowButton*> buttons_; // one for each row, in their order
    QLabel* nothing_;
    std::optional<QList<CardRow>> waiting_; // until the button that is down is up again
};

// A post as such a row: what it is (`withKind`), in which space (`spaceName`, where not empty), by whom, and
// how long ago it was made, or changed.
enum class PostAge { Created, Changed };
CardRow cardRow(const PostRow& post, PostAge age, qint64 nowMs, const QString& spaceName = {}, bool withKind = false);

} // namespace stoa
