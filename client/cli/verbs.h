#pragma once

// What stoa-cli can do, one function a verb. Each prints its answer and returns the exit code, or throws
// Stop with a sentence. Reading verbs open the replica read-only and work beside the desktop; writing
// ones leave a change in the outbox without touching the network.

#include <functional>
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
    std::function<std::string(const std::string& before)> write;
};
int edit(const Place&, const Edit&);
int vote(const Place&, const QString& post, int value);
int accept(const Place&, const QString& answer);
int bookmark(const Place&, const QString& post, bool set);
int sendAgain(const Place&, const QString& change);
int discard(const Place&, const QString& change);

// The id that a person typed in full or abbreviated, from 8 hexadecimal digits on.
Id findPost(const Reading&, const QString& typed);
SpaceRow findSpace(const Reading&, const QString& typed);
void stopWithoutReplica(const Place&);
QString replicaFile(const Place&); // that this program can read, else it stops

} // namespace stoa::cli
