#include <QButtonGroup>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QVBoxLayout>

#include "client/ui/editor/body_editor.h"
#include "client/ui/editor/markdown_editor.h"
#include "client/ui/review/review_view.h"
#include "client/ui/widgets/date_field.h"
#include "client/ui/widgets/widgets.h"
#include "shared/base/limits.h"

namespace stoa {

namespace {

constexpr int fieldsPauseMs = 1'000;

QString proposePlace(const Id& page)
{
    return QStringLiteral("propose/") + QString::fromStdString(page.hex());
}

// The page's text that the draft was made of lies beside it: the page may have changed when the draft is gone on with.
QString basePlace(const Id& page)
{
    return proposePlace(page) + QStringLiteral("/base");
}

} // namespace

ProposalEditor::ProposalEditor(const Desk& desk, QWidget* parent)
    : QWidget(parent), desk_(desk), keeper_(desk, [this] {
          Draft draft;
          draft.title = reason_->text();
          draft.text = body_->text();
          if (effectiveMs() > 0)
              draft.tags = {date_->date().toString(Qt::ISODate)};
          return draft;
      })
{
    title_ = makeElidedLabel({}, Size::Small, Tone::Mute);
    body_ = new BodyEditor(desk, BodyEditor::Kind::Whole);
    body_->editor()->setPlaceholderText(tr("What the page should say"));
    body_->editor()->setAccessibleName(tr("The draft's source"));
    later_ = makeButton(tr("Later"));
    later_->setToolTip(tr("The draft is kept on this computer (Esc)"));
    done_ = makeButton({}, ButtonKind::Primary);
    body_->footer()->addWidget(later_);
    body_->footer()->addWidget(done_);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins({});
    layout->setSpacing(0);
    layout->addWidget(makeFields());
    layout->addWidget(body_, 1);
    for (QWidget* field :
         {static_cast<QWidget*>(reason_), static_cast<QWidget*>(date_), static_cast<QWidget*>(body_->editor())})
        field->installEventFilter(this);

    soon_.setSingleShot(true);
    connect(&soon_, &QTimer::timeout, this, &ProposalEditor::keepFields);
    connect(reason_, &QLineEdit::textEdited, this, [this] {
        typedField();
        sayNext(); // what was missing is there
    });
    connect(date_, &DateField::dateChanged, this, [this] {
        if (!filling_ && takeDate())
            dateTaken();
    });
    connect(date_, &DateField::notADate, this, &ProposalEditor::sayNotADate);
    connect(onDate_, &QPushButton::toggled, this, [this](bool on) {
        day_->setVisible(on);
        typedField();
        if (!on && !filling_)
            sayNext(); // of a day nothing is to be said any more
    });
    connect(onDate_, &QPushButton::clicked, this, [this] {
        date_->setFocus(Qt::OtherFocusReason);
        date_->selectAll();
    });
    connect(body_, &BodyEditor::typed, this, [this] {
        if (proposal_.isNull() && !page_.isNull() && !filling_) {
            keepBase();
            keeper_.touch();
        }
    });
    connect(body_, &BodyEditor::leaveWanted, this, &ProposalEditor::leave);
    connect(body_, &BodyEditor::wanted, this, &ProposalEditor::wanted);
    connect(body_, &BodyEditor::said, this, &ProposalEditor::said);
    connect(later_, &QPushButton::clicked, this, &ProposalEditor::leave);
    connect(done_, &QPushButton::clicked, this, [this] { proposal_.isNull() ? make() : leave(); });
    connect(&keeper_, &DraftKeeper::sent, this, [this] {
        setBusy(false);
        DraftsOnTheirWay::of(*desk_.worker).save(basePlace(page_), {});
        Q_EMIT made(std::exchange(new_, {}));
    });
    connect(&keeper_, &DraftKeeper::refused, this, [this](const QString& sentence) {
        setBusy(false);
        body_->say(sentence, true);
    });
}

ProposalEditor::~ProposalEditor()
{
    keepFields();
}

QWidget* ProposalEditor::makeFields()
{
    reason_ = new QLineEdit;
    reason_->setFont(fontOf(Size::Heading, Weight::Title));
    reason_->setPlaceholderText(tr("Why? In a few words, for those who decide"));
    reason_->setAccessibleName(tr("Reason"));
    reason_->setMaxLength(int(limits::titleBytesMax) / 4);
    reason_->setFrame(false);
    reason_->setMinimumHeight(metrics::control + grid(2));
    atOnce_ = makeButton(tr("At once"), ButtonKind::Chip);
    atOnce_->setToolTip(tr("As soon as it is approved"));
    onDate_ = makeButton(tr("On a date"), ButtonKind::Chip);
    onDate_->setToolTip(tr("At the beginning of that day, if it is approved by then"));
    auto* choices = new QButtonGroup(this);
    for (QPushButton* choice : {atOnce_, onDate_}) {
        choice->setCheckable(true);
        choices->addButton(choice);
    }
    atOnce_->setChecked(true);
    day_ = new QWidget;
    date_ = new DateField;
    date_->setAccessibleName(tr("Takes effect on"));
    QToolButton* calendar = makeIconButton(QStringLiteral("down"), tr("Choose the date from a calendar"));
    calendar->setToolTip(tr("Calendar (Alt+Down in the field)"));
    connect(calendar, &QToolButton::clicked, date_, &DateField::openCalendar);
    auto* day = new QHBoxLayout(day_);
    day->setContentsMargins({});
    day->setSpacing(grid(1));
    day->addWidget(date_);
    day->addWidget(calendar);
    day_->hide();
    auto* when = new QHBoxLayout;
    when->setSpacing(grid(2));
    when->addWidget(makeLabel(tr("Takes effect"), Size::Small, Tone::Mute));
    when->addWidget(atOnce_);
    when->addWidget(onDate_);
    when->addWidget(day_);
    when->addStretch(1);
    auto* fields = new QWidget;
    auto* layout = new QVBoxLayout(fields);
    layout->setContentsMargins(grid(6), grid(5), grid(6), grid(2));
    layout->setSpacing(grid(2));
    layout->addWidget(title_);
    layout->addWidget(reason_);
    layout->addLayout(when);
    return fields;
}

void ProposalEditor::propose(const Id& page)
{
    if (page == page_ && proposal_.isNull())
        return;
    drop();
    const auto record = stoa::record(*desk_.reading, page);
    const auto row = post(*desk_.reading, page);
    if (!record || !row)
        return;
    page_ = page;
    title_->setFullText(tr("A proposal for %1").arg(row->title));
    const Draft kept = keeper_.open(proposePlace(page));
    const Draft base = DraftsOnTheirWay::of(*desk_.worker).find(*desk_.reading, basePlace(page));
    const std::string madeOf = base.text.toStdString();
    base_ = record->post().body();
    std::string text = base_;
    baseKept_ = !kept.text.isEmpty() && !base.title.isEmpty();
    if (!kept.text.isEmpty())
        text = baseKept_ ? movedOnto(base_, madeOf, kept.text.toStdString()) : kept.text.toStdString();
    const QDate date = QDate::fromString(kept.tags.value(0), Qt::ISODate);
    fill(kept.title, date.isValid() ? date.startOfDay().toMSecsSinceEpoch() : 0);
    filling_ = true;
    body_->write(row->space, QString::fromStdString(text));
    filling_ = false;
    if (baseKept_ && madeOf != base_) {
        baseKept_ = false;
        keepBase();
        keeper_.touch();
    }
    sayNext();
    later_->show();
    done_->setText(tr("Propose"));
    done_->setToolTip(tr("Ctrl+Enter"));
    setBusy(false);
}

void ProposalEditor::edit(const Id& proposal)
{
    if (proposal == proposal_ && !proposal.isNull())
        return;
    drop();
    const auto record = stoa::record(*desk_.reading, proposal);
    const auto row = post(*desk_.reading, proposal);
    if (!record || !row)
        return;
    proposal_ = proposal;
    title_->setFullText(tr("Your proposal for %1").arg(row->title));
    fill(QString::fromStdString(record->post().proposal().reason()), record->post().proposal().effective_ms());
    body_->open(proposal);
    later_->hide();
    done_->setText(tr("Done"));
    done_->setToolTip(tr("Everything is kept (Esc). Who approved is asked again."));
}

void ProposalEditor::drop()
{
    if (page_.isNull() && proposal_.isNull())
        return;
    keepFields();
    keeper_.open({});
    page_ = proposal_ = {};
    base_.clear();
    baseKept_ = false;
    body_->open({});
    fill({}, 0);
}

void ProposalEditor::fill(const QString& reason, qint64 effectiveMs)
{
    filling_ = true;
    fieldsChanged_ = false;
    filledMs_ = effectiveMs;
    reason_->setText(reason);
    (effectiveMs > 0 ? onDate_ : atOnce_)->setChecked(true);
    const QDate today = QDateTime::fromMSecsSinceEpoch(desk_.pen.now()).date();
    const QDate date = effectiveMs > 0 ? QDateTime::fromMSecsSinceEpoch(effectiveMs).date() : today.addDays(7);
    date_->setDate(date);
    date_->setFirst(today.addDays(1));
    day_->setVisible(effectiveMs > 0);
    filling_ = false;
}

qint64 ProposalEditor::effectiveMs() const
{
    if (!onDate_->isChecked())
        return 0;
    // A time of that day that was set elsewhere stays as it is.
    const bool isAsFilled = filledMs_ > 0 && date_->date() == QDateTime::fromMSecsSinceEpoch(filledMs_).date();
    return isAsFilled ? filledMs_ : date_->date().startOfDay().toMSecsSinceEpoch();
}

// False, and a day that is still to come stands there, where one was chosen that is not.
bool ProposalEditor::takeDate()
{
    const QDate before = date_->date();
    filling_ = true;
    const bool isDate = !onDate_->isChecked() || date_->take();
    filling_ = false;
    if (!isDate) {
        sayNotADate(date_->text());
        return false;
    }
    const QDate today = QDateTime::fromMSecsSinceEpoch(desk_.pen.now()).date();
    const bool isAsItWas = !proposal_.isNull() && filledMs_ > 0 && effectiveMs() == filledMs_;
    if (!onDate_->isChecked() || date_->date() > today || isAsItWas) {
        if (date_->date() != before)
            dateTaken();
        return true;
    }
    const QString chosen = QLocale().toString(date_->date(), dayFormat());
    filling_ = true;
    date_->setDate(today.addDays(1));
    filling_ = false;
    typedField();
    body_->say(tr("%1 does not lie ahead, so tomorrow stands there now. \"At once\" means: as soon as it is approved.")
                   .arg(chosen),
               true);
    return false;
}

void ProposalEditor::sayNotADate(const QString& typed)
{
    const QString day = QLocale().toString(date_->date(), dayFormat());
    body_->say(tr("“%1” is no date: %2 stands there still. Write it like that, or as %3.")
                   .arg(typed.simplified(), day, date_->date().toString(Qt::ISODate)),
               true);
    date_->setDate(date_->date());
    date_->selectAll();
}

// What was said of another one is settled.
void ProposalEditor::dateTaken()
{
    sayNext();
    typedField();
}

void ProposalEditor::sayNext()
{
    body_->say(proposal_.isNull() ? tr("Nothing is proposed yet. Ctrl+Enter proposes it, Esc keeps the draft. No "
                                       "network is needed.")
                                  : QString());
}

void ProposalEditor::typedField()
{
    if (filling_ || (page_.isNull() && proposal_.isNull()))
        return;
    if (proposal_.isNull()) {
        keepBase();
        return keeper_.touch();
    }
    fieldsChanged_ = true;
    soon_.start(fieldsPauseMs);
}

void ProposalEditor::keepBase()
{
    if (!std::exchange(baseKept_, true))
        DraftsOnTheirWay::of(*desk_.worker)
            .save(basePlace(page_), {.title = QStringLiteral("base"), .text = QString::fromStdString(base_)});
}

void ProposalEditor::keepFields()
{
    soon_.stop();
    const auto record = proposal_.isNull() || !fieldsChanged_ ? std::nullopt : stoa::record(*desk_.reading, proposal_);
    if (!record)
        return;
    if (reason_->text().trimmed().isEmpty())
        return body_->say(tr("A proposal needs a reason: until then it keeps the one it had."), true);
    fieldsChanged_ = false;
    const v1::Change change = editProposal(desk_.pen, *record, reason_->text(), effectiveMs());
    if (change.edit().fields_size() > 0)
        desk_.worker->submit({change});
}

void ProposalEditor::refresh(const Touched& touched)
{
    if (proposal_.isNull())
        return;
    if (touched.bulk || touched.feeds || touched.posts.contains(proposal_))
        body_->refresh();
    else if (!touched.spaces.isEmpty())
        body_->refreshRights();
}

void ProposalEditor::takeFocus()
{
    body_->focusText();
}

void ProposalEditor::make()
{
    const auto record = stoa::record(*desk_.reading, page_);
    if (keeper_.isSending() || !record)
        return;
    if (reason_->text().trimmed().isEmpty()) {
        body_->say(tr("Say in a few words why: those who decide read it first."), true);
        reason_->setFocus(Qt::OtherFocusReason);
        return;
    }
    const std::string& now = record->post().body();
    const std::string draft = movedOnto(now, base_, body_->text().toStdString());
    if (draft == now) {
        body_->say(tr("The draft says what the page says already. Change it, then propose it."), true);
        return body_->focusText();
    }
    if (!takeDate())
        return date_->setFocus(Qt::OtherFocusReason);
    const v1::Change change = stoa::propose(desk_.pen, *record, draft, reason_->text().trimmed(), effectiveMs());
    new_ = *Id::from(change.target());
    keeper_.send(change);
    setBusy(true);
}

void ProposalEditor::leave()
{
    if (!takeDate())
        return date_->setFocus(Qt::OtherFocusReason);
    keepFields();
    body_->keep();
    keeper_.keep();
    Q_EMIT done();
}

// Read-only, not disabled: the keyboard stays where it is.
void ProposalEditor::setBusy(bool busy)
{
    reason_->setReadOnly(busy);
    date_->setReadOnly(busy);
    body_->editor()->setReadOnly(busy);
}

bool ProposalEditor::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        const bool enter = key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
        if (enter && key->modifiers() & Qt::ControlModifier) {
            proposal_.isNull() ? make() : leave();
            return true;
        }
        if (key->key() == Qt::Key_Escape && watched != body_->editor()) {
            leave();
            return true;
        }
        if (enter && watched == date_) {
            if (takeDate())
                body_->focusText();
            return true;
        }
        if (enter && watched == reason_) {
            body_->focusText();
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace stoa
