#pragma once

// Says what others did to a page while it was not on the screen, since the person read it last, and leads there. Hidden
// where there is nothing, and until the next time once it was dismissed, followed or the page edited. Notes that a page
// was read when it was before somebody's eyes for some seconds. GUI thread.

#include <optional>

#include <QFrame>
#include <QTimer>

#include "client/ui/place.h"

namespace stoa {

class ElidedLabel;

// Which revisions of a body came while nobody looked. Pure.
class Unseen {
public:
    // It comes on the screen as it is now; `read` is the revision that was read before, nothing: none was.
    void open(std::optional<quint64> read, quint64 now);
    void become(quint64 now, bool isSeen);
    void dismiss() { after_ = upTo_ = now_; }

    bool isEmpty() const { return after_ >= upTo_; }
    quint64 after() const { return after_; }
    quint64 upTo() const { return upTo_; }
    quint64 now() const { return now_; }

private:
    quint64 after_ = 0;
    quint64 upTo_ = 0;
    quint64 now_ = 0;
};

class UnreadBar : public QFrame {
    Q_OBJECT

public:
    // On the screen is what the place shows.
    UnreadBar(const Desk& desk, const QWidget* place, QWidget* parent = nullptr);

    // Null: none. The same again changes nothing.
    void setPage(const Id& page);
    // It may be another one by now, in the open place; `edits`: it is being edited there, which is to have seen it.
    void refresh(bool edits);
    // The place comes into sight, or goes out of it.
    void comeBack();
    void leave();
    // What is known of it by now.
    void tell();

Q_SIGNALS:
    void showWanted(quint64 since);

private:
    // What others did of some changes; nothing: they are not all here.
    struct Work {
        int changes = 0;
        int people = 0;
    };
    static std::optional<Work> workOf(const Reading& reading, const Id& page, quint64 after, quint64 upTo,
                                      const Id& me);

    std::optional<v1::Record> record() const;
    void askForHistory();
    void read();
    void count();
    void say(const std::optional<Work>& work);

    Desk desk_;
    const QWidget* place_;
    ElidedLabel* text_;
    Id page_;
    Unseen unseen_;
    QTimer reading_;      // what is new on the screen is read when it runs out
    bool isRead_ = false; // it was once, since it came on the screen
    // Of which changes the sentence tells, where all of them are known: a long past is not counted at each key.
    std::optional<std::pair<quint64, quint64>> counted_;
    bool hasOthers_ = false;
    bool isCounting_ = false; // elsewhere
    bool countsAgain_ = false;
};

} // namespace stoa
