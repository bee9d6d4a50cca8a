#include "client/ui/questions/thread_view.h"

#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QLocale>
#include <QScrollArea>
#include <QScrollBar>
#include <QTimer>
#include <QVBoxLayout>

#include "client/commands/sentences.h"
#include "client/ui/document/document_view.h"
#include "client/ui/questions/composer.h"
#include "client/ui/questions/rights.h"
#include "client/ui/widgets/widgets.h"

namespace stoa {

namespace {

constexpr int answersAtATime = 12;
constexpr int commentsAtFirst = 8;

QString whoAndWhen(const PostRow& row, qint64 nowMs)
{
    const QString who = row.authorName.isEmpty() ? ThreadView::tr("Somebody who left") : row.authorName;
    return who + QStringLiteral(" · ") + ageText(row.createdMs, nowMs);
}

} // namespace

ThreadView::ThreadView(const Desk& desk, QWidget* parent) : QWidget(parent), desk_(desk)
{
    auto* content = new QWidget;
    column_ = new QVBoxLayout(content);
    column_->setContentsMargins(grid(8), grid(6), grid(8), grid(8));
    column_->setSpacing(grid(3));
    scroll_ = makeScroll(content, metrics::reading + grid(16));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(scroll_);
    connect(scroll_->verticalScrollBar(), &QScrollBar::valueChanged, this, [this](int value) {
        if (value > scroll_->verticalScrollBar()->maximum() - scroll_->viewport()->height())
            addMore();
    });
}

QString ThreadView::title() const
{
    return thread_ ? thread_->post.row.title : QString();
}

bool ThreadView::show(const Id& question)
{
    if (question_ == question && thread_)
        return true;
    question_ = question;
    reload();
    scroll_->verticalScrollBar()->setValue(0);
    return thread_.has_value();
}

void ThreadView::reload()
{
    const int at = scroll_->verticalScrollBar()->value();
    const int before = shown_;
    thread_ = question_.isNull() ? std::nullopt : stoa::thread(*desk_.reading, question_);
    clearLayout(column_);
    blocks_.clear();
    answers_ = nullptr;
    composer_ = nullptr;
    shown_ = 0;
    if (!thread_)
        return;
    const PostRow& row = thread_->post.row;
    auto* heading = makeWrappedLabel(row.title, Size::Title, Tone::Text, Weight::Title);
    heading->setTextInteractionFlags(Qt::TextSelectableByMouse);
    column_->addWidget(heading);
    column_->addWidget(makePost(thread_->post, true));
    column_->addWidget(makeLabel(thread_->answers.isEmpty()
                                     ? tr("No answer yet")
                                     : counted(thread_->answers.size(), tr("%1 answer"), tr("%1 answers")),
                                 Size::Heading, Tone::Text, Weight::Title));
    answers_ = new QVBoxLayout;
    answers_->setSpacing(grid(4));
    column_->addLayout(answers_);
    do
        addMore();
    while (shown_ < before && shown_ < thread_->answers.size());

    const v1::Change probe = answerQuestion(desk_.pen, row.space, row.id, QStringLiteral("?"));
    if (allowed(desk_, probe)) {
        column_->addWidget(makeLabel(tr("Your answer"), Size::Text, Tone::Text, Weight::Strong));
        composer_ = new Composer(
            desk_, {tr("What do you know about it?"), tr("Answer"), tr("Your answer")},
            QStringLiteral("answer/") + QString::fromStdString(row.id.hex()),
            [this, space = row.space, id = row.id](const QString& text) {
                return answerQuestion(desk_.pen, space, id, text);
            });
        column_->addWidget(composer_);
    }
    column_->addStretch(1);
    QTimer::singleShot(0, this, [this, at] { scroll_->verticalScrollBar()->setValue(at); });
}

void ThreadView::addMore()
{
    if (!thread_ || !answers_)
        return;
    const int until = std::min<int>(shown_ + answersAtATime, int(thread_->answers.size()));
    for (; shown_ < until; ++shown_)
        answers_->addWidget(makePost(thread_->answers[shown_], false));
}

QWidget* ThreadView::makeVotes(const PostRow& row)
{
    auto* box = new QWidget;
    auto* layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    const bool mayVote = allowed(desk_, vote(desk_.pen, row.id, 1));
    const auto button = [&](const QString& sign, const QString& name, int value) {
        auto* one = new QToolButton;
        one->setText(sign);
        one->setAutoRaise(true);
        one->setCheckable(true);
        one->setChecked(row.myVote == value);
        one->setEnabled(mayVote);
        one->setToolTip(mayVote ? name : tr("Your own posts are for others to vote on"));
        one->setAccessibleName(name);
        connect(one, &QToolButton::clicked, this,
                [this, id = row.id, value, had = row.myVote] { submit(vote(desk_.pen, id, had == value ? 0 : value)); });
        layout->addWidget(one, 0, Qt::AlignHCenter);
    };
    button(QStringLiteral("▲"), tr("This is useful"), 1);
    QLabel* score = makeLabel(QLocale().toString(row.score), Size::Heading, Tone::Text, Weight::Title);
    score->setAccessibleName(tr("Score %1").arg(row.score));
    if (row.importedScore != 0)
        score->setToolTip(tr("%1 of it came with the import").arg(row.importedScore));
    layout->addWidget(score, 0, Qt::AlignHCenter);
    button(QStringLiteral("▼"), tr("This is not useful"), -1);
    layout->addStretch(1);
    box->setFixedWidth(grid(12));
    return box;
}

QWidget* ThreadView::makePost(const PostText& post, bool isQuestion)
{
    const PostRow& row = post.row;
    auto* block = new QFrame;
    blocks_.insert(row.id, block);
    auto* columns = new QHBoxLayout(block);
    columns->setContentsMargins(0, 0, 0, grid(2));
    columns->setSpacing(grid(3));
    columns->addWidget(makeVotes(row));
    auto* layout = new QVBoxLayout;
    layout->setSpacing(grid(2));
    columns->addLayout(layout, 1);

    auto* head = new QHBoxLayout;
    head->setSpacing(grid(2));
    head->addWidget(new Avatar(row.authorName));
    head->addWidget(makeLabel(whoAndWhen(row, desk_.pen.now()), Size::Small, Tone::Mute));
    const bool isAccepted = !isQuestion && thread_->post.row.accepted == row.id;
    if (isAccepted)
        head->addWidget(new Pill(tr("✓ Accepted"), Tone::Ok));
    if (row.refused)
        head->addWidget(new Pill(tr("Refused"), Tone::Bad));
    else if (row.pending)
        head->addWidget(new Pill(tr("Waiting"), Tone::Warn));
    if (isQuestion)
        for (const QString& tag : row.tags) {
            QPushButton* chip = makeButton(tag, ButtonKind::Chip);
            Location tagged = questionsLocation(row.space);
            tagged.tag = tag;
            connect(chip, &QPushButton::clicked, this, [this, tagged] { Q_EMIT wanted(tagged); });
            head->addWidget(chip);
        }
    head->addStretch(1);
    layout->addLayout(head);

    auto* text = new DocumentView(desk_);
    text->setAccessibleName(isQuestion ? tr("The question") : tr("Answer by %1").arg(row.authorName));
    text->setMarkdown(post.body);
    connect(text, &DocumentView::wanted, this, &ThreadView::wanted);
    connect(text, &DocumentView::linkFailed, this, &ThreadView::said);
    layout->addWidget(text);

    auto* below = new QHBoxLayout;
    below->setSpacing(grid(3));
    const auto add = [&](const QString& name, auto act) {
        QPushButton* button = makeButton(name, ButtonKind::Link);
        connect(button, &QPushButton::clicked, this, act);
        below->addWidget(button);
        return button;
    };
    auto* comments = new QVBoxLayout;
    comments->setSpacing(grid(1));
    if (allowed(desk_, stoa::commentOn(desk_.pen, row.space, row.id, QStringLiteral("?"))))
        add(tr("Comment"), [this, comments, row] { commentOn(comments, row); });
    if (isQuestion)
        add(row.bookmarked ? tr("Remove bookmark") : tr("Bookmark"),
            [this, row] { submit(bookmark(desk_.pen, row.id, !row.bookmarked)); });
    if (!isQuestion) {
        if (const auto question = record(*desk_.reading, question_)) {
            const v1::Change accepting = acceptAnswer(desk_.pen, *question, isAccepted ? Id{} : row.id);
            if (allowed(desk_, accepting))
                add(isAccepted ? tr("Take acceptance back") : tr("Accept this answer"), [this, id = row.id, isAccepted] {
                    if (const auto now = record(*desk_.reading, question_))
                        submit(acceptAnswer(desk_.pen, *now, isAccepted ? Id{} : id));
                });
        }
    }
    below->addStretch(1);
    layout->addLayout(below);
    addComments(comments, row);
    layout->addLayout(comments);
    layout->addWidget(makeLine());
    return block;
}

void ThreadView::addComments(QVBoxLayout* layout, const PostRow& row)
{
    QList<PostText> here;
    for (const PostText& comment : thread_->comments)
        if (comment.row.parent == row.id)
            here.append(comment);
    const auto addOne = [this](QVBoxLayout* to, const PostText& comment) {
        auto* box = new QWidget;
        auto* boxLayout = new QVBoxLayout(box);
        boxLayout->setContentsMargins(grid(3), grid(1), 0, grid(1));
        boxLayout->setSpacing(0);
        auto* text = new DocumentView(desk_);
        text->setTextSize(Size::Text);
        text->setAccessibleName(tr("Comment by %1").arg(comment.row.authorName));
        text->setMarkdown(comment.body);
        connect(text, &DocumentView::wanted, this, &ThreadView::wanted);
        connect(text, &DocumentView::linkFailed, this, &ThreadView::said);
        boxLayout->addWidget(text);
        QString meta = whoAndWhen(comment.row, desk_.pen.now());
        if (comment.row.score != 0)
            meta += QStringLiteral(" · ▲ %1").arg(comment.row.score);
        if (comment.row.refused)
            meta += QStringLiteral(" · ") + tr("refused");
        else if (comment.row.pending)
            meta += QStringLiteral(" · ") + tr("waiting");
        boxLayout->addWidget(makeLabel(meta, Size::Small, comment.row.refused ? Tone::Bad : Tone::Mute));
        blocks_.insert(comment.row.id, box);
        to->addWidget(box);
    };
    for (qsizetype i = 0; i < std::min<qsizetype>(here.size(), commentsAtFirst); ++i)
        addOne(layout, here[i]);
    if (here.size() <= commentsAtFirst)
        return;
    QPushButton* more = makeButton(
        counted(here.size() - commentsAtFirst, tr("Show %1 more comment"), tr("Show %1 more comments")), ButtonKind::Link);
    layout->addWidget(more, 0, Qt::AlignLeft);
    connect(more, &QPushButton::clicked, this, [layout, more, here, addOne] {
        more->deleteLater();
        for (qsizetype i = commentsAtFirst; i < here.size(); ++i)
            addOne(layout, here[i]);
    });
}

void ThreadView::commentOn(QVBoxLayout* layout, const PostRow& row)
{
    auto* composer = new Composer(
        desk_, {tr("Ask for more, or add to it"), tr("Comment"), tr("Your comment")},
        QStringLiteral("comment/") + QString::fromStdString(row.id.hex()),
        [this, space = row.space, id = row.id](const QString& text) {
            return stoa::commentOn(desk_.pen, space, id, text);
        });
    composer->setVanishing(true);
    layout->addWidget(composer);
    connect(composer, &Composer::left, composer, &QObject::deleteLater);
    composer->focusEditor();
}

void ThreadView::submit(const v1::Change& change)
{
    desk_.worker->submit({change});
}

void ThreadView::bringIntoView(const Id& post)
{
    while (thread_ && !blocks_.contains(post) && shown_ < thread_->answers.size())
        addMore();
    if (QWidget* block = blocks_.value(post))
        QTimer::singleShot(0, block, [this, block] { scroll_->ensureWidgetVisible(block, 0, grid(8)); });
}

void ThreadView::takeFocus()
{
    scroll_->setFocus(Qt::OtherFocusReason);
}

} // namespace stoa
