#include "client/ui/keys.h"

#include <QCoreApplication>

namespace stoa {

namespace {

struct KeyTexts {
    Q_DECLARE_TR_FUNCTIONS(Keys)
};

struct KnownKey {
    Key key;
    bool whileWriting;
    const char* keys;
    const char* does;
};

constexpr KnownKey knownKeys[] = {
    {Key::Edit, false, "E", QT_TRANSLATE_NOOP("Keys", "Edit the page, or one's own proposal")},
    {Key::History, false, "H", QT_TRANSLATE_NOOP("Keys", "The page's history")},
    {Key::Tree, false, "T", QT_TRANSLATE_NOOP("Keys", "Show or hide the tree of pages")},
    {Key::Comment, false, "C", QT_TRANSLATE_NOOP("Keys", "Comment on a line of what changed")},
    {Key::NextChange, false, "N", QT_TRANSLATE_NOOP("Keys", "To the next change")},
    {Key::PreviousChange, false, "P", QT_TRANSLATE_NOOP("Keys", "To the change before")},
    {Key::Find, true, "Ctrl+F", QT_TRANSLATE_NOOP("Keys", "Find in the text")},
    {Key::Replace, true, "Ctrl+H", QT_TRANSLATE_NOOP("Keys", "Find and replace")},
    {Key::Preview, true, "Ctrl+Shift+P", QT_TRANSLATE_NOOP("Keys", "Preview")},
    {Key::WordMenu, true, "Ctrl+.", QT_TRANSLATE_NOOP("Keys", "What can be done with a word")},
};

QList<KeyRow> keyRows(bool whileWriting)
{
    QList<KeyRow> made;
    for (const KnownKey& each : knownKeys)
        if (each.whileWriting == whileWriting)
            made.append({KeyTexts::tr(each.does), keyOf(each.key).toString(QKeySequence::NativeText)});
    return made;
}

} // namespace

QKeySequence keyOf(Key key)
{
    for (const KnownKey& each : knownKeys)
        if (each.key == key)
            return QKeySequence(QLatin1String(each.keys));
    return {};
}

QString withKey(const QString& sentence, Key key)
{
    return QStringLiteral("%1 (%2)").arg(sentence, keyOf(key).toString(QKeySequence::NativeText));
}

QList<KeyRow> placeKeys()
{
    return keyRows(false) + QList<KeyRow>{{KeyTexts::tr("Tick a box that has the keyboard"), KeyTexts::tr("Space")},
                                          {KeyTexts::tr("A step back: from what is read to its list, to the page"),
                                           KeyTexts::tr("Esc")}};
}

QList<KeyRow> writingKeys()
{
    return keyRows(true) +
           QList<KeyRow>{{KeyTexts::tr("Larger, smaller, usual letters"), KeyTexts::tr("Ctrl++, Ctrl+-, Ctrl+0")},
                         {KeyTexts::tr("On with a list; to the cell below"), KeyTexts::tr("Enter")},
                         {KeyTexts::tr("A list's item in, out; from cell to cell"), KeyTexts::tr("Tab, Shift+Tab")},
                         {KeyTexts::tr("Page, person or tag, as one writes"), QStringLiteral("[[, @, #")}};
}

} // namespace stoa
