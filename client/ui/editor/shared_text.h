#pragma once

// A post's text that is open together with others: what they write comes as it is accepted, and it is known who they
// are and where in it. Tells them in turn where this person is. Nothing of it is stored. GUI thread.

#include <functional>

#include <QElapsedTimer>
#include <QTimer>

#include "client/ui/place.h"

namespace stoa {

// Somebody else who has the text open now; a person may have it open twice.
struct PresentReader {
    Id person;
    quint32 session = 0;
    QString name;
    // In code points of the text as it is shown here: where their selection began, and their cursor. Not `placed`: they
    // only read.
    quint64 from = 0;
    quint64 to = 0;
    bool placed = false;
    bool writing = false;

    friend bool operator==(const PresentReader&, const PresentReader&) = default;
};

// "Ada and 2 others are here; Ada is writing". Empty: nobody is.
QString presenceSentence(const QList<PresentReader>& readers);

class SharedText : public QObject {
    Q_OBJECT

public:
    struct Place {
        quint64 from = 0;
        quint64 to = 0;
    };
    // What it does with the worker.
    struct Door {
        std::function<void(const Id& post)> open;
        std::function<void(const Id& post)> close;
        std::function<void(const Id& post, const Place& place, bool writing)> place;
    };
    struct Pauses {
        int betweenMs = 80;  // two words of where one is
        int quietMs = 2'000; // after the last key nobody writes any more
    };

    explicit SharedText(const Desk& desk, QObject* parent = nullptr);
    SharedText(const Desk& desk, Door door, Pauses pauses, QObject* parent = nullptr);
    ~SharedText() override;

    // Null: none.
    void open(const Id& post);
    // Asked when it is told; without, this person only reads.
    void setPlace(std::function<Place()> place) { place_ = std::move(place); }
    void moved();
    void wrote();

    const QList<PresentReader>& readers() const { return readers_; }

Q_SIGNALS:
    void changed(); // readers()

private:
    void tellSoon();
    void tell();

    Desk desk_;
    Door door_;
    Pauses pauses_;
    Id post_;
    std::function<Place()> place_;
    QList<PresentReader> readers_;
    bool writing_ = false;
    QTimer soon_;
    QTimer quiet_;
    QElapsedTimer sinceLast_;
};

} // namespace stoa
