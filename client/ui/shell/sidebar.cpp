#include "client/ui/shell/sidebar.h"

#include <utility>

#include <QApplication>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QListView>
#include <QLocale>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QVBoxLayout>

#include "client/ui/shell/way_button.h"
#include "client/ui/widgets/widgets.h"

namespace stoa {

namespace {

constexpr int rowHeight = 30;
constexpr int badgeSide = 18;

void paintRow(QPainter* painter, const QRect& rect, bool here, bool hover, bool focus)
{
    const Tokens& t = tokens();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(focus ? QPen(t.acc) : QPen(Qt::NoPen));
    painter->setBrush(here ? t.sel : hover ? t.hover : QColor(Qt::transparent));
    if (here || hover || focus)
        painter->drawRoundedRect(QRectF(rect).adjusted(0.5, 1.5, -0.5, -1.5), metrics::radius, metrics::radius);
}

} // namespace

WayButton::WayButton(const QString& text, QWidget* parent) : QPushButton(text, parent)
{
    setCheckable(true);
    setAutoDefault(false);
    setCursor(Qt::PointingHandCursor);
    setAttribute(Qt::WA_Hover);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void WayButton::setFigure(int figure)
{
    if (std::exchange(figure_, figure) != figure)
        update();
}

QSize WayButton::sizeHint() const
{
    return {grid(20), rowHeight};
}

void WayButton::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    paintRow(&painter, rect(), isChecked(), underMouse(), hasFocus());
    painter.setFont(fontOf(Size::Text, isChecked() ? Weight::Strong : Weight::Normal));
    painter.setPen(isChecked() ? tokens().acc : tokens().text);
    const QRect inner = rect().adjusted(grid(2), 0, -grid(2), 0);
    painter.drawText(inner, Qt::AlignLeft | Qt::AlignVCenter, text());
    if (figure_ == 0)
        return;
    painter.setFont(fontOf(Size::Caption));
    painter.setPen(tokens().bad);
    painter.drawText(inner, Qt::AlignRight | Qt::AlignVCenter, QLocale().toString(figure_));
}

QSize SpaceDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const
{
    return {grid(20), rowHeight};
}

void SpaceDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const auto row = index.data(SpaceListModel::RowRole).value<SpaceRow>();
    const Tokens& t = tokens();
    const bool here = row.id == here_;
    painter->save();
    paintRow(painter, option.rect, here, option.state & QStyle::State_MouseOver,
             option.state & QStyle::State_HasFocus && option.state & QStyle::State_KeyboardFocusChange);
    const QRect inner = option.rect.adjusted(grid(2), 0, -grid(2), 0);
    paintBadge(painter, QRect(inner.left(), inner.center().y() - badgeSide / 2 + 1, badgeSide, badgeSide), row.name);
    // While a space arrives, how far it is; then what is new in it.
    QString figure;
    if (!row.complete && row.total > 0 && row.held < row.total)
        figure = SpaceDelegate::tr("%1 %").arg(100 * row.held / row.total);
    else if (row.setAside)
        figure = SpaceDelegate::tr("kept");
    else if (row.fresh > 0)
        figure = row.fresh >= 1000 ? SpaceDelegate::tr("999+") : QLocale().toString(row.fresh);
    painter->setFont(fontOf(Size::Caption));
    painter->setPen(t.faint);
    painter->drawText(inner, Qt::AlignRight | Qt::AlignVCenter, figure);
    const int taken = figure.isEmpty() ? 0 : painter->fontMetrics().horizontalAdvance(figure) + grid(2);
    painter->setFont(fontOf(Size::Text, here ? Weight::Strong : Weight::Normal));
    painter->setPen(here ? t.acc : t.text);
    const QRect name = inner.adjusted(badgeSide + grid(2), 0, -taken, 0);
    painter->drawText(name, Qt::AlignLeft | Qt::AlignVCenter,
                      painter->fontMetrics().elidedText(row.name.simplified(), Qt::ElideRight, name.width()));
    painter->restore();
}

Sidebar::Sidebar(const Desk& desk, QMenu* menu, QWidget* parent) : QWidget(parent), desk_(desk), spaces_(*desk.reading)
{
    setFixedWidth(metrics::sidebar);
    setProperty("ground", QStringLiteral("side"));
    setAttribute(Qt::WA_StyledBackground);

    organisation_ = makeElidedLabel({}, Size::Reading, Tone::Text, Weight::Title);
    back_ = makeIconButton(QStringLiteral("back"), tr("Back (Alt+Left)"));
    forward_ = makeIconButton(QStringLiteral("forward"), tr("Forward (Alt+Right)"));
    search_ = new SearchField(tr("Search everything"), QStringLiteral("/"));
    search_->installEventFilter(this);
    home_ = new WayButton(tr("Home"));
    bookmarks_ = new WayButton(tr("Bookmarks"));
    outbox_ = new WayButton(tr("Outbox"));
    outbox_->hide();
    delegate_ = new SpaceDelegate(this);
    list_ = new QListView;
    list_->setAccessibleName(tr("Spaces"));
    list_->setModel(&spaces_);
    list_->setItemDelegate(delegate_);
    list_->setUniformItemSizes(true);
    list_->setMouseTracking(true);
    list_->setSelectionMode(QAbstractItemView::NoSelection);
    list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    list_->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    list_->installEventFilter(this);
    person_ = makeButton({}, ButtonKind::Link);
    person_->setAccessibleName(tr("Settings and signing out"));
    person_->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);

    auto* top = new QHBoxLayout;
    top->setContentsMargins(grid(1), 0, 0, 0);
    top->setSpacing(0);
    top->addWidget(organisation_, 1);
    top->addWidget(back_);
    top->addWidget(forward_);
    auto* ways = new QVBoxLayout;
    ways->setContentsMargins({});
    ways->setSpacing(0);
    ways->addWidget(home_);
    ways->addWidget(bookmarks_);
    ways->addWidget(outbox_);
    auto* caption = makeLabel(tr("SPACES"), Size::Caption, Tone::Faint, Weight::Strong);
    QFont spaced = caption->font();
    spaced.setLetterSpacing(QFont::AbsoluteSpacing, 0.5);
    caption->setFont(spaced);
    caption->setContentsMargins(grid(2), grid(3), 0, grid(1));

    // Rows begin where the badge stands in the pictures: 8 from the edge, 8 more inside.
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(grid(2), grid(3), grid(2), grid(3));
    layout->setSpacing(0);
    auto* head = new QVBoxLayout;
    head->setContentsMargins(grid(1), 0, grid(1), 0);
    head->setSpacing(grid(2));
    head->addLayout(top);
    head->addWidget(search_);
    layout->addLayout(head);
    layout->addSpacing(grid(2));
    layout->addLayout(ways);
    layout->addWidget(caption);
    layout->addWidget(list_, 1);
    layout->addWidget(person_, 0, Qt::AlignLeft);

    const auto ctrl = [] { return bool(QApplication::keyboardModifiers() & Qt::ControlModifier); };
    connect(home_, &QPushButton::clicked, this, [this, ctrl] { Q_EMIT wanted(homeLocation(), ctrl()); });
    connect(bookmarks_, &QPushButton::clicked, this, [this, ctrl] {
        Location location = questionsLocation({});
        location.bookmarked = true;
        Q_EMIT wanted(location, ctrl());
    });
    connect(outbox_, &QPushButton::clicked, this, [this, ctrl] { Q_EMIT wanted(outboxLocation(), ctrl()); });
    const auto openSpace = [this](const QModelIndex& index, bool newTab) {
        if (index.isValid())
            Q_EMIT wanted(spaceLocation(spaces_.at(index.row()).id), newTab);
    };
    connect(list_, &QListView::clicked, this, [openSpace, ctrl](const QModelIndex& i) { openSpace(i, ctrl()); });
    connect(back_, &QToolButton::clicked, this, &Sidebar::backWanted);
    connect(forward_, &QToolButton::clicked, this, &Sidebar::forwardWanted);
    connect(search_, &QLineEdit::textEdited, this, &Sidebar::searchTyped);
    connect(search_, &QLineEdit::returnPressed, this, &Sidebar::searchEntered);
    connect(person_, &QPushButton::clicked, this,
            [this, menu] { menu->popup(person_->mapToGlobal(QPoint(0, -menu->sizeHint().height()))); });
}

void Sidebar::load()
{
    spaces_.load();
    showNames();
}

void Sidebar::refresh(const Touched& touched)
{
    spaces_.refresh(touched);
    if (touched.directory)
        showNames();
}

void Sidebar::setNeedsYou(int count)
{
    outbox_->setFigure(count);
    outbox_->setAccessibleName(counted(count, tr("Outbox, %1 needs you"), tr("Outbox, %1 need you")));
    outbox_->setVisible(count > 0);
}

void Sidebar::showNames()
{
    const Profile me = profile(*desk_.reading);
    organisation_->setFullText(me.organisationName.isEmpty() ? tr("Stoa") : me.organisationName);
    const QString name = (me.name.isEmpty() ? me.login : me.name).simplified();
    person_->setText(person_->fontMetrics().elidedText(name.isEmpty() ? tr("Settings") : name, Qt::ElideRight,
                                                       metrics::sidebar - grid(10)));
}

void Sidebar::setHere(const Location& location, bool canGoBack, bool canGoForward)
{
    back_->setEnabled(canGoBack);
    forward_->setEnabled(canGoForward);
    home_->setChecked(location.kind == Location::Kind::Home);
    outbox_->setChecked(location.kind == Location::Kind::Outbox);
    bookmarks_->setChecked(location.kind == Location::Kind::Questions && location.space.isNull() &&
                           location.bookmarked);
    const bool inSpace = location.kind == Location::Kind::Space || location.kind == Location::Kind::Pages ||
                         location.kind == Location::Kind::Questions || location.kind == Location::Kind::History ||
                         location.kind == Location::Kind::Review;
    delegate_->setHere(inSpace ? location.space : Id{});
    list_->viewport()->update();
    if (!search_->hasFocus())
        search_->setText(location.kind == Location::Kind::Search ? location.words : QString());
}

void Sidebar::focusSearch()
{
    search_->setFocus(Qt::ShortcutFocusReason);
    search_->selectAll();
}

bool Sidebar::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() != QEvent::KeyPress)
        return QWidget::eventFilter(watched, event);
    const auto* key = static_cast<QKeyEvent*>(event);
    const bool enter = key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
    if (watched == search_ && (key->key() == Qt::Key_Down || key->key() == Qt::Key_Escape)) {
        Q_EMIT searchDone();
        return true;
    }
    if (watched == list_ && enter && list_->currentIndex().isValid()) {
        Q_EMIT wanted(spaceLocation(spaces_.at(list_->currentIndex().row()).id),
                      key->modifiers() & Qt::ControlModifier);
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace stoa
