#pragma once

// Words of an editor that are not spelled rightly: a wavy line below those that are seen, and what can be done about
// one in the editor's menu. The word that is being typed is left alone. Owned by the editor. GUI thread.

#include <QPointer>
#include <QSet>
#include <QTextCursor>

#include "client/ui/editor/speller.h"

class QMenu;
class QPainter;

namespace stoa {

class MarkdownEditor;

class SpellMarks : public QObject {
    Q_OBJECT

public:
    SpellMarks(Speller& speller, MarkdownEditor* editor);

    // Another text, that of this post: what was ignored in the one before counts no more, and what was in this one
    // does. Null: a new one.
    void open(const Id& post);
    // The wrong word at this place of the document, selected; else without a selection.
    QTextCursor wrongAt(int position) const;
    // Of what is seen, as far as it is known.
    QList<QTextCursor> wrong() const;

Q_SIGNALS:
    void said(const QString& sentence);

private:
    void addTo(QMenu& menu, int position);
    void paint(QPainter& painter) const;
    template <class F>
    void eachWrong(const QTextBlock& block, F found) const;

    Speller& speller_;
    MarkdownEditor* editor_;
    Id post_;
    QSet<QString> ignored_; // in a new one
    int typedAt_ = -1;      // where the word ends that is being typed
};

// What spelling there is, for a menu: the dictionaries, one of which may be chosen, or why there is none.
void addSpellingTo(QMenu* menu, Speller& speller);

} // namespace stoa
