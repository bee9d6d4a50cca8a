#include "client/ui/questions/thread_view.h"

#include <QScrollArea>
#include <QScrollBar>
#include <QTimer>
#include <QVBoxLayout>

#include "client/ui/questions/composer.h"
#include "client/ui/questions/post_block.h"
#include "client/ui/rights.h"
#include "client/ui/widgets/widgets.h"

namespace stoa {

namespace {

constexpr int answersAtATime = 12;

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

bool ThreadView::isTouched(const Touched& touched) const
{
    // Names, bookmarks, what this person may do here.
    if (touched.directory || touched.personal || touched.feeds)
        return true;
    if (!thread_ || touched.posts.contains(root_))
        return true;
    if (touched.bulk && touched.spaces.contains(thread_->post.row.space))
        return true;
    const QSet<Id> posts(touched.posts.begin(), touched.posts.end());
    const auto isNamed = [&](const PostText& each) { return posts.contains(each.row.id); };
    return std::any_of(thread_->answers.begin(), thread_->answers.end(), isNamed) ||
           std::any_of(thread_->comments.begin(), thread_->comments.end(), isNamed);
}

QString ThreadView::title() const
{
    return thread_ ? thread_->post.row.title : QString();
}

bool ThreadView::show(const Id& root)
{
    if (root_ == root && thread_)
        return true;
    root_ = root;
    thread_.reset();
    reload();
    scroll_->verticalScrollBar()->setValue(0);
    return thread_.has_value();
}

bool ThreadView::reload()
{
    const bool isBuilt = thread_ && top_;
    thread_ = root_.isNull() ? std::nullopt : stoa::thread(*desk_.reading, root_);
    if (!thread_ || !isBuilt)
        build();
    if (!thread_)
        return false;
    const PostRow& row = thread_->post.row;
    const auto home = stoa::space(*desk_.reading, row.space);
    readOnly_ = !home || home->setAside;
    heading_->setText(row.title);
    setBlock(top_, thread_->post);
    count_->setVisible(row.kind == v1::QUESTION);
    count_->setText(thread_->answers.isEmpty() ? tr("No answer yet")
                                               : counted(thread_->answers.size(), tr("%1 answer"), tr("%1 answers")));
    showAnswers();
    showComposer();
    return true;
}

// Everything anew and empty, for another thread.
void ThreadView::build()
{
    // They go a moment later; whoever writes here next is to find the text.
    for (Composer* writing : findChildren<Composer*>())
        writing->keep();
    keepTexts(this);
    clearLayout(column_);
    blocks_.clear();
    shown_ = 0;
    top_ = nullptr;
    composer_ = nullptr;
    if (!thread_)
        return;
    heading_ = makeWrappedLabel({}, Size::Title, Tone::Text, Weight::Title);
    top_ = makeBlock();
    count_ = makeLabel({}, Size::Heading, Tone::Text, Weight::Title);
    answers_ = new QVBoxLayout;
    answers_->setSpacing(grid(4));
    composerHead_ = makeLabel(tr("Your answer"), Size::Text, Tone::Text, Weight::Strong);
    composerPlace_ = new QVBoxLayout;
    column_->addWidget(heading_);
    column_->addWidget(top_);
    column_->addWidget(count_);
    column_->addLayout(answers_);
    column_->addWidget(composerHead_);
    column_->addLayout(composerPlace_);
    column_->addStretch(1);
}

PostBlock* ThreadView::makeBlock()
{
    auto* block = new PostBlock(desk_);
    connect(block, &PostBlock::wanted, this, &ThreadView::wanted);
    connect(block, &PostBlock::said, this, &ThreadView::said);
    connect(block, &PostBlock::anchorReached, this, [this, block](int y) {
        scroll_->verticalScrollBar()->setValue(block->mapTo(scroll_->widget(), QPoint(0, y)).y());
    });
    return block;
}

void ThreadView::setBlock(PostBlock* block, const PostText& post)
{
    PostBlock::Shown shown{.post = post,
                           .comments = {},
                           .accepted = post.row.kind == v1::ANSWER && thread_->post.row.accepted == post.row.id,
                           .readOnly = readOnly_};
    for (const PostText& comment : std::as_const(thread_->comments))
        if (comment.row.parent == post.row.id)
            shown.comments.append(comment);
    block->set(shown);
}

void ThreadView::showAnswers()
{
    const QList<PostText>& answers = thread_->answers;
    const int count = static_cast<int>(answers.size());
    shown_ = std::max(shown_, answersAtATime);
    // An answer that is built stays, with what is being written below it, also where it has moved down.
    for (int i = shown_; i < count; ++i)
        if (blocks_.contains(answers[i].row.id))
            shown_ = i + 1;
    shown_ = std::min(shown_, count);
    QHash<Id, PostBlock*> stale = std::exchange(blocks_, {});
    for (int i = 0; i < shown_; ++i) {
        PostBlock* block = stale.take(answers[i].row.id);
        if (!block)
            block = makeBlock();
        setBlock(block, answers[i]);
        blocks_.insert(answers[i].row.id, block);
        if (answers_->indexOf(block) != i) {
            answers_->removeWidget(block);
            answers_->insertWidget(i, block);
        }
    }
    for (PostBlock* block : std::as_const(stale)) {
        keepTexts(block);
        answers_->removeWidget(block);
        block->hide();
        block->deleteLater();
    }
}

void ThreadView::showComposer()
{
    const PostRow& row = thread_->post.row;
    const bool mayAnswer = row.kind == v1::QUESTION && !readOnly_ &&
                           allowed(desk_, answerQuestion(desk_.pen, row.space, row.id, QStringLiteral("?")));
    composerHead_->setVisible(mayAnswer || readOnly_);
    composerHead_->setText(readOnly_ ? tr("This space can only be read now: the server no longer serves it to you.")
                                     : tr("Your answer"));
    if (mayAnswer && !composer_) {
        composer_ = new Composer(desk_, {tr("What do you know about it?"), tr("Answer"), tr("Your answer")},
                                 QStringLiteral("answer/") + QString::fromStdString(row.id.hex()),
                                 [this, space = row.space, id = row.id](const QString& text) {
                                     return answerQuestion(desk_.pen, space, id, text);
                                 });
        composerPlace_->addWidget(composer_);
    } else if (!mayAnswer && composer_) {
        clearLayout(composerPlace_);
        composer_ = nullptr;
    }
}

void ThreadView::addMore()
{
    if (!thread_ || !top_ || shown_ >= thread_->answers.size())
        return;
    const int until = std::min<int>(shown_ + answersAtATime, static_cast<int>(thread_->answers.size()));
    for (; shown_ < until; ++shown_) {
        const PostText& answer = thread_->answers[shown_];
        PostBlock* block = makeBlock();
        setBlock(block, answer);
        blocks_.insert(answer.row.id, block);
        answers_->addWidget(block);
    }
}

void ThreadView::bringIntoView(const Id& post)
{
    if (!thread_)
        return;
    Id holder = post;
    for (const PostText& comment : std::as_const(thread_->comments))
        if (comment.row.id == post)
            holder = comment.row.parent;
    const auto isHolder = [&](const PostText& answer) { return answer.row.id == holder; };
    if (std::any_of(thread_->answers.begin(), thread_->answers.end(), isHolder))
        while (!blocks_.contains(holder))
            addMore();
    PostBlock* block = holder == root_ ? top_ : blocks_.value(holder);
    QWidget* target = block && holder != post ? block->commentBlock(post) : block;
    if (target)
        QTimer::singleShot(
            0, target, [this, target] { scroll_->ensureWidgetVisible(target, 0, scroll_->viewport()->height() / 3); });
}

} // namespace stoa
