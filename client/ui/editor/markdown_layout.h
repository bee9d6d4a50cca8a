#pragma once

// The layout of an editor's document, whose lines are never wider than what is seen. A change within a line costs as
// much as that line: Qt's own goes over all lines of the text whenever the widest one becomes narrower, which is at
// every word that is wrapped while one types. Belongs to the document. GUI thread.

#include <QPlainTextDocumentLayout>

namespace stoa {

class MarkdownLayout : public QPlainTextDocumentLayout {
public:
    explicit MarkdownLayout(QTextDocument* document) : QPlainTextDocumentLayout(document) {}

    // What lines are broken at; the editor's viewport has it.
    void setLineWidth(qreal width) { width_ = width; }

protected:
    void documentChanged(int from, int removed, int added) override;

private:
    // The lines of this one block, as Qt lays them out. True: it has as many as before.
    bool layOut(QTextBlock block);

    qreal width_ = 0;
    int blocks_ = 1; // as many as there were
};

} // namespace stoa
