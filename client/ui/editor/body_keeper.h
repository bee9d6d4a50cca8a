#pragma once

// Keeps the text in an editor and the body that the replica shows in step: what is typed is stored a second later, at
// the latest after some, with a network at once; and what others changed is put into the open text. Nothing that was
// typed is lost: where another text is shown by now, one's own changes are made of that one; what cannot be stored
// stays a draft of the post's (client/replica/body_drafts.h), which is a row of the outbox, and is there again when the
// editor is opened. Of a draft nothing is stored before the person goes on with it. What is handed over is what the
// person did, as they did it; only of a draft it is a difference of two texts. GUI thread.

#include <optional>

#include <QElapsedTimer>
#include <QObject>
#include <QTextCursor>
#include <QTimer>

#include "client/models/row_model.h"
#include "client/replica/body_drafts.h"
#include "client/ui/editor/bodies_on_their_way.h"
#include "client/ui/place.h"
#include "shared/text/transform.h"

namespace stoa {

class MarkdownEditor;

class BodyKeeper : public QObject {
    Q_OBJECT

public:
    enum class State {
        Same,    // what is shown elsewhere
        Typed,   // not stored yet, or on its way
        Stored,  // on this computer
        Refused, // kept as a draft; why() says why
        // What is typed is a draft, and nothing else:
        Gone,   // the post is not here any more
        Barred, // the person may not write in it any more
        Held,   // they may, and have words that it lacks: until they go on
    };

    BodyKeeper(const Desk& desk, MarkdownEditor* editor);
    ~BodyKeeper() override;

    // Fills the editor; what was typed for the post before is stored first. Null: none.
    void open(const Id& post);
    const Id& post() const { return post_; }
    // Stores at once what is not stored yet.
    void keep();
    // The post may be another one by now.
    void refresh();
    // Somebody's right to write in it may be another one; cheaper, where the post is the same.
    void refreshRights();

    State state() const { return state_; }
    // What is typed is a draft, and nothing else.
    bool isStranded() const { return state_ == State::Gone || state_ == State::Barred || state_ == State::Held; }
    // What is kept, as the outbox has it; nothing where the person wrote nothing that could be lost.
    std::optional<OutboxRow> kept() const;
    // From here on what is kept is stored as all that is typed. Only where it is held.
    void goOn();
    // These words of that post have another place, or are discarded: the text is the post's again. Not where the person
    // wrote on since: then all of it stays kept. Whether it is that text that is open, and as they left it.
    bool letGo(const Id& post, const QString& words);
    // What the fields beside the text say: kept with it.
    void setNames(const QString& title, const QStringList& tags);
    // With a network what is typed goes to the others key by key.
    bool isLive() const { return isLive_; }
    const QString& why() const { return why_; }

    // What is done to the text since its opening, in the person's words, which go along with all that is stored from
    // now on; with keep() also where no more is typed. The next opening begins without.
    void setSummary(const QString& summary);

    // What is to stay of a contested passage (of the open text), in its place. It is settled from then on, until that
    // is taken back: then it is marked here as before, though not for others. Not while what is typed is a draft.
    void settle(const TextRange& passage, const QString& text);

Q_SIGNALS:
    void stateChanged();
    void passagesChanged();

private:
    void did(const TextChange& change);
    void typed();
    TextChange mine() const;
    void send(const std::vector<TextRange>& settled);
    bool isToTell() const;
    void become(State state, const QString& why = {});
    void strand(State state, const Refusal& why);
    void keepDraft();
    bool hasWords() const;
    Refusal readBarrier(v1::Record& record);
    void saveSoon();
    void takeWordsOf(const BodyDraft& another);
    void draftChanged(const Id& post, const QObject* by);
    void noteNames(const PostRow& row);
    void reopen();
    void follow(const ShownStep& step);
    void takeOver(const std::string& body);
    void takeIn(const TextChange& theirs, std::string body);
    void markPassages(const v1::Record& record);
    void showPassages();
    bool remember(const TextRange& passage, const QString& text);
    void takeBeside(bool back);
    std::vector<TextRange> takenBack() const;

    Desk desk_;
    MarkdownEditor* editor_;
    Id post_;
    std::string base_;                 // the body that the open text was made of
    std::vector<TextRange> contested_; // of it
    // What was settled here: where it began, both versions, and where in them the second begins.
    struct Settled {
        QTextCursor at;
        QString versions;
        qsizetype second = 0;
        bool isBoth = false; // were kept: the text tells nothing of it
        size_t back = 0;     // of such a one: as which it was taken back, or it is not
    };
    std::vector<Settled> settled_;
    size_t takenBackCount_ = 0;
    std::vector<TextRange> takenBack_; // of them stand there again, in the open text
    // As soon as what is on its way is stored: a passage, and what is to stay of it.
    struct ToSettle {
        QTextCursor from; // what others write right beside the passage stays outside
        QTextCursor to;
        QString text;
    };
    std::optional<ToSettle> toSettle_;
    std::vector<TextChange> mine_;     // what was done to it since it was handed over last, in a row
    bool changed_ = false;             // and is to be
    v1::Record known_;                 // the post, without its texts
    v1::Code barrier_ = v1::CODE_NONE; // of it, as read last
    qint64 readAt_ = 0;                // the replica's version when base_ was compared with the body that shows
    bool hasDraft_ = false;            // it has the words of the open text, and no others
    BodyDraft names_;                  // of a draft: all but the texts
    bool sending_ = false;
    bool isLive_ = false;
    TextChange handed_;    // of base_: what is handed over and not stored yet
    bool written_ = false; // something was handed over since the opening
    std::string summary_;
    std::string told_; // the summary that was handed over last
    State state_ = State::Same;
    QString why_;
    QTimer soon_;
    QElapsedTimer since_; // the first key that is not handed over
};

} // namespace stoa
