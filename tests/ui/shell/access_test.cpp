// Whatever a person can act on in the window is reached with Tab and read out with a name.

#include <QAbstractItemView>
#include <QAbstractSpinBox>
#include <QComboBox>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QTabBar>
#include <QTextEdit>

#include "client/ui/editor/markdown_editor.h"
#include "client/ui/shell/shortcuts_dialog.h"
#include "tests/ui/shell/desktop.h"

using namespace stoa;
using namespace stoa::test;

namespace {

bool isControl(const QWidget* widget)
{
    return qobject_cast<const QAbstractButton*>(widget) || qobject_cast<const QLineEdit*>(widget) ||
           qobject_cast<const QAbstractItemView*>(widget) || qobject_cast<const QPlainTextEdit*>(widget) ||
           qobject_cast<const QTextEdit*>(widget) || qobject_cast<const QComboBox*>(widget) ||
           qobject_cast<const QAbstractSpinBox*>(widget) || qobject_cast<const QTabBar*>(widget);
}

// Qt's own small parts inside of a control.
bool isPartOfControl(const QWidget* widget)
{
    for (const QWidget* at = widget->parentWidget(); at && !at->isWindow(); at = at->parentWidget())
        if (qobject_cast<const QLineEdit*>(at) || qobject_cast<const QComboBox*>(at) ||
            qobject_cast<const QAbstractItemView*>(at))
            return true;
    return qobject_cast<const QScrollBar*>(widget) ||
           (qobject_cast<const QAbstractButton*>(widget) && qobject_cast<const QTabBar*>(widget->parentWidget()) &&
            widget->objectName().startsWith(QLatin1String("Scroll")));
}

template <class W>
bool isIn(const QWidget* widget)
{
    for (const QWidget* at = widget->parentWidget(); at; at = at->parentWidget())
        if (qobject_cast<const W*>(at))
            return true;
    return false;
}

QString described(const QWidget* widget)
{
    QStringList path;
    for (const QWidget* at = widget; at; at = at->parentWidget())
        path.prepend(QString::fromLatin1(at->metaObject()->className()));
    return path.join(QStringLiteral(" > "));
}

// What is wrong with it, one line each.
QStringList faults(QWidget& within)
{
    QStringList found;
    for (QWidget* widget : within.findChildren<QWidget*>()) {
        if (!isSeen(widget) || !widget->isEnabled() || isPartOfControl(widget))
            continue;
        const bool reached = widget->focusPolicy() & Qt::TabFocus;
        // The palette's field hands its arrows on to the list below it.
        const bool ledByField = qobject_cast<const QAbstractItemView*>(widget) && isIn<Palette>(widget);
        if (isControl(widget) && !reached && !ledByField)
            found << QStringLiteral("not reached with Tab: %1 “%2”").arg(described(widget), nameOf(widget));
        if ((isControl(widget) || reached) && nameOf(widget).trimmed().isEmpty())
            found << QStringLiteral("without a name: %1").arg(described(widget));
        const auto* button = qobject_cast<const QAbstractButton*>(widget);
        if (button && button->text().isEmpty() && !button->icon().isNull() && button->toolTip().isEmpty())
            found << QStringLiteral("an icon without a tool tip: %1").arg(described(widget));
    }
    return found;
}

void checkAccess(QWidget& within, const char* where)
{
    const QStringList found = faults(within);
    INFO(where << "\n" << found.join(QLatin1Char('\n')).toStdString());
    CHECK(found.isEmpty());
}

// No control in it is cut off at a side of what it stands in.
void checkWhole(const QWidget& within)
{
    for (const QWidget* each : within.findChildren<QWidget*>()) {
        if (!isSeen(each) || !isControl(each) || isPartOfControl(each))
            continue;
        INFO(described(each).toStdString() << " " << each->accessibleName().toStdString());
        for (const QWidget* around = each->parentWidget(); around; around = around->parentWidget()) {
            const int left = each->mapTo(around, QPoint()).x();
            CHECK(left >= 0);
            CHECK(left + each->width() <= around->width());
            if (around->isWindow())
                break;
        }
    }
}

} // namespace

TEST_CASE("In every place, every control is reached with Tab and has a name")
{
    Copy copy;
    copy.refused("Which pump?", "The small one hums.");
    Desktop desktop(copy);
    Location asking = questionsLocation(copy.spaceId);
    asking.write = true;
    Location charter = spaceLocation(copy.spaceId);
    charter.write = true;
    Location editing = pagesLocation(copy.spaceId, copy.pageId);
    editing.write = true;
    Location writing = pagesLocation(copy.spaceId);
    writing.write = true;
    Location bookmarks = questionsLocation({});
    bookmarks.bookmarked = true;
    const std::pair<const char*, Location> places[] = {
        {"home", homeLocation()},
        {"space", spaceLocation(copy.spaceId)},
        {"charter", charter},
        {"page", pagesLocation(copy.spaceId, copy.pageId)},
        {"editing", editing},
        {"new page", writing},
        {"question", questionsLocation(copy.spaceId, copy.questionId)},
        {"asking", asking},
        {"bookmarks", bookmarks},
        {"search", searchLocation(QStringLiteral("valve"))},
        {"outbox", outboxLocation()},
        {"history", historyLocation(copy.spaceId, copy.pageId)},
        {"proposals of a page", proposalsLocation(copy.spaceId, copy.pageId)},
        {"a new proposal", newProposalLocation(copy.spaceId, copy.pageId)},
        {"proposals", myProposalsLocation()},
    };
    for (const auto& [name, location] : places) {
        desktop.window.open(location, true);
        QCoreApplication::processEvents();
        checkAccess(desktop.window, name);
    }
    desktop.press(Qt::Key_P, Qt::ControlModifier);
    checkAccess(desktop.window, "palette");
    desktop.press(Qt::Key_Escape);
    desktop.press(Qt::Key_F1);
    checkAccess(*desktop.window.findChild<ShortcutsDialog*>(), "keys");
}

TEST_CASE("Around a page that is written too, whatever is open there, in a wide window and in a narrow one")
{
    const int width = GENERATE(1440, 960);
    CAPTURE(width);
    Copy copy;
    Desktop desktop(copy);
    desktop.window.resize(width, 640);
    Location editing = pagesLocation(copy.spaceId, copy.pageId);
    editing.write = true;
    desktop.window.open(editing);
    auto* editor = seen<MarkdownEditor>(desktop.window, "The page's source");
    REQUIRE(editor);
    QTest::keyClicks(editor, QStringLiteral("Wear them. "));
    editor->setContested({{0, 5}, {5, 11}});
    Q_EMIT editor->typed();
    checkAccess(desktop.window, "two versions");
    CHECK(seen<QLineEdit>(desktop.window, "What did you change?"));
    desktop.press(Qt::Key_H, Qt::ControlModifier);
    checkAccess(desktop.window, "find and replace");
    click(desktop.window, "Preview");
    checkAccess(desktop.window, "preview");
    checkWhole(*editor->parentWidget());
    desktop.window.open(questionsLocation(copy.spaceId, copy.questionId));
    click(desktop.window, "Edit");
    for (MarkdownEditor* each : desktop.window.findChildren<MarkdownEditor*>())
        if (isSeen(each))
            checkWhole(*each->parentWidget());
    checkAccess(desktop.window, "an own question");
}

TEST_CASE("On the sign-in page and the failure page too")
{
    Copy copy;
    copy.close();
    Desktop desktop(copy.profileDir(), true);
    click(desktop.window, "Not signed in");
    checkAccess(desktop.window, "sign-in");
    desktop.window.openLink(QStringLiteral("stoa://127.0.0.1:7443/join?organisation=Acme&login=ana&code=%1&pin=%2")
                                .arg(QString(32, QLatin1Char('a')), QString(64, QLatin1Char('b'))));
    checkAccess(desktop.window, "invitation");
    desktop.window.readFailed(false, QStringLiteral("disk I/O error"));
    checkAccess(desktop.window, "failure");
}

TEST_CASE("Tab goes round through the whole window and comes back")
{
    Copy copy;
    Desktop desktop(copy);
    desktop.window.open(questionsLocation(copy.spaceId, copy.questionId));
    QCoreApplication::processEvents();
    QSet<QWidget*> left;
    for (QWidget* widget : desktop.window.findChildren<QWidget*>())
        if (isSeen(widget) && widget->isEnabled() && isControl(widget) && !isPartOfControl(widget) &&
            !qobject_cast<QTextEdit*>(widget) && widget->visibleRegion().isEmpty() == false)
            left.insert(widget);
    REQUIRE_FALSE(left.isEmpty());
    constexpr int stepsMax = 300;
    for (int i = 0; i < stepsMax && !left.isEmpty(); ++i) {
        // Ctrl+Tab is taken; a field for text of several lines takes Tab itself, so the chain is asked.
        QWidget* at = QApplication::focusWidget();
        QWidget* next = at ? at->nextInFocusChain() : desktop.window.nextInFocusChain();
        while (next != at && !(next->focusPolicy() & Qt::TabFocus && isSeen(next) && next->isEnabled()))
            next = next->nextInFocusChain();
        next->setFocus(Qt::TabFocusReason);
        left.remove(next);
    }
    for (const QWidget* widget : left)
        UNSCOPED_INFO(described(widget).toStdString());
    CHECK(left.isEmpty());
}
