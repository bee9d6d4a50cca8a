#include "client/ui/shell/shortcuts_dialog.h"

#include <QGridLayout>
#include <QVBoxLayout>

#include "client/ui/widgets/widgets.h"

namespace stoa {

ShortcutsDialog::ShortcutsDialog(const QList<PaletteCommand>& commands, QWidget* parent) : QDialog(parent)
{
    setWindowTitle(tr("Keyboard"));
    QList<std::pair<QString, QString>> rows;
    for (const PaletteCommand& command : commands)
        if (!command.shortcut.isEmpty())
            rows.append({command.title, command.shortcut});
    rows.append({tr("Open in a new tab"), tr("Ctrl+click")});
    rows.append({tr("Send what you write"), tr("Ctrl+Enter")});
    rows.append({tr("Leave a field and keep the draft"), tr("Esc")});
    rows.append({tr("From part to part"), tr("Tab, Shift+Tab")});
    auto* table = new QGridLayout;
    table->setHorizontalSpacing(grid(8));
    table->setVerticalSpacing(grid(2));
    const int half = static_cast<int>(rows.size() + 1) / 2;
    for (int i = 0; i < rows.size(); ++i) {
        const int column = i < half ? 0 : 2;
        table->addWidget(makeLabel(rows[i].first), i % half, column);
        table->addWidget(makeLabel(rows[i].second, Size::Text, Tone::Mute, Weight::Strong), i % half, column + 1);
    }
    auto* close = makeButton(tr("Close"), ButtonKind::Primary);
    close->setDefault(true);
    connect(close, &QPushButton::clicked, this, &QDialog::accept);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(grid(6), grid(5), grid(6), grid(5));
    layout->setSpacing(grid(4));
    layout->addWidget(makeLabel(tr("Keyboard"), Size::Heading, Tone::Text, Weight::Title));
    layout->addLayout(table);
    layout->addWidget(close, 0, Qt::AlignRight);
}

} // namespace stoa
