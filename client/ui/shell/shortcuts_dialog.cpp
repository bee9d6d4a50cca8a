#include "client/ui/shell/shortcuts_dialog.h"

#include <algorithm>

#include <QGridLayout>
#include <QKeyEvent>
#include <QScrollArea>
#include <QScrollBar>
#include <QVBoxLayout>

#include "client/ui/editor/markdown_editor.h"
#include "client/ui/widgets/widgets.h"

namespace stoa {

namespace {

void addKeys(QVBoxLayout* column, const QString& caption, const QList<KeyRow>& rows)
{
    if (column->count() > 0)
        column->addSpacing(grid(3));
    column->addWidget(makeLabel(caption, Size::Text, Tone::Text, Weight::Title));
    auto* table = new QGridLayout;
    table->setHorizontalSpacing(grid(5));
    table->setVerticalSpacing(grid(1));
    table->setColumnStretch(0, 1);
    for (int i = 0; i < rows.size(); ++i) {
        table->addWidget(makeLabel(rows[i].does), i, 0);
        table->addWidget(makeLabel(rows[i].keys, Size::Text, Tone::Mute, Weight::Strong), i, 1);
    }
    column->addLayout(table);
}

} // namespace

ShortcutsDialog::ShortcutsDialog(const QList<KeyRow>& window, QWidget* parent) : QDialog(parent)
{
    setWindowTitle(tr("Keyboard"));
    const QList<KeyRow> everywhere{{tr("Open in a new tab"), tr("Ctrl+click")},
                                   {tr("Send what you write"), tr("Ctrl+Enter")},
                                   {tr("Leave a field and keep the draft"), tr("Esc")},
                                   {tr("From part to part"), tr("Tab, Shift+Tab")},
                                   {tr("Up and down a page"), tr("PgUp, PgDown")},
                                   {tr("To its beginning, its end"), tr("Ctrl+Home, Ctrl+End")}};
    auto* content = new QWidget;
    auto* columns = new QHBoxLayout(content);
    columns->setContentsMargins({});
    columns->setSpacing(grid(10));
    auto* left = new QVBoxLayout;
    left->setSpacing(grid(2));
    addKeys(left, tr("Everywhere"), window + everywhere);
    addKeys(left, tr("On a page"), placeKeys());
    left->addStretch(1);
    auto* right = new QVBoxLayout;
    right->setSpacing(grid(2));
    addKeys(right, tr("While you write"), MarkdownEditor::actKeys() + writingKeys());
    right->addStretch(1);
    columns->addLayout(left);
    columns->addLayout(right);
    const int side = grid(6);
    area_ = makeScroll(content, QWIDGETSIZE_MAX);
    area_->setMinimumWidth(content->sizeHint().width() + area_->verticalScrollBar()->sizeHint().width());
    area_->setMinimumHeight(std::min(content->sizeHint().height(), parent->height() - grid(40)));
    auto* close = makeButton(tr("Close"), ButtonKind::Primary);
    close->setDefault(true);
    connect(close, &QPushButton::clicked, this, &QDialog::accept);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(side, grid(5), side, grid(5));
    layout->setSpacing(grid(4));
    layout->addWidget(makeLabel(tr("Keyboard"), Size::Heading, Tone::Text, Weight::Title));
    layout->addWidget(area_, 1);
    layout->addWidget(close, 0, Qt::AlignRight);
}

// The one button has the keyboard: these are for what it cannot use.
void ShortcutsDialog::keyPressEvent(QKeyEvent* event)
{
    using Slider = QAbstractSlider;
    const auto scroll = [this](Slider::SliderAction by) { area_->verticalScrollBar()->triggerAction(by); };
    switch (event->key()) {
    case Qt::Key_Up:
        return scroll(Slider::SliderSingleStepSub);
    case Qt::Key_Down:
        return scroll(Slider::SliderSingleStepAdd);
    case Qt::Key_PageUp:
        return scroll(Slider::SliderPageStepSub);
    case Qt::Key_PageDown:
        return scroll(Slider::SliderPageStepAdd);
    default:
        return QDialog::keyPressEvent(event);
    }
}

} // namespace stoa
