#pragma once

// What the window shows. A Place is a widget that shows the locations of one kind (the home, a space's
// pages ...); a Location is a plain value that says where one is, for tabs, back and forward, and links.
// The window owns the places, hands each a Desk, and moves them with open() and refresh(). GUI thread.

#include <memory>

#include <QFrame>
#include <QMetaType>
#include <QString>
#include <QWidget>

#include "client/commands/commands.h"
#include "client/models/palette_model.h"
#include "client/replica/queries.h"
#include "client/replica/touched.h"
#include "client/worker/worker.h"
#include "shared/base/ids.h"

namespace stoa {

struct Location {
    enum class Kind { Home, Space, Pages, Questions, Search, Outbox, History, Review };
    Kind kind = Kind::Home;
    Id space;       // Space, Pages, Questions, History, Review; null for Questions: of all spaces
    Id post;        // Pages, History: the page; Questions: the question; Review: the proposal; null: none,
                    // or the first one
    Id within;      // an answer or a comment of that post to bring into view; Review without one: the page
                    // whose proposals are listed, or a new one is written for
    QString anchor; // a heading of the post
    QString words;  // Search; Pages: of the text, to be brought into view
    int asked = 0;  // Pages: how many letters of them are what was asked for; 0: all
    std::optional<quint64> since; // History: the revision of the body that was read last
    // Questions: what the list is narrowed to.
    Order order = Order::Activity;
    QString tag;
    bool unanswered = false;
    bool bookmarked = false;
    bool mine = false; // Review: those that wait for this person, and their own, whatever page they are of
    // Questions: the field for a new question is open. Space: the charter is being edited. Pages: the page is being
    // edited; without a page a new one is written, below `within`. Review: the draft is being written.
    bool write = false;

    friend bool operator==(const Location&, const Location&) = default;
};

Location homeLocation();
Location spaceLocation(const Id& space);
Location pagesLocation(const Id& space, const Id& page = {});
Location questionsLocation(const Id& space, const Id& question = {});
Location searchLocation(const QString& words);
Location outboxLocation();
Location historyLocation(const Id& space, const Id& page);
Location reviewLocation(const Id& space, const Id& proposal);
Location proposalsLocation(const Id& space, const Id& page); // all of a page
Location newProposalLocation(const Id& space, const Id& page);
Location myProposalsLocation(); // and those that wait for this person
// Where a post of any kind is shown; nothing where it is not in the replica.
std::optional<Location> locationOf(const Reading& reading, const Id& post, const QString& anchor = {});

// What every place works with. A value of pointers: the window's owner keeps all of it alive longer than
// any place.
struct Desk {
    Worker* worker = nullptr;
    const Reading* reading = nullptr; // the GUI thread's own
    Pen pen;                          // who writes, for client/commands
    std::shared_ptr<quint64> lastTicket = std::make_shared<quint64>(0);

    // For Worker::search: no two questions of this program have the same.
    quint64 newTicket() const { return ++*lastTicket; }
};

class Place : public QWidget {
    Q_OBJECT

public:
    explicit Place(const Desk& desk, QWidget* parent = nullptr) : QWidget(parent), desk_(desk) {}

    // Shows this location; its kind is always one that this place was made for.
    virtual void open(const Location& location) = 0;
    // Where it stands now, with whatever the person has chosen since.
    virtual Location location() const = 0;
    // For the tab: short, plain text, the post's or the space's name.
    virtual QString title() const = 0;
    // Something was written; read again what is shown of it. Cheap where nothing of it is.
    virtual void refresh(const Touched& touched) = 0;
    // The keyboard goes to the main list or text.
    virtual void takeFocus() { setFocus(Qt::OtherFocusReason); }
    // Esc, where nothing within has a use of its own for it: one step back, from what is read to the list beside it,
    // from there to what it is of. False: there is none.
    virtual bool stepBack() { return false; }
    // Enter in the window's search: what was found first is opened, also where it is found only in a moment.
    virtual void openFirst() { takeFocus(); }

    const Desk& desk() const { return desk_; }

Q_SIGNALS:
    // Go there: in this tab, or in a new one (middle click, Ctrl+click).
    void wanted(const stoa::Location& location, bool newTab = false);
    // location() or title() is another one now, because the person chose something inside the place.
    void moved();
    // A sentence about what was just done or could not be done; shown in the status bar for some seconds.
    void said(const QString& sentence);

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    Desk desk_;
};

// Whether the keyboard is there, or in something within it.
bool hasKeyboard(const QWidget* widget);

// Each is declared with its place: client/ui/home/home_place.h: makeHomePlace, space/space_place.h:
// makeSpacePlace, pages/pages_place.h: makePagesPlace, questions/questions_place.h: makeQuestionsPlace,
// search/search_place.h: makeSearchPlace, outbox/outbox_place.h: makeOutboxPlace,
// history/history_place.h: makeHistoryPlace, review/review_place.h: makeReviewPlace; all of this type.
using MakePlace = Place* (*)(const Desk& desk, QWidget* parent);

// The palette (Ctrl+P): a frame over the window that finds spaces, posts, people and commands. Made by
// makePalette (client/ui/palette/palette.h).
class Palette : public QFrame {
    Q_OBJECT

public:
    using QFrame::QFrame;
    virtual void setCommands(const QList<PaletteCommand>& commands) = 0;
    // Shows itself over the middle of its window, empty and with the keyboard; Esc hides it.
    virtual void popUp() = 0;

Q_SIGNALS:
    void wanted(const stoa::Location& location, bool newTab);
    void commandChosen(const QString& name);
};
using MakePalette = Palette* (*)(const Desk& desk, QWidget* window);

// All that the window can show; main.cpp fills it in.
struct Places {
    MakePlace home = nullptr;
    MakePlace space = nullptr;
    MakePlace pages = nullptr;
    MakePlace questions = nullptr;
    MakePlace search = nullptr;
    MakePlace outbox = nullptr;
    MakePlace history = nullptr;
    MakePlace review = nullptr;
    MakePalette palette = nullptr;
};

} // namespace stoa

Q_DECLARE_METATYPE(stoa::Location)
