#pragma once

// What can be done with words that have no place (client/commands/keeping.h): the buttons for it, for whoever shows
// them to put somewhere, and the doing. What is kept elsewhere is stored first, and let go of then. GUI thread.

#include <functional>
#include <optional>

#include <QObject>

#include "client/commands/keeping.h"
#include "client/ui/place.h"

class QPushButton;

namespace stoa {

class KeepingActs : public QObject {
    Q_OBJECT

public:
    // `find`: what it is about now. The buttons are the parent's until they are in a layout.
    KeepingActs(const Desk& desk, std::function<std::optional<Keeping>()> find, QWidget* parent);

    // Which buttons show: for this.
    void set(const std::optional<Keeping>& kept);

    QPushButton* asProposal() const { return asProposal_; }
    QPushButton* asComment() const { return asComment_; }
    QPushButton* asPage() const { return asPage_; }

Q_SIGNALS:
    void made(const stoa::Id& post); // stored, and the rows of the outbox let go of
    void failed(const QString& sentence);

private:
    void save(const std::optional<v1::Change>& change, const QList<Id>& settles);
    void savePage();

    Desk desk_;
    QWidget* parent_;
    std::function<std::optional<Keeping>()> find_;
    QPushButton* asProposal_;
    QPushButton* asComment_;
    QPushButton* asPage_;
    Id saving_;         // the change that keeps the words,
    Id made_;           // the post that it makes,
    QList<Id> settles_; // and what is discarded then
};

// Asks, and then does it.
void askToDiscard(QWidget* parent, const QString& question, const QString& sentence, const std::function<void()>& yes);

} // namespace stoa
