#pragma once

// The layout of an editor's document, whose lines are never wider than what is seen. A change within a line costs as
// much as that line: Qt's own goes over all lines of the text whenever the widest one becomes narrower, which is at
// every word that is wrapped while one types. Where a word is longer than any that people write, lines of that text
// break anywhere: before each of them Qt goes over all that is left of the word. Belongs to the document. GUI thread.

#include <QPlainTextDocumentLayout>
#include <QTextOption>

namespace stoa {

class MarkdownLayout : public QPlainTextDocumentLayout {
public:
    explicit MarkdownLayout(QTextDocument* document) : QPlainTextDocumentLayout(document) {}

    // What lines are broken at; the editor's viewport has it.
    void setLineWidth(qreal width) { width_ = width; }
    // Another text has come: lines break between words again, where it lets them.
    void startOver();

protected:
    void documentChanged(int from, int removed, int added) override;

private:
    bool hasEndlessWord(int from, int to) const;
    void breakLines(QTextOption::WrapMode where);
    // The lines of this one block, as Qt lays them out. True: it has as many as before.
    bool layOut(QTextBlock block);

    qreal width_ = 0;
    int blocks_ = 1;        // as many as there were
    bool anywhere_ = false; // lines break
};

} // namespace stoa
