#include "client/ui/document/document_view.h"

#include <QScrollArea>
#include <QTextBlock>

#include "client/ui/document/document_writer.h"
#include "tests/support/catch.h"
#include "tests/ui/parts/screen.h"

namespace stoa {

namespace {

struct Shown {
    explicit Shown(const QString& markdown, DocumentView::Fit fit = DocumentView::Fit::Scrolls)
        : view((screen(), Desk{}), fit)
    {
        view.resize(700, 500);
        view.show();
        view.setMarkdown(markdown);
        REQUIRE(eventually([&] { return view.isComplete(); }));
    }

    QString text() const { return view.toPlainText(); }
    DocumentView view;
};

QString repeated(const QString& text, qsizetype sizeMin)
{
    return text.repeated(sizeMin / text.size() + 1);
}

} // namespace

TEST_CASE("A document shows all that Markdown says")
{
    Shown shown(QStringLiteral("# Head\n\nSome *text* with `code` and a [link](https://example.org).\n\n"
                               "- one\n- two\n\n1. first\n\n> quoted\n\n```\nint x;\n\ny;\n```\n\n"
                               "| a | b |\n|---|--:|\n| 1 | 2 |\n\n![a plan](x.png)\n"));
    const QString text = shown.text();
    for (const char* part : {"Head", "Some text with code and a link.", "one", "two", "first", "quoted", "int x;\n\ny;",
                             "a\nb\n1\n2", "[Image: a plan]"})
        CHECK(text.contains(QString::fromLatin1(part)));
}

TEST_CASE("What looks like HTML is text")
{
    Shown shown(QStringLiteral("<b>no</b> <img src=\"file:///etc/passwd\"> <script>x</script>"));
    CHECK(shown.text().contains(QStringLiteral("<img src=\"file:///etc/passwd\">")));
}

TEST_CASE("Right-to-left text runs from the right")
{
    Shown shown(QStringLiteral("שלום עולם\n\nplain\n"));
    CHECK(shown.view.document()->firstBlock().textDirection() == Qt::RightToLeft);
    CHECK(shown.view.document()->lastBlock().textDirection() == Qt::LeftToRight);
}

TEST_CASE("The same text again keeps the selection")
{
    Shown shown(QStringLiteral("words to select"));
    shown.view.selectAll();
    shown.view.setMarkdown(QStringLiteral("words to select"));
    CHECK(shown.view.textCursor().selectedText() == QStringLiteral("words to select"));
}

TEST_CASE("A heading far below is reached")
{
    QString markdown = repeated(QStringLiteral("a paragraph of text\n\n"), 8'000);
    Shown shown(markdown + QStringLiteral("## The end\n\n") + markdown);
    shown.view.scrollToAnchor(QStringLiteral("the-end"));
    CHECK(shown.view.cursorForPosition({5, 5}).block().text() == QStringLiteral("The end"));
}

TEST_CASE("A short text is there at once")
{
    screen();
    DocumentView view(Desk{});
    view.resize(600, 100);
    view.setMarkdown(QStringLiteral("Just *this*."));
    CHECK(view.isComplete());
    CHECK(view.toPlainText() == QStringLiteral("Just this."));
}

} // namespace stoa
