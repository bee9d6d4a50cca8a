#include "client/ui/editor/edit_history.h"

#include "shared/text/compose.h"
#include "shared/text/transform.h"

namespace stoa {

namespace {

constexpr size_t stepsMax = 1'000;
constexpr size_t bytesMax = 16 << 20; // of texts that were deleted

} // namespace

void EditHistory::push(Steps& steps, TextChange change)
{
    const bool isBeside = change.isEmpty();
    steps.push_back({std::move(change), isBeside});
    size_t bytes = 0;
    for (const Step& each : steps)
        bytes += each.change.inserted().size();
    while (steps.size() > stepsMax || (bytes > bytesMax && steps.size() > 1)) {
        bytes -= steps.front().change.inserted().size();
        steps.pop_front();
    }
}

std::optional<TextChange> EditHistory::take(Steps& steps)
{
    while (!steps.empty()) {
        Step step = std::move(steps.back());
        steps.pop_back();
        if (step.isBeside || !step.change.isEmpty()) // or others have undone it already
            return std::move(step.change);
    }
    return std::nullopt;
}

void EditHistory::moveOver(Steps& steps, TextChange change)
{
    for (auto step = steps.rbegin(); step != steps.rend() && !change.isEmpty(); ++step) {
        Transformed by = transform(change, step->change);
        step->change = std::move(by.later);
        change = std::move(by.first);
    }
}

void EditHistory::did(TextChange inverse, bool joins)
{
    if (inverse.isEmpty())
        return;
    if (joins && !done_.empty() && !done_.back().isBeside)
        done_.back().change = compose(inverse, done_.back().change);
    else
        push(done_, std::move(inverse));
    undone_.clear();
}

void EditHistory::didBeside()
{
    push(done_, {});
    undone_.clear();
}

std::optional<TextChange> EditHistory::undo()
{
    return take(done_);
}

void EditHistory::undone(TextChange inverse)
{
    push(undone_, std::move(inverse));
}

std::optional<TextChange> EditHistory::redo()
{
    return take(undone_);
}

void EditHistory::redone(TextChange inverse)
{
    push(done_, std::move(inverse));
}

void EditHistory::othersDid(const TextChange& change)
{
    moveOver(done_, change);
    moveOver(undone_, change);
}

void EditHistory::clear()
{
    done_.clear();
    undone_.clear();
}

} // namespace stoa
