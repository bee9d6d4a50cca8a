#include "client/ui/palette/palette.h"

#include <QApplication>
#include <QKeyEvent>
#include <QListView>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include "client/ui/palette/palette_view.h"
#include "client/ui/widgets/widgets.h"

namespace stoa {

namespace {

constexpr int askMs = 60; // after the last letter
constexpr int paletteHitsMax = 12;

QString kindText(PaletteItem::Kind kind)
{
    switch (kind) {
    case PaletteItem::Kind::Command:
        return PaletteView::tr("Command");
    case PaletteItem::Kind::Space:
        return PaletteView::tr("Space");
    case PaletteItem::Kind::Person:
        return PaletteView::tr("Person");
    case PaletteItem::Kind::Post:
        break;
    }
    return PaletteView::tr("Post");
}

class ItemDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override
    {
        return {grid(50), metrics::rowOne + grid(1)};
    }
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        const auto item = index.data(PaletteModel::RowRole).value<PaletteItem>();
        const Tokens& t = tokens();
        painter->save();
        if (option.state & (QStyle::State_Selected | QStyle::State_MouseOver))
            painter->fillRect(option.rect, option.state & QStyle::State_Selected ? t.sel : t.hover);
        const QRect inner = option.rect.adjusted(grid(4), 0, -grid(4), 0);
        painter->setFont(fontOf(Size::Small));
        painter->setPen(t.mute);
        const QString detail = item.detail.isEmpty() ? kindText(item.kind) : item.detail;
        const QString shown = painter->fontMetrics().elidedText(detail, Qt::ElideMiddle, inner.width() / 2);
        const int side = painter->fontMetrics().horizontalAdvance(shown);
        painter->drawText(inner, Qt::AlignRight | Qt::AlignVCenter, shown);
        painter->setFont(fontOf(Size::Text));
        painter->setPen(t.text);
        const int width = inner.width() - side - grid(4);
        painter->drawText(QRect(inner.left(), inner.top(), width, inner.height()), Qt::AlignLeft | Qt::AlignVCenter,
                          painter->fontMetrics().elidedText(item.title, Qt::ElideRight, width));
        painter->restore();
    }
};

} // namespace

PaletteView::PaletteView(const Desk& desk, QWidget* window) : Palette(window), desk_(desk), model_(*desk.reading)
{
    setProperty("ground", QStringLiteral("pane"));
    setAttribute(Qt::WA_StyledBackground);
    setFrameShape(QFrame::StyledPanel);
    setAccessibleName(tr("Palette"));
    field_ = new SearchField(tr("Go to a space, a page, a question, a person, or do something"));
    field_->setAccessibleName(tr("What to go to"));
    list_ = new QListView;
    list_->setAccessibleName(tr("What fits"));
    list_->setModel(&model_);
    list_->setItemDelegate(new ItemDelegate(list_));
    list_->setUniformItemSizes(true);
    list_->setMouseTracking(true);
    list_->setFocusPolicy(Qt::NoFocus);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(grid(3), grid(3), grid(3), grid(3));
    layout->setSpacing(grid(2));
    layout->addWidget(field_);
    none_ = makeWrappedLabel(tr("Nothing here is called that. The search (/) looks into the texts."), Size::Text,
                             Tone::Mute);
    none_->setContentsMargins(grid(4), 0, grid(4), 0);
    none_->hide();
    layout->addWidget(none_);
    layout->addWidget(list_, 1);
    hide();
    field_->installEventFilter(this);
    window->installEventFilter(this);
    soon_.setSingleShot(true);
    connect(&soon_, &QTimer::timeout, this, &PaletteView::ask);
    connect(field_, &QLineEdit::textChanged, this, [this](const QString& text) {
        model_.setQuery(text.trimmed());
        list_->setCurrentIndex(model_.index(0));
        none_->hide();
        soon_.start(askMs);
    });
    connect(list_, &QListView::clicked, this, [this](const QModelIndex& index) {
        choose(index, QApplication::keyboardModifiers() & Qt::ControlModifier);
    });
    connect(desk.worker, &Worker::searched, this, [this](quint64 ticket, const SearchResults& results) {
        if (ticket != ticket_ || !isVisible())
            return;
        model_.addHits(results.hits);
        none_->setVisible(model_.rowCount() == 0);
        if (!list_->currentIndex().isValid())
            list_->setCurrentIndex(model_.index(0));
    });
}

void PaletteView::popUp()
{
    centre();
    before_ = QApplication::focusWidget();
    field_->clear();
    model_.open();
    list_->setCurrentIndex(model_.index(0));
    show();
    raise();
    field_->setFocus(Qt::ShortcutFocusReason);
}

// Back to where the keyboard was.
void PaletteView::leave()
{
    if (before_ && before_->isVisible())
        before_->setFocus(Qt::OtherFocusReason);
    hide();
}

void PaletteView::centre()
{
    const QRect around = parentWidget()->rect();
    const int width = std::min(around.width() - grid(8), grid(150));
    setGeometry((around.width() - width) / 2, grid(16), width, std::min(around.height() - grid(24), grid(105)));
}

void PaletteView::ask()
{
    const QString words = field_->text().trimmed();
    ticket_ = 0; // what was asked before is moot
    if (words.size() < 2)
        return;
    ticket_ = desk_.newTicket();
    desk_.worker->search(ticket_, words, {}, paletteHitsMax);
}

bool PaletteView::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == parentWidget() && event->type() == QEvent::Resize)
        centre();
    if (watched == field_ && event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        const int row = list_->currentIndex().row();
        switch (key->key()) {
        case Qt::Key_Escape:
            leave();
            return true;
        case Qt::Key_Down:
            list_->setCurrentIndex(model_.index(std::min(row + 1, model_.rowCount() - 1)));
            return true;
        case Qt::Key_Up:
            list_->setCurrentIndex(model_.index(std::max(row - 1, 0)));
            return true;
        case Qt::Key_Return:
        case Qt::Key_Enter:
            choose(list_->currentIndex(), key->modifiers() & Qt::ControlModifier);
            return true;
        default:
            break;
        }
    }
    if (watched == field_ && event->type() == QEvent::FocusOut && isVisible() &&
        !isAncestorOf(QApplication::focusWidget()))
        hide();
    return Palette::eventFilter(watched, event);
}

void PaletteView::choose(const QModelIndex& index, bool newTab)
{
    if (!index.isValid())
        return;
    const PaletteItem item = model_.at(index.row());
    leave();
    switch (item.kind) {
    case PaletteItem::Kind::Command:
        Q_EMIT commandChosen(item.command);
        return;
    case PaletteItem::Kind::Space:
        Q_EMIT wanted(spaceLocation(item.id), newTab);
        return;
    case PaletteItem::Kind::Person:
        Q_EMIT wanted(searchLocation(QStringLiteral("author:\"%1\"").arg(item.title)), newTab);
        return;
    case PaletteItem::Kind::Post:
        if (const auto location = locationOf(*desk_.reading, item.id))
            Q_EMIT wanted(*location, newTab);
        return;
    }
}

Palette* makePalette(const Desk& desk, QWidget* window)
{
    return new PaletteView(desk, window);
}

} // namespace stoa
