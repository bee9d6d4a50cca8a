#pragma once

// A question with everything below it: answers (the accepted one first), votes, comments, and the fields to
// write more; or a page with its comments. Answers are built a few at a time, as one scrolls: a thread of
// hundreds opens at once. GUI thread.

#include <QHash>

#include "client/models/row_model.h"
#include "client/ui/place.h"

class QLabel;
class QScrollArea;
class QVBoxLayout;

namespace stoa {

class Composer;
class PostBlock;

class ThreadView : public QWidget {
    Q_OBJECT

public:
    explicit ThreadView(const Desk& desk, QWidget* parent = nullptr);

    // Null: nothing is shown. Says whether the post is here.
    bool show(const Id& root);
    // Whether anything that is shown may be different by now.
    bool isTouched(const Touched& touched) const;
    // Takes over what is different; what the person is at stays. Says whether the post is still here.
    bool reload();
    const Id& root() const { return root_; }
    QString title() const;
    // An answer or a comment of the thread.
    void bringIntoView(const Id& post);

Q_SIGNALS:
    void wanted(const stoa::Location& location, bool newTab = false);
    void said(const QString& sentence);

private:
    void build();
    PostBlock* makeBlock();
    void setBlock(PostBlock* block, const PostText& post);
    void showAnswers();
    void showComposer();
    void addMore();

    Desk desk_;
    Id root_;
    std::optional<Thread> thread_;
    bool readOnly_ = false;
    int shown_ = 0; // answers that are built
    QScrollArea* scroll_;
    QVBoxLayout* column_;
    // Of the thread that is built; null where none is.
    QLabel* heading_ = nullptr;
    PostBlock* top_ = nullptr;
    QLabel* count_ = nullptr;
    QVBoxLayout* answers_ = nullptr;
    QHash<Id, PostBlock*> blocks_;
    QLabel* composerHead_ = nullptr;
    QVBoxLayout* composerPlace_ = nullptr;
    Composer* composer_ = nullptr;
};

} // namespace stoa
