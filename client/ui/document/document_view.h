#pragma once

// Shows what people wrote: Markdown as parsed by shared/markup, in one text that can be selected, copied
// and read aloud. Never HTML; nothing is loaded from anywhere; links open through openLink() alone. Long
// texts are parsed on another thread and laid out in slices, so the window never waits. GUI thread.

#include <memory>

#include <QTextBrowser>
#include <QTimer>

#include "client/ui/place.h"
#include "client/ui/theme/theme.h"
#include "shared/markup/document.h"

namespace stoa {

class DocumentWriter;

class DocumentView : public QTextBrowser {
    Q_OBJECT

public:
    enum class Fit {
        Scrolls, // within the height that it is given
        Grows,   // as high as its text, for a column that scrolls as a whole
    };
    explicit DocumentView(const Desk& desk, Fit fit = Fit::Grows, QWidget* parent = nullptr);
    ~DocumentView() override;

    // The same text again does nothing, so a refresh keeps selection and place.
    void setMarkdown(const QString& markdown);
    // What is parsed already: a part of a document, or a difference (shared/markup/difference.h). `later`: nothing is
    // written before the event loop turns.
    void setBlocks(Document document, bool later = false);
    void setTextSize(Size size);
    // Boxes of tasks in a text (setMarkdown) take the keyboard and tell by boxTicked that they are to be the other way.
    void setTickable(bool tickable);
    // Free room beside the text.
    void setSides(int left, int right) { setViewportMargins(left, 0, right, 0); }
    // Room before the text, where bars stand beside what a difference says is changed.
    void setBars(bool shown) { left_ = shown ? grid(4) : 0; }
    // As soon as the heading is laid out: scrolls there by itself (Fit::Scrolls), or tells the column by
    // anchorReached where it is in this widget (Fit::Grows). Hides QTextBrowser's.
    void scrollToAnchor(const QString& anchor);
    // Selects where it says this first, or as many of the words as it says somewhere, and tells where that is in this
    // widget; nothing: nowhere. Of them only the first letters where not all were asked for.
    QRect select(const QString& words, int asked = 0);
    bool isComplete() const;

    // A line as it is shown: a paragraph, a line of code, a row of a table.
    struct Line {
        size_t block = 0; // which of the document's blocks it is of
        QString text;     // without what is removed, unless all of it is
        QRect rect;       // in the viewport
    };
    std::optional<Line> lineAt(const QTextCursor& at) const;
    // Where the block begins in the text; -1: not written (yet).
    int positionOf(size_t block) const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    // A link to a post of this organisation.
    void wanted(const stoa::Location& location, bool newTab = false);
    // Why a link was not opened, as a sentence.
    void linkFailed(const QString& sentence);
    void anchorReached(int y);
    void linkReached(const QRect& rect); // by the keyboard, in this widget: for the column to scroll (Fit::Grows)
    void boxTicked(size_t block);        // which of the document's blocks
    void completed();                    // everything is laid out

protected:
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool focusNextPrevChild(bool next) override;
    QMimeData* createMimeDataFromSelection() const override;
    QVariant loadResource(int type, const QUrl& name) override;

private:
    void write(Document document, bool later = false);
    void writeSlice();
    void paintBar(QPainter& painter, const QRectF& rect, int change) const;
    void fitHeight();
    void reachAnchor();
    void tick(const QString& address);
    void focusBox();
    void follow(const QUrl& url);

    Desk desk_;
    Fit fit_;
    Size size_ = Size::Reading;
    QString markdown_;
    bool filled_ = false;
    QString wantedAnchor_;
    bool tickable_ = false;
    int ticked_ = -1; // the block whose box has the keyboard again when the text is written anew
    std::unique_ptr<DocumentWriter> writer_;
    QTimer slices_;
    quint64 generation_ = 0;
    quint64 written_ = 0; // the one that is on the screen
    int left_ = 0;        // of the text
    QRgb writtenInk_ = 0;
};

// The one function that opens a link that a person wrote: posts become a Location, the web is handed to the
// system, everything else is refused with a sentence.
struct LinkOutcome {
    std::optional<Location> location;
    QString sentence; // why nothing was opened; empty otherwise
};
LinkOutcome openLink(const Desk& desk, const QString& target);

} // namespace stoa
