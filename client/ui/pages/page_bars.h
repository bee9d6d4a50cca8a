#pragma once

// What a page asks of whoever reads it: to look at open proposals, and to confirm that they read it, with what changed
// since they did so last. Hidden where there is nothing. GUI thread.

#include <memory>

#include <QWidget>

#include "client/ui/place.h"
#include "shared/markup/difference.h"

class QPushButton;

namespace stoa {

class DifferenceView;
class ElidedLabel;
class NoticeBar;

class PageBars : public QWidget {
    Q_OBJECT

public:
    explicit PageBars(const Desk& desk, QWidget* parent = nullptr);

    // Null: none.
    void setPage(const Id& page);
    void refresh(const Touched& touched);

Q_SIGNALS:
    void wanted(const stoa::Location& location, bool newTab = false);
    void said(const QString& sentence);
    // What changed since the person confirmed the page is shown here, in the place of its text, or no longer.
    void differenceShown(bool shown);

private:
    void read();
    void confirm();
    void toggle();
    void showDifference();
    void fetchDifference();

    Desk desk_;
    Id page_;
    Id space_;
    std::optional<quint64> confirmed_; // the revision
    quint64 revision_ = 0;             // that is shown now
    NoticeBar* proposals_;
    NoticeBar* reading_;
    QPushButton* show_;
    QPushButton* confirm_;
    ElidedLabel* hint_;
    DifferenceView* changes_;
    bool open_ = false;
    quint64 generation_ = 0; // of what is compared
};

} // namespace stoa
