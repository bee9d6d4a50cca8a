#include <QHBoxLayout>
#include <QVBoxLayout>

#include "client/ui/questions/composer.h"
#include "client/ui/questions/post_block.h"
#include "client/ui/review/review_view.h"
#include "client/ui/widgets/widgets.h"

namespace stoa {

LineNote::LineNote(const Desk& desk, QWidget* parent) : QFrame(parent), desk_(desk)
{
    setProperty("card", true);
    setAccessibleName(tr("What was said of this line"));
    comments_ = new QVBoxLayout;
    comments_->setSpacing(grid(1));
    writing_ = new QVBoxLayout;
    answer_ = makeButton(tr("Answer"), ButtonKind::Link);
    answer_->setAccessibleName(tr("Say more of this line"));
    connect(answer_, &QPushButton::clicked, this, &LineNote::answerWanted);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(grid(2), grid(2), grid(3), grid(2));
    layout->setSpacing(grid(1));
    layout->addLayout(comments_);
    layout->addLayout(writing_);
    auto* below = new QHBoxLayout;
    below->setContentsMargins(grid(2), 0, 0, 0);
    below->addWidget(answer_);
    below->addStretch(1);
    layout->addLayout(below);
}

void LineNote::set(const QList<PostText>& comments)
{
    QHash<Id, CommentBlock*> stale = std::exchange(blocks_, {});
    for (qsizetype i = 0; i < comments.size(); ++i) {
        CommentBlock* block = stale.take(comments[i].row.id);
        if (!block) {
            block = new CommentBlock(desk_);
            connect(block, &CommentBlock::wanted, this, &LineNote::wanted);
            connect(block, &CommentBlock::said, this, &LineNote::said);
        }
        block->set(comments[i]);
        blocks_.insert(comments[i].row.id, block);
        if (comments_->indexOf(block) != i)
            comments_->insertWidget(int(i), block);
        block->show();
    }
    for (CommentBlock* block : std::as_const(stale)) {
        comments_->removeWidget(block);
        block->hide();
        block->deleteLater();
    }
}

void LineNote::setComposer(Composer* composer)
{
    clearLayout(writing_);
    composer_ = composer;
    if (composer)
        writing_->addWidget(composer);
    answer_->setVisible(!composer);
}

QWidget* LineNote::commentBlock(const Id& comment) const
{
    return blocks_.value(comment);
}

} // namespace stoa
