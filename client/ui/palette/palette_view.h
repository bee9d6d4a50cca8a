#pragma once

// The palette's widget; palette.h makes it.

#include <QPointer>
#include <QTimer>

#include "client/models/palette_model.h"
#include "client/ui/place.h"

class QLabel;
class QListView;
class QLineEdit;

namespace stoa {

class PaletteView : public Palette {
    Q_OBJECT

public:
    PaletteView(const Desk& desk, QWidget* window);

    void setCommands(const QList<PaletteCommand>& commands) override { model_.setCommands(commands); }
    void popUp() override;

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void centre();
    void leave();
    void ask();
    void choose(const QModelIndex& index, bool newTab);

    Desk desk_;
    PaletteModel model_;
    QLineEdit* field_;
    QListView* list_;
    QPointer<QWidget> before_; // had the keyboard
    QLabel* none_;             // says so where nothing fits
    QTimer soon_;
    quint64 ticket_ = 0;
};

} // namespace stoa
