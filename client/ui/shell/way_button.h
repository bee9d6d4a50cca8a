#pragma once

// A way to go, drawn like a row of the sidebar's list. GUI thread.

#include <QPushButton>

namespace stoa {

class WayButton : public QPushButton {
    Q_OBJECT

public:
    explicit WayButton(const QString& text, QWidget* parent = nullptr);
    // At its right; 0: none.
    void setFigure(int figure);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    int figure_ = 0;
};

} // namespace stoa
