#pragma once

// The keys of places and of the editor, each once: who listens for one and who lists them all
// (shell/shortcuts_dialog.h) read it here. The window's own are its commands, the editor's acts have theirs
// (editor/markdown_editor.h). GUI thread.

#include <QKeySequence>
#include <QList>
#include <QString>

namespace stoa {

enum class Key {
    // In a place
    Edit,
    History,
    Tree,
    Comment,
    NextChange,
    PreviousChange,
    // While one writes
    Find,
    Replace,
    Preview,
    WordMenu,
};

QKeySequence keyOf(Key key);
// "Edit this page (E)"
QString withKey(const QString& sentence, Key key);

// A line of the list of all keys.
struct KeyRow {
    QString does;
    QString keys;
};
QList<KeyRow> placeKeys();
QList<KeyRow> writingKeys(); // without the editor's acts

} // namespace stoa
