#include "client/ui/questions/questions_place.h"

#include <QApplication>
#include <QComboBox>
#include <QHBoxLayout>
#include <QListView>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "client/ui/questions/post_delegate.h"
#include "client/ui/questions/questions_view.h"
#include "client/ui/questions/thread_view.h"
#include "client/ui/rights.h"
#include "client/ui/widgets/side_split.h"
#include "client/ui/widgets/space_head.h"
#include "client/ui/widgets/widgets.h"

namespace stoa {

namespace {

// More than any community has that a person would choose from; beyond that they type `tag:` into the search.
constexpr int tagsMax = 2'000;
constexpr int tagsInSight = 24;
constexpr int inLineMin = grid(90); // a narrower list has what narrows it in two lines

// What the list depends on: a location without what is shown beside it.
Location listPart(Location location)
{
    location.post = {};
    location.within = {};
    location.anchor.clear();
    location.write = false;
    return location;
}

PostFilter filterOf(const Location& location)
{
    PostFilter filter;
    if (!location.space.isNull())
        filter.space = location.space;
    filter.tag = location.tag;
    filter.unanswered = location.unanswered;
    filter.bookmarked = location.bookmarked;
    filter.mine = location.mine;
    filter.order = location.order;
    if (location.bookmarked)
        filter.kind = v1::POST_NONE; // pages and questions
    return filter;
}

} // namespace

QuestionsPlace::QuestionsPlace(const Desk& desk, QWidget* parent) : Place(desk, parent), model_(*desk.reading)
{
    head_ = new SpaceHead(Location::Kind::Questions, false);
    head_->setContentsMargins(grid(4), grid(4), grid(4), 0);
    allHead_ = makeLabel({}, Size::Heading, Tone::Text, Weight::Title);
    allHead_->setContentsMargins(grid(4), grid(4), grid(4), grid(2));
    ask_ = makeButton(tr("Ask"), ButtonKind::Primary);
    ask_->setToolTip(tr("Ask a question in this space"));
    head_->addButton(ask_);
    order_ = new QComboBox;
    order_->setAccessibleName(tr("Sort by"));
    order_->addItem(tr("Active"), int(Order::Activity));
    order_->addItem(tr("Newest"), int(Order::Newest));
    order_->addItem(tr("Score"), int(Order::Score));
    tag_ = new QComboBox;
    tag_->setAccessibleName(tr("Tag"));
    tag_->setMaxVisibleItems(tagsInSight);
    tag_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    unanswered_ = makeButton(tr("No answer"), ButtonKind::Chip);
    mine_ = makeButton(tr("Mine"), ButtonKind::Chip);
    for (QPushButton* chip : {unanswered_, mine_})
        chip->setCheckable(true);
    controls_ = new QBoxLayout(QBoxLayout::LeftToRight);
    controls_->setContentsMargins(grid(4), grid(2), grid(4), grid(2));
    controls_->setSpacing(grid(2));
    order_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    order_->setMinimumContentsLength(8);
    tag_->setMinimumContentsLength(6);
    auto* sorted = new QHBoxLayout;
    sorted->setSpacing(grid(2));
    sorted->addWidget(order_, 1);
    sorted->addWidget(tag_, 1);
    auto* chips = new QHBoxLayout;
    chips->setSpacing(grid(2));
    chips->addWidget(unanswered_);
    chips->addWidget(mine_);
    chips->addStretch(1);
    controls_->addLayout(sorted, 1);
    controls_->addLayout(chips);

    list_ = new QListView;
    list_->setAccessibleName(tr("Questions"));
    list_->setModel(&model_);
    delegate_ = new PostDelegate(desk.pen.now, list_);
    list_->setItemDelegate(delegate_);
    list_->setUniformItemSizes(true);
    list_->setMouseTracking(true);
    list_->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    noneFit_ = new EmptyState({}, {});
    left_ = new QStackedWidget;
    left_->addWidget(list_);
    left_->addWidget(noneFit_);

    auto* side = new QWidget;
    side->setProperty("ground", QStringLiteral("pane"));
    side->setAttribute(Qt::WA_StyledBackground);
    auto* sideLayout = new QVBoxLayout(side);
    sideLayout->setContentsMargins(0, 0, 0, 0);
    sideLayout->setSpacing(0);
    sideLayout->addWidget(head_);
    sideLayout->addWidget(allHead_);
    sideLayout->addLayout(controls_);
    sideLayout->addWidget(makeLine());
    sideLayout->addWidget(left_, 1);

    thread_ = new ThreadView(desk);
    form_ = new AskForm(desk);
    nothing_ = new EmptyState(tr("Choose a question"), tr("Read it here, answer it, or ask your own."));
    right_ = new QStackedWidget;
    right_->addWidget(nothing_);
    right_->addWidget(thread_);
    right_->addWidget(form_);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    split_ = new SideSplit(desk, QStringLiteral("questions-list"), side, right_);
    layout->addWidget(split_);
    const auto arrange = [this] {
        const bool isNarrow = split_->sideIn(width()) < inLineMin;
        controls_->setDirection(isNarrow ? QBoxLayout::TopToBottom : QBoxLayout::LeftToRight);
    };
    connect(split_, &QSplitter::splitterMoved, this, arrange);
    connect(split_, &SideSplit::resized, this, arrange);

    connect(head_, &SpaceHead::wanted, this, &Place::wanted);
    connect(thread_, &ThreadView::wanted, this, &Place::wanted);
    connect(thread_, &ThreadView::said, this, &Place::said);
    connect(ask_, &QPushButton::clicked, this, [this] { narrow([](Location& to) { to.write = true; }); });
    connect(order_, &QComboBox::activated, this,
            [this] { narrow([this](Location& to) { to.order = Order(order_->currentData().toInt()); }); });
    connect(tag_, &QComboBox::activated, this,
            [this] { narrow([this](Location& to) { to.tag = tag_->currentData().toString(); }); });
    connect(unanswered_, &QPushButton::clicked, this,
            [this](bool on) { narrow([on](Location& to) { to.unanswered = on; }); });
    connect(mine_, &QPushButton::clicked, this, [this](bool on) { narrow([on](Location& to) { to.mine = on; }); });
    connect(form_, &AskForm::left, this, [this] { narrow([](Location& to) { to.write = false; }); });
    connect(form_, &AskForm::asked, this, [this](const Id& question) {
        narrow([&](Location& to) {
            to.write = false;
            to.post = question;
        });
    });
    connect(list_->selectionModel(), &QItemSelectionModel::currentChanged, this, [this](const QModelIndex& index) {
        if (moving_ || !index.isValid())
            return;
        Location to = location_;
        to.post = model_.at(index.row()).id;
        to.within = {};
        to.write = false;
        if (to.post != location_.post || location_.write)
            Q_EMIT wanted(to, QApplication::keyboardModifiers() & Qt::ControlModifier);
    });
}

QString QuestionsPlace::title() const
{
    if (location_.write)
        return tr("Ask in %1").arg(spaceName_);
    if (!thread_->title().isEmpty() && right_->currentWidget() == thread_)
        return thread_->title();
    if (location_.bookmarked)
        return tr("Bookmarks");
    return spaceName_.isEmpty() ? tr("Questions") : tr("%1: questions").arg(spaceName_);
}

void QuestionsPlace::narrow(const std::function<void(Location&)>& change)
{
    Location to = location_;
    to.within = {};
    change(to);
    open(to);
    Q_EMIT moved();
}

void QuestionsPlace::open(const Location& location)
{
    const Location before = location_;
    location_ = location;
    const auto space = location.space.isNull() ? std::nullopt : stoa::space(*desk().reading, location.space);
    spaceName_ = space ? space->name : QString();
    head_->setVisible(space.has_value());
    allHead_->setVisible(!space);
    allHead_->setText(location.bookmarked ? tr("Bookmarks") : tr("Questions"));
    if (space)
        head_->setSpace(*space);
    offerToAsk(space);
    if (listed_ != listPart(location)) {
        listed_ = listPart(location);
        readControls();
        filter();
    }

    moving_ = true;
    // The first one is shown where none is asked for: an empty half of a window helps nobody.
    if (location_.post.isNull() && !location_.write && !model_.isEmpty())
        location_.post = model_.at(0).id;
    const int row = model_.find(location_.post);
    list_->setCurrentIndex(row >= 0 ? model_.index(row) : QModelIndex());
    moving_ = false;
    showThread();
    if (space && space->fresh > 0 && !space->setAside)
        desk().worker->submit({markSeen(desk().pen, location.space, space->activeMs)});
}

void QuestionsPlace::offerToAsk(const std::optional<SpaceRow>& space)
{
    ask_->setVisible(space && !space->setAside &&
                     allowed(desk(), askQuestion(desk().pen, space->id, QStringLiteral("?"), {}, {})));
}

void QuestionsPlace::readControls()
{
    order_->setCurrentIndex(order_->findData(int(location_.order)));
    unanswered_->setChecked(location_.unanswered);
    mine_->setChecked(location_.mine);
    tag_->clear();
    tag_->addItem(tr("All tags"), QString());
    if (!location_.space.isNull())
        for (const TagRow& tag : tags(*desk().reading, location_.space, tagsMax))
            tag_->addItem(QStringLiteral("%1 (%2)").arg(tag.tag).arg(tag.posts), tag.tag);
    if (!location_.tag.isEmpty() && tag_->findData(location_.tag) < 0)
        tag_->addItem(location_.tag, location_.tag);
    tag_->setCurrentIndex(std::max(0, tag_->findData(location_.tag)));
    tag_->setVisible(!location_.space.isNull());
}

void QuestionsPlace::filter()
{
    moving_ = true;
    model_.setFilter(filterOf(location_));
    moving_ = false;
    list_->setAccessibleName(location_.bookmarked ? tr("Bookmarks") : tr("Questions"));
    QHash<Id, QString> names;
    if (location_.space.isNull())
        for (const SpaceRow& space : spaces(*desk().reading))
            names.insert(space.id, space.name);
    delegate_->setSpaceNames(names);
    const bool narrowed = location_.unanswered || location_.mine || !location_.tag.isEmpty();
    if (location_.bookmarked)
        noneFit_->set(tr("No bookmarks yet"), tr("What you bookmark is found here again, on all your devices."));
    else if (narrowed)
        noneFit_->set(tr("No question fits"), tr("Take one of the filters above away."));
    else
        noneFit_->set(tr("No questions yet"), tr("Whoever asks first helps everybody who comes later."));
    left_->setCurrentIndex(model_.isEmpty() ? 1 : 0);
}

void QuestionsPlace::showThread()
{
    if (location_.write) {
        form_->setSpace(location_.space, spaceName_);
        right_->setCurrentWidget(form_);
        form_->focusTitle();
    } else if (!location_.post.isNull() && thread_->show(location_.post)) {
        right_->setCurrentWidget(thread_);
        if (!location_.within.isNull())
            thread_->bringIntoView(location_.within);
    } else {
        if (!location_.post.isNull())
            nothing_->set(tr("This question is not here"), tr("It was removed, or it has not arrived yet."));
        else if (location_.bookmarked)
            nothing_->set(tr("Choose a bookmark"), tr("Pages and questions are read here."));
        else
            nothing_->set(tr("Choose a question"), tr("Read it here, answer it, or ask your own."));
        right_->setCurrentWidget(nothing_);
    }
    Q_EMIT moved();
}

void QuestionsPlace::refresh(const Touched& touched)
{
    if (touched.feeds && !location_.space.isNull())
        offerToAsk(stoa::space(*desk().reading, location_.space));
    moving_ = true;
    model_.refresh(touched);
    const int row = model_.find(location_.post);
    list_->setCurrentIndex(row >= 0 ? model_.index(row) : QModelIndex());
    moving_ = false;
    left_->setCurrentIndex(model_.isEmpty() ? 1 : 0);
    if (right_->currentWidget() == nothing_) {
        showThread();
    } else if (right_->currentWidget() == thread_ && thread_->isTouched(touched)) {
        if (!thread_->reload())
            showThread();
        Q_EMIT moved();
    }
}

void QuestionsPlace::takeFocus()
{
    if (location_.write)
        form_->focusTitle();
    else
        list_->setFocus(Qt::OtherFocusReason);
}

bool QuestionsPlace::stepBack()
{
    const bool reads = !location_.write && hasKeyboard(right_);
    if (reads)
        takeFocus();
    return reads;
}

Place* makeQuestionsPlace(const Desk& desk, QWidget* parent)
{
    return new QuestionsPlace(desk, parent);
}

} // namespace stoa
