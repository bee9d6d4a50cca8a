#pragma once

// One post of a thread with everything that belongs to it: who and when, its state, the body, votes, what
// may be done with it, its comments and the field for a new one. GUI thread.

#include <QFrame>

#include "client/replica/queries.h"
#include "client/ui/place.h"

class QHBoxLayout;
class QLabel;
class QPushButton;
class QToolButton;
class QVBoxLayout;

namespace stoa {

class Composer;
class DocumentView;

class PostBlock : public QFrame {
    Q_OBJECT

public:
    PostBlock(const PlaceContext& context, const PostText& post, QWidget* parent = nullptr);

    // Brings what is shown up to the rows; the body is laid out again only where it has changed.
    void update(const PostText& post, const QList<PostText>& comments, const PostRow& root);
    const PostRow& row() const { return post_.row; }
    void scrollToAnchor(const QString& anchor);

Q_SIGNALS:
    void bodyChanged();

private:
    void updateHead(const PostRow& root);
    void updateActions(const PostRow& root);
    void updateComments();
    void castVote(int value);
    void writeComment();

    PlaceContext context_;
    PostText post_;
    QList<PostText> comments_;
    bool allComments_ = false;
    bool filled_ = false;

    QWidget* head_ = nullptr;
    DocumentView* body_ = nullptr;
    QWidget* actions_ = nullptr;
    QWidget* commentList_ = nullptr;
    Composer* commentField_ = nullptr;
    QVBoxLayout* layout_ = nullptr;
};

}  // namespace stoa
