#pragma once

// Who else has a text open: initials in a row, names in the tool tip and for screen readers, and, on a press, a list of
// them that leads to where each is. Hidden while nobody is there. GUI thread.

#include <QPushButton>

#include "client/ui/editor/shared_text.h"

class QMenu;

namespace stoa {

class WhoIsHere : public QPushButton {
    Q_OBJECT

public:
    explicit WhoIsHere(QWidget* parent = nullptr);
    void set(const QList<PresentReader>& readers);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

Q_SIGNALS:
    // To where this one is in the text; only of somebody who is somewhere in it.
    void wanted(const stoa::PresentReader& reader);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void showMenu();

    QList<PresentReader> readers_;
    QList<PresentReader> people_; // each once: where they write, else where they are
    QMenu* menu_;
};

// The same of a post whose text is read here: it is open while this is seen. What others write of it comes as they
// type.
class ReadersHere : public QWidget {
    Q_OBJECT

public:
    explicit ReadersHere(const Desk& desk, QWidget* parent = nullptr);
    // Null: none.
    void setPost(const Id& post);

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    Id post_;
    SharedText* together_;
};

} // namespace stoa
