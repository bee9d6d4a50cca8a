#pragma once

// A field for tags, apart by spaces, that offers those that a space has already. Enter or Tab takes the chosen one, Esc
// goes on without. GUI thread.

#include <QLineEdit>
#include <QStringListModel>

#include "client/replica/queries.h"

class QCompleter;

namespace stoa {

// The space's tags in which this is begun, those that begin with it first, then the frequent ones. At most some.
QStringList fittingTags(const Reading& reading, const Id& space, const QString& begun);

class TagsField : public QLineEdit {
    Q_OBJECT

public:
    explicit TagsField(const Reading& reading, QWidget* parent = nullptr);
    void setSpace(const Id& space) { space_ = space; }

protected:
    void keyPressEvent(QKeyEvent* event) override;
    bool focusNextPrevChild(bool next) override;

private:
    // Of the tag at the cursor: what stands before the cursor.
    QString begun() const;
    void offer();
    void take(const QString& tag);

    const Reading& reading_;
    Id space_;
    QStringListModel model_;
    QCompleter* completer_;
};

} // namespace stoa
