// Where others are in the editor's text: their carets, names and selections, while everybody writes.

#include <QScrollBar>
#include <QTest>

#include "client/ui/editor/markdown_editor.h"
#include "client/ui/editor/reader_marks.h"
#include "client/ui/editor/who_is_here.h"
#include "shared/text/diff.h"
#include "tests/support/catch.h"
#include "tests/ui/parts/screen.h"

using namespace stoa;

namespace {

PresentReader readerAt(const char* name, quint64 from, quint64 to, bool writing = false)
{
    return {deriveId(1, "test", name), 1, QString::fromUtf8(name), from, to, true, writing};
}

struct Joint {
    explicit Joint(const QString& text)
    {
        editor.resize(700, 300);
        editor.setText(text);
        editor.show();
        editor.activateWindow();
        editor.setFocus();
        REQUIRE(eventually([this] { return editor.hasFocus(); }));
        editor.fill();
    }
    // Where this one's caret stands in the text.
    int at(const char* name) { return marks.cursorOf(deriveId(1, "test", name), 1).position(); }
    void others(const char* now) { editor.applyOthers(diff(editor.text().toStdString(), now)); }
    void go(int to)
    {
        QTextCursor cursor(editor.document());
        cursor.setPosition(to);
        editor.setTextCursor(cursor);
    }
    QRect caretAt(int position)
    {
        QTextCursor cursor(editor.document());
        cursor.setPosition(position);
        return editor.cursorRect(cursor);
    }

    Application& application = screen(); // before any widget
    qint64 nowMs = 1'000'000;
    MarkdownEditor editor;
    ReaderMarks marks{&editor, [this] { return nowMs; }};
};

// Of WCAG 2.
double contrastOf(const QColor& a, const QColor& b)
{
    const auto light = [](const QColor& colour) {
        const auto part = [](double c) { return c <= 0.03928 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4); };
        return 0.2126 * part(colour.redF()) + 0.7152 * part(colour.greenF()) + 0.0722 * part(colour.blueF());
    };
    const double one = light(a) + 0.05, other = light(b) + 0.05;
    return std::max(one, other) / std::min(one, other);
}

} // namespace

TEST_CASE("somebody's caret is where they are, after what is typed here and what they write themselves")
{
    Joint on(QStringLiteral("The fan is old."));
    on.marks.set({readerAt("Bea", 7, 7)});
    REQUIRE(on.marks.shown().size() == 1);
    CHECK(on.marks.shown()[0].caret.topLeft() == on.caretAt(7).topLeft());
    on.go(0);
    QTest::keyClicks(&on.editor, QStringLiteral("So: "));
    CHECK(on.at("Bea") == 11);
    on.go(11); // where she is: what is typed here comes behind her
    QTest::keyClicks(&on.editor, QStringLiteral("s"));
    CHECK(on.at("Bea") == 11);
    on.others("So: The fan, says Bea,s is old.");
    CHECK(on.at("Bea") == 22);
    CHECK(on.marks.shown()[0].caret.topLeft() == on.caretAt(22).topLeft());
    on.editor.run(MarkdownEditor::Act::Undo);
    CHECK(on.editor.text() == QStringLiteral("So: The fan, says Bea, is old."));
    CHECK(on.at("Bea") == 22);
}

TEST_CASE("somebody's place is told in code points, and past the end it is the end")
{
    Joint on(QStringLiteral("a 🛠 b"));
    on.marks.set({readerAt("Bea", 4, 4), readerAt("Cy", 99, 99)});
    CHECK(on.at("Bea") == 5);
    CHECK(on.at("Cy") == 6);
}

TEST_CASE("a name shows for a while when somebody comes, moves or writes, and while the mouse is at the caret")
{
    Joint on(QStringLiteral("The fan is old."));
    const auto hasFlag = [&] { return !on.marks.shown().at(0).flag.isEmpty(); };
    on.marks.set({readerAt("Bea", 3, 3)});
    CHECK(hasFlag());
    on.nowMs += 10'000;
    CHECK_FALSE(hasFlag());
    on.marks.set({readerAt("Bea", 3, 3)});
    CHECK_FALSE(hasFlag());
    on.marks.set({readerAt("Bea", 5, 5)});
    CHECK(hasFlag());
    on.nowMs += 10'000;
    on.marks.set({readerAt("Bea", 5, 5, true)});
    CHECK(hasFlag());
    on.nowMs += 10'000;
    CHECK_FALSE(hasFlag());
    QTest::mouseMove(on.editor.viewport(), on.marks.shown()[0].caret.center());
    CHECK(hasFlag());
    on.marks.set({});
    CHECK(on.marks.shown().empty());
}

TEST_CASE("names stay within what is seen, however long they are and wherever the caret is")
{
    QString lines;
    for (int i = 0; i < 100; ++i)
        lines +=
            QStringLiteral("A line of some words that goes on and on until the right edge of what is seen here.\n");
    Joint on(lines);
    const char* name = "Maximiliane Alexandra von und zu Hohenstein-Wittgenstein der Aeltere";
    const QRect room = on.editor.viewport()->rect();
    for (const int width : {700, 300, 220}) {
        on.editor.resize(width, 300);
        on.editor.grab();
        for (quint64 at = 0; at < 600; at += 7) {
            on.marks.set({readerAt(name, at, at)});
            for (const ReaderMarks::Shown& each : on.marks.shown()) {
                CAPTURE(width, at);
                CHECK((each.flag.isEmpty() || on.editor.viewport()->rect().contains(each.flag)));
            }
        }
    }
    CHECK(room.width() > on.editor.viewport()->width());
    on.editor.verticalScrollBar()->setValue(50);
    CHECK(on.marks.shown().empty());
}

TEST_CASE("what somebody has selected has a ground, line by line")
{
    Joint on(QStringLiteral("one\n\ntwo"));
    on.marks.set({readerAt("Bea", 6, 1)});
    REQUIRE(on.marks.shown().size() == 1);
    const QList<QRect> rects = on.marks.shown()[0].selected;
    REQUIRE(rects.size() == 3);
    CHECK(rects[0].left() >= on.caretAt(1).left() - 1);
    CHECK(rects[2].right() <= on.caretAt(6).left() + 2);
    CHECK(on.marks.shown()[0].caret.left() == on.caretAt(1).left());
}

TEST_CASE("ten who write in a text of 1 MB are where they wrote, and cursor and view stay")
{
    const QString line = QStringLiteral("Some words that stand in a line.\n");
    Joint on(line.repeated((1 << 20) / line.size()));
    const int start = 10'000 * int(line.size());
    on.go(start);
    on.editor.centerCursor();
    const int top = on.editor.verticalScrollBar()->value();
    QList<PresentReader> readers;
    for (int i = 0; i < 10; ++i) {
        const auto at = quint64(start + (i - 5) * int(line.size()));
        readers.append(readerAt(std::to_string(i).c_str(), at, at));
    }
    on.marks.set(readers);
    for (int turn = 0; turn < 3; ++turn)
        for (int i = 0; i < 10; ++i) {
            QTest::keyClick(&on.editor, Qt::Key_X);
            on.editor.applyOthers(TextChange::replace(size_t(on.at(std::to_string(i).c_str())), 0, "abc"));
        }
    CHECK(on.marks.shown().size() == 10);
    QString expected = line.repeated((1 << 20) / line.size());
    const QString mine(30, QLatin1Char('x'));
    CHECK(on.editor.text().count(QStringLiteral("abcabcabc")) == 10);
    CHECK(on.editor.text().contains(mine));
    CHECK(on.editor.text().size() == expected.size() + 30 + 90);
    CHECK(on.editor.verticalScrollBar()->value() == top);
    on.editor.run(MarkdownEditor::Act::Undo);
    CHECK_FALSE(on.editor.text().contains(mine));
    CHECK(on.editor.text().count(QStringLiteral("abcabcabc")) == 10);
}

TEST_CASE("who is here is said in one sentence, and each by themselves")
{
    screen();
    const PresentReader ada = readerAt("Ada", 0, 0), bea = readerAt("Bea", 0, 0, true);
    PresentReader cy = readerAt("Cy", 0, 0);
    cy.placed = false;
    const auto says = [](const QList<PresentReader>& readers) {
        QString text = presenceSentence(readers);
        return text.remove(QChar(0x2068)).remove(QChar(0x2069)).toStdString();
    };
    CHECK(says({}).empty());
    CHECK(says({ada}) == "Ada is here");
    CHECK(says({ada, bea}) == "Ada and Bea are here; Bea is writing");
    CHECK(says({ada, bea, cy}) == "Ada and 2 others are here; Bea is writing");
    PresentReader twice = ada;
    twice.session = 2;
    CHECK(says({ada, twice}) == "Ada is here");

    WhoIsHere here;
    CHECK(here.isHidden());
    here.set({ada, bea, cy, twice});
    CHECK_FALSE(here.isHidden());
    QString tip = here.toolTip();
    tip.remove(QChar(0x2068)).remove(QChar(0x2069));
    CHECK(tip.toStdString() == "Ada is here\nBea is writing\nCy is reading");
    CHECK_FALSE(here.accessibleName().isEmpty());
    here.set({});
    CHECK(here.isHidden());
}

TEST_CASE("everybody's colour is read on the ground of a text, in light and dark")
{
    Application& application = screen();
    for (const Scheme scheme : {Scheme::Light, Scheme::Dark}) {
        applyTheme(application, scheme);
        for (const char* name : {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"}) {
            CAPTURE(int(scheme), name);
            CHECK(contrastOf(nameInk(QString::fromLatin1(name)), tokens().pane) >= 4.5);
            CHECK(contrastOf(nameColour(QString::fromLatin1(name)), Qt::white) >= 4.5);
        }
    }
    applyTheme(application, Scheme::Light);
}
