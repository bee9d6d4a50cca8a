#pragma once

// Says what others did to a page since the person read it last, and leads there. Hidden where there is nothing. GUI
// thread.

#include <QFrame>

class QPushButton;

namespace stoa {

class ElidedLabel;

class UnreadBar : public QFrame {
    Q_OBJECT

public:
    explicit UnreadBar(QWidget* parent = nullptr);
    // 0 changes: it is known only that there are some.
    void set(int changes, int people);

Q_SIGNALS:
    void showWanted();
    void dismissed();

private:
    ElidedLabel* text_;
};

} // namespace stoa
