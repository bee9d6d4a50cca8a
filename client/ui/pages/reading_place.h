#pragma once

// Keeps what somebody reads before their eyes while the text is another one now: others write on the page that they
// have open. Owned by the place that shows it. GUI thread.

#include <optional>

#include <QObject>
#include <QString>

class QScrollArea;

namespace stoa {

class DocumentView;

class ReadingPlace : public QObject {
public:
    // `document` is a part of what `scroll` scrolls.
    ReadingPlace(QScrollArea* scroll, DocumentView* document);
    // Right before the document is given another text of the same post.
    void hold();
    // Another post: from its beginning.
    void drop();

private:
    void restore();

    struct Held {
        QString text;
        int first = 0; // the first letter that is seen
        int height = 0;
        int value = 0;  // of what scrolls
        int within = 0; // of the document, where it scrolls by itself
    };

    QScrollArea* scroll_;
    DocumentView* document_;
    std::optional<Held> held_;
};

} // namespace stoa
