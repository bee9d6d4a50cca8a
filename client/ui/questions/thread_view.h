#pragma once

// A question with everything below it: answers (the accepted one first), votes, comments, and the fields to
// write more. Answers are built a few at a time, as one scrolls: a thread of hundreds opens at once. GUI thread.

#include <QHash>

#include "client/models/row_model.h"
#include "client/ui/place.h"

class QScrollArea;
class QVBoxLayout;

namespace stoa {

class Composer;

class ThreadView : public QWidget {
    Q_OBJECT

public:
    explicit ThreadView(const Desk& desk, QWidget* parent = nullptr);

    // Null: nothing is shown. Says whether the question is here.
    bool show(const Id& question);
    void reload();
    const Id& question() const { return question_; }
    QString title() const;
    void bringIntoView(const Id& post);
    void takeFocus();

Q_SIGNALS:
    void wanted(const stoa::Location& location, bool newTab = false);
    void said(const QString& sentence);

private:
    QWidget* makePost(const PostText& post, bool isQuestion);
    QWidget* makeVotes(const PostRow& row);
    void addComments(QVBoxLayout* layout, const PostRow& row);
    void addMore();
    void commentOn(QVBoxLayout* layout, const PostRow& row);
    void submit(const v1::Change& change);

    Desk desk_;
    Id question_;
    std::optional<Thread> thread_;
    int shown_ = 0; // answers that are built
    QScrollArea* scroll_;
    QVBoxLayout* column_;
    QVBoxLayout* answers_ = nullptr;
    Composer* composer_ = nullptr;
    QHash<Id, QWidget*> blocks_;
};

} // namespace stoa
