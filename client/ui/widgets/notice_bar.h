#pragma once

// A sentence with what can be done about it: beside it, or below where it is narrow. Hidden at first. GUI thread.

#include <QFrame>

#include "client/ui/place.h"

class QBoxLayout;
class QHBoxLayout;
class QLabel;
class QPushButton;

namespace stoa {

class NoticeBar : public QFrame {
    Q_OBJECT

public:
    explicit NoticeBar(const QString& name, QWidget* parent = nullptr);
    void setText(const QString& text);
    QPushButton* addButton(const QString& text, bool primary = false);
    void addButton(QPushButton* button);

protected:
    bool event(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void arrange();

    QLabel* text_;
    QWidget* acts_; // beside the text, or in rows below it where there is no room for both
    QBoxLayout* parts_;
};

// Asks whether a post is to be deleted, where it stands, with what goes with it, and does so.
class RemovalBar : public NoticeBar {
    Q_OBJECT

public:
    // `before` has the keyboard again where the post is kept.
    RemovalBar(const Desk& desk, QWidget* before, QWidget* parent = nullptr);
    void ask(const Id& post);
    void drop();
    const Id& post() const { return post_; } // null: nothing is asked

Q_SIGNALS:
    void deleted(const stoa::PostRow& post); // on its way
    void said(const QString& sentence);

private:
    void remove();
    void keep();

    Desk desk_;
    QWidget* before_;
    QPushButton* delete_;
    QPushButton* keep_;
    Id post_;
    int below_ = 0; // as it was said
};

} // namespace stoa
