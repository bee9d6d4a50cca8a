// How long the editor makes people wait, as it is shipped.

#include <algorithm>

#include <QPlainTextEdit>
#include <QTest>
#include <QTextLayout>

#include "client/ui/editor/markdown_editor.h"
#include "shared/text/diff.h"
#include "tests/support/catch.h"
#include "tests/support/cost.h"
#include "tests/ui/parts/screen.h"

using namespace stoa;

namespace {

QString megabyte()
{
    const QString part =
        QStringLiteral("## A heading\n\nSome **bold** words, a [link](https://a.example/b), `code` and "
                       "more of it, as people write.\n\n- one item\n- [ ] another one\n\n```\nint x = "
                       "1;\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n> said\n\n");
    return part.repeated((1 << 20) / part.size());
}

double middle(QList<double> values)
{
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

// At the beginning, in the middle, and near the end.
QList<double> keysMs(QPlainTextEdit& editor)
{
    QList<double> all;
    for (const int at : {0, editor.document()->characterCount() / 2, editor.document()->characterCount() - 10}) {
        QTextCursor cursor(editor.document());
        cursor.setPosition(at);
        editor.setTextCursor(cursor);
        editor.ensureCursorVisible();
        QCoreApplication::processEvents();
        for (const char letter : {'a', 'b', ' ', 'c', '\b', 'd'})
            all << costMs([&] {
                if (letter == '\b')
                    QTest::keyClick(&editor, Qt::Key_Backspace);
                else
                    QTest::keyClick(&editor, letter);
                editor.viewport()->repaint();
            });
    }
    return all;
}

} // namespace

TEST_CASE("A text of 1 MB opens at once, and a key in it is seen at once", "[slow]")
{
    screen();
    const QString text = megabyte();
    const auto onScreen = [](QPlainTextEdit& editor) {
        editor.resize(900, 900);
        editor.show();
        QCoreApplication::processEvents();
    };
    // What Qt's own field for plain text takes for it, on this machine, now.
    QPlainTextEdit plain;
    onScreen(plain);
    const double plainMs = costMs([&] {
        plain.setPlainText(text);
        plain.repaint();
    });
    const double plainKeyMs = middle(keysMs(plain));

    MarkdownEditor editor;
    onScreen(editor);
    const double openMs = costMs([&] {
        editor.setText(text);
        editor.repaint();
    });
    const double wholeMs = openMs + costMs([&] { editor.fill(); });
    const QList<double> keys = keysMs(editor);
    const double keyMs = middle(keys), slowestMs = *std::max_element(keys.begin(), keys.end());
    const double othersMs = costMs([&] {
        editor.applyOthers(TextChange::replace(10, 5, "from elsewhere"));
        editor.viewport()->repaint();
    });
    CAPTURE(plainMs, plainKeyMs, openMs, wholeMs, keyMs, slowestMs, othersMs);
    if (std::getenv("STOA_SHOW_PAUSES"))
        std::printf("open %.1f ms, all of it %.1f (plain %.1f), key %.2f, slowest %.2f (plain %.2f), others' %.2f ms\n",
                    openMs, wholeMs, plainMs, keyMs, slowestMs, plainKeyMs, othersMs);
    CHECK(openMs < plainMs / 3);
    CHECK(wholeMs < 2 * plainMs);
    CHECK(keyMs < 4 * plainKeyMs);
    CHECK(othersMs < 8 * plainKeyMs);
}

TEST_CASE("A word without an end never holds the editor up, and other texts break between words again", "[slow]")
{
    screen();
    const int way = GENERATE(0, 1, 2);
    const QString word(1 << 20, QLatin1Char('x'));
    MarkdownEditor editor;
    editor.resize(900, 900);
    editor.show();
    // What the letters alone take, broken anywhere.
    const double onceMs = costMs([&] {
        QTextLayout layout(word, editor.font());
        QTextOption option;
        option.setWrapMode(QTextOption::WrapAnywhere);
        layout.setTextOption(option);
        layout.beginLayout();
        for (QTextLine line = layout.createLine(); line.isValid(); line = layout.createLine())
            line.setLineWidth(editor.width());
        layout.endLayout();
    });
    editor.setText(QStringLiteral("Some words.\n\nMore.\n"));
    QCoreApplication::processEvents();
    const auto wrapMode = [&] { return editor.document()->defaultTextOption().wrapMode(); };
    REQUIRE(wrapMode() == QTextOption::WrapAtWordBoundaryOrAnywhere);
    QList<double> turns;
    turns << costMs([&] {
        if (way == 0)
            editor.setText(word + QStringLiteral("\nMore.\n"));
        else if (way == 1)
            editor.applyOthers(TextChange::replace(5, 0, word.toStdString()));
        else
            editor.replaceText(5, 0, word);
    });
    turns << costMs([&] { editor.fill(); });
    turns << costMs([&] { editor.viewport()->repaint(); });
    turns << costMs([&] { QCoreApplication::processEvents(); });
    turns << costMs([&] { QTest::keyClick(&editor, Qt::Key_A); });
    turns << costMs([&] { editor.viewport()->repaint(); });
    CAPTURE(way, onceMs, turns);
    CHECK(editor.text().size() > word.size());
    CHECK(wrapMode() == QTextOption::WrapAnywhere);
    CHECK(*std::max_element(turns.begin(), turns.end()) < 4 * onceMs);
    editor.setText(QStringLiteral("Some words.\n"));
    CHECK(wrapMode() == QTextOption::WrapAtWordBoundaryOrAnywhere);
}
