// How long the editor makes people wait, as it is shipped.

#include <QElapsedTimer>
#include <QTest>

#include "client/ui/editor/markdown_editor.h"
#include "shared/text/diff.h"
#include "tests/support/catch.h"
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

double ms(const QElapsedTimer& clock)
{
    return double(clock.nsecsElapsed()) / 1e6;
}

} // namespace

TEST_CASE("A text of 1 MB opens at once, and a key in it is seen at once", "[slow]")
{
    screen();
    const QString text = megabyte();
    MarkdownEditor editor;
    editor.resize(900, 900);
    editor.show();
    QCoreApplication::processEvents();
    QElapsedTimer clock;
    clock.start();
    editor.setText(text);
    editor.repaint();
    const double openMs = ms(clock);
    CAPTURE(openMs);

    // In the middle, and where a fence is opened that changes all that follows.
    QList<double> keysMs;
    for (const int at : {0, int(text.size() / 2), int(text.size() - 10)}) {
        QTextCursor cursor(editor.document());
        cursor.setPosition(at);
        editor.setTextCursor(cursor);
        editor.ensureCursorVisible();
        QCoreApplication::processEvents();
        for (const char letter : {'a', 'b', ' ', 'c', '\b', 'd'}) {
            clock.start();
            if (letter == '\b')
                QTest::keyClick(&editor, Qt::Key_Backspace);
            else
                QTest::keyClick(&editor, letter);
            editor.viewport()->repaint();
            keysMs << ms(clock);
        }
    }
    std::sort(keysMs.begin(), keysMs.end());
    const double keyMs = keysMs[keysMs.size() / 2], slowestMs = keysMs.last();
    clock.start();
    editor.applyOthers(TextChange::replace(10, 5, "from elsewhere"));
    editor.viewport()->repaint();
    const double othersMs = ms(clock);
    CAPTURE(keyMs, slowestMs, othersMs);
    if (std::getenv("STOA_SHOW_PAUSES"))
        std::printf("open %.1f ms, key %.2f ms (slowest %.2f), others' change %.2f ms\n", openMs, keyMs, slowestMs,
                    othersMs);
    // Meant: 150 and 8. A machine that does much else gets some more.
    CHECK(openMs < 2'000);
    CHECK(keyMs < 24);
    CHECK(othersMs < 40);
}
