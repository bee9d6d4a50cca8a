#include "client/ui/pages/page_comments.h"

#include <algorithm>

#include <QVBoxLayout>

#include "client/ui/questions/composer.h"
#include "client/ui/questions/post_block.h"
#include "client/ui/rights.h"
#include "client/ui/widgets/widgets.h"

namespace stoa {

namespace {

constexpr qsizetype pageCommentsAtFirst = 8;

} // namespace

PageComments::PageComments(const Desk& desk, QWidget* parent) : QWidget(parent), desk_(desk)
{
    count_ = makeLabel({}, Size::Text, Tone::Text, Weight::Strong);
    list_ = new QVBoxLayout;
    list_->setSpacing(grid(1));
    more_ = makeButton({}, ButtonKind::Link);
    writing_ = new QVBoxLayout;
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins({});
    layout->setSpacing(grid(2));
    layout->addWidget(makeLine());
    layout->addWidget(count_);
    layout->addLayout(list_);
    layout->addWidget(more_, 0, Qt::AlignLeft);
    layout->addLayout(writing_);
    connect(more_, &QPushButton::clicked, this, [this] {
        all_ = true;
        showComments();
    });
}

void PageComments::setPage(const PostRow& page)
{
    const auto thread = page.comments > 0 ? stoa::thread(*desk_.reading, page.id) : std::nullopt;
    setPage(page, thread ? thread->comments : QList<PostText>());
}

void PageComments::setPage(const PostRow& post, const QList<PostText>& comments, qsizetype besideLines)
{
    const bool another = page_.id != post.id;
    page_ = post;
    if (another)
        all_ = false;
    comments_ = comments;
    besideLines_ = besideLines;
    showComments();
    if (another)
        dropComposer();
    showComposer();
    setVisible(!comments_.isEmpty() || composer_);
}

QWidget* PageComments::commentBlock(const Id& comment)
{
    const auto isIt = [&](const PostText& each) { return each.row.id == comment; };
    if (std::none_of(comments_.begin(), comments_.end(), isIt))
        return nullptr;
    if (!blocks_.contains(comment)) {
        all_ = true;
        showComments();
    }
    return blocks_.value(comment);
}

void PageComments::showComments()
{
    const qsizetype shown = all_ ? comments_.size() : std::min(comments_.size(), pageCommentsAtFirst);
    QHash<Id, CommentBlock*> stale = std::exchange(blocks_, {});
    for (qsizetype i = 0; i < shown; ++i) {
        CommentBlock* block = stale.take(comments_[i].row.id);
        if (!block) {
            block = new CommentBlock(desk_);
            connect(block, &CommentBlock::wanted, this, &PageComments::wanted);
            connect(block, &CommentBlock::said, this, &PageComments::said);
        }
        block->set(comments_[i]);
        blocks_.insert(comments_[i].row.id, block);
        if (list_->indexOf(block) != i)
            list_->insertWidget(int(i), block);
        block->show(); // now, so that it can be scrolled to
    }
    for (CommentBlock* block : std::as_const(stale)) {
        list_->removeWidget(block);
        block->hide();
        block->deleteLater();
    }
    QStringList counts;
    if (!comments_.isEmpty())
        counts << counted(comments_.size(), tr("%1 comment"), tr("%1 comments"));
    if (besideLines_ > 0)
        counts << counted(besideLines_, tr("%1 comment beside a line"), tr("%1 comments beside lines"));
    count_->setText(counts.isEmpty() ? tr("No comment yet") : counts.join(QStringLiteral(" · ")));
    const qsizetype rest = comments_.size() - shown;
    more_->setText(counted(rest, tr("Show %1 more comment"), tr("Show %1 more comments")));
    more_->setVisible(rest > 0);
}

// There as long as this person may comment; what is half-written stays.
void PageComments::showComposer()
{
    const auto space = stoa::space(*desk_.reading, page_.space);
    const bool may =
        space && !space->setAside && allowed(desk_, commentOn(desk_.pen, page_.space, page_.id, QStringLiteral("?")));
    if (!may)
        dropComposer();
    if (!may || composer_)
        return;
    composer_ = new Composer(desk_, {tr("Ask for more, or add to it"), tr("Comment"), tr("Your comment")},
                             QStringLiteral("comment/") + QString::fromStdString(page_.id.hex()),
                             [this, space = page_.space, page = page_.id](const QString& text) {
                                 return commentOn(desk_.pen, space, page, text);
                             });
    connect(composer_, &Composer::sent, this, [this] { all_ = true; });
    writing_->addWidget(composer_);
}

bool PageComments::focusComposer()
{
    if (composer_)
        composer_->focusEditor();
    return composer_;
}

void PageComments::dropComposer()
{
    if (composer_)
        composer_->keep();
    composer_ = nullptr;
    clearLayout(writing_);
}

} // namespace stoa
