#pragma once

// The person's verbs: small free functions that make a Change for Worker::submit. They check nothing
// that `apply` checks; ids and times come from what is handed in.

#include <QString>
#include <QStringList>

#include "shared/base/clock.h"
#include "shared/base/ids.h"
#include "stoa/v1/change.pb.h"

namespace stoa {

struct Pen {
    Id person;
    WallClock now;
    Random random;
};

v1::Change askQuestion(const Pen&, const Id& space, const QString& title, const QString& body, const QStringList& tags);
v1::Change answerQuestion(const Pen&, const Id& space, const Id& question, const QString& body);
// `parent`: the page or section above; null: at the top of the space.
v1::Change createPage(const Pen&, const Id& space, const Id& parent, const QString& title, const QString& body,
                      const QStringList& tags);
v1::Change commentOn(const Pen&, const Id& space, const Id& post, const QString& body);
// From the text that the person saw to the one they want. Where another one is shown by now the replica refuses with
// UNKNOWN_BASE: then again, from that one to what `movedOnto` gives.
v1::Change editBody(const Pen&, const Id& post, const std::string& before, const std::string& after);
// The fields that differ.
v1::Change editPost(const Pen&, const v1::Record& post, const QString& title, const QStringList& tags);
v1::Change vote(const Pen&, const Id& post, int value);                            // -1, 0, 1
v1::Change acceptAnswer(const Pen&, const v1::Record& question, const Id& answer); // null: none
v1::Change bookmark(const Pen&, const Id& post, bool set);
v1::Change markSeen(const Pen&, const Id& space, qint64 uptoMs);
v1::Change editCharter(const Pen&, const v1::Record& space, const v1::Charter& charter); // the fields that differ

// What was made of `before`, made of `now` instead, which somebody else made of `before` meanwhile.
std::string movedOnto(const std::string& now, const std::string& before, const std::string& after);

} // namespace stoa
