#pragma once

// All keys on one sheet ("?"). GUI thread.

#include <QDialog>
#include <QList>

#include "client/models/palette_model.h"

namespace stoa {

class ShortcutsDialog : public QDialog {
    Q_OBJECT

public:
    // The commands with a key, and what holds everywhere.
    explicit ShortcutsDialog(const QList<PaletteCommand>& commands, QWidget* parent);
};

} // namespace stoa
