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

// The longest that the window waited while the text was written.
qint64 longestPauseMs(const QString& markdown, DocumentView::Fit fit)
{
    screen();
    QScrollArea column;
    auto* shown = new DocumentView(Desk{}, fit);
    DocumentView& view = *shown;
    column.setWidget(shown);
    column.setWidgetResizable(true);
    column.resize(700, 500);
    column.show();
    QCoreApplication::processEvents();
    QElapsedTimer clock;
    clock.start();
    view.setMarkdown(markdown);
    qint64 longest = clock.elapsed();
    while (!view.isComplete() && clock.isValid()) {
        QElapsedTimer turn;
        turn.start();
        QCoreApplication::processEvents(QEventLoop::AllEvents);
        longest = std::max(longest, turn.elapsed());
        if (clock.elapsed() > 60'000)
            return -1;
    }
    return longest;
}

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

TEST_CASE("Big and hostile texts never hold the window up", "[slow]")
{
    const auto fit = GENERATE(DocumentView::Fit::Scrolls, DocumentView::Fit::Grows);
    const std::pair<const char*, QString> texts[] = {
        {"paragraphs", repeated(QStringLiteral("Lorem ipsum dolor sit amet, consectetur.\n\n"), 1 << 20)},
        {"one line", repeated(QStringLiteral("word "), 1 << 20)},
        {"one word", QString(1 << 20, QLatin1Char('x'))},
        {"list", repeated(QStringLiteral("1. item\n"), 1 << 19)},
        {"quotes", QString(1 << 18, QLatin1Char('>'))},
        {"table", QStringLiteral("| a | b | c |\n|---|---|---|\n") +
                      repeated(QStringLiteral("| one | two words | three |\n"), 1 << 18)},
        {"wide table", repeated(QStringLiteral("| a "), 1 << 14) + QLatin1Char('\n') +
                           repeated(QStringLiteral("|---"), 1 << 14) + QLatin1Char('\n')},
        {"code", QStringLiteral("```\n") + repeated(QStringLiteral("int main() { return 0; }\n"), 1 << 20)},
        {"links", repeated(QStringLiteral("[a](b) "), 1 << 18)},
        {"combining", repeated(QStringLiteral("e\u0301\u0301\u0301"), 1 << 16)},
        {"right to left", repeated(QStringLiteral("שלום abc "), 1 << 18)},
    };
    for (const auto& [name, text] : texts) {
        INFO(name << (fit == DocumentView::Fit::Grows ? ", grows" : ", scrolls"));
        const qint64 pause = longestPauseMs(text, fit);
        CAPTURE(pause);
        CHECK(pause >= 0);
        // A frame or two on a machine that does nothing else.
        CHECK(pause < 400);
    }
}

} // namespace stoa
