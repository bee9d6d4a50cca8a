#pragma once

// All keys on one sheet ("?"). GUI thread.

#include <QDialog>
#include <QList>

#include "client/ui/keys.h"

class QScrollArea;

namespace stoa {

class ShortcutsDialog : public QDialog {
    Q_OBJECT

public:
    // The window's own keys; what holds in places and in the editor it knows.
    explicit ShortcutsDialog(const QList<KeyRow>& window, QWidget* parent);

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    QScrollArea* area_;
};

} // namespace stoa
