#include "client/ui/home/home_place.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QLocale>
#include <QScrollArea>
#include <QVBoxLayout>

#include "client/commands/sentences.h"
#include "client/ui/home/home_view.h"
#include "client/ui/widgets/widgets.h"

namespace stoa {

namespace {

constexpr int rowsMax = 8;

QString nameOf(const QList<SpaceRow>& spaces, const Id& id)
{
    for (const SpaceRow& space : spaces)
        if (space.id == id)
            return space.name;
    return {};
}

} // namespace

HomePlace::HomePlace(const Desk& desk, QWidget* parent) : Place(desk, parent)
{
    greeting_ = makeLabel({}, Size::Title, Tone::Text, Weight::Title);
    sentence_ = makeWrappedLabel({}, Size::Text, Tone::Mute);
    fresh_ = new Card(tr("New since you last looked"));
    unanswered_ = new Card(tr("No answer yet"));
    spaces_ = new Card(tr("Your spaces"));
    empty_ = new EmptyState(tr("Nothing is here yet"),
                            tr("As soon as you are a member of a space, or one is open to everybody, it appears here."));

    cards_ = new QWidget;
    auto* columns = new QHBoxLayout(cards_);
    columns->setContentsMargins(0, 0, 0, 0);
    columns->setSpacing(grid(4));
    auto* left = new QVBoxLayout;
    left->setSpacing(grid(4));
    left->addWidget(fresh_);
    left->addStretch(1);
    auto* right = new QVBoxLayout;
    right->setSpacing(grid(4));
    right->addWidget(unanswered_);
    right->addWidget(spaces_);
    right->addStretch(1);
    columns->addLayout(left, 3);
    columns->addLayout(right, 2);

    auto* content = new QWidget;
    auto* layout = new QVBoxLayout(content);
    layout->setContentsMargins(grid(8), grid(7), grid(8), grid(7));
    layout->setSpacing(grid(2));
    layout->addWidget(greeting_);
    layout->addWidget(sentence_);
    layout->addSpacing(grid(3));
    layout->addWidget(cards_);
    layout->addWidget(empty_);
    layout->addStretch(1);
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(makeScroll(content, metrics::card));
}

void HomePlace::open(const Location&)
{
    read();
}

void HomePlace::refresh(const Touched& touched)
{
    if (isVisible() && (!touched.spaces.isEmpty() || touched.feeds || touched.personal || touched.outbox ||
                        touched.directory || touched.bulk))
        read();
}

void HomePlace::fill(Card* card, const QList<PostRow>& rows, const QList<SpaceRow>& spaces, const QString& nothing,
                     bool changed)
{
    card->clear();
    if (rows.isEmpty())
        card->body()->addWidget(makeWrappedLabel(nothing, Size::Text, Tone::Mute));
    const qint64 now = desk().pen.now();
    for (const PostRow& row : rows) {
        QStringList detail;
        if (changed)
            detail << kindText(row.kind);
        detail << nameOf(spaces, row.space);
        if (changed && !row.authorName.isEmpty())
            detail << row.authorName;
        detail << ageText(changed ? row.changedMs : row.createdMs, now);
        auto* button = new RowButton(row.title, detail.join(QStringLiteral(" · ")));
        const Id id = row.id;
        connect(button, &RowButton::clicked, this, [this, id] {
            if (const auto location = locationOf(*desk().reading, id))
                Q_EMIT wanted(*location, QApplication::keyboardModifiers() & Qt::ControlModifier);
        });
        card->body()->addWidget(button);
    }
}

void HomePlace::read()
{
    const Reading& reading = *desk().reading;
    const Profile who = profile(reading);
    const QList<SpaceRow> all = spaces(reading);
    const QString first = who.name.section(QLatin1Char(' '), 0, 0);
    greeting_->setText(first.isEmpty() ? tr("Welcome") : tr("Welcome, %1").arg(first));
    const int waiting = outboxCount(reading);
    sentence_->setText(
        waiting > 0
            ? tr("%1 in your outbox.").arg(counted(waiting, tr("%1 change is"), tr("%1 changes are")))
            : tr("What you may read is on this computer, also without a network."));
    empty_->setVisible(all.isEmpty());
    cards_->setVisible(!all.isEmpty());
    fill(fresh_, fresh(reading, std::nullopt, rowsMax), all,
         tr("You have seen everything. What others write appears here."), true);
    fill(unanswered_, unanswered(reading, std::nullopt, rowsMax), all, tr("Every question has an answer."), false);

    spaces_->clear();
    for (const SpaceRow& space : all) {
        const QString figures = space.complete ? counted(space.pages, tr("%1 page"), tr("%1 pages")) +
                                                     QStringLiteral(" · ") +
                                                     counted(space.questions, tr("%1 question"), tr("%1 questions"))
                                               : tr("%1 of %2 fetched")
                                                     .arg(QLocale().toString(space.held), QLocale().toString(space.total));
        auto* button = new RowButton(space.name, figures);
        if (space.fresh > 0)
            button->setPill(tr("%1 new").arg(space.fresh), Tone::Accent);
        const Id id = space.id;
        connect(button, &RowButton::clicked, this, [this, id] { Q_EMIT wanted(spaceLocation(id)); });
        spaces_->body()->addWidget(button);
    }
}

Place* makeHomePlace(const Desk& desk, QWidget* parent)
{
    return new HomePlace(desk, parent);
}

} // namespace stoa
