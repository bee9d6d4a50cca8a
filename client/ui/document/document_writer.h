#pragma once

// Writes parsed Markdown into a QTextDocument, a few blocks at a time, always at its end; no step depends
// on how much is there already. What QTextDocument has no linear means for (markers of lists, bars of
// quotes, grounds of code) is noted in the blocks' formats, and painted by DocumentView. GUI thread.

#include <QHash>
#include <QString>
#include <QStringList>
#include <QTextCursor>
#include <QTextFormat>

#include "client/ui/theme/theme.h"
#include "shared/markup/document.h"

class QTextDocument;

namespace stoa {

// Properties of block formats.
namespace block_property {
constexpr int quotes = QTextFormat::UserProperty + 1; // how many bars
constexpr int marker = QTextFormat::UserProperty + 2; // of a list item, as text
constexpr int code = QTextFormat::UserProperty + 3;   // number of the group of code lines, from 1
constexpr int edge = QTextFormat::UserProperty + 4;   // of a group: 1 first line, 2 last line, 3 both
constexpr int rule = QTextFormat::UserProperty + 5;
constexpr int source = QTextFormat::UserProperty + 6; // which of the document's blocks it is of
constexpr int change = QTextFormat::UserProperty + 7; // of a difference: 1 all of it added, 2 removed, 3 some of it
} // namespace block_property
// The address of a box that can be ticked, before the index of its block.
constexpr QLatin1String boxAddress("box:");
// Of character formats: what a difference says of the words, as int(Mark).
constexpr int markProperty = QTextFormat::UserProperty + 8;

class DocumentWriter {
public:
    // `boxes`: those of tasks are links ("box:" and the block's index), and not only painted.
    DocumentWriter(QTextDocument* into, Document document, Size size, bool boxes = false);

    // Writes for about `budgetMs`; false once everything is there.
    bool work(int budgetMs);
    bool isDone() const { return next_ >= document_.blocks.size() && pending_.isEmpty() && !tableRow_; }

    // What it was given; it must not work any more.
    Document takeDocument() { return std::move(document_); }

    // Links carry the index of their target as their address.
    const QStringList& targets() const { return targets_; }
    // Position in the text of a heading, -1 where it is not there (yet).
    int anchor(const QString& name) const { return anchors_.value(name, -1); }

private:
    // A stretch of text that becomes a block of its own.
    struct Line {
        QTextBlockFormat block;
        Spans spans;
        QTextCharFormat look;
        int box = -1; // of which block it begins with the box
    };

    void take(const Block& block);
    void takeText(const Block& block, QTextBlockFormat format, const QTextCharFormat& look);
    void takeCode(const Block& block, QTextBlockFormat format);
    void closeCode(qsizetype first);
    void writeLine(const Line& line);
    void writeBox(const Line& line);
    void writeSpans(QTextCursor& cursor, const Spans& spans, const QTextCharFormat& look);
    void writeTablePart(const Block& block);
    QTextBlockFormat blockFormat(const Block& block) const;
    QTextCharFormat charFormat(Size size, Weight weight) const;

    QTextDocument* into_;
    Document document_;
    Size size_;
    bool boxes_;
    QTextCursor cursor_;
    size_t next_ = 0;
    QList<Line> pending_; // of the block taken last, in reverse
    size_t tableRow_ = 0; // of the table being written; 0: none
    bool empty_ = true;   // the document's first block is not used yet
    bool afterTable_ = false;
    bool afterItem_ = false;
    int codeGroups_ = 0;
    QStringList targets_;
    QHash<QString, int> anchors_;
};

} // namespace stoa
