#pragma once

// What editors handed to a worker of the bodies of posts, and is not stored yet: all editors over that worker share it,
// and it goes on when they are gone. What comes to be refused becomes a draft of the post's
// (client/replica/body_drafts.h). Owned by the worker. GUI thread.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <QObject>

#include "client/replica/body_drafts.h"
#include "client/replica/moving.h"
#include "client/ui/place.h"
#include "shared/text/transform.h"

namespace stoa {

// It is a change of that text: whoever says otherwise has a bug.
std::string textAfter(const std::string& before, const TextChange& change);

class BodiesOnTheirWay : public QObject {
    Q_OBJECT

public:
    static BodiesOnTheirWay& of(const Desk& desk);

    // What was done to that text; `settled`: passages of `before` that are contested no more. One of a post is with the
    // worker at a time, what follows waits for it.
    // `ofDraft`: it has all words of the draft that is kept of the post, which goes with it.
    void submit(const Id& post, const std::string& before, const TextChange& change,
                const std::vector<TextRange>& settled = {}, const std::string& summary = {}, bool ofDraft = false);
    void keepDraft(const Id& post, const BodyDraft& draft, const QObject* by);
    void dropDraft(const Id& post, const QObject* by);
    // How it is called, for a draft of it: it may be gone by then.
    void know(const Id& post, const BodyDraft& names);
    // Something of this post is with the worker.
    bool isBusy(const Id& post) const;

Q_SIGNALS:
    // All that was submitted of this post.
    void stored(const stoa::Id& post);
    // What was submitted since is kept as a draft; beside other words where those were kept already.
    void refused(const stoa::Id& post, const stoa::Refusal& why, bool isBesideOthers);
    // Another one is kept of this post, or none any more.
    void draftChanged(const stoa::Id& post, const QObject* by);

private:
    struct Edit {
        Id post;
        std::string before;
        PendingText made; // of it
        std::string summary;
        bool ofDraft = false;
        size_t keptAs = 0; // the draft, when it was made
        int tries = 0;
    };

    explicit BodiesOnTheirWay(const Desk& desk);
    void send(Edit edit);
    void again(Edit edit);
    void giveUp(const Edit& edit, const Refusal& why);
    std::optional<Edit> waiting(const Id& post);
    size_t keptAs(const Id& post) const; // as which draft of all; 0: none since the start

    Worker& worker_;
    Pen pen_;
    std::map<Id, Edit> edits_;      // by change
    std::map<Id, Edit> waiting_;    // by post
    std::map<Id, BodyDraft> names_; // by post; without texts
    std::map<Id, size_t> kept_;     // by post
    size_t keptCount_ = 0;
};

// As it was saved last, also where that is not stored yet.
std::optional<BodyDraft> bodyDraft(const Desk& desk, const Id& post);

} // namespace stoa
