#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QRegularExpression>
#include <QVBoxLayout>

#include "client/ui/questions/questions_view.h"
#include "client/ui/widgets/widgets.h"
#include "client/worker/refusals.h"

namespace stoa {

namespace {

constexpr int draftMs = 300;

QStringList tagsIn(const QString& text)
{
    return text.split(QRegularExpression(QStringLiteral("[\\s,;#]+")), Qt::SkipEmptyParts);
}

} // namespace

AskForm::AskForm(const Desk& desk, QWidget* parent) : QWidget(parent), desk_(desk)
{
    heading_ = makeLabel({}, Size::Title, Tone::Text, Weight::Title);
    title_ = new QLineEdit;
    title_->setPlaceholderText(tr("The question in one line"));
    title_->setAccessibleName(tr("The question in one line"));
    body_ = new QPlainTextEdit;
    body_->setPlaceholderText(tr("What have you tried, what did you expect? Markdown is welcome."));
    body_->setAccessibleName(tr("The question's text"));
    body_->setTabChangesFocus(true);
    body_->setMinimumHeight(grid(50));
    tags_ = new QLineEdit;
    tags_->setPlaceholderText(tr("Tags, apart by spaces"));
    tags_->setAccessibleName(tr("Tags"));
    hint_ = makeWrappedLabel({}, Size::Small, Tone::Faint);
    QPushButton* sending = makeButton(tr("Ask"), ButtonKind::Primary);
    QPushButton* leaving = makeButton(tr("Later"));
    leaving->setToolTip(tr("The draft is kept (Esc)"));
    for (QWidget* field : {static_cast<QWidget*>(title_), static_cast<QWidget*>(body_), static_cast<QWidget*>(tags_)})
        field->installEventFilter(this);

    auto* buttons = new QHBoxLayout;
    buttons->addWidget(hint_, 1);
    buttons->addWidget(leaving);
    buttons->addWidget(sending);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(grid(8), grid(6), grid(8), grid(8));
    layout->setSpacing(grid(3));
    layout->addWidget(heading_);
    layout->addWidget(title_);
    layout->addWidget(body_, 1);
    layout->addWidget(tags_);
    layout->addLayout(buttons);
    setMaximumWidth(metrics::reading + grid(16));

    soon_.setSingleShot(true);
    connect(&soon_, &QTimer::timeout, this, &AskForm::keepDraft);
    const auto typed = [this] {
        if (!filling_)
            soon_.start(draftMs);
    };
    connect(title_, &QLineEdit::textEdited, this, typed);
    connect(tags_, &QLineEdit::textEdited, this, typed);
    connect(body_, &QPlainTextEdit::textChanged, this, typed);
    connect(sending, &QPushButton::clicked, this, &AskForm::send);
    connect(leaving, &QPushButton::clicked, this, [this] {
        keepDraft();
        Q_EMIT left();
    });
    connect(desk_.worker, &Worker::submitted, this, [this](const Id& change) {
        if (sending_.isNull() || change != sending_)
            return;
        sending_ = {};
        setEnabled(true);
        filling_ = true;
        title_->clear();
        body_->clear();
        tags_->clear();
        filling_ = false;
        Q_EMIT asked(question_);
    });
    connect(desk_.worker, &Worker::notSubmitted, this, [this](const Id& change, const Refusal& refusal) {
        if (sending_.isNull() || change != sending_)
            return;
        sending_ = {};
        setEnabled(true);
        setTone(hint_, Tone::Bad);
        hint_->setText(refusalSentence(refusal));
    });
}

QString AskForm::place() const
{
    return QStringLiteral("ask/") + QString::fromStdString(space_.hex());
}

void AskForm::setSpace(const Id& space, const QString& name)
{
    if (space == space_)
        return;
    keepDraft();
    space_ = space;
    heading_->setText(tr("Ask in %1").arg(name));
    setTone(hint_, Tone::Faint);
    hint_->setText(tr("Ctrl+Enter asks, Esc keeps the draft. It also works without a network."));
    const auto kept = draft(*desk_.reading, place());
    filling_ = true;
    title_->setText(kept ? kept->title : QString());
    body_->setPlainText(kept ? kept->text : QString());
    tags_->setText(kept ? kept->tags.join(QLatin1Char(' ')) : QString());
    filling_ = false;
}

void AskForm::focusTitle()
{
    title_->setFocus(Qt::OtherFocusReason);
}

void AskForm::keepDraft()
{
    if (!soon_.isActive() || space_.isNull() || !sending_.isNull())
        return;
    soon_.stop();
    desk_.worker->saveDraft(place(), title_->text(), body_->toPlainText(), tagsIn(tags_->text()));
}

void AskForm::send()
{
    if (title_->text().trimmed().isEmpty()) {
        setTone(hint_, Tone::Bad);
        hint_->setText(tr("A question needs its one line: others find it by that."));
        title_->setFocus();
        return;
    }
    if (!sending_.isNull())
        return;
    soon_.stop();
    const v1::Change change =
        askQuestion(desk_.pen, space_, title_->text().trimmed(), body_->toPlainText(), tagsIn(tags_->text()));
    sending_ = *Id::from(change.id());
    question_ = *Id::from(change.target());
    setEnabled(false);
    desk_.worker->submit({change}, place());
}

bool AskForm::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        const bool enter = key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
        if (enter && key->modifiers() & Qt::ControlModifier) {
            send();
            return true;
        }
        if (key->key() == Qt::Key_Escape) {
            keepDraft();
            Q_EMIT left();
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace stoa
