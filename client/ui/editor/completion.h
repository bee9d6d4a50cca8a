#pragma once

// Offers what a text can lead to, while it is typed: pages and questions behind "[[", people behind "@", the space's
// tags behind "#". Enter or Tab takes the chosen one, Esc goes on without. Owned by the editor. GUI thread.

#include <optional>

#include <QCompleter>
#include <QStandardItemModel>

#include "client/ui/place.h"

namespace stoa {

class MarkdownEditor;

// What is being written at the end of a line.
struct Begun {
    enum class Kind { Page, Person, Tag };
    Kind kind = Kind::Page;
    qsizetype from = 0; // of the sign that began it
    QString words;

    friend bool operator==(const Begun&, const Begun&) = default;
};
std::optional<Begun> begunIn(QStringView line);

class Completion : public QCompleter {
    Q_OBJECT

public:
    Completion(const Desk& desk, MarkdownEditor* editor);
    void setSpace(const Id& space) { space_ = space; }

private:
    struct Offer {
        QString shown;
        QString written;
        int score; // of how it fits what is written
    };

    void typed();
    void offer(QList<Offer> offers);
    void take(const QModelIndex& index);

    Desk desk_;
    MarkdownEditor* editor_;
    Id space_;
    QStandardItemModel model_;
    std::optional<Begun> begun_;
    quint64 ticket_ = 0;
    bool byTitle_ = false; // of what is found only the titles that fit count
};

} // namespace stoa
