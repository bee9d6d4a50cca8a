#pragma once

// What people say below a page, and the field to say more. What was read again is taken over in place, so
// that a half-written comment and a selection stay where they are. GUI thread.

#include <QHash>

#include "client/models/row_model.h"
#include "client/ui/place.h"

class QLabel;
class QPushButton;
class QVBoxLayout;

namespace stoa {

class CommentBlock;
class Composer;

class PageComments : public QWidget {
    Q_OBJECT

public:
    explicit PageComments(const Desk& desk, QWidget* parent = nullptr);

    void setPage(const PostRow& page);
    // Of any post: those of its comments that belong here; so many others are shown beside its lines.
    void setPage(const PostRow& post, const QList<PostText>& comments, qsizetype besideLines = 0);
    // Null where it is none of this page's.
    QWidget* commentBlock(const Id& comment);
    // Where a new one is written; whether there is such a place.
    bool focusComposer();

Q_SIGNALS:
    void wanted(const stoa::Location& location, bool newTab = false);
    void said(const QString& sentence);

private:
    void showComments();
    void showComposer();
    void dropComposer();

    Desk desk_;
    PostRow page_;
    QList<PostText> comments_;
    qsizetype besideLines_ = 0;
    bool all_ = false;
    QLabel* count_;
    QVBoxLayout* list_;
    QHash<Id, CommentBlock*> blocks_;
    QPushButton* more_;
    QVBoxLayout* writing_;
    Composer* composer_ = nullptr;
};

} // namespace stoa
