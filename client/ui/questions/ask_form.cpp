#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QVBoxLayout>

#include "client/ui/questions/questions_view.h"
#include "client/ui/tags.h"
#include "client/ui/widgets/tags_field.h"
#include "client/ui/widgets/widgets.h"

namespace stoa {

AskForm::AskForm(const Desk& desk, QWidget* parent)
    : QWidget(parent), desk_(desk), keeper_(desk, [this] {
          Draft draft;
          draft.title = title_->text();
          draft.text = body_->toPlainText();
          draft.tags = tagsIn(tags_->text());
          return draft;
      })
{
    heading_ = makeWrappedLabel({}, Size::Title, Tone::Text, Weight::Title);
    title_ = new QLineEdit;
    title_->setPlaceholderText(tr("The question in one line"));
    title_->setAccessibleName(tr("The question in one line"));
    body_ = new QPlainTextEdit;
    body_->setPlaceholderText(tr("What have you tried, what did you expect? Markdown is welcome."));
    body_->setAccessibleName(tr("The question's text"));
    body_->setTabChangesFocus(true);
    body_->setMinimumHeight(grid(50));
    tags_ = new TagsField(*desk.reading);
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

    const auto typed = [this] {
        if (filling_)
            return;
        keeper_.touch();
        showHint();
    };
    connect(title_, &QLineEdit::textEdited, this, typed);
    connect(tags_, &QLineEdit::textEdited, this, typed);
    connect(body_, &QPlainTextEdit::textChanged, this, typed);
    connect(sending, &QPushButton::clicked, this, &AskForm::send);
    connect(leaving, &QPushButton::clicked, this, &AskForm::leave);
    connect(&keeper_, &DraftKeeper::sent, this, [this] {
        fill({});
        setBusy(false);
        Q_EMIT asked(question_);
    });
    connect(&keeper_, &DraftKeeper::refused, this, [this](const QString& sentence) {
        setBusy(false);
        setTone(hint_, Tone::Bad);
        hint_->setText(sentence);
    });
    showHint();
}

void AskForm::setSpace(const Id& space, const QString& name)
{
    heading_->setText(tr("Ask in %1").arg(name));
    if (space == space_)
        return;
    space_ = space;
    tags_->setSpace(space);
    fill(keeper_.open(QStringLiteral("ask/") + QString::fromStdString(space.hex())));
    setBusy(false);
}

void AskForm::fill(const Draft& draft)
{
    filling_ = true;
    title_->setText(draft.title);
    body_->setPlainText(draft.text);
    tags_->setText(draft.tags.join(QLatin1Char(' ')));
    filling_ = false;
    showHint();
}

void AskForm::focusTitle()
{
    title_->setFocus(Qt::OtherFocusReason);
}

void AskForm::send()
{
    if (title_->text().trimmed().isEmpty()) {
        setTone(hint_, Tone::Bad);
        hint_->setText(tr("A question needs its one line: others find it by that."));
        title_->setFocus();
        return;
    }
    if (keeper_.isSending())
        return;
    const v1::Change change =
        askQuestion(desk_.pen, space_, title_->text().trimmed(), body_->toPlainText(), tagsIn(tags_->text()));
    question_ = *Id::from(change.target());
    keeper_.send(change);
    setBusy(true);
}

void AskForm::leave()
{
    keeper_.keep();
    Q_EMIT left();
}

// Read-only, not disabled: the keyboard stays where it is.
void AskForm::setBusy(bool busy)
{
    title_->setReadOnly(busy);
    body_->setReadOnly(busy);
    tags_->setReadOnly(busy);
}

void AskForm::showHint()
{
    setTone(hint_, Tone::Faint);
    hint_->setText(tr("Ctrl+Enter asks, Esc keeps the draft. It also works without a network."));
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
            leave();
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace stoa
