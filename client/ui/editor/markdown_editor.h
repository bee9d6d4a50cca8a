#pragma once

// Where Markdown is written: its source, lightly styled. Knows what the person did and can take it back, also over
// what others did since; what others did is put in without moving cursor, selection or view. Texts are handed in and
// out whole; what happens in between costs as much as the change. GUI thread.

#include <functional>

#include <QPlainTextEdit>
#include <QTimer>

#include "client/ui/editor/edit_history.h"
#include "client/ui/editor/markdown_edits.h"
#include "client/ui/editor/markdown_layout.h"
#include "client/ui/editor/markdown_style.h"
#include "client/ui/keys.h"
#include "shared/text/transform.h"

class QCompleter;
class QMenu;

namespace stoa {

class MarkdownEditor : public QPlainTextEdit {
    Q_OBJECT

public:
    enum class Act {
        Strong,
        Emphasis,
        Strike,
        Code,
        Link,
        Heading,
        Bullets,
        Numbers,
        Tasks,
        Quote,
        Table,
        Undo,
        Redo,
    };

    explicit MarkdownEditor(QWidget* parent = nullptr);

    // Another text from its beginning; nothing of the one before can be taken back. The beginning of a long one is
    // there at once, the rest comes into the document while nothing else is to be done.
    void setText(const QString& text);
    // All of the text is in the document from here on: for whoever goes to a place in it.
    void fill();
    bool isFilled() const { return missing_ == 0; }
    // Lines apart by "\n".
    const QString& text() const { return text_; }
    // What others did to the text that is shown.
    void applyOthers(const TextChange& change);
    // Passages of which there are two versions, in code points of the present text. They move with what is typed.
    void setContested(const std::vector<TextRange>& ranges);
    std::vector<TextRange> contested() const;

    void run(Act act);
    bool canRun(Act act) const;
    static QKeySequence keyOf(Act act);
    static QString nameOf(Act act);
    static QList<KeyRow> actKeys(); // of all of them

    // Also by Ctrl and + or -, from one of the theme's sizes to the next.
    void setTextSize(Size size);
    Size textSize() const { return size_; }
    // Marks what was found, the present one most; nothing: no more.
    void setFound(const QList<QTextCursor>& found, int present);
    // What others know of the text is painted with it: below the letters or above them, in the viewport. Asked at every
    // painting.
    enum class Layer { Below, Above };
    using Painter = std::function<void(QPainter&)>;
    void addPainter(Layer layer, Painter painter) { painters_.emplace_back(layer, std::move(painter)); }
    // The cursor, with some lines around it.
    void showCursor();
    // Of the viewport: scrolled so that the line with the cursor lies there, as far as lines and the text go.
    void putCursorAt(int y);
    // The lines of the text that are seen, and where.
    struct Seen {
        QTextBlock block;
        QRectF rect; // of the viewport
    };
    std::vector<Seen> seen() const;
    // Of a stretch of what is seen, in the document: what it covers of the viewport, line by line.
    QList<QRect> rectsOf(int from, int to) const;
    static QList<QRect> rectsOf(const Seen& line, int from, int to);
    // Adds to the menu for a place in the text.
    using MenuMaker = std::function<void(QMenu& menu, int position)>;
    void setMenuMaker(MenuMaker maker) { menuMaker_ = std::move(maker); }
    // While it offers something, Enter, Tab and Esc are its keys.
    void setCompleter(QCompleter* completer) { completer_ = completer; }
    // By the person: can be taken back in one step.
    void replaceText(qsizetype from, qsizetype count, const QString& by);
    void changeText(const TextChange& wanted);
    // The person did something that is no change of the text, and is taken back in its turn: besideTaken() tells.
    void noteBeside();
    // While did() and typed() are told: by a key or from the clipboard, and not by an act.
    bool isTyping() const { return by_ == By::Person && !doing_; }
    // In the document, and the other way round.
    qsizetype toUtf16(size_t codePoint) const;
    size_t toCodePoints(qsizetype utf16) const;

Q_SIGNALS:
    // What the person did to the text, as they did it and of the text before it: typing over a selection deletes that
    // and inserts, whatever letters both have. Then, once it is laid out, typed().
    void did(const stoa::TextChange& change);
    void typed();                // the person changed the text, also by taking back
    void besideTaken(bool back); // back, or again
    void historyChanged();
    void findWanted(bool replace);
    void leaveWanted(bool byEscape); // or Ctrl+Enter
    void filled();                   // all of the text is in the document
    void pasteCut();                 // what was pasted is longer than any text may be
    // Others' change begins to be put in, or is in.
    void othersWrite(bool begins);

protected:
    bool event(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void inputMethodEvent(QInputMethodEvent* event) override;
    bool focusNextPrevChild(bool next) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void insertFromMimeData(const QMimeData* source) override;
    bool canInsertFromMimeData(const QMimeData* source) const override;

private:
    // Who is changing the document right now.
    enum class By { Person, Others, Undo, Redo, Nobody };

    QTextDocument* makeDocument();
    void fillSome();
    void insertAtEnd(QTextCursor& end, const QString& text);
    void changed(int from, int removed, int added);
    // A stretch of the text that another one takes the place of.
    struct Replaced {
        qsizetype from = 0;
        QString gone;
        QString in;
    };
    Replaced replaced(int from, int removed, int added) const;
    void record(const Replaced& stretch, bool isOver);
    void note(const Replaced& stretch, TextChange inverse);
    TextChange inverseOf(const TextChange& change) const;
    qsizetype perform(const TextChange& change, bool atOnce);
    void apply(const TextChange& change, By by);
    void replaceSelection(const std::function<void()>& work);
    Passage passage(const QTextBlock& first, const QTextBlock& last) const;
    Passage selectedLines() const;
    void showTo(int position);
    void put(int at, const Passage& before, const Passage& after);
    std::optional<std::pair<QTextBlock, QTextBlock>> tableAround(const QTextBlock& block) const;
    enum class TableMove { On, Back, Below };
    bool moveInTable(TableMove to);
    bool isCellAtCursor() const;
    void leaveTable();
    bool tab(bool back);
    bool enter();
    void zoom(int by);
    void openMenuHere();
    void openMenu(const QPoint& global, int position);
    bool isOffering() const;
    void markPassages();
    void place();

    MarkdownLayout* layout_; // of the document
    MarkdownStyle style_;
    EditHistory history_;
    QString text_;          // as it stands in the document
    qsizetype missing_ = 0; // so many of its last letters are not in the document yet
    QTimer filling_;
    qsizetype surrogates_ = 0; // pairs in it
    By by_ = By::Person;
    bool isTyped_ = false;           // what is being told
    std::optional<TextChange> back_; // what takes back what is being applied
    // What the person is doing where that is known: a change of the text, or typing over a stretch of it.
    const TextChange* doing_ = nullptr;
    std::optional<std::pair<qsizetype, qsizetype>> over_;
    // The last key, for what goes into one step.
    struct Last {
        enum class Kind { None, Letters, Erased } kind = Kind::None;
        qsizetype at = 0;
        qint64 ms = 0;
    } last_;
    Size size_ = Size::Reading;
    QList<QTextCursor> contested_;
    QList<QTextCursor> found_;
    int presentFound_ = -1;
    QCompleter* completer_ = nullptr;
    std::vector<std::pair<Layer, Painter>> painters_;
    MenuMaker menuMaker_;
    QTextCursor table_;         // in the table that the cursor is in; null: in none
    bool wroteInTable_ = false; // the person, since the cursor came into it
    bool wrote_ = false;        // the same, anywhere, and it is not known yet whether in it
};

} // namespace stoa
