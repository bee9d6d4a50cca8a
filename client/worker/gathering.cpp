#include "client/worker/gathering.h"

#include <algorithm>

namespace stoa {

namespace {

void unite(QList<Id>& into, const QList<Id>& more)
{
    for (const Id& id : more)
        if (!into.contains(id))
            into.append(id);
}

void keepNewest(QList<ShownStep>& steps)
{
    size_t bytes = 0;
    qsizetype kept = 0;
    while (kept < std::min(steps.size(), limits::touchedStepsMax)) {
        bytes += steps[steps.size() - 1 - kept].change.inserted().size();
        if (bytes > limits::touchedStepBytesMax)
            break;
        ++kept;
    }
    steps.remove(0, steps.size() - kept);
}

} // namespace

void unite(Touched& into, const Touched& more)
{
    unite(into.spaces, more.spaces);
    unite(into.histories, more.histories);
    into.directory = into.directory || more.directory;
    into.outbox = into.outbox || more.outbox;
    into.personal = into.personal || more.personal;
    into.feeds = into.feeds || more.feeds;
    into.texts += more.texts;
    keepNewest(into.texts);
    into.bulk = into.bulk || more.bulk || into.posts.size() + more.posts.size() > limits::touchedNamedMax;
    if (into.bulk)
        into.posts.clear();
    else
        unite(into.posts, more.posts);
}

bool isEmpty(const Touched& touched)
{
    return touched.spaces.isEmpty() && touched.posts.isEmpty() && touched.histories.isEmpty() && !touched.directory &&
           !touched.outbox && !touched.personal && !touched.feeds && !touched.bulk && touched.texts.isEmpty();
}

} // namespace stoa
