#pragma once

// An editor's text as people will read it, beside it or instead of it, and scrolled together with it. Follows the text
// after a short pause, while it is seen. GUI thread.

#include <vector>

#include <QTimer>

#include "client/ui/place.h"

namespace stoa {

class DocumentView;
class MarkdownEditor;

class SidePreview : public QWidget {
    Q_OBJECT

public:
    SidePreview(const Desk& desk, MarkdownEditor* editor, QWidget* parent = nullptr);

Q_SIGNALS:
    void wanted(const stoa::Location& location, bool newTab = false);
    void said(const QString& sentence);

protected:
    void showEvent(QShowEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    // A heading: its block in the source and in what is shown.
    struct Stop {
        int source = 0;
        int shown = 0;
    };

    void write();
    void findStops();
    void follow();
    void lead();
    // Where the stops around lie, as values of both scroll bars.
    struct Stretch {
        double sourceFrom = 0, sourceTo = 0, shownFrom = 0, shownTo = 0;
    };
    template <class Before>
    Stretch around(Before before) const;

    MarkdownEditor* editor_;
    DocumentView* view_;
    QTimer soon_;
    std::vector<Stop> stops_;
    int followed_ = -1; // where the source stood when it was followed last
    bool writing_ = false;
    bool moving_ = false;
};

} // namespace stoa
