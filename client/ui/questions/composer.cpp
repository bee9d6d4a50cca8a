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
#include "client/worker/refusals.h"

namespace stoa {

namespace {

constexpr int draftDelayMs = 300;
constexpr int linesMin = 2;
constexpr int linesMax = 14;

} // namespace

Composer::Composer(const Desk& desk, const Words& words, QString draftPlace,
                   std::function<v1::Change(const QString& text)> make, QWidget* parent)
    : QWidget(parent), desk_(desk), draftPlace_(std::move(draftPlace)), make_(std::move(make))
{
    editor_ = new QPlainTextEdit;
    editor_->setPlaceholderText(words.placeholder);
    editor_->setAccessibleName(words.name);
    editor_->setTabChangesFocus(true);
    editor_->installEventFilter(this);
    preview_ = new DocumentView(desk_);
    stack_ = new QStackedWidget;
    stack_->addWidget(editor_);
    stack_->addWidget(preview_);
    hint_ = makeLabel(tr("Markdown is welcome. Ctrl+Enter sends, Esc keeps the draft."), Size::Small, Tone::Faint);
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

    if (const auto kept = draft(*desk_.reading, draftPlace_))
        editor_->setPlainText(kept->text);

    draftTimer_.setSingleShot(true);
    draftTimer_.setInterval(draftDelayMs);
    connect(&draftTimer_, &QTimer::timeout, this, &Composer::keepDraft);
    connect(editor_, &QPlainTextEdit::textChanged, this, [this] {
        changed_ = true;
        draftTimer_.start();
        fit();
    });
    connect(previewButton_, &QPushButton::clicked, this, &Composer::togglePreview);
    connect(sendButton_, &QPushButton::clicked, this, &Composer::send);
    connect(desk_.worker, &Worker::submitted, this, [this](const Id& change) {
        if (sending_.isNull() || change != sending_)
            return;
        sending_ = {};
        changed_ = false;
        editor_->clear();
        draftTimer_.stop();
        changed_ = false;
        editor_->setEnabled(true);
        fit();
        Q_EMIT sent();
    });
    connect(desk_.worker, &Worker::notSubmitted, this, [this](const Id& change, const Refusal& refusal) {
        if (sending_.isNull() || change != sending_)
            return;
        sending_ = {};
        editor_->setEnabled(true);
        fit();
        setTone(hint_, Tone::Bad);
        hint_->setText(refusalSentence(refusal));
    });
    fit();
}

Composer::~Composer()
{
    keepDraft();
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
    if (isEmpty() || !sending_.isNull())
        return;
    draftTimer_.stop();
    const v1::Change change = make_(editor_->toPlainText());
    sending_ = *Id::from(change.id());
    // The draft goes in the transaction that stores the change; until then nothing may be typed into it.
    editor_->setEnabled(false);
    sendButton_->setEnabled(false);
    desk_.worker->submit({change}, draftPlace_);
}

void Composer::leave()
{
    keepDraft();
    editor_->clearFocus();
    if (!isEmpty())
        hint_->setText(tr("Your draft is kept here."));
    Q_EMIT left();
}

void Composer::keepDraft()
{
    draftTimer_.stop();
    if (!changed_ || !sending_.isNull())
        return;
    changed_ = false;
    desk_.worker->saveDraft(draftPlace_, {}, editor_->toPlainText(), {});
}

void Composer::fit()
{
    const int lines = qBound(linesMin, editor_->document()->blockCount(), linesMax);
    const int margins = static_cast<int>(2 * editor_->document()->documentMargin()) + 2 * editor_->frameWidth();
    stack_->setFixedHeight(lines * editor_->fontMetrics().lineSpacing() + margins + grid(2));
    sendButton_->setEnabled(!isEmpty() && sending_.isNull());
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
