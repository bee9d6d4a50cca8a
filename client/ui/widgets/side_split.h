#pragma once

// A list or tree at the side of what is read. In a narrow window it takes less; a person may set its width, or close
// it where it is collapsible, and finds that again the next time (widgets/choices.h). Both parts belong to it. GUI
// thread.

#include <QSplitter>
#include <QTimer>

#include "client/ui/place.h"

namespace stoa {

class SideSplit : public QSplitter {
    Q_OBJECT

public:
    // `name`: of the choice.
    SideSplit(const Desk& desk, const QString& name, QWidget* side, QWidget* main, QWidget* parent = nullptr);

    // Whether there is room for it now; what was closed stays closed.
    void setRoom(bool room);
    // Of so wide a whole; 0: it is not shown.
    int sideIn(int width) const;
    bool isClosed() const { return isClosed_; }
    void setClosed(bool closed);

Q_SIGNALS:
    void closedChanged(bool closed);
    void resized();

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void share();
    void keep();

    Desk desk_;
    QString name_;
    int chosen_ = 0; // width; 0: none was chosen
    bool isClosed_ = false;
    bool room_ = true;
    QTimer keeping_;
};

} // namespace stoa
