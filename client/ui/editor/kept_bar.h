#pragma once

// Above a text that cannot be stored where it is written: what happened, and where the words can go. Hidden where there
// is nothing to say. GUI thread.

#include "client/commands/keeping.h"
#include "client/ui/editor/body_keeper.h"
#include "client/ui/widgets/notice_bar.h"

namespace stoa {

class KeepingActs;

class KeptBar : public NoticeBar {
    Q_OBJECT

public:
    // `editor` has the keyboard again where one goes on.
    KeptBar(const Desk& desk, BodyKeeper* keeper, QWidget* editor, QWidget* parent = nullptr);
    void read();

Q_SIGNALS:
    void made(const stoa::Id& post); // the words have a place of their own
    void discarded();
    void said(const QString& sentence);

private:
    std::optional<Keeping> found();
    std::optional<Keeping> possible() const;
    void discard();

    Desk desk_;
    BodyKeeper* keeper_;
    struct Taken {
        Id post;
        QString words;
    };
    Taken taken_; // what was found last: all that is let go of
    KeepingActs* acts_;
    QPushButton* goOn_;
    QPushButton* copy_;
    QPushButton* discard_;
};

} // namespace stoa
