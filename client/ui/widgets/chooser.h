#pragma once

// A frame over the window in which one of some things is chosen by the letters of its name: a place for a page, a
// space. Up, Down and Enter choose, Esc leaves; the keyboard goes back to where it was. Owned by its window; GUI
// thread.

#include <memory>

#include <QFrame>
#include <QPointer>

#include "shared/base/ids.h"

class QLabel;
class QLineEdit;
class QListView;

namespace stoa {

struct Choice {
    Id id; // no two have the same
    QString title;
    QString detail; // may be empty
};

class Chooser : public QFrame {
    Q_OBJECT

public:
    // `hint` stands in the empty field.
    Chooser(const QString& title, const QString& hint, QWidget* window);
    ~Chooser() override;

    // Shows itself in the middle; the order counts where the letters fit equally well.
    void popUp(const QList<Choice>& choices);

Q_SIGNALS:
    void chosen(const stoa::Id& id);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    class Model;

    void centre();
    void narrow();
    void choose();
    void leave(bool back);

    std::unique_ptr<Model> model_;
    QList<Choice> all_;
    QLineEdit* field_;
    QListView* list_;
    QLabel* none_;
    QPointer<QWidget> before_; // had the keyboard
};

} // namespace stoa
