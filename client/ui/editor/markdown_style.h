#pragma once

// The looks of Markdown's source: headings, emphasis, code, links, items, quotes, tables. Lines are styled when they
// are about to be seen and when they change, so a long text costs as much as the screen full of it that is shown; only
// where code begins and ends is known of all lines. Belongs to one document. GUI thread.
//
// Not a QSyntaxHighlighter: that one goes over the whole text as soon as it has it.

#include <QObject>
#include <QTextBlock>

#include "client/ui/theme/theme.h"

class QTextDocument;

namespace stoa {

class MarkdownStyle : public QObject {
    Q_OBJECT

public:
    explicit MarkdownStyle(QTextDocument* document);

    void setSize(Size size);
    // Where it is not styled as it is now.
    void style(const QTextBlock& block);
    // All lines anew, as soon as they are seen: the colours have changed.
    void forget();
    // A line of a block of code, or one that begins or ends it.
    static bool isCode(const QTextBlock& block);

private:
    void changed(int from, int removed, int added);

    QTextDocument* document_;
    Size size_ = Size::Reading;
};

} // namespace stoa
