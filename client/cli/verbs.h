#pragma once

// What stoa-cli can do, one function a verb. Each prints its answer and returns the exit code, or throws
// Stop with a sentence. Reading verbs open the replica read-only and work beside the desktop; writing
// ones leave a change in the outbox without touching the network.

#include <functional>
#include <optional>
#include <string>

#include <QString>
#include <QStringList>

#include "client/cli/output.h"
#include "client/worker/worker.h"

namespace stoa::cli {

struct Place {
    QString profileDir;
    bool json = false;
};

struct ListWanted {
    QString space;
    QString kind = QStringLiteral("question");
    QString tag;
    QString order = QStringLiteral("activity");
    bool unanswered = false;
    bool bookmarked = false;
    bool mine = false;
    int limit = 20;
};

int listSpaces(const Place&);
int listPosts(const Place&, const ListWanted&);
int show(const Place&, const QString& post);
int search(const Place&, const QString& words, int limit);
// What became of the text of a post; with `at` the text after the nth stretch of work. Asks the server where it can.
int history(const Place&, const QString& post, int at);
int showOutbox(const Place&);
int showOutboxText(const Place&, const QString& change);
int showStatus(const Place&);

int join(const Place&, const Join&);
int sync(const Place&, int secondsMax);

int ask(const Place&, const QString& space, const QString& title, const QString& body, const QStringList& tags);
int answer(const Place&, const QString& question, const QString& body);
int comment(const Place&, const QString& post, const QString& body);
// `write` makes the new text of the present one. What somebody else did meanwhile stays.
struct Edit {
    QString post;
    QString summary;
    bool resolved = false; // what is contested is one text from now on
    bool mayEmpty = false; // nothing of it may stay
    std::function<std::string(const std::string& before)> write;
};
int edit(const Place&, const Edit&);
int vote(const Place&, const QString& post, int value);
int accept(const Place&, const QString& answer);
int bookmark(const Place&, const QString& post, bool set);
// review_verbs.cpp. The date is ISO; empty: at once.
int propose(const Place&, const QString& page, const QString& draft, const QString& reason, const QString& date);
int listProposals(const Place&, const QString& page); // without one: those that await this person, and their own
enum class Judgement { Approve, AskForChanges, TakeBack, Decline, Withdraw, Reopen };
int judge(const Place&, const QString& proposal, Judgement);
// `word` is on, off or as-space; reviewers by login, none named: they stay as they are.
int review(const Place&, const QString& pageOrSpace, const QString& word, const std::optional<QStringList>& reviewers);
int require(const Place&, const QString& page, bool required);
int confirm(const Place&, const QString& page);
int listToConfirm(const Place&);
// placing_verbs.cpp. With `all` what lies below it too.
int remove(const Place&, const QString& post, bool all);
int move(const Place&, const QString& page, const QString& under); // empty: to the top of its space
// What was refused is kept as something else, and leaves the outbox then. Empty texts are what goes without saying.
struct Keep {
    QString change;
    QString as; // page, proposal, comment
    QString space;
    QString title;
    QString reason;
};
int keep(const Place&, const Keep&);
int sendAgain(const Place&, const QString& change);
int discard(const Place&, const QString& change);

// The id that a person typed in full or abbreviated, from 8 hexadecimal digits on.
Id findPost(const Reading&, const QString& typed);
SpaceRow findSpace(const Reading&, const QString& typed);
void stopWithoutReplica(const Place&);
QString replicaFile(const Place&); // that this program can read, else it stops

} // namespace stoa::cli
