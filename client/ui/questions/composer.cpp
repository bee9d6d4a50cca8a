#include "client/ui/questions/composer.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "client/ui/document/document_view.h"
#include "client/ui/widgets/widgets.h"

namespace stoa {

namespace {

constexpr int linesMin = 2;
constexpr int linesMax = 14;

} // namespace

Composer::Composer(const Desk& desk, const Words& words, QString draftPlace,
                   std::function<v1::Change(const QString& text)> make, QWidget* parent)
    : QWidget(parent), make_(std::move(make)), keeper_(desk, [this] {
          Draft draft;
          draft.text = editor_->toPlainText();
          return draft;
      })
{
    editor_ = new QPlainTextEdit;
    editor_->setPlaceholderText(words.placeholder);
    editor_->setAccessibleName(words.name);
    editor_->setTabChangesFocus(true);
    editor_->installEventFilter(this);
    preview_ = new DocumentView(desk);
    stack_ = new QStackedWidget;
    stack_->addWidget(editor_);
    stack_->addWidget(preview_);
    hint_ = makeWrappedLabel({}, Size::Small, Tone::Faint);
    previewButton_ = makeButton(tr("Preview"), ButtonKind::Link);
    sendButton_ = makeButton(words.send, ButtonKind::Primary);

    auto* below = new QHBoxLayout;
    below->addWidget(hint_, 1);
    below->addWidget(previewButton_);
    below->addWidget(sendButton_);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins({});
    layout->setSpacing(grid(2));
    layout->addWidget(stack_);
    layout->addLayout(below);

    editor_->setPlainText(keeper_.open(draftPlace).text);
    connect(editor_, &QPlainTextEdit::textChanged, this, [this] {
        keeper_.touch();
        showHint();
        fit();
    });
    connect(previewButton_, &QPushButton::clicked, this, &Composer::togglePreview);
    connect(sendButton_, &QPushButton::clicked, this, &Composer::send);
    connect(&keeper_, &DraftKeeper::sent, this, [this] {
        editor_->clear();
        setBusy(false);
        Q_EMIT sent();
    });
    connect(&keeper_, &DraftKeeper::refused, this, [this](const QString& sentence) {
        setBusy(false);
        setTone(hint_, Tone::Bad);
        hint_->setText(sentence);
    });
    showHint();
    fit();
}

void Composer::focusEditor()
{
    stack_->setCurrentWidget(editor_);
    editor_->setFocus(Qt::OtherFocusReason);
    editor_->moveCursor(QTextCursor::End);
}

bool Composer::isEmpty() const
{
    return editor_->toPlainText().trimmed().isEmpty();
}

bool Composer::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == editor_ && event->type() == QEvent::KeyPress) {
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

void Composer::send()
{
    if (isEmpty() || keeper_.isSending())
        return;
    keeper_.send(make_(editor_->toPlainText()));
    setBusy(true);
}

void Composer::leave()
{
    keeper_.keep();
    editor_->clearFocus();
    if (!isEmpty())
        hint_->setText(tr("Your draft is kept here."));
    Q_EMIT left();
}

// Read-only, not disabled: the keyboard stays where it is.
void Composer::setBusy(bool busy)
{
    stack_->setCurrentWidget(editor_);
    editor_->setReadOnly(busy);
    fit();
}

void Composer::showHint()
{
    setTone(hint_, Tone::Faint);
    hint_->setText(tr("Markdown is welcome. Ctrl+Enter sends, Esc keeps the draft."));
}

void Composer::fit()
{
    const int lines = qBound(linesMin, editor_->document()->blockCount(), linesMax);
    const int margins = static_cast<int>(2 * editor_->document()->documentMargin()) + 2 * editor_->frameWidth();
    stack_->setFixedHeight(lines * editor_->fontMetrics().lineSpacing() + margins + grid(2));
    sendButton_->setEnabled(!isEmpty() && !keeper_.isSending());
    previewButton_->setVisible(!isEmpty());
}

void Composer::togglePreview()
{
    const bool show = stack_->currentWidget() == editor_;
    if (show)
        preview_->setMarkdown(editor_->toPlainText());
    stack_->setCurrentIndex(show ? 1 : 0);
    previewButton_->setText(show ? tr("Write") : tr("Preview"));
    if (!show)
        editor_->setFocus();
}

} // namespace stoa
