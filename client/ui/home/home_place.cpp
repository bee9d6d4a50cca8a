#include "client/ui/home/home_place.h"

#include <QHBoxLayout>
#include <QLocale>
#include <QScrollArea>
#include <QVBoxLayout>

#include "client/replica/queries_review.h"
#include "client/ui/home/home_view.h"
#include "client/ui/review/proposal_texts.h"
#include "client/ui/widgets/row_card.h"

namespace stoa {

namespace {

constexpr int homeRowsMax = 8;
constexpr int homeProposalsMax = 5;

} // namespace

HomePlace::HomePlace(const Desk& desk, QWidget* parent)
    : Place(desk, parent),
      reading_(this, {[this] { readSpaces(); }, [this] { readToConfirm(); }, [this] { readProposals(); },
                      [this] { readFresh(); }, [this] { readUnanswered(); }})
{
    greeting_ = makeWrappedLabel({}, Size::Title, Tone::Text, Weight::Title);
    sentence_ = makeWrappedLabel({}, Size::Text, Tone::Mute);
    toConfirm_ = new RowCard(tr("To read and confirm"), {});
    awaiting_ = new RowCard(tr("Waiting for your review"), {});
    proposals_ = new RowCard(tr("Your proposals"), {});
    fresh_ =
        new RowCard(tr("New since you last looked"), tr("You have seen everything. What others write appears here."));
    unanswered_ = new RowCard(tr("No answer yet"), tr("Every question has an answer."));
    spaces_ = new RowCard(tr("Your spaces"), {});
    empty_ =
        new EmptyState(tr("Nothing is here yet"),
                       tr("As soon as you are a member of a space, or one is open to everybody, it appears here."));

    cards_ = new QWidget;
    auto* columns = new QHBoxLayout(cards_);
    columns->setContentsMargins(0, 0, 0, 0);
    columns->setSpacing(grid(4));
    auto* left = new QVBoxLayout;
    left->setSpacing(grid(4));
    left->addWidget(toConfirm_);
    left->addWidget(awaiting_);
    left->addWidget(fresh_);
    left->addStretch(1);
    auto* right = new QVBoxLayout;
    right->setSpacing(grid(4));
    right->addWidget(unanswered_);
    right->addWidget(proposals_);
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

    for (RowCard* card : {toConfirm_, awaiting_, proposals_, fresh_})
        connect(card, &RowCard::chosen, this, &HomePlace::go);
    connect(unanswered_, &RowCard::chosen, this, &HomePlace::go);
    connect(spaces_, &RowCard::chosen, this,
            [this](const Id& space, bool newTab) { Q_EMIT wanted(spaceLocation(space), newTab); });
}

void HomePlace::open(const Location&)
{
    reading_.now();
}

void HomePlace::refresh(const Touched& touched)
{
    if (!touched.spaces.isEmpty() || touched.feeds || touched.personal || touched.outbox || touched.directory ||
        touched.bulk)
        reading_.soon();
}

QString HomePlace::spaceName(const Id& space) const
{
    for (const SpaceRow& row : all_)
        if (row.id == space)
            return row.name;
    return {};
}

void HomePlace::go(const Id& post, bool newTab)
{
    if (const auto location = locationOf(*desk().reading, post))
        Q_EMIT wanted(*location, newTab);
}

void HomePlace::readSpaces()
{
    const Reading& reading = *desk().reading;
    all_ = spaces(reading);
    const QString first = profile(reading).name.section(QLatin1Char(' '), 0, 0);
    greeting_->setText(first.isEmpty() ? tr("Welcome") : tr("Welcome, %1").arg(first));
    const int waiting = outboxCount(reading);
    sentence_->setText(waiting > 0
                           ? tr("%1 in your outbox.").arg(counted(waiting, tr("%1 change is"), tr("%1 changes are")))
                           : tr("What you may read is on this computer, also without a network."));
    empty_->setVisible(all_.isEmpty());
    cards_->setVisible(!all_.isEmpty());
    QList<CardRow> rows;
    for (const SpaceRow& space : std::as_const(all_)) {
        const QString figures =
            space.complete
                ? counted(space.pages, tr("%1 page"), tr("%1 pages")) + QStringLiteral(" · ") +
                      counted(space.questions, tr("%1 question"), tr("%1 questions"))
                : tr("%1 of %2 fetched").arg(QLocale().toString(space.held), QLocale().toString(space.total));
        PillPaint pill;
        if (space.fresh > 0)
            pill = {tr("%1 new").arg(space.fresh), Tone::Accent};
        rows.append({space.id, space.name, figures, pill});
    }
    spaces_->setRows(rows);
}

void HomePlace::readFresh()
{
    QList<CardRow> rows;
    for (const PostRow& post : fresh(*desk().reading, std::nullopt, homeRowsMax))
        rows.append(cardRow(post, PostAge::Changed, desk().pen.now(), spaceName(post.space), true));
    fresh_->setRows(rows);
}

// Shown where there is something: what waits for somebody is asked for, its absence is not told of.
void HomePlace::readToConfirm()
{
    const qint64 now = desk().pen.now();
    QList<CardRow> rows;
    for (const ToConfirm& each : toConfirm(*desk().reading, homeRowsMax)) {
        CardRow row = cardRow(each.page, PostAge::Changed, now, spaceName(each.page.space));
        row.pill = each.confirmed ? PillPaint{tr("Changed"), Tone::Warn} : PillPaint{tr("New"), Tone::Accent};
        rows.append(row);
    }
    const int count = rows.size() < homeRowsMax ? int(rows.size()) : toConfirmCount(*desk().reading);
    toConfirm_->setCaption(tr("To read and confirm (%1)").arg(count));
    toConfirm_->setRows(rows);
    toConfirm_->setVisible(!rows.isEmpty());
}

void HomePlace::readProposals()
{
    const qint64 now = desk().pen.now();
    const auto rowOf = [&](const ProposalRow& each) {
        QStringList about;
        if (!each.mine && !each.row.authorName.isEmpty())
            about << isolated(each.row.authorName);
        about << ageText(each.row.createdMs, now) << isolated(each.row.title);
        return CardRow{each.row.id, each.reason.isEmpty() ? each.row.title : each.reason,
                       about.join(QStringLiteral(" · ")), each.mine ? proposalPill(each) : PillPaint{}};
    };
    QList<CardRow> awaiting, mine;
    for (const ProposalRow& each : proposalsAwaitingMe(*desk().reading, homeRowsMax))
        awaiting.append(rowOf(each));
    for (const ProposalRow& each : myProposals(*desk().reading, homeProposalsMax))
        mine.append(rowOf(each));
    awaiting_->setRows(awaiting);
    awaiting_->setVisible(!awaiting.isEmpty());
    proposals_->setRows(mine);
    proposals_->setVisible(!mine.isEmpty());
}

void HomePlace::readUnanswered()
{
    QList<CardRow> rows;
    for (PostRow& post : unanswered(*desk().reading, std::nullopt, homeRowsMax)) {
        post.authorName.clear(); // the column is narrow
        rows.append(cardRow(post, PostAge::Created, desk().pen.now(), spaceName(post.space)));
    }
    unanswered_->setRows(rows);
}

Place* makeHomePlace(const Desk& desk, QWidget* parent)
{
    return new HomePlace(desk, parent);
}

} // namespace stoa
