#include <QFormLayout>
#include <QHBoxLayout>
#include <QJsonDocument>
#include <QJsonObject>
#include <QKeyEvent>
#include <QLineEdit>
#include <QPlainTextEdit>

#include "client/ui/space/space_view.h"
#include "client/ui/widgets/widgets.h"
#include "shared/base/calendar.h"

namespace stoa {

namespace {

const google::protobuf::FieldDescriptor* fieldOf(int number)
{
    return v1::Charter::descriptor()->FindFieldByNumber(number);
}

QString valueOf(const v1::Charter& charter, int number)
{
    return QString::fromStdString(charter.GetReflection()->GetString(charter, fieldOf(number)));
}

void setValue(v1::Charter& charter, int number, const QString& value)
{
    charter.GetReflection()->SetString(&charter, fieldOf(number), value.toStdString());
}

} // namespace

CharterForm::CharterForm(const Desk& desk, QWidget* parent)
    : QWidget(parent), desk_(desk), keeper_(desk, [this] { return draft(); })
{
    auto* layout = new QFormLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(grid(2));
    layout->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    layout->setRowWrapPolicy(QFormLayout::WrapAllRows);
    const auto line = [&](int number, const QString& name, const QString& hint) {
        auto* edit = new QLineEdit;
        edit->setPlaceholderText(hint);
        edit->setAccessibleName(name);
        layout->addRow(name, edit);
        connect(edit, &QLineEdit::textChanged, this, &CharterForm::typed);
        fields_.append({number, edit, nullptr});
    };
    const auto text = [&](int number, const QString& name, const QString& hint) {
        auto* edit = new QPlainTextEdit;
        edit->setPlaceholderText(hint);
        edit->setAccessibleName(name);
        edit->setTabChangesFocus(true);
        edit->setFixedHeight(grid(20));
        layout->addRow(name, edit);
        connect(edit, &QPlainTextEdit::textChanged, this, &CharterForm::typed);
        fields_.append({number, nullptr, edit});
    };
    using Charter = v1::Charter;
    text(Charter::kProblemFieldNumber, tr("The problem"), tr("What goes wrong today, in a sentence or two"));
    line(Charter::kAudienceFieldNumber, tr("For whom"), tr("Who learns here"));
    line(Charter::kSponsorFieldNumber, tr("Sponsor"), tr("Who stands for it in the management"));
    line(Charter::kTargetFieldNumber, tr("The business target"),
         tr("What is measured, for example: repeat visits within 30 days"));
    line(Charter::kTargetFigureFieldNumber, tr("Its figure"), tr("For example: under 8 %"));
    line(Charter::kTargetDateFieldNumber, tr("By"), tr("A date, for example 2027-06-30"));
    date_ = fields_.last().line;
    dateProblem_ = makeWrappedLabel({}, Size::Small, Tone::Bad);
    layout->addRow(dateProblem_);
    text(Charter::kBelongsFieldNumber, tr("What belongs here"), tr("Markdown"));
    text(Charter::kExcludedFieldNumber, tr("What explicitly does not"), tr("Markdown; say where it belongs instead"));
    hint_ = makeWrappedLabel({}, Size::Small, Tone::Faint);
    layout->addRow(hint_);
    QPushButton* saving = makeButton(tr("Save"), ButtonKind::Primary);
    QPushButton* leaving = makeButton(tr("Later"));
    QPushButton* discarding = makeButton(tr("Discard"));
    saving->setToolTip(tr("Ctrl+Enter"));
    leaving->setToolTip(tr("The draft is kept (Esc)"));
    discarding->setToolTip(tr("The charter stays as it is"));
    auto* buttons = new QHBoxLayout;
    for (QPushButton* button : {saving, leaving, discarding})
        buttons->addWidget(button);
    buttons->addStretch(1);
    layout->addRow(buttons);
    connect(saving, &QPushButton::clicked, this, &CharterForm::save);
    connect(leaving, &QPushButton::clicked, this, &CharterForm::leave);
    connect(discarding, &QPushButton::clicked, this, &CharterForm::discard);
    connect(&keeper_, &DraftKeeper::sent, this, [this] {
        setEnabled(true);
        showHint(false);
        Q_EMIT done();
    });
    connect(&keeper_, &DraftKeeper::refused, this, [this](const QString& sentence) {
        setEnabled(true);
        setTone(hint_, Tone::Bad);
        hint_->setText(sentence);
    });
}

void CharterForm::open(const v1::Record& space)
{
    const Draft kept = keeper_.open(QStringLiteral("charter/") + QString::fromStdString(Id::from(space.id())->hex()));
    space_ = space;
    v1::Charter charter = space.space().charter();
    const QJsonObject changed = QJsonDocument::fromJson(kept.text.toUtf8()).object();
    for (const Field& field : std::as_const(fields_))
        if (const QJsonValue value = changed.value(QString::fromStdString(fieldOf(field.number)->name()));
            value.isString())
            setValue(charter, field.number, value.toString());
    fill(charter);
    setEnabled(true);
    showHint(!changed.isEmpty());
}

// In the place of whatever was wrong before.
void CharterForm::showHint(bool fromDraft)
{
    dateProblem_->clear();
    dateProblem_->hide();
    setTone(hint_, Tone::Faint);
    hint_->setText(fromDraft ? tr("This is your draft from before. Ctrl+Enter saves, Esc keeps it.")
                             : tr("Ctrl+Enter saves, Esc keeps the draft."));
}

void CharterForm::fill(const v1::Charter& charter)
{
    filling_ = true;
    for (const Field& field : std::as_const(fields_)) {
        const QString value = valueOf(charter, field.number);
        if (field.line)
            field.line->setText(value);
        else
            field.text->setPlainText(value);
    }
    filling_ = false;
}

v1::Charter CharterForm::charter() const
{
    v1::Charter charter = space_ ? space_->space().charter() : v1::Charter();
    for (const Field& field : fields_) {
        const QString value = (field.line ? field.line->text() : field.text->toPlainText()).trimmed();
        if (value != valueOf(charter, field.number).trimmed())
            setValue(charter, field.number, value);
    }
    return charter;
}

// Only what differs, by name: what others change meanwhile is not taken back by an old draft.
Draft CharterForm::draft() const
{
    Draft draft;
    if (!space_)
        return draft;
    const v1::Charter charter = this->charter();
    QJsonObject changed;
    for (const Field& field : fields_)
        if (const QString value = valueOf(charter, field.number);
            value != valueOf(space_->space().charter(), field.number))
            changed.insert(QString::fromStdString(fieldOf(field.number)->name()), value);
    if (!changed.isEmpty())
        draft.text = QString::fromUtf8(QJsonDocument(changed).toJson(QJsonDocument::Compact));
    return draft;
}

void CharterForm::typed()
{
    if (filling_)
        return;
    keeper_.touch();
    showHint(false);
}

void CharterForm::save()
{
    if (!space_ || keeper_.isSending())
        return;
    const QString date = date_->text().trimmed();
    if (!date.isEmpty() && !isIsoDate(date.toStdString())) {
        dateProblem_->setText(tr("This is no date: write it as 2027-06-30."));
        dateProblem_->show();
        date_->setFocus(Qt::OtherFocusReason);
        return;
    }
    const v1::Change change = editCharter(desk_.pen, *space_, charter());
    if (change.edit().fields_size() == 0) {
        leave();
        return;
    }
    setEnabled(false);
    keeper_.send(change);
}

void CharterForm::leave()
{
    keeper_.keep();
    Q_EMIT done();
}

void CharterForm::discard()
{
    if (space_)
        fill(space_->space().charter());
    keeper_.touch();
    leave();
}

void CharterForm::keyPressEvent(QKeyEvent* event)
{
    const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (enter && event->modifiers() & Qt::ControlModifier)
        save();
    else if (event->key() == Qt::Key_Escape)
        leave();
    else
        QWidget::keyPressEvent(event);
}

} // namespace stoa
