#pragma once

// The widgets of the outbox. Used within this folder only. GUI thread.

#include <QStyledItemDelegate>

#include "client/commands/keeping.h"
#include "client/models/outbox_model.h"
#include "client/ui/place.h"
#include "client/ui/widgets/refresher.h"

class QLabel;
class QListView;
class QPlainTextEdit;
class QPushButton;
class QStackedWidget;

namespace stoa {

class ElidedLabel;
class EmptyState;
class KeepingActs;
class Pill;

class OutboxDelegate : public QStyledItemDelegate {
    Q_OBJECT

public:
    explicit OutboxDelegate(WallClock now, QObject* parent = nullptr);
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

private:
    WallClock now_;
};

class OutboxPlace : public Place {
    Q_OBJECT

public:
    explicit OutboxPlace(const Desk& desk, QWidget* parent = nullptr);

    void open(const Location& location) override;
    Location location() const override { return outboxLocation(); }
    QString title() const override;
    void refresh(const Touched& touched) override;
    void takeFocus() override;

private:
    void readRows();
    void askToDiscard();
    std::optional<Keeping> kept() const; // of the selected change
    void showPlace();
    void showSelected();
    void showSummary();
    std::optional<OutboxRow> selected() const;

    OutboxModel model_;
    Refresher reading_;
    Id shown_; // the change on the right
    QListView* list_;
    QStackedWidget* right_;
    QLabel* summary_;
    EmptyState* empty_;
    QLabel* what_;
    Pill* state_;
    ElidedLabel* when_;
    QLabel* sentence_;
    QPlainTextEdit* text_;
    QPushButton* sendAgain_;
    QPushButton* copy_;
    QPushButton* discard_;
    QPushButton* goOn_; // with what may be stored by now, where it was written
    QPushButton* show_;
    KeepingActs* acts_;
    QLabel* note_;
};

} // namespace stoa
