#include "client/ui/questions/post_block.h"

#include <QHBoxLayout>
#include <QLocale>
#include <QVBoxLayout>

#include "client/commands/sentences.h"
#include "client/ui/document/document_view.h"
#include "client/ui/editor/body_editor.h"
#include "client/ui/questions/composer.h"
#include "client/ui/rights.h"
#include "client/ui/widgets/notice_bar.h"
#include "client/ui/widgets/widgets.h"

namespace stoa {

namespace {

constexpr int besideNameMin = grid(120); // narrower, tags stand below who wrote it
constexpr int commentsAtFirst = 8;

QString whoAndWhen(const PostRow& row, qint64 nowMs)
{
    return isolated(authorText(row.author, row.authorName)) + QStringLiteral(" · ") + ageText(row.createdMs, nowMs);
}

// In the place of the text, until somebody is done with it; then the keyboard goes back to the button.
BodyEditor* openEditor(const Desk& desk, const Id& post, DocumentView* instead, QPushButton* from)
{
    auto* editor = new BodyEditor(desk, BodyEditor::Kind::Small);
    QPushButton* done = makeButton(BodyEditor::tr("Done"), ButtonKind::Primary);
    done->setToolTip(BodyEditor::tr("Everything is kept (Esc)"));
    editor->footer()->addWidget(done);
    editor->open(post);
    const auto close = [editor, instead, from] {
        editor->keep();
        editor->hide();
        editor->deleteLater();
        instead->show();
        from->show();
        from->setFocus(Qt::OtherFocusReason);
    };
    QObject::connect(done, &QPushButton::clicked, editor, close);
    QObject::connect(editor, &BodyEditor::leaveWanted, editor, close);
    auto* layout = static_cast<QBoxLayout*>(instead->parentWidget()->layout());
    for (QBoxLayout* each : instead->parentWidget()->findChildren<QBoxLayout*>())
        if (each->indexOf(instead) >= 0)
            layout = each;
    layout->insertWidget(layout->indexOf(instead), editor);
    editor->show(); // now, so that it can have the keyboard
    instead->hide();
    from->hide();
    editor->focusText();
    return editor;
}

QString commentPlace(const Id& post)
{
    return QStringLiteral("comment/") + QString::fromStdString(post.hex());
}

} // namespace

CommentBlock::CommentBlock(const Desk& desk, QWidget* parent) : QWidget(parent), desk_(desk)
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(grid(3), grid(1), 0, grid(1));
    layout->setSpacing(0);
    text_ = new DocumentView(desk_);
    text_->setTextSize(Size::Text);
    connect(text_, &DocumentView::wanted, this, &CommentBlock::wanted);
    connect(text_, &DocumentView::linkFailed, this, &CommentBlock::said);
    about_ = makeElidedLabel({}, Size::Small, Tone::Mute);
    edit_ = makeButton(tr("Edit"), ButtonKind::Link);
    edit_->hide();
    connect(edit_, &QPushButton::clicked, this, &CommentBlock::edit);
    auto* below = new QHBoxLayout;
    below->setSpacing(grid(2));
    below->addWidget(about_);
    below->addWidget(edit_);
    remove_ = makeButton(tr("Delete"), ButtonKind::Link);
    remove_->hide();
    connect(remove_, &QPushButton::clicked, this, &CommentBlock::askToDelete);
    below->addWidget(remove_);
    below->addStretch(1);
    layout->addWidget(text_);
    layout->addLayout(below);
}

void CommentBlock::edit()
{
    if (editor_)
        return;
    editor_ = openEditor(desk_, comment_, text_, edit_);
    connect(editor_, &BodyEditor::wanted, this, &CommentBlock::wanted);
    connect(editor_, &BodyEditor::said, this, &CommentBlock::said);
}

void keepTexts(QWidget* in)
{
    for (BodyEditor* editing : in->findChildren<BodyEditor*>()) {
        editing->refresh();
        editing->keep();
    }
}

void CommentBlock::askToDelete()
{
    if (!removal_) {
        removal_ = new RemovalBar(desk_, remove_);
        static_cast<QBoxLayout*>(layout())->addWidget(removal_);
        connect(removal_, &RemovalBar::said, this, &CommentBlock::said);
    }
    removal_->ask(comment_);
}

void CommentBlock::set(const PostText& comment)
{
    const PostRow& row = comment.row;
    text_->setAccessibleName(tr("Comment by %1").arg(authorText(row.author, row.authorName)));
    text_->setMarkdown(comment.body);
    QString about = whoAndWhen(row, desk_.pen.now());
    if (row.score != 0)
        about += QStringLiteral(" · ▲ %1").arg(row.score);
    if (row.refused)
        about += QStringLiteral(" · ") + tr("refused");
    else if (row.pending)
        about += QStringLiteral(" · ") + tr("waiting");
    about_->setFullText(about);
    setTone(about_, row.refused ? Tone::Bad : Tone::Mute);
    comment_ = row.id;
    remove_->setVisible(allowed(desk_, deletePost(desk_.pen, row.id)));
    if (editor_)
        editor_->refresh();
    else
        edit_->setVisible(row.author == desk_.pen.person &&
                          allowed(desk_, editBody(desk_.pen, row.id, {}, TextChange())));
}

PostBlock::PostBlock(const Desk& desk, QWidget* parent) : QFrame(parent), desk_(desk)
{
    votes_ = new QWidget;
    votes_->setFixedWidth(grid(12));
    up_ = makeVote(QStringLiteral("▲"), tr("This is useful"), 1);
    down_ = makeVote(QStringLiteral("▼"), tr("This is not useful"), -1);
    score_ = makeLabel({}, Size::Heading, Tone::Text, Weight::Title);
    auto* votesLayout = new QVBoxLayout(votes_);
    votesLayout->setContentsMargins(0, 0, 0, 0);
    votesLayout->setSpacing(0);
    votesLayout->addWidget(up_, 0, Qt::AlignHCenter);
    votesLayout->addWidget(score_, 0, Qt::AlignHCenter);
    votesLayout->addWidget(down_, 0, Qt::AlignHCenter);
    votesLayout->addStretch(1);

    avatar_ = new Avatar({});
    about_ = makeElidedLabel({}, Size::Small, Tone::Mute);
    accepted_ = new Pill(tr("✓ Accepted"), Tone::Ok);
    state_ = new Pill;
    tags_ = new QHBoxLayout;
    tags_->setSpacing(grid(2));
    auto* head = new QHBoxLayout;
    head->setSpacing(grid(2));
    head->addWidget(avatar_);
    head->addWidget(about_);
    head->addWidget(accepted_);
    head->addWidget(state_);
    head->addStretch(0);
    top_ = new QBoxLayout(QBoxLayout::LeftToRight);
    top_->setSpacing(grid(2));
    top_->addLayout(head);
    top_->addLayout(tags_);
    top_->addStretch(1);

    text_ = new DocumentView(desk_);
    connect(text_, &DocumentView::wanted, this, &PostBlock::wanted);
    connect(text_, &DocumentView::linkFailed, this, &PostBlock::said);
    connect(text_, &DocumentView::anchorReached, this,
            [this](int y) { Q_EMIT anchorReached(text_->mapTo(this, QPoint(0, y)).y()); });

    acts_ = new QHBoxLayout;
    acts_->setSpacing(grid(3));
    comment_ = makeAct(tr("Comment"), &PostBlock::writeComment);
    bookmark_ = makeAct(tr("Bookmark"), &PostBlock::toggleBookmark);
    accept_ = makeAct(tr("Accept this answer"), &PostBlock::toggleAccepted);
    edit_ = makeAct(tr("Edit"), &PostBlock::edit);
    remove_ = makeAct(tr("Delete"), &PostBlock::askToDelete);
    page_ = makeAct(tr("Open among the pages"), &PostBlock::openPage);
    acts_->addStretch(1);

    comments_ = new QVBoxLayout;
    comments_->setSpacing(grid(1));
    more_ = makeButton({}, ButtonKind::Link);
    connect(more_, &QPushButton::clicked, this, [this] {
        allComments_ = true;
        showComments();
    });
    writing_ = new QVBoxLayout;

    auto* layout = new QVBoxLayout;
    layout->setSpacing(grid(2));
    layout->addLayout(top_);
    layout->addWidget(text_);
    layout->addLayout(acts_);
    layout->addLayout(comments_);
    layout->addWidget(more_, 0, Qt::AlignLeft);
    layout->addLayout(writing_);
    layout->addWidget(makeLine());
    auto* columns = new QHBoxLayout(this);
    columns->setContentsMargins(0, 0, 0, grid(2));
    columns->setSpacing(grid(3));
    columns->addWidget(votes_);
    columns->addLayout(layout, 1);
}

QToolButton* PostBlock::makeVote(const QString& sign, const QString& name, int value)
{
    auto* button = new QToolButton;
    button->setText(sign);
    button->setAutoRaise(true);
    button->setCheckable(true);
    button->setToolTip(name);
    button->setAccessibleName(name);
    connect(button, &QToolButton::clicked, this, [this, button, value] {
        // How it stands is read, not guessed: the replica answers within moments, or refuses.
        button->setChecked(row().myVote == value);
        submit(vote(desk_.pen, row().id, row().myVote == value ? 0 : value));
    });
    return button;
}

QPushButton* PostBlock::makeAct(const QString& name, void (PostBlock::*act)())
{
    QPushButton* button = makeButton(name, ButtonKind::Link);
    connect(button, &QPushButton::clicked, this, act);
    acts_->addWidget(button);
    return button;
}

void PostBlock::set(const Shown& shown)
{
    shown_ = shown;
    text_->setAccessibleName(row().kind == v1::QUESTION ? tr("The question")
                             : row().kind == v1::ANSWER
                                 ? tr("Answer by %1").arg(authorText(row().author, row().authorName))
                                 : tr("The page"));
    text_->setMarkdown(shown_.post.body);
    showVotes();
    showHead();
    showActs();
    showComments();
}

void PostBlock::showVotes()
{
    votes_->setVisible(row().kind == v1::QUESTION || row().kind == v1::ANSWER);
    const bool own = row().author == desk_.pen.person;
    const bool mayVote = !own && !shown_.readOnly && allowed(desk_, vote(desk_.pen, row().id, 1));
    for (QToolButton* button : {up_, down_}) {
        button->setChecked(row().myVote == (button == up_ ? 1 : -1));
        button->setEnabled(mayVote);
        button->setToolTip(mayVote           ? button->accessibleName()
                           : own             ? tr("Your own posts are for others to vote on")
                           : shown_.readOnly ? tr("This space can only be read now")
                                             : tr("Your role in this space does not include voting"));
    }
    score_->setText(QLocale().toString(row().score));
    score_->setAccessibleName(tr("Score %1").arg(row().score));
    score_->setToolTip(row().importedScore != 0 ? tr("%1 of it came with the import").arg(row().importedScore)
                                                : QString());
}

void PostBlock::showHead()
{
    avatar_->setName(authorText(row().author, row().authorName));
    about_->setFullText(whoAndWhen(row(), desk_.pen.now()));
    accepted_->setVisible(shown_.accepted);
    state_->setVisible(row().refused || row().pending);
    if (row().refused)
        state_->set(tr("Refused"), Tone::Bad);
    else
        state_->set(tr("Waiting"), Tone::Warn);
    if (shownTags_ == row().tags)
        return;
    shownTags_ = row().tags;
    clearLayout(tags_);
    for (const QString& tag : row().tags) {
        QPushButton* chip = makeButton(tag, ButtonKind::Chip);
        chip->setCheckable(false);
        chip->setMinimumWidth(grid(8));
        Location tagged = questionsLocation(row().space);
        tagged.tag = tag;
        connect(chip, &QPushButton::clicked, this, [this, tagged] { Q_EMIT wanted(tagged); });
        tags_->addWidget(chip);
    }
    tags_->addStretch(1);
}

void PostBlock::resizeEvent(QResizeEvent* event)
{
    QFrame::resizeEvent(event);
    top_->setDirection(width() < besideNameMin ? QBoxLayout::TopToBottom : QBoxLayout::LeftToRight);
}

void PostBlock::showActs()
{
    const bool isAnswer = row().kind == v1::ANSWER;
    comment_->setVisible(!shown_.readOnly &&
                         allowed(desk_, commentOn(desk_.pen, row().space, row().id, QStringLiteral("?"))));
    nameComment();
    bookmark_->setVisible(!isAnswer);
    bookmark_->setText(row().bookmarked ? tr("Remove bookmark") : tr("Bookmark"));
    page_->setVisible(row().kind == v1::PAGE);
    edit_->setVisible(!editor_ && !shown_.readOnly && (row().kind == v1::QUESTION || isAnswer) &&
                      allowed(desk_, editBody(desk_.pen, row().id, {}, TextChange())));
    remove_->setVisible(!shown_.readOnly && (row().kind == v1::QUESTION || isAnswer) &&
                        allowed(desk_, deletePost(desk_.pen, row().id)));
    if (editor_)
        editor_->refresh();
    bool mayAccept = false;
    if (isAnswer && !shown_.readOnly)
        if (const auto question = record(*desk_.reading, row().root))
            mayAccept = allowed(desk_, acceptAnswer(desk_.pen, *question, shown_.accepted ? Id{} : row().id));
    accept_->setVisible(mayAccept);
    accept_->setText(shown_.accepted ? tr("Take acceptance back") : tr("Accept this answer"));
    if (shown_.readOnly) {
        clearLayout(writing_);
        composer_ = nullptr;
    }
}

// A comment that was begun and left is not forgotten.
void PostBlock::nameComment()
{
    const bool isBegun =
        !DraftsOnTheirWay::of(*desk_.worker).find(*desk_.reading, commentPlace(row().id)).text.isEmpty();
    comment_->setText(isBegun && !composer_ ? tr("Go on with your comment") : tr("Comment"));
}

void PostBlock::showComments()
{
    const qsizetype count =
        allComments_ ? shown_.comments.size() : std::min<qsizetype>(shown_.comments.size(), commentsAtFirst);
    QHash<Id, CommentBlock*> stale = std::exchange(commentBlocks_, {});
    for (qsizetype i = 0; i < count; ++i) {
        const PostText& comment = shown_.comments[i];
        CommentBlock* block = stale.take(comment.row.id);
        if (!block) {
            block = new CommentBlock(desk_);
            connect(block, &CommentBlock::wanted, this, &PostBlock::wanted);
            connect(block, &CommentBlock::said, this, &PostBlock::said);
        }
        block->set(comment);
        commentBlocks_.insert(comment.row.id, block);
        if (comments_->indexOf(block) != i)
            comments_->insertWidget(static_cast<int>(i), block);
    }
    for (CommentBlock* block : std::as_const(stale)) {
        keepTexts(block);
        comments_->removeWidget(block);
        block->hide();
        block->deleteLater();
    }
    const qsizetype rest = shown_.comments.size() - count;
    more_->setText(counted(rest, tr("Show %1 more comment"), tr("Show %1 more comments")));
    more_->setVisible(rest > 0);
}

QWidget* PostBlock::commentBlock(const Id& comment)
{
    const auto isIt = [&](const PostText& each) { return each.row.id == comment; };
    if (std::none_of(shown_.comments.begin(), shown_.comments.end(), isIt))
        return nullptr;
    if (!commentBlocks_.contains(comment)) {
        allComments_ = true;
        showComments();
    }
    return commentBlocks_.value(comment);
}

void PostBlock::writeComment()
{
    if (!composer_) {
        composer_ =
            new Composer(desk_, {tr("Ask for more, or add to it"), tr("Comment"), tr("Your comment")},
                         QStringLiteral("comment/") + QString::fromStdString(row().id.hex()),
                         [this](const QString& text) { return commentOn(desk_.pen, row().space, row().id, text); });
        writing_->addWidget(composer_);
        const auto close = [this] {
            clearLayout(writing_);
            composer_ = nullptr;
            nameComment();
            comment_->setFocus(Qt::OtherFocusReason);
        };
        connect(composer_, &Composer::left, this, close);
        connect(composer_, &Composer::sent, this, [this, close] {
            allComments_ = true; // or one's own would be the one that is not seen
            close();
        });
    }
    composer_->focusEditor();
}

void PostBlock::edit()
{
    if (editor_)
        return;
    editor_ = openEditor(desk_, row().id, text_, edit_);
    connect(editor_, &BodyEditor::wanted, this, &PostBlock::wanted);
    connect(editor_, &BodyEditor::said, this, &PostBlock::said);
}

void PostBlock::askToDelete()
{
    if (!removal_) {
        removal_ = new RemovalBar(desk_, remove_);
        auto* column = static_cast<QBoxLayout*>(layout()->itemAt(1)->layout());
        column->insertWidget(column->indexOf(acts_) + 1, removal_);
        connect(removal_, &RemovalBar::said, this, &PostBlock::said);
    }
    removal_->ask(row().id);
}

void PostBlock::toggleBookmark()
{
    submit(bookmark(desk_.pen, row().id, !row().bookmarked));
}

void PostBlock::toggleAccepted()
{
    if (const auto question = record(*desk_.reading, row().root))
        submit(acceptAnswer(desk_.pen, *question, shown_.accepted ? Id{} : row().id));
}

void PostBlock::openPage()
{
    Q_EMIT wanted(pagesLocation(row().space, row().id));
}

void PostBlock::submit(const v1::Change& change)
{
    desk_.worker->submit({change});
}

} // namespace stoa
