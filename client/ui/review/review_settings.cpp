#include "client/ui/review/review_settings.h"

#include <algorithm>

#include <QAbstractItemView>
#include <QButtonGroup>
#include <QCheckBox>
#include <QCompleter>
#include <QCoreApplication>
#include <QDialog>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QScrollArea>
#include <QStandardItemModel>
#include <QVBoxLayout>

#include "client/commands/sentences.h"
#include "client/ui/review/proposal_texts.h"
#include "client/ui/widgets/widgets.h"
#include "shared/base/limits.h"

namespace stoa {

namespace {

constexpr int offeredPeopleMax = 8;
constexpr int listedPeopleMax = 500;
constexpr int dialogWidth = grid(120);

QDialog* makeDialog(const QString& title, QWidget* over)
{
    auto* dialog = new QDialog(over->window());
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(title);
    dialog->setMinimumWidth(dialogWidth);
    auto* layout = new QVBoxLayout(dialog);
    layout->setContentsMargins(grid(6), grid(5), grid(6), grid(5));
    layout->setSpacing(grid(3));
    layout->addWidget(makeLabel(title, Size::Heading, Tone::Text, Weight::Title));
    return dialog;
}

// People by name, one after another.
class PeoplePicker : public QWidget {
public:
    PeoplePicker(const Desk& desk, const QList<PersonRow>& people) : desk_(desk), people_(people)
    {
        field_ = new QLineEdit;
        field_->setPlaceholderText(PeopleTexts::tr("Add somebody by name"));
        field_->setAccessibleName(PeopleTexts::tr("Add a reviewer"));
        auto* completer = new QCompleter(&model_, field_);
        completer->setCompletionMode(QCompleter::UnfilteredPopupCompletion);
        completer->popup()->setProperty("offers", true); // it stands on nothing
        completer->setCaseSensitivity(Qt::CaseInsensitive);
        field_->setCompleter(completer);
        connect(field_, &QLineEdit::textEdited, this, [this](const QString& text) { offer(text); });
        connect(
            completer, QOverload<const QModelIndex&>::of(&QCompleter::activated), this,
            [this](const QModelIndex& index) { take(index.row()); }, Qt::QueuedConnection);
        connect(field_, &QLineEdit::returnPressed, this, [this] { take(0); });
        rows_ = new QVBoxLayout;
        rows_->setSpacing(grid(1));
        auto* layout = new QVBoxLayout(this);
        layout->setContentsMargins({});
        layout->setSpacing(grid(2));
        layout->addLayout(rows_);
        layout->addWidget(field_);
        show();
        list();
    }

    QList<Id> chosen() const
    {
        QList<Id> ids;
        for (const PersonRow& person : people_)
            ids.append(person.id);
        return ids;
    }

private:
    struct PeopleTexts {
        Q_DECLARE_TR_FUNCTIONS(ReviewSettings)
    };

    void offer(const QString& text)
    {
        offered_.clear();
        model_.clear();
        if (text.trimmed().isEmpty())
            return;
        for (const PersonRow& person : findPeople(*desk_.reading, text.trimmed(), offeredPeopleMax)) {
            if (person.disabled || chosen().contains(person.id))
                continue;
            offered_.append(person);
            model_.appendRow(new QStandardItem(PeopleTexts::tr("%1 (%2)").arg(nameOf(person), person.login)));
        }
    }

    void take(int row)
    {
        if (row < 0 || row >= offered_.size() || people_.size() >= limits::reviewersMax)
            return;
        people_.append(offered_[row]);
        offered_.clear();
        model_.clear();
        field_->clear();
        list();
    }

    void list()
    {
        clearLayout(rows_);
        for (const PersonRow& person : std::as_const(people_)) {
            auto* line = new QWidget;
            auto* layout = new QHBoxLayout(line);
            layout->setContentsMargins({});
            layout->setSpacing(grid(2));
            layout->addWidget(new Avatar(nameOf(person)));
            layout->addWidget(makeElidedLabel(nameOf(person)), 1);
            QToolButton* drop =
                makeIconButton(QStringLiteral("close"), PeopleTexts::tr("Remove %1").arg(nameOf(person)));
            connect(drop, &QToolButton::clicked, this, [this, id = person.id] {
                people_.removeIf([&](const PersonRow& each) { return each.id == id; });
                list();
                field_->setFocus(Qt::OtherFocusReason);
            });
            layout->addWidget(drop);
            rows_->addWidget(line);
        }
        field_->setVisible(people_.size() < limits::reviewersMax);
    }

    Desk desk_;
    QList<PersonRow> people_;
    QList<PersonRow> offered_;
    QStandardItemModel model_;
    QLineEdit* field_;
    QVBoxLayout* rows_;
};

struct Settings {
    Q_DECLARE_TR_FUNCTIONS(ReviewSettings)
};

QWidget* makeReviewChoice(bool isSpace, const ReviewRow& now, const std::shared_ptr<v1::Review>& chosen)
{
    auto* row = new QWidget;
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins({});
    layout->setSpacing(grid(2));
    auto* choices = new QButtonGroup(row);
    const auto add = [&](const QString& name, v1::Review review) {
        QPushButton* choice = makeButton(name, ButtonKind::Chip);
        choice->setCheckable(true);
        choice->setChecked(*chosen == review);
        choices->addButton(choice);
        QObject::connect(choice, &QPushButton::clicked, row, [chosen, review] { *chosen = review; });
        layout->addWidget(choice);
    };
    if (!isSpace)
        add(now.own == v1::REVIEW_AS_SPACE && now.asks ? Settings::tr("As the space does: yes")
            : now.own == v1::REVIEW_AS_SPACE           ? Settings::tr("As the space does: no")
                                                       : Settings::tr("As the space does"),
            v1::REVIEW_AS_SPACE);
    add(Settings::tr("Asks for review"), v1::REVIEW_ASKED);
    add(Settings::tr("Does not ask"), v1::REVIEW_NOT_ASKED);
    layout->addStretch(1);
    return row;
}

} // namespace

void openReviewSettings(const Desk& desk, const Id& pageOrSpace, QWidget* over)
{
    const auto now = review(*desk.reading, pageOrSpace);
    const auto record = stoa::record(*desk.reading, pageOrSpace);
    if (!now || !record)
        return;
    const bool isSpace = record->has_space();
    QDialog* dialog =
        makeDialog(isSpace ? Settings::tr("Review in this space") : Settings::tr("Review and reading"), over);
    auto* layout = static_cast<QVBoxLayout*>(dialog->layout());
    const v1::Review own = !isSpace ? now->own : now->asks ? v1::REVIEW_ASKED : v1::REVIEW_NOT_ASKED;
    const auto chosen = std::make_shared<v1::Review>(own);
    layout->addWidget(makeWrappedLabel(
        isSpace
            ? Settings::tr("Pages that ask for review change by proposals only: anyone who reads them may propose, "
                           "and a change takes effect once it is approved. A page may say otherwise.")
            : Settings::tr("A page that asks for review changes by proposals only: anyone who reads it may propose, "
                           "and a change takes effect once it is approved."),
        Size::Small, Tone::Mute));
    layout->addWidget(makeReviewChoice(isSpace, *now, chosen));
    layout->addWidget(makeLabel(Settings::tr("Who approves"), Size::Text, Tone::Text, Weight::Strong));
    auto* people = new PeoplePicker(desk, now->ofSpace ? QList<PersonRow>() : now->reviewers);
    QStringList ofSpace;
    if (now->ofSpace)
        for (const PersonRow& person : now->reviewers)
            ofSpace << isolated(nameOf(person));
    layout->addWidget(makeWrappedLabel(
        ofSpace.isEmpty()
            ? Settings::tr("All who are named have to approve. Where nobody is, one moderator or owner is "
                           "enough. Nobody approves what they proposed.")
            : Settings::tr("All who are named have to approve. Where nobody is, those of the space are "
                           "asked: %1. Nobody approves what they proposed.")
                  .arg(namesText(ofSpace)),
        Size::Small, Tone::Mute));
    layout->addWidget(people);
    auto* required = new QCheckBox(Settings::tr("Everybody in the space is to read this page and confirm it"));
    required->setChecked(now->required);
    required->setVisible(!isSpace);
    layout->addWidget(required);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(grid(2));
    QPushButton* cancel = makeButton(Settings::tr("Cancel"));
    QPushButton* done = makeButton(Settings::tr("Done"), ButtonKind::Primary);
    buttons->addStretch(1);
    buttons->addWidget(cancel);
    buttons->addWidget(done);
    layout->addSpacing(grid(2));
    layout->addStretch(1);
    layout->addLayout(buttons);
    // Enter in the field adds somebody.
    for (QPushButton* button : {cancel, done})
        button->setAutoDefault(false);
    QObject::connect(cancel, &QPushButton::clicked, dialog, &QDialog::reject);
    QObject::connect(done, &QPushButton::clicked, dialog, [=] {
        QList<v1::Change> changes;
        const auto fresh = stoa::record(*desk.reading, pageOrSpace);
        if (fresh && *chosen != own)
            changes << setReview(desk.pen, *fresh, *chosen);
        QList<Id> before;
        if (!now->ofSpace)
            for (const PersonRow& person : now->reviewers)
                before << person.id;
        if (fresh && people->chosen() != before)
            changes << setReviewers(desk.pen, *fresh, people->chosen());
        if (fresh && !isSpace && required->isChecked() != now->required)
            changes << setRequired(desk.pen, *fresh, required->isChecked());
        if (!changes.isEmpty())
            desk.worker->submit(changes);
        dialog->accept();
    });
    dialog->open();
}

void openConfirmations(const Desk& desk, const Id& page, QWidget* over)
{
    const auto row = post(*desk.reading, page);
    if (!row)
        return;
    QDialog* dialog = makeDialog(Settings::tr("Who confirmed"), over);
    auto* layout = static_cast<QVBoxLayout*>(dialog->layout());
    const QList<Confirmation> confirmed = confirmations(*desk.reading, page, listedPeopleMax);
    const QList<PersonRow> people = members(*desk.reading, row->space, listedPeopleMax);
    const auto current =
        std::count_if(confirmed.begin(), confirmed.end(), [](const Confirmation& each) { return each.isCurrent; });
    layout->addWidget(
        makeWrappedLabel(Settings::tr("%1 of %2 confirmed the page as it is now.")
                             .arg(current)
                             .arg(counted(people.size(), Settings::tr("%1 member"), Settings::tr("%1 members"))),
                         Size::Text, Tone::Mute));
    auto* list = new QWidget;
    auto* rows = new QVBoxLayout(list);
    rows->setContentsMargins({});
    rows->setSpacing(grid(2));
    const auto add = [&](const QString& name, const QString& what, Tone tone) {
        auto* line = new QHBoxLayout;
        line->setSpacing(grid(2));
        line->addWidget(new Avatar(name));
        line->addWidget(makeElidedLabel(name), 1);
        line->addWidget(new Pill(what, tone));
        rows->addLayout(line);
    };
    const qint64 nowMs = desk.pen.now();
    for (const Confirmation& each : confirmed) {
        const QString name = each.name.isEmpty() ? Settings::tr("Somebody who left") : each.name;
        add(name,
            each.isCurrent ? Settings::tr("Confirmed %1").arg(timeText(each.atMs, nowMs))
                           : Settings::tr("An older text, %1").arg(timeText(each.atMs, nowMs)),
            each.isCurrent ? Tone::Ok : Tone::Warn);
    }
    for (const PersonRow& person : people)
        if (std::none_of(confirmed.begin(), confirmed.end(),
                         [&](const Confirmation& each) { return each.person == person.id; }))
            add(nameOf(person), Settings::tr("Not yet"), Tone::Mute);
    rows->addStretch(1);
    QScrollArea* scroll = makeScroll(list, metrics::card);
    scroll->setMinimumHeight(grid(60));
    layout->addWidget(scroll, 1);
    QPushButton* close = makeButton(Settings::tr("Close"), ButtonKind::Primary);
    close->setDefault(true);
    QObject::connect(close, &QPushButton::clicked, dialog, &QDialog::accept);
    layout->addWidget(close, 0, Qt::AlignRight);
    dialog->open();
}

} // namespace stoa
