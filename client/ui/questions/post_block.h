#pragma once

// One post of a thread: its votes, who wrote it and when, its text, what can be done with it, and the comments
// on it. What was read again is taken over in place, so a selection, the keyboard and a half-written comment
// stay where they are. GUI thread.

#include <QFrame>
#include <QHash>
#include <QPointer>

#include "client/models/row_model.h"
#include "client/ui/place.h"

class QBoxLayout;
class QHBoxLayout;
class QLabel;
class QPushButton;
class QToolButton;
class QVBoxLayout;

namespace stoa {

class Avatar;
class BodyEditor;
class Composer;
class DocumentView;
class ElidedLabel;
class Pill;
class RemovalBar;

// A comment: its text, and who wrote it and when in a line below. One's own is edited where it stands.
class CommentBlock : public QWidget {
    Q_OBJECT

public:
    explicit CommentBlock(const Desk& desk, QWidget* parent = nullptr);
    void set(const PostText& comment);

Q_SIGNALS:
    void wanted(const stoa::Location& location, bool newTab = false);
    void said(const QString& sentence);

private:
    void edit();
    void askToDelete();

    Desk desk_;
    Id comment_;
    DocumentView* text_;
    ElidedLabel* about_;
    QPushButton* edit_;
    QPushButton* remove_;
    RemovalBar* removal_ = nullptr; // once it was asked for
    QPointer<BodyEditor> editor_;
};

class PostBlock : public QFrame {
    Q_OBJECT

public:
    struct Shown {
        PostText post;
        QList<PostText> comments; // on it, by time
        bool accepted = false;
        bool readOnly = false; // nothing in this space can be changed now
    };

    explicit PostBlock(const Desk& desk, QWidget* parent = nullptr);
    void set(const Shown& shown);
    // Null where it is not one of this post's.
    QWidget* commentBlock(const Id& comment);

Q_SIGNALS:
    void wanted(const stoa::Location& location, bool newTab = false);
    void said(const QString& sentence);
    void anchorReached(int y); // in this widget

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    const PostRow& row() const { return shown_.post.row; }
    QToolButton* makeVote(const QString& sign, const QString& name, int value);
    QPushButton* makeAct(const QString& name, void (PostBlock::*act)());
    void showVotes();
    void showHead();
    void showActs();
    void nameComment();
    void showComments();
    void writeComment();
    void edit();
    void askToDelete();
    void toggleBookmark();
    void toggleAccepted();
    void openPage();
    void submit(const v1::Change& change);

    Desk desk_;
    Shown shown_;
    QWidget* votes_;
    QToolButton* up_;
    QToolButton* down_;
    QLabel* score_;
    Avatar* avatar_;
    ElidedLabel* about_;
    Pill* accepted_;
    Pill* state_;
    QBoxLayout* top_; // who and when, then the tags: below that where it is narrow
    QHBoxLayout* tags_;
    QStringList shownTags_;
    DocumentView* text_;
    QHBoxLayout* acts_;
    QPushButton* comment_;
    QPushButton* bookmark_;
    QPushButton* accept_;
    QPushButton* edit_;
    QPushButton* remove_;
    RemovalBar* removal_ = nullptr; // once it was asked for
    QPushButton* page_;
    QVBoxLayout* comments_;
    QHash<Id, CommentBlock*> commentBlocks_;
    QPushButton* more_;
    bool allComments_ = false;
    QVBoxLayout* writing_;
    QPointer<Composer> composer_;
    QPointer<BodyEditor> editor_;
};

// Keeps what is being written in posts that leave the screen: they may be none that are here any more.
void keepTexts(QWidget* in);

} // namespace stoa
