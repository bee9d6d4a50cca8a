#pragma once

// Says that a passage has two versions now and settles it with one click. One at a time; nothing is asked and nothing
// has to be done. Hidden where there is none. GUI thread.

#include <QFrame>
#include <QList>

class QBoxLayout;
class QLabel;
class QPushButton;
class QToolButton;

namespace stoa {

class ElidedLabel;

class VersionsBar : public QFrame {
    Q_OBJECT

public:
    struct Versions {
        QString whole;
        QString first; // both empty where nobody knows where the second begins
        QString second;

        friend bool operator==(const Versions&, const Versions&) = default;
    };

    explicit VersionsBar(QWidget* parent = nullptr);
    void set(const QList<Versions>& versions);
    const QList<Versions>& versions() const { return versions_; }
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    // What is to stay of the nth.
    void settled(int which, const QString& text);
    void showWanted(int which);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void arrange();
    void showPresent();
    void go(int by);

    QList<Versions> versions_;
    int present_ = 0;
    QWidget* what_; // is said, and what can be done: side by side, or one below the other where it is narrow
    QWidget* acts_;
    QBoxLayout* parts_;
    QLabel* name_;
    ElidedLabel* text_;
    QPushButton* first_;
    QPushButton* second_;
    QPushButton* both_;
    QPushButton* find_;
    QToolButton* previous_;
    QToolButton* next_;
};

} // namespace stoa
