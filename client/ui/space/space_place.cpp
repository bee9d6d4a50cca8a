#include "client/ui/space/space_place.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QLocale>
#include <QScrollArea>
#include <QVBoxLayout>

#include "client/ui/document/document_view.h"
#include "client/ui/space/space_view.h"
#include "client/ui/widgets/space_head.h"
#include "client/ui/widgets/widgets.h"
#include "shared/domain/may.h"

namespace stoa {

namespace {

constexpr int rowsMax = 6;
constexpr int peopleMax = 8;

QString roleText(const PersonRow& person)
{
    QStringList words;
    for (const v1::Title title : person.titles) {
        switch (title) {
        case v1::SPONSOR:
            words << SpacePlace::tr("Sponsor");
            break;
        case v1::LEADER:
            words << SpacePlace::tr("Leader");
            break;
        case v1::EXPERT:
            words << SpacePlace::tr("Expert");
            break;
        case v1::CHAMPION:
            words << SpacePlace::tr("Champion");
            break;
        default:
            break;
        }
    }
    switch (person.role) {
    case v1::OWNER:
        words << SpacePlace::tr("Owner");
        break;
    case v1::MODERATOR:
        words << SpacePlace::tr("Moderator");
        break;
    default:
        break;
    }
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

SpacePlace::SpacePlace(const Desk& desk, QWidget* parent) : Place(desk, parent)
{
    head_ = new SpaceHead(Location::Kind::Space, true);
    editButton_ = makeButton(tr("Edit charter"));
    head_->addButton(editButton_);
    charter_ = new Card(tr("What this space is for"));
    bounds_ = new Card(tr("What belongs here"));
    form_ = new CharterForm;
    formCard_ = new Card(tr("Charter"));
    formCard_->body()->addWidget(form_);
    fresh_ = new Card(tr("New since you last looked"));
    unanswered_ = new Card(tr("No answer yet"));
    people_ = new Card(tr("Who is here"));

    auto* columns = new QHBoxLayout;
    columns->setSpacing(grid(4));
    auto* left = new QVBoxLayout;
    left->setSpacing(grid(4));
    for (Card* card : {charter_, formCard_, bounds_, fresh_})
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
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(makeScroll(content, metrics::card));

    connect(head_, &SpaceHead::wanted, this, &Place::wanted);
    connect(editButton_, &QPushButton::clicked, this, [this] { edit(true); });
    connect(form_, &CharterForm::saved, this, &SpacePlace::save);
    connect(form_, &CharterForm::cancelled, this, [this] { edit(false); });
}

Location SpacePlace::location() const
{
    Location location = spaceLocation(space_);
    location.write = editing_;
    return location;
}

void SpacePlace::open(const Location& location)
{
    const bool another = space_ != location.space;
    space_ = location.space;
    if (another || location.write != editing_)
        edit(location.write);
    else
        read();
}

void SpacePlace::refresh(const Touched& touched)
{
    if (isVisible() && (touched.spaces.contains(space_) || touched.directory || touched.personal || touched.feeds))
        read();
}

void SpacePlace::edit(bool editing)
{
    editing_ = editing;
    if (editing) {
        edited_ = record(*desk().reading, space_);
        form_->set(edited_ ? edited_->space().charter() : v1::Charter());
    }
    read();
    Q_EMIT moved();
}

void SpacePlace::save()
{
    if (!edited_)
        return;
    const v1::Change change = editCharter(desk().pen, *edited_, form_->charter());
    if (change.edit().fields_size() > 0)
        desk().worker->submit({change});
    edit(false);
}

void SpacePlace::fill(Card* card, const QList<PostRow>& rows, const QString& nothing, bool changed)
{
    card->clear();
    if (rows.isEmpty())
        card->body()->addWidget(makeWrappedLabel(nothing, Size::Text, Tone::Mute));
    for (const PostRow& row : rows) {
        QStringList detail;
        if (!row.authorName.isEmpty())
            detail << row.authorName;
        detail << ageText(changed ? row.changedMs : row.createdMs, desk().pen.now());
        auto* button = new RowButton(row.title, detail.join(QStringLiteral(" · ")));
        const Id id = row.id;
        connect(button, &RowButton::clicked, this, [this, id] {
            if (const auto location = locationOf(*desk().reading, id))
                Q_EMIT wanted(*location, QApplication::keyboardModifiers() & Qt::ControlModifier);
        });
        card->body()->addWidget(button);
    }
}

void SpacePlace::readCharter(const SpaceRow& space)
{
    charter_->clear();
    bounds_->clear();
    const v1::Charter charter = stoa::charter(*desk().reading, space.id).value_or(v1::Charter());
    charter_->body()->addWidget(labelled(tr("The problem"), makeWrappedLabel(decided(charter.problem()), Size::Reading)));
    charter_->body()->addWidget(labelled(tr("For whom"), makeWrappedLabel(decided(charter.audience()))));
    charter_->body()->addWidget(labelled(tr("Sponsor"), makeWrappedLabel(decided(charter.sponsor()))));
    auto* target = new QWidget;
    auto* row = new QHBoxLayout(target);
    row->setContentsMargins(0, grid(1), 0, 0);
    row->setSpacing(grid(4));
    if (!charter.target_figure().empty())
        row->addWidget(makeFigure(QString::fromStdString(charter.target_figure()),
                                  charter.target_date().empty() ? QString()
                                                                : tr("by %1").arg(dateText(charter.target_date()))));
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

void SpacePlace::read()
{
    const auto space = stoa::space(*desk().reading, space_);
    if (!space) {
        name_ = tr("Space");
        return;
    }
    name_ = space->name;
    head_->setSpace(*space);
    const bool mayEdit = space->role == v1::OWNER && !space->setAside;
    editButton_->setVisible(mayEdit && !editing_);
    formCard_->setVisible(editing_ && mayEdit);
    charter_->setVisible(!editing_);
    bounds_->setVisible(!editing_);
    readCharter(*space);
    fill(fresh_, fresh(*desk().reading, space_, rowsMax), tr("You have seen everything here."), true);
    fill(unanswered_, unanswered(*desk().reading, space_, rowsMax), tr("Every question has an answer."), false);

    people_->clear();
    QList<PersonRow> people = members(*desk().reading, space_, peopleMax);
    for (const PersonRow& active : mostActive(*desk().reading, space_, peopleMax))
        if (people.size() < peopleMax &&
            std::none_of(people.begin(), people.end(), [&](const PersonRow& one) { return one.id == active.id; }))
            people.append(active);
    if (people.isEmpty())
        people_->body()->addWidget(makeWrappedLabel(tr("Nobody has written here yet."), Size::Text, Tone::Mute));
    for (const PersonRow& person : people) {
        auto* line = new QWidget;
        auto* layout = new QHBoxLayout(line);
        layout->setContentsMargins(0, grid(1), 0, grid(1));
        layout->setSpacing(grid(2));
        layout->addWidget(new Avatar(person.name));
        layout->addWidget(makeLabel(person.name));
        const QString role = roleText(person);
        if (!role.isEmpty())
            layout->addWidget(makeLabel(role, Size::Small, Tone::Mute));
        layout->addStretch(1);
        if (person.posts > 0)
            layout->addWidget(makeLabel(counted(person.posts, tr("%1 post"), tr("%1 posts")), Size::Small, Tone::Mute));
        people_->body()->addWidget(line);
    }
}

Place* makeSpacePlace(const Desk& desk, QWidget* parent)
{
    return new SpacePlace(desk, parent);
}

} // namespace stoa
