#include "client/ui/space/space_place.h"

#include <QHBoxLayout>
#include <QHideEvent>
#include <QLocale>
#include <QScrollArea>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "client/commands/sentences.h"
#include "client/ui/document/document_view.h"
#include "client/ui/review/review_settings.h"
#include "client/ui/space/space_view.h"
#include "client/ui/widgets/row_card.h"
#include "client/ui/widgets/space_head.h"

namespace stoa {

namespace {

constexpr int spaceRowsMax = 6;
constexpr int peopleMax = 8;
constexpr int nameMin = grid(28); // of a person: what they are gives room first

// What somebody is in the space beyond a contributor.
QString wordsFor(const PersonRow& person)
{
    QStringList words;
    for (const v1::Title title : person.titles)
        words << titleText(title);
    if (person.role >= v1::MODERATOR)
        words << roleText(person.role);
    words.removeAll(QString());
    return words.join(QStringLiteral(", "));
}

QWidget* labelled(const QString& name, QWidget* what)
{
    auto* box = new QWidget;
    auto* layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, grid(2));
    layout->setSpacing(0);
    layout->addWidget(makeLabel(name, Size::Small, Tone::Mute));
    layout->addWidget(what);
    return box;
}

bool mayEdit(const SpaceRow& space)
{
    return space.role == v1::OWNER && !space.setAside;
}

QString decided(const std::string& text)
{
    return text.empty() ? SpacePlace::tr("Not decided yet") : QString::fromStdString(text);
}

QString dateText(const std::string& iso)
{
    const QDate date = QDate::fromString(QString::fromStdString(iso), Qt::ISODate);
    return date.isValid() ? QLocale().toString(date, QLocale::ShortFormat) : QString::fromStdString(iso);
}

} // namespace

SpacePlace::SpacePlace(const Desk& desk, QWidget* parent)
    : Place(desk, parent),
      reading_(this, {[this] { readSpace(); }, [this] { readFresh(); }, [this] { readUnanswered(); },
                      [this] { readPeople(); }})
{
    head_ = new SpaceHead(Location::Kind::Space, true);
    editButton_ = makeButton(tr("Edit charter"));
    head_->addButton(editButton_);
    reviewButton_ = makeButton(tr("Review…"));
    reviewButton_->setToolTip(tr("Whether pages here change by proposals that are approved first, and by whom"));
    head_->addButton(reviewButton_);
    charter_ = new Card(tr("What this space is for"));
    bounds_ = new Card(tr("What belongs here"));
    form_ = new CharterForm(desk);
    formCard_ = new Card(tr("Charter"));
    formCard_->body()->addWidget(form_);
    fresh_ = new RowCard(tr("New since you last looked"), tr("You have seen everything here."));
    unanswered_ = new RowCard(tr("No answer yet"), tr("Every question has an answer."));
    people_ = new Card(tr("Who is here"));

    auto* columns = new QHBoxLayout;
    columns->setSpacing(grid(4));
    auto* left = new QVBoxLayout;
    left->setSpacing(grid(4));
    for (Card* card : {charter_, formCard_, bounds_, static_cast<Card*>(fresh_)})
        left->addWidget(card);
    left->addStretch(1);
    auto* right = new QVBoxLayout;
    right->setSpacing(grid(4));
    right->addWidget(unanswered_);
    right->addWidget(people_);
    right->addStretch(1);
    columns->addLayout(left, 3);
    columns->addLayout(right, 2);
    auto* content = new QWidget;
    auto* layout = new QVBoxLayout(content);
    layout->setContentsMargins(grid(8), grid(6), grid(8), grid(7));
    layout->setSpacing(grid(4));
    layout->addWidget(head_);
    layout->addLayout(columns);
    layout->addStretch(1);
    stack_ = new QStackedWidget;
    stack_->addWidget(makeScroll(content, metrics::card));
    stack_->addWidget(makeSpaceGone());
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(stack_);

    connect(head_, &SpaceHead::wanted, this, &Place::wanted);
    connect(editButton_, &QPushButton::clicked, this, [this] { edit(true); });
    connect(reviewButton_, &QPushButton::clicked, this, [this] { openReviewSettings(this->desk(), space_, this); });
    connect(form_, &CharterForm::done, this, [this] { edit(false); });
    connect(fresh_, &RowCard::chosen, this, &SpacePlace::go);
    connect(unanswered_, &RowCard::chosen, this, &SpacePlace::go);
}

Location SpacePlace::location() const
{
    Location location = spaceLocation(space_);
    location.write = editing_;
    return location;
}

void SpacePlace::open(const Location& location)
{
    if (space_ != location.space) {
        if (isVisible())
            markShown();
        form_->keep();
        shownMs_ = 0;
        editing_ = false;
    }
    space_ = location.space;
    if (location.write != editing_)
        edit(location.write);
    else
        reading_.now();
}

void SpacePlace::refresh(const Touched& touched)
{
    if (touched.spaces.contains(space_) || touched.directory || touched.personal || touched.feeds)
        reading_.soon();
}

void SpacePlace::hideEvent(QHideEvent* event)
{
    // A window that is minimised is not left.
    if (!event->spontaneous())
        markShown();
    Place::hideEvent(event);
}

// Whoever saw what is new here, and leaves, has seen it.
void SpacePlace::markShown()
{
    if (shownMs_ > 0)
        desk().worker->submit({markSeen(desk().pen, space_, std::exchange(shownMs_, 0))});
}

void SpacePlace::edit(bool editing)
{
    const auto space = stoa::space(*desk().reading, space_);
    const auto edited = editing && space && mayEdit(*space) ? record(*desk().reading, space_) : std::nullopt;
    editing_ = edited.has_value();
    if (edited)
        form_->open(*edited);
    else
        form_->keep();
    reading_.now();
    Q_EMIT moved();
}

void SpacePlace::go(const Id& post, bool newTab)
{
    if (const auto location = locationOf(*desk().reading, post))
        Q_EMIT wanted(*location, newTab);
}

void SpacePlace::showCharter(const v1::Charter& charter)
{
    std::string bytes = charter.SerializeAsString();
    if (charterBytes_ == bytes)
        return;
    charterBytes_ = std::move(bytes);
    charter_->clear();
    bounds_->clear();
    charter_->body()->addWidget(
        labelled(tr("The problem"), makeWrappedLabel(decided(charter.problem()), Size::Reading)));
    charter_->body()->addWidget(labelled(tr("For whom"), makeWrappedLabel(decided(charter.audience()))));
    charter_->body()->addWidget(labelled(tr("Sponsor"), makeWrappedLabel(decided(charter.sponsor()))));
    auto* target = new QWidget;
    auto* row = new QHBoxLayout(target);
    row->setContentsMargins(0, grid(1), 0, 0);
    row->setSpacing(grid(4));
    if (!charter.target_figure().empty())
        row->addWidget(
            makeFigure(QString::fromStdString(charter.target_figure()),
                       charter.target_date().empty() ? QString() : tr("by %1").arg(dateText(charter.target_date()))));
    row->addWidget(makeWrappedLabel(decided(charter.target())), 1);
    charter_->body()->addWidget(labelled(tr("The business target"), target));

    const auto text = [&](const QString& name, const std::string& markdown) {
        if (markdown.empty())
            return bounds_->body()->addWidget(labelled(name, makeWrappedLabel(decided(markdown))));
        auto* view = new DocumentView(desk());
        view->setTextSize(Size::Text);
        view->setMarkdown(QString::fromStdString(markdown));
        view->setAccessibleName(name);
        connect(view, &DocumentView::wanted, this, &Place::wanted);
        connect(view, &DocumentView::linkFailed, this, &Place::said);
        bounds_->body()->addWidget(labelled(name, view));
    };
    text(tr("Belongs here"), charter.belongs());
    text(tr("Does not"), charter.excluded());
}

void SpacePlace::readSpace()
{
    const auto space = stoa::space(*desk().reading, space_);
    stack_->setCurrentIndex(space ? 0 : 1);
    name_ = space ? space->name : tr("Space");
    if (!space) {
        shownMs_ = 0;
        return;
    }
    head_->setSpace(*space);
    editButton_->setVisible(mayEdit(*space) && !editing_);
    reviewButton_->setVisible(mayEdit(*space) && !editing_);
    // Who loses the right meanwhile keeps what was typed, and is told why it cannot be stored.
    formCard_->setVisible(editing_);
    charter_->setVisible(!editing_);
    bounds_->setVisible(!editing_);
    showCharter(charter(*desk().reading, space_).value_or(v1::Charter()));
    if (space->fresh > 0 && !space->setAside)
        shownMs_ = space->activeMs;
}

void SpacePlace::readFresh()
{
    QList<CardRow> rows;
    for (const PostRow& post : fresh(*desk().reading, space_, spaceRowsMax))
        rows.append(cardRow(post, PostAge::Changed, desk().pen.now()));
    fresh_->setRows(rows);
}

void SpacePlace::readUnanswered()
{
    QList<CardRow> rows;
    for (const PostRow& post : unanswered(*desk().reading, space_, spaceRowsMax))
        rows.append(cardRow(post, PostAge::Created, desk().pen.now()));
    unanswered_->setRows(rows);
}

void SpacePlace::readPeople()
{
    QList<PersonRow> people = members(*desk().reading, space_, peopleMax);
    for (const PersonRow& active : mostActive(*desk().reading, space_, peopleMax))
        if (people.size() < peopleMax &&
            std::none_of(people.begin(), people.end(), [&](const PersonRow& one) { return one.id == active.id; }))
            people.append(active);
    QList<PersonLine> lines;
    for (const PersonRow& person : std::as_const(people))
        lines.append({person.name, wordsFor(person),
                      person.posts > 0 ? counted(person.posts, tr("%1 post"), tr("%1 posts")) : QString()});
    if (lines == peopleLines_ && people_->body()->count() > 0)
        return;
    peopleLines_ = lines;
    people_->clear();
    if (lines.isEmpty())
        people_->body()->addWidget(makeWrappedLabel(tr("Nobody has written here yet."), Size::Text, Tone::Mute));
    for (const PersonLine& person : std::as_const(lines)) {
        auto* line = new QWidget;
        auto* layout = new QHBoxLayout(line);
        layout->setContentsMargins(0, grid(1), 0, grid(1));
        layout->setSpacing(grid(2));
        layout->addWidget(new Avatar(person.name));
        ElidedLabel* name = makeElidedLabel(person.name);
        name->setMinimumWidth(std::min(name->sizeHint().width(), nameMin));
        layout->addWidget(name);
        if (!person.role.isEmpty())
            layout->addWidget(makeElidedLabel(person.role, Size::Small, Tone::Mute));
        layout->addStretch(1);
        if (!person.posts.isEmpty())
            layout->addWidget(makeLabel(person.posts, Size::Small, Tone::Mute));
        people_->body()->addWidget(line);
    }
}

Place* makeSpacePlace(const Desk& desk, QWidget* parent)
{
    return new SpacePlace(desk, parent);
}

} // namespace stoa
