#include "tests/bench/text_hub.h"

#include <algorithm>
#include <stdexcept>

#include "shared/text/compose.h"

namespace stoa::bench {

namespace {

void applyTo(TextBuffer& text, const TextChange& change)
{
    if (!text.apply(change))
        throw std::runtime_error("a change does not fit");
}

TextChange changeOf(const std::vector<Patch>& patches)
{
    std::vector<TextChange> row;
    for (const Patch& patch : patches)
        row.push_back(TextChange::replace(patch.at, patch.deleted, patch.inserted));
    return compose(row);
}

} // namespace

const TextChange& Server::accept(size_t base, TextChange change)
{
    std::vector<TextRange> behind;
    for (; base < revisions.size(); ++base) {
        Transformed by = transform(revisions[base], change, behind);
        change = std::move(by.later);
        behind = std::move(by.behindDeleted);
        contested += by.contested.size();
        ++transformed;
    }
    applyTo(text, change);
    return revisions.emplace_back(std::move(change));
}

void Client::type(TextChange change, bool cutAfter)
{
    applyTo(text, change);
    ++edits;
    if (growing) {
        pending.back().change = compose(pending.back().change, change);
        pending.back().last = edits;
    } else {
        pending.push_back({std::move(change), edits, {}});
        pendingMost = std::max(pendingMost, pending.size());
    }
    growing = pending.size() > 1 && !cutAfter;
    if (pending.size() == 1)
        send();
}

void Client::send()
{
    sent = pending.front().change;
    pending.front().behind.clear(); // the server takes it for what it is now
    sentAfter = revisions;
    growing = growing && pending.size() > 1;
}

void Client::receive(TextChange revision)
{
    for (Pending& own : pending) {
        Transformed by = transform(revision, own.change, own.behind);
        own.change = std::move(by.later);
        own.behind = std::move(by.behindDeleted);
        revision = std::move(by.first);
    }
    applyTo(text, revision);
    ++revisions;
}

Hub::Hub(const SharedTrace& trace) : trace_(trace)
{
    for (const SharedTrace::Edit& edit : trace.edits)
        cuts_[1 - edit.author].insert(edit.known);
}

void Hub::run()
{
    for (const SharedTrace::Edit& edit : trace_.edits) {
        Client& client = clients[edit.author];
        if (edit.known > client.known) {
            deliver(1 - edit.author, edit.known);
            client.known = edit.known;
        }
        client.type(changeOf(edit.patches), cuts_[edit.author].contains(client.edits + 1));
    }
    for (const size_t author : {0, 1})
        deliver(author, clients[author].edits);
}

// What its author wrote up to that edit comes to the server, one change after another, and from there to both.
void Hub::deliver(size_t author, size_t lastEdit)
{
    Client& from = clients[author];
    while (!from.pending.empty() && from.pending.front().last <= lastEdit) {
        const TextChange& accepted = server.accept(from.sentAfter, std::move(from.sent));
        if (accepted != from.pending.front().change)
            throw std::runtime_error("the server made of a change what its author did not");
        from.pending.pop_front();
        ++from.revisions;
        if (!from.pending.empty())
            from.send();
        clients[1 - author].receive(accepted);
    }
}

} // namespace stoa::bench
