// The editor's widget: what is typed, taken back, and put in by others.

#include <QClipboard>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMimeData>
#include <QPushButton>
#include <QScrollBar>
#include <QTest>
#include <QToolButton>

#include "client/ui/editor/editor_tools.h"
#include "client/ui/editor/markdown_editor.h"
#include "shared/base/limits.h"
#include "shared/text/compose.h"
#include "shared/text/diff.h"
#include "tests/support/catch.h"
#include "tests/ui/parts/screen.h"

using namespace stoa;
using Act = MarkdownEditor::Act;

namespace {

struct Writing {
    explicit Writing(const QString& text = {})
    {
        editor.resize(700, 300);
        editor.setText(text);
        editor.show();
        editor.activateWindow();
        editor.setFocus();
        REQUIRE(eventually([this] { return editor.hasFocus(); }));
    }
    void type(const char* text) { QTest::keyClicks(&editor, QString::fromUtf8(text)); }
    void key(Qt::Key key, Qt::KeyboardModifiers with = {}) { QTest::keyClick(&editor, key, with); }
    void select(int from, int to)
    {
        QTextCursor cursor = editor.textCursor();
        cursor.setPosition(from);
        cursor.setPosition(to, QTextCursor::KeepAnchor);
        editor.setTextCursor(cursor);
    }
    void others(const char* now)
    {
        editor.applyOthers(diff(editor.text().toStdString(), now));
        CHECK(text() == now);
    }
    // What the widget knows of its text is what stands in the document.
    std::string text()
    {
        CHECK(editor.text() == editor.document()->toRawText().replace(QChar::ParagraphSeparator, QLatin1Char('\n')));
        return editor.text().toStdString();
    }
    // What the person did from now on, as it is told.
    void listen()
    {
        QObject::connect(&editor, &MarkdownEditor::did, [this](const TextChange& change) { did.push_back(change); });
    }
    std::string selected() { return editor.textCursor().selectedText().toStdString(); }
    QColor colourAt(int position)
    {
        editor.grab(); // what is seen is styled
        const QTextBlock block = editor.document()->findBlock(position);
        for (const auto& range : block.layout()->formats())
            if (position - block.position() >= range.start && position - block.position() < range.start + range.length)
                return range.format.foreground().color();
        return {};
    }

    Application& application = screen(); // before any widget
    MarkdownEditor editor;
    std::vector<TextChange> did;
};

} // namespace

TEST_CASE("a list goes on by Enter, and a word becomes bold by its key")
{
    Writing on;
    on.type("- one");
    on.key(Qt::Key_Return);
    on.type("two");
    CHECK(on.text() == "- one\n- two");
    on.key(Qt::Key_B, Qt::ControlModifier);
    CHECK(on.text() == "- one\n- **two**");
    on.key(Qt::Key_Return, Qt::ShiftModifier);
    CHECK(on.text() == "- one\n- **two\n**");
}

TEST_CASE("what was typed is taken back word by word, and brought again")
{
    Writing on(QStringLiteral("Begin. "));
    on.editor.moveCursor(QTextCursor::End);
    on.type("one two");
    on.key(Qt::Key_Z, Qt::ControlModifier);
    CHECK(on.text() == "Begin. one ");
    on.key(Qt::Key_Z, Qt::ControlModifier);
    CHECK(on.text() == "Begin. ");
    CHECK_FALSE(on.editor.canRun(Act::Undo));
    on.key(Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
    on.key(Qt::Key_Y, Qt::ControlModifier);
    CHECK(on.text() == "Begin. one two");
    CHECK_FALSE(on.editor.canRun(Act::Redo));
}

TEST_CASE("a word is taken back as one also where others wrote while it was typed")
{
    Writing on(QStringLiteral("Begin. "));
    on.editor.moveCursor(QTextCursor::End);
    on.type("fo");
    on.others("We begin. fo");
    on.type("ur");
    on.others("We begin. four, theirs");
    on.type("ty");
    CHECK(on.text() == "We begin. fourty, theirs");
    on.key(Qt::Key_Z, Qt::ControlModifier);
    CHECK(on.text() == "We begin. , theirs");
}

TEST_CASE("taking back goes over what others did since, and takes nothing of theirs")
{
    Writing on(QStringLiteral("The fan is old.\nThe pump is new."));
    on.select(4, 7);
    on.type("motor");
    CHECK(on.text() == "The motor is old.\nThe pump is new.");
    on.others("Note: The motor is very old.\nThe pump is new. It leaks.");
    on.key(Qt::Key_Z, Qt::ControlModifier);
    CHECK(on.text() == "Note: The fan is very old.\nThe pump is new. It leaks.");
    on.others("Note: The fan is very old.\nIt leaks.");
    on.key(Qt::Key_Y, Qt::ControlModifier);
    CHECK(on.text() == "Note: The motor is very old.\nIt leaks.");
}

TEST_CASE("what others did away with cannot be taken back, and what one did before it still can")
{
    Writing on(QStringLiteral("a\n\nb"));
    on.select(1, 1);
    on.type("1");
    on.select(5, 5);
    on.type("2");
    on.others("a1\n\nb");
    on.key(Qt::Key_Z, Qt::ControlModifier);
    CHECK(on.text() == "a\n\nb");
}

TEST_CASE("what is typed over a selection deletes all of it, also letters that both have")
{
    Writing on(QStringLiteral("Go. Ask Ben first."));
    on.select(4, 18);
    on.listen();
    on.type("Asked.");
    CHECK(on.text() == "Go. Asked.");
    REQUIRE(!on.did.empty());
    CHECK(on.did[0] == TextChange::replace(4, 14, "A"));
    CHECK(compose(on.did) == TextChange::replace(4, 14, "Asked."));

    SECTION("pasted")
    {
        on.select(4, 10);
        on.did.clear();
        QGuiApplication::clipboard()->setText(QStringLiteral("A sked."));
        on.editor.paste();
        CHECK(compose(on.did) == TextChange::replace(4, 6, "A sked."));
    }
    SECTION("by an input method")
    {
        on.select(4, 10);
        on.did.clear();
        QInputMethodEvent entered;
        entered.setCommitString(QStringLiteral("Ad"));
        QCoreApplication::sendEvent(&on.editor, &entered);
        CHECK(compose(on.did) == TextChange::replace(4, 6, "Ad"));
    }
    SECTION("by Enter")
    {
        on.select(3, 10);
        on.did.clear();
        on.key(Qt::Key_Return);
        CHECK(compose(on.did) == TextChange::replace(3, 7, "\n"));
    }
    SECTION("and taken back")
    {
        on.did.clear();
        while (on.editor.canRun(Act::Undo))
            on.editor.run(Act::Undo);
        CHECK(on.text() == "Go. Ask Ben first.");
        CHECK(applyTo("Go. Asked.", compose(on.did)).value() == "Go. Ask Ben first.");
    }
}

TEST_CASE("an act tells no more than it did, and so does what is replaced all over the text")
{
    Writing on(QStringLiteral("- 🛠 one fan\n- two fans\n"));
    on.listen();
    on.select(5, 8);
    on.key(Qt::Key_B, Qt::ControlModifier);
    CHECK(on.text() == "- 🛠 **one** fan\n- two fans\n");
    REQUIRE(on.did.size() == 1);
    CHECK(on.did[0] == TextChange().retain(4).insert("**").retain(3).insert("**"));

    on.did.clear();
    FindBar bar(&on.editor);
    bar.open(true);
    bar.findChildren<QLineEdit*>().value(0)->clear();
    QTest::keyClicks(bar.findChildren<QLineEdit*>().value(0), QStringLiteral("fan"));
    bar.findChildren<QLineEdit*>().value(1)->setText(QStringLiteral("motor"));
    for (QPushButton* button : bar.findChildren<QPushButton*>())
        if (button->text() == QStringLiteral("Replace all"))
            button->click();
    CHECK(on.text() == "- 🛠 **one** motor\n- two motors\n");
    REQUIRE(on.did.size() == 1);
    CHECK(on.did[0] == TextChange().retain(12).insert("motor").erase(3).retain(7).insert("motor").erase(3));
    on.others("So: - 🛠 **one** motor\n- two motors\n");
    on.editor.run(Act::Undo);
    CHECK(on.text() == "So: - 🛠 **one** fan\n- two fans\n");
    on.editor.run(Act::Undo);
    CHECK(on.text() == "So: - 🛠 one fan\n- two fans\n");
    on.editor.run(Act::Redo);
    on.editor.run(Act::Redo);
    CHECK(on.text() == "So: - 🛠 **one** motor\n- two motors\n");
}

TEST_CASE("what is replaced by two lines is told as the text has it")
{
    Writing on(QStringLiteral("one fan, two fans"));
    on.listen();
    FindBar bar(&on.editor);
    bar.open(true);
    bar.findChildren<QLineEdit*>().value(0)->clear();
    QTest::keyClicks(bar.findChildren<QLineEdit*>().value(0), QStringLiteral("fan"));
    bar.findChildren<QLineEdit*>().value(1)->setText(QStringLiteral("a\r\nb"));
    for (QPushButton* button : bar.findChildren<QPushButton*>())
        if (button->text() == QStringLiteral("Replace all"))
            button->click();
    CHECK(on.text() == "one a\nb, two a\nbs");
    REQUIRE(on.did.size() == 1);
    CHECK(applyTo("one fan, two fans", on.did[0]).value() == on.text());
}

TEST_CASE("many places at once are changed, taken back and changed by others in one go")
{
    const QString line = QStringLiteral("a fan 🛠\n");
    Writing on(line.repeated(300));
    const std::string before = on.text();
    on.listen();
    TextChange all;
    for (int i = 0; i < 300; ++i)
        all.retain(i == 0 ? 2 : 5).insert("pump").erase(3);
    on.editor.changeText(all);
    const std::string after = QStringLiteral("a pump 🛠\n").repeated(300).toStdString();
    CHECK(on.text() == after);
    on.editor.run(Act::Undo);
    CHECK(on.text() == before);
    CHECK(applyTo(before, compose(on.did)).value() == before);
    on.did.clear();
    on.editor.applyOthers(all);
    CHECK(on.text() == after);
    CHECK(on.did.empty());
    on.editor.run(Act::Redo);
    CHECK(on.text() == QStringLiteral("a pumppump 🛠\n").repeated(300).toStdString());
}

TEST_CASE("whatever is done to the text, what is told of it leads from the one text to the other")
{
    for (uint32_t seed = 1; seed <= 40; ++seed) {
        CAPTURE(seed);
        uint32_t state = seed;
        const auto below = [&state](size_t end) {
            state = state * 1'664'525 + 1'013'904'223;
            return int((state >> 8) % end);
        };
        Writing on(QStringLiteral("- one 🛠 two\n- [ ] three\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nplain\n"));
        std::string told = on.text();
        QObject::connect(&on.editor, &MarkdownEditor::did,
                         [&](const TextChange& change) { told = applyTo(told, change).value(); });
        for (int step = 0; step < 30; ++step) {
            const int size = int(on.editor.text().size());
            int from = below(size_t(size) + 1), to = std::min(size, from + below(12));
            for (int* at : {&from, &to}) // not within a pair
                *at -= *at < size && on.editor.text().at(*at).isLowSurrogate() ? 1 : 0;
            on.select(from, below(2) == 0 ? from : to);
            switch (below(9)) {
            case 0:
                on.type("one");
                break;
            case 1:
                on.key(Qt::Key_Backspace);
                break;
            case 2:
                on.key(Qt::Key_Return);
                break;
            case 3:
                on.key(Qt::Key_Tab);
                break;
            case 4:
                on.editor.run(Act(below(11)));
                break;
            case 5:
                on.editor.run(below(3) == 0 ? Act::Redo : Act::Undo);
                break;
            case 6:
                on.key(Qt::Key_Delete, Qt::ControlModifier);
                break;
            case 7:
                QGuiApplication::clipboard()->setText(QStringLiteral("x\r\n🛠\u2029y"));
                on.editor.paste();
                break;
            default:
                const TextChange theirs = TextChange::replace(on.editor.toCodePoints(from), 0, "their\nown 🛠");
                told = applyTo(told, theirs).value();
                on.editor.applyOthers(theirs);
            }
            REQUIRE(told == on.text());
        }
    }
}

TEST_CASE("two who write at one place do not write between each other's letters")
{
    Writing on(QStringLiteral("one 🛠"));
    on.select(6, 6);
    QTest::keyClicks(&on.editor, QStringLiteral("ap"));
    on.others("one 🛠apBR");
    QTest::keyClicks(&on.editor, QStringLiteral("ples"));
    CHECK(on.text() == "one 🛠applesBR");
    on.others("one 🛠QapplesBR");
    QTest::keyClicks(&on.editor, QStringLiteral("!"));
    CHECK(on.text() == "one 🛠Qapples!BR");
    // What is selected stays what it is.
    on.select(7, 13);
    REQUIRE(on.selected() == "apples");
    on.others("one 🛠Q<apples>!BR");
    CHECK(on.selected() == "apples");
}

TEST_CASE("who stands amid what others write anew stands before it")
{
    Writing on(QStringLiteral("Go. The station is far. Stop."));
    on.select(10, 10);
    on.editor.applyOthers(TextChange::replace(4, 19, "O"));
    on.editor.applyOthers(TextChange::replace(5, 0, "ne."));
    CHECK(on.text() == "Go. One. Stop.");
    QTest::keyClicks(&on.editor, QStringLiteral("XY"));
    CHECK(on.text() == "Go. XYOne. Stop.");
}

TEST_CASE("cursor, selection and view stay where they are while others write above")
{
    QString lines;
    for (int i = 0; i < 200; ++i)
        lines += QStringLiteral("Line %1\n").arg(i);
    Writing on(lines);
    const int at = int(lines.indexOf(QStringLiteral("Line 150")));
    on.select(at, at + 8);
    on.editor.verticalScrollBar()->setValue(140);
    const QString first = on.editor.cursorForPosition({1, 1}).block().text();
    on.others(("New\nand new\n" + lines.toStdString() + "below").c_str());
    CHECK(on.selected() == "Line 150");
    CHECK(on.editor.cursorForPosition({1, 1}).block().text() == first);
}

TEST_CASE("no line is wider than what is seen of it, however wide the editor becomes")
{
    QString words;
    for (int i = 0; i < 400; ++i)
        words += QStringLiteral(
            "Some words that stand in a line of their own and go on for rather long until it is over.\n");
    for (const int lines : {400, 3}) {
        Writing on(words.left(words.size() / 400 * lines));
        for (const int width : {1'400, 526, 900, 520, 541, 300, 1'200, 500}) {
            CAPTURE(lines, width);
            on.editor.resize(width, 500);
            QApplication::processEvents();
            on.editor.grab();
            CHECK(on.editor.horizontalScrollBar()->maximum() == 0);
            for (QTextBlock block = on.editor.document()->begin(); block.isValid() && block.blockNumber() < 5;
                 block = block.next())
                for (int i = 0; i < block.layout()->lineCount(); ++i)
                    CHECK(block.layout()->lineAt(i).naturalTextWidth() <= on.editor.viewport()->width());
        }
    }
}

TEST_CASE("no line is wider than what is seen of it as soon as the editor is shown")
{
    screen();
    const QString line =
        QStringLiteral("Some words that stand in a line of their own and go on for rather long until it is over, and "
                       "then some that go on behind it.\n");
    for (const int width : {1'400, 1'051, 526, 300}) {
        CAPTURE(width);
        QWidget window;
        auto* layout = new QHBoxLayout(&window);
        layout->setContentsMargins({});
        auto* shown = new MarkdownEditor;
        MarkdownEditor& editor = *shown;
        layout->addWidget(shown);
        editor.setText(line.repeated(100));
        window.resize(width, 500);
        window.show();
        for (int turns = 0; turns < 5; ++turns)
            QApplication::processEvents();
        window.grab();
        CHECK(editor.horizontalScrollBar()->maximum() == 0);
        for (int i = 0; i < editor.document()->begin().layout()->lineCount(); ++i)
            CHECK(editor.document()->begin().layout()->lineAt(i).naturalTextWidth() <= editor.viewport()->width());
    }
}

TEST_CASE("what an input method is about to enter stays at the cursor while others write before it")
{
    Writing on(QStringLiteral("fan old"));
    on.select(4, 4);
    QInputMethodEvent composing(QStringLiteral("ni"), {});
    QCoreApplication::sendEvent(&on.editor, &composing);
    const QTextLayout* layout = on.editor.document()->begin().layout();
    REQUIRE(layout->preeditAreaPosition() == 4);
    on.others("The fan old");
    CHECK(layout->preeditAreaText() == QStringLiteral("ni"));
    CHECK(layout->preeditAreaPosition() == 8);
    QInputMethodEvent entered;
    entered.setCommitString(QStringLiteral("你"));
    QCoreApplication::sendEvent(&on.editor, &entered);
    CHECK(on.text() == "The fan 你old");
    CHECK(layout->preeditAreaText().isEmpty());
}

TEST_CASE("letters beyond the first plane count as one for others and as two here")
{
    Writing on(QStringLiteral("a 🛠 b"));
    on.editor.moveCursor(QTextCursor::End);
    on.type("c");
    on.others("a 🛠🛠 b!c");
    on.key(Qt::Key_Z, Qt::ControlModifier);
    CHECK(on.text() == "a 🛠🛠 b!");
    CHECK(on.editor.toUtf16(4) == 6);
    CHECK(on.editor.toCodePoints(6) == 4);
}

TEST_CASE("contested passages move with what is typed")
{
    Writing on(QStringLiteral("every day at nineTuesday"));
    on.editor.setContested({{0, 24}});
    on.select(0, 0);
    on.type("On ");
    on.others("So: On every day at nineTuesday");
    CHECK(on.editor.contested() == std::vector<TextRange>{{7, 31}});
}

TEST_CASE("headings, code and links are seen, also behind a fence that was just closed")
{
    Writing on(QStringLiteral("## Title\ntext\n```\n## no title\n"));
    const Tokens& t = tokens();
    CHECK(on.colourAt(0) == t.faint);
    const int inside = int(on.editor.text().indexOf(QStringLiteral("## no")));
    CHECK(on.colourAt(inside) != t.faint);
    on.select(14, 18);
    on.key(Qt::Key_Delete);
    CHECK(on.text() == "## Title\ntext\n## no title\n");
    CHECK(on.colourAt(14) == t.faint);
}

TEST_CASE("what was copied from the web is pasted as Markdown")
{
    Writing on;
    auto* copied = new QMimeData;
    copied->setHtml(QStringLiteral("<p>A <b>bold</b> <a href='https://a.example/'>link</a></p>"));
    copied->setText(QStringLiteral("A bold link"));
    QGuiApplication::clipboard()->setMimeData(copied);
    on.editor.paste();
    CHECK(on.text() == "A **bold** [link](https://a.example/)");
    on.key(Qt::Key_Z, Qt::ControlModifier);
    CHECK(on.text().empty());
}

TEST_CASE("what is too long to be pasted is cut, and that is told")
{
    Writing on;
    bool isCut = false;
    QObject::connect(&on.editor, &MarkdownEditor::pasteCut, [&isCut] { isCut = true; });
    QGuiApplication::clipboard()->setText(QStringLiteral("short"));
    on.editor.paste();
    CHECK_FALSE(isCut);
    QGuiApplication::clipboard()->setText(QString(qsizetype(limits::bodyBytesMax) + 1, QLatin1Char('\n')));
    on.editor.paste();
    CHECK(isCut);
}

TEST_CASE("a table is edited cell by cell, and aligned when it is left")
{
    Writing on;
    on.editor.run(Act::Table);
    on.type("Part");
    on.key(Qt::Key_Tab);
    on.type("Price in euros");
    on.key(Qt::Key_Tab);
    on.type("Fan");
    CHECK(on.text() == "| Part | Price in euros |\n| ---- | -------------- |\n| Fan     |                |");
    on.editor.moveCursor(QTextCursor::End);
    on.key(Qt::Key_Return);
    on.key(Qt::Key_Return);
    CHECK(on.text() == "| Part | Price in euros |\n| ---- | -------------- |\n| Fan  |                |\n\n");
}

TEST_CASE("no key and no paste tears a row of a table in two")
{
    Writing on(QStringLiteral("| a   | b   |\n| --- | --- |\n| c   | d   |\n"));
    on.select(3, 3);
    on.key(Qt::Key_Return);
    CHECK(on.selected() == "c");
    on.type("e");
    on.key(Qt::Key_Return, Qt::ShiftModifier);
    QGuiApplication::clipboard()->setText(QStringLiteral("f\n\ng\n"));
    on.editor.paste();
    on.key(Qt::Key_Tab);
    CHECK(on.text() == "| a     | b   |\n| ----- | --- |\n| e f g | d   |\n");
    on.key(Qt::Key_Return);
    on.type("h");
    CHECK(on.text() == "| a     | b   |\n| ----- | --- |\n| e f g | d   |\n|       | h    |\n");
    // Behind its row a line is a line.
    on.key(Qt::Key_End);
    QGuiApplication::clipboard()->setText(QStringLiteral("\n| i | j |"));
    on.editor.paste();
    CHECK(on.editor.text().endsWith(QStringLiteral("| h    |\n| i | j |\n")));
}

TEST_CASE("a table that somebody only went through stays as it was written")
{
    const QString text = QStringLiteral("one\n\n|a|b|\n|-|-|\n|c|d|\n\ntwo\n");
    Writing on(text);
    on.select(0, 0);
    on.key(Qt::Key_Delete);
    for (int i = 0; i < 6; ++i)
        on.key(Qt::Key_Down);
    CHECK(on.editor.textCursor().block().text() == QStringLiteral("two"));
    CHECK(on.editor.text() == text.mid(1));
    on.select(int(on.editor.text().indexOf(QStringLiteral("d|"))), int(on.editor.text().indexOf(QStringLiteral("d|"))));
    on.type("x");
    on.key(Qt::Key_Down);
    CHECK(on.text() == "ne\n\n| a   | b   |\n| --- | --- |\n| c   | xd  |\n\ntwo\n");
    // Nor is it written again after one took that back.
    on.key(Qt::Key_Z, Qt::ControlModifier);
    const std::string back = on.text();
    on.editor.moveCursor(QTextCursor::End);
    CHECK(on.text() == back);
}

TEST_CASE("the table's key makes one also right below a list, and right above other text")
{
    Writing on(QStringLiteral("- one\n\ntwo"));
    on.select(6, 6);
    on.editor.run(Act::Table);
    CHECK(on.text() == "- one\n\n| Column | Column |\n| ------ | ------ |\n|        |        |\n\ntwo");
    CHECK(on.selected() == "Column");
}

TEST_CASE("Tab outside of lists and tables leaves the text to the next field")
{
    Writing on(QStringLiteral("plain"));
    on.key(Qt::Key_Tab);
    CHECK(on.text() == "plain");
    on.editor.setText(QStringLiteral("- item"));
    on.editor.setFocus();
    on.key(Qt::Key_Tab);
    CHECK(on.text() == "  - item");
}

TEST_CASE("what is looked for is found from the cursor on, counted, and replaced in one step")
{
    Writing on(QStringLiteral("fan, Fan, fans"));
    FindBar bar(&on.editor);
    bar.open(true);
    auto* words = bar.findChildren<QLineEdit*>().value(0);
    auto* by = bar.findChildren<QLineEdit*>().value(1);
    const auto says = [&](const char* text) {
        for (const QLabel* label : bar.findChildren<QLabel*>())
            if (label->text() == QString::fromLatin1(text))
                return true;
        return false;
    };
    on.select(3, 3);
    QTest::keyClicks(words, QStringLiteral("fan"));
    CHECK(says("2 of 3"));
    CHECK(on.selected() == "Fan");
    QTest::keyClick(words, Qt::Key_Return);
    CHECK(says("3 of 3"));
    QTest::keyClick(words, Qt::Key_Return);
    CHECK(says("1 of 3"));
    by->setText(QStringLiteral("motor"));
    for (QPushButton* button : bar.findChildren<QPushButton*>())
        if (button->text() == QStringLiteral("Replace all"))
            button->click();
    CHECK(on.text() == "motor, motor, motors");
    CHECK(says("3 replaced"));
    QTest::keyClick(words, Qt::Key_Tab);
    CHECK(bar.focusWidget() == by);
    for (QPushButton* button : bar.findChildren<QPushButton*>())
        if (button->text() == QStringLiteral("Match case"))
            button->setFocus();
    QTest::keyClick(bar.focusWidget(), Qt::Key_Escape);
    CHECK_FALSE(bar.isVisible());
    on.editor.run(Act::Undo);
    CHECK(on.text() == "fan, Fan, fans");
}

TEST_CASE("what is found is shown with some lines around it")
{
    QString text;
    for (int i = 0; i < 200; ++i)
        text += QStringLiteral("Line %1 of many\n").arg(i);
    Writing on(text);
    FindBar bar(&on.editor);
    bar.open(false);
    auto* words = bar.findChildren<QLineEdit*>().value(0);
    const int around = 2 * on.editor.fontMetrics().lineSpacing();
    for (const char* each : {"Line 100", "Line 99", "Line 112", "Line 101"}) {
        CAPTURE(each);
        words->clear();
        QTest::keyClicks(words, QString::fromUtf8(each));
        CHECK(on.selected() == each);
        CHECK(on.editor.cursorRect().top() >= around);
        CHECK(on.editor.cursorRect().bottom() <= on.editor.viewport()->height() - around);
    }
}

TEST_CASE("the text grows and shrinks by the sizes of the theme, and no further")
{
    Writing on(QStringLiteral("text"));
    on.key(Qt::Key_Plus, Qt::ControlModifier);
    CHECK(on.editor.textSize() == Size::Heading);
    for (int i = 0; i < 9; ++i)
        on.key(Qt::Key_Minus, Qt::ControlModifier);
    CHECK(on.editor.textSize() == Size::Small);
    on.key(Qt::Key_0, Qt::ControlModifier);
    CHECK(on.editor.textSize() == Size::Reading);
    CHECK(on.text() == "text");
}

TEST_CASE("what finds no room in the row of acts is in the menu at its end")
{
    Writing on(QStringLiteral("text"));
    std::unique_ptr<QWidget> row(makeEditorToolbar(&on.editor));
    const auto buttons = [&] {
        QStringList names;
        for (QToolButton* each : row->findChildren<QToolButton*>())
            if (each->isVisibleTo(row.get()))
                names << each->accessibleName();
        return names;
    };
    const auto menu = [&] {
        QList<QAction*> acts;
        for (QAction* each : row->findChild<QMenu*>()->actions())
            if (each->isVisible())
                acts << each;
        return acts;
    };
    row->resize(row->sizeHint());
    row->show();
    CHECK(buttons().size() == 12);
    CHECK_FALSE(buttons().contains(QStringLiteral("More")));
    const int whole = row->width();
    for (int width = row->minimumSizeHint().width(); width < whole; width += 7) {
        CAPTURE(width);
        row->resize(width, row->height());
        CHECK(buttons().contains(QStringLiteral("More")));
        CHECK(buttons().size() - 1 + menu().size() == 12);
        for (const QToolButton* each : row->findChildren<QToolButton*>())
            if (each->isVisibleTo(row.get()))
                CHECK(row->rect().contains(each->geometry()));
    }
    row->resize(row->minimumSizeHint().width(), row->height());
    REQUIRE(menu().size() == 12);
    CHECK(menu().first()->text().startsWith(QStringLiteral("Bold\t")));
    CHECK_FALSE(menu().last()->isEnabled()); // nothing to bring again
    on.select(0, 4);
    menu().first()->trigger();
    CHECK(on.text() == "**text**");
}

TEST_CASE("a long text comes in piece by piece, and is whole for whoever writes, goes and reads meanwhile")
{
    QString lines;
    for (int i = 0; i < 20'000; ++i)
        lines += QStringLiteral("Line %1\n").arg(i);
    Writing on;
    const auto inDocument = [&] { return on.editor.document()->characterCount() - 1; };
    on.editor.setText(lines);
    CHECK(on.editor.text() == lines);
    REQUIRE(inDocument() < lines.size());

    SECTION("nothing is done")
    {
        int told = 0;
        QObject::connect(&on.editor, &QPlainTextEdit::textChanged, [&] { ++told; });
        CHECK(eventually([&] { return inDocument() == lines.size(); }));
        CHECK(told == 0);
        CHECK_FALSE(on.editor.canRun(Act::Undo));
        CHECK(on.text() == lines.toStdString());
    }
    SECTION("somebody types at the beginning")
    {
        on.type("My ");
        REQUIRE(inDocument() < lines.size());
        CHECK(eventually([&] { return inDocument() == lines.size() + 3; }));
        CHECK(on.text() == "My " + lines.toStdString());
        on.key(Qt::Key_Z, Qt::ControlModifier);
        CHECK(on.text() == lines.toStdString());
    }
    SECTION("somebody goes to the end and types")
    {
        on.key(Qt::Key_End, Qt::ControlModifier);
        on.type("Last");
        CHECK(on.text() == lines.toStdString() + "Last");
    }
    SECTION("others write at the end")
    {
        on.others((lines.toStdString() + "Theirs").c_str());
    }
    SECTION("another text is opened")
    {
        on.editor.setText(QStringLiteral("short"));
        QCoreApplication::processEvents();
        CHECK(on.text() == "short");
    }
}

TEST_CASE("the ends of lines of other systems are lines")
{
    Writing on(QStringLiteral("a\r\nb\rc\u2029d"));
    CHECK(on.text() == "a\nb\nc\nd");
}
