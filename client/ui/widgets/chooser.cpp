#include "client/ui/widgets/chooser.h"

#include <algorithm>

#include <QApplication>
#include <QKeyEvent>
#include <QListView>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include "client/models/match.h"
#include "client/models/row_model.h"
#include "client/ui/widgets/widgets.h"

namespace stoa {

class Chooser::Model : public RowModel<Choice> {
public:
    using RowModel::reset;

protected:
    Id idOf(const Choice& row) const override { return row.id; }
    QVariant textOf(const Choice& row, int role) const override
    {
        switch (role) {
        case Qt::DisplayRole:
            return row.title;
        case Qt::AccessibleTextRole:
            return row.detail.isEmpty() ? row.title : Chooser::tr("%1, %2").arg(row.title, row.detail);
        default:
            return {};
        }
    }
};

namespace {

class ChoiceDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override
    {
        return {grid(50), metrics::rowOne + grid(1)};
    }
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        const auto choice = index.data(RowModel<Choice>::RowRole).value<Choice>();
        const Tokens& t = tokens();
        painter->save();
        if (option.state & (QStyle::State_Selected | QStyle::State_MouseOver))
            painter->fillRect(option.rect, option.state & QStyle::State_Selected ? t.sel : t.hover);
        const QRect inner = option.rect.adjusted(grid(4), 0, -grid(4), 0);
        painter->setFont(fontOf(Size::Small));
        painter->setPen(t.mute);
        const QString shown = painter->fontMetrics().elidedText(choice.detail, Qt::ElideMiddle, inner.width() / 2);
        const int side = shown.isEmpty() ? 0 : painter->fontMetrics().horizontalAdvance(shown) + grid(4);
        painter->drawText(inner, Qt::AlignRight | Qt::AlignVCenter, shown);
        painter->setFont(fontOf(Size::Text));
        painter->setPen(t.text);
        const int width = inner.width() - side;
        painter->drawText(QRect(inner.left(), inner.top(), width, inner.height()), Qt::AlignLeft | Qt::AlignVCenter,
                          painter->fontMetrics().elidedText(choice.title.simplified(), Qt::ElideRight, width));
        painter->restore();
    }
};

} // namespace

Chooser::Chooser(const QString& title, const QString& hint, QWidget* window)
    : QFrame(window), model_(std::make_unique<Model>())
{
    setProperty("ground", QStringLiteral("pane"));
    setAttribute(Qt::WA_StyledBackground);
    setFrameShape(QFrame::StyledPanel);
    setAccessibleName(title);
    field_ = new SearchField(hint);
    field_->setAccessibleName(hint);
    list_ = new QListView;
    list_->setAccessibleName(tr("What fits"));
    list_->setModel(model_.get());
    list_->setItemDelegate(new ChoiceDelegate(list_));
    list_->setUniformItemSizes(true);
    list_->setMouseTracking(true);
    list_->setFocusPolicy(Qt::NoFocus);
    none_ = makeLabel(tr("Nothing has these letters."), Size::Small, Tone::Mute);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(grid(3), grid(3), grid(3), grid(3));
    layout->setSpacing(grid(2));
    layout->addWidget(makeLabel(title, Size::Text, Tone::Text, Weight::Strong));
    layout->addWidget(field_);
    layout->addWidget(none_);
    layout->addWidget(list_, 1);
    hide();
    field_->installEventFilter(this);
    window->installEventFilter(this);
    connect(field_, &QLineEdit::textChanged, this, &Chooser::narrow);
    connect(list_, &QListView::clicked, this, &Chooser::choose);
}

Chooser::~Chooser() = default;

void Chooser::popUp(const QList<Choice>& choices)
{
    before_ = QApplication::focusWidget();
    all_ = choices;
    field_->clear();
    narrow();
    centre();
    show();
    raise();
    field_->setFocus(Qt::ShortcutFocusReason);
}

void Chooser::centre()
{
    const QRect around = parentWidget()->rect();
    const int width = std::min(around.width() - grid(8), grid(150));
    setGeometry((around.width() - width) / 2, grid(16), width, std::min(around.height() - grid(24), grid(105)));
}

void Chooser::narrow()
{
    const QString letters = field_->text().trimmed();
    std::vector<std::pair<int, Choice>> fitting;
    for (const Choice& each : std::as_const(all_))
        if (const auto fit = matchName(letters, each.title))
            fitting.emplace_back(fit->score, each);
    std::ranges::stable_sort(fitting, std::greater(), &std::pair<int, Choice>::first);
    QList<Choice> rows;
    for (auto& [score, choice] : fitting)
        rows.append(std::move(choice));
    model_->reset(std::move(rows));
    list_->setCurrentIndex(model_->index(0));
    none_->setVisible(model_->isEmpty());
}

void Chooser::choose()
{
    const QModelIndex index = list_->currentIndex();
    if (!index.isValid())
        return;
    const Id id = model_->at(index.row()).id;
    leave(true);
    Q_EMIT chosen(id);
}

void Chooser::leave(bool back)
{
    hide();
    if (back && before_)
        before_->setFocus(Qt::OtherFocusReason);
    deleteLater();
}

bool Chooser::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == parentWidget() && event->type() == QEvent::Resize)
        centre();
    if (watched == field_ && event->type() == QEvent::KeyPress) {
        const int row = list_->currentIndex().row();
        switch (static_cast<QKeyEvent*>(event)->key()) {
        case Qt::Key_Escape:
            leave(true);
            return true;
        case Qt::Key_Down:
            list_->setCurrentIndex(model_->index(std::min(row + 1, model_->rowCount() - 1)));
            return true;
        case Qt::Key_Up:
            list_->setCurrentIndex(model_->index(std::max(row - 1, 0)));
            return true;
        case Qt::Key_Return:
        case Qt::Key_Enter:
            choose();
            return true;
        default:
            break;
        }
    }
    if (watched == field_ && event->type() == QEvent::FocusOut && isVisible() &&
        !isAncestorOf(QApplication::focusWidget()))
        leave(false);
    return QFrame::eventFilter(watched, event);
}

} // namespace stoa
