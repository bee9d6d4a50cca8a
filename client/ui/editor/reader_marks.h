#pragma once

// Where others are in an editor's text: a thin caret in each one's colour, what they have selected as a light ground,
// and their name on a flag that shows for a moment when they came, moved or wrote, or while the mouse is at the caret.
// They move with what is typed here, until the next word of them. Owned by the editor. GUI thread.

#include <functional>
#include <vector>

#include <QTextCursor>
#include <QTimer>

#include "client/ui/editor/shared_text.h"

class QPainter;

namespace stoa {

class MarkdownEditor;

class ReaderMarks : public QObject {
    Q_OBJECT

public:
    using NowMs = std::function<qint64()>;
    explicit ReaderMarks(MarkdownEditor* editor, NowMs now = {});

    void set(const QList<PresentReader>& readers);
    // The cursor of this one, to go there; null: nowhere in the text.
    QTextCursor cursorOf(const Id& person, quint32 session) const;

    // What is painted of those who are within what is seen, of the viewport.
    struct Shown {
        QString name;
        QRect caret;
        QRect flag;         // empty: none
        double opacity = 0; // of the flag
        QList<QRect> selected;
    };
    std::vector<Shown> shown() const;

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    struct Mark {
        PresentReader reader;
        QTextCursor cursor;
        qint64 saidMs = 0; // when there was last something new of this one
    };

    void take(const QList<PresentReader>& readers);
    void paintBelow(QPainter& painter);
    void paintAbove(QPainter& painter) const;
    void repaint();
    void wakeUp();
    QRect flagAt(const QRect& caret, const QString& name) const;

    MarkdownEditor* editor_;
    NowMs now_;
    bool fades_;
    std::vector<Mark> marks_;
    std::optional<QList<PresentReader>> waiting_; // until all of the text is in the document
    QPoint mouse_{-1, -1};
    std::vector<Shown> painting_; // as it was when what is below the letters was painted
    QRegion painted_;
    QTimer timer_;
};

} // namespace stoa
