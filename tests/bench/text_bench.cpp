// bench_text [--traces FOLDER] [--rounds N]: changes to text. Recorded editing replayed into a buffer; two people over
// a server with the concurrency that was recorded; two replicas that each went their own way; a large page edited at
// its start. Each the best of N rounds (9), by the clock and by the processor's time of this program, which is what to
// look at where other work shares the machine. One JSON line a measure, then all of it as a table beside what is
// published of CRDT libraries, in WebAssembly or JavaScript on two cores. (They keep with the text what merging without
// a server takes; here the server has the changes, and a text is a text.)
//
// Without --traces they are looked for in traces/ of STOA_TEST_DATA, else of shared/data beside the checkout.

#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <limits>
#include <optional>
#include <random>
#include <stdexcept>

#include "shared/base/limits.h"
#include "shared/text/compose.h"
#include "shared/text/text_buffer.h"
#include "shared/text/transform.h"
#include "tests/bench/measure.h"
#include "tests/bench/text_hub.h"
#include "tests/bench/text_traces.h"

using namespace stoa;
using namespace stoa::bench;

namespace {

struct Best {
    double wallMs = std::numeric_limits<double>::max();
    double cpuMs = std::numeric_limits<double>::max();
};

struct Line {
    std::string name;
    Best best;
    double targetMs;
    const char* published; // diamond-types / Loro / Yjs / Automerge
};

std::vector<Line> table;

void add(std::string name, Best best, double targetMs, const char* published)
{
    tell(name + ", processor's time", best.cpuMs, "ms", targetMs, Better::Less, 0);
    tell(name, best.wallMs, "ms", targetMs, Better::Less, 0);
    table.push_back({std::move(name), best, targetMs, published});
}

// `prepare` makes what `work` is given, and is not counted.
template <class Prepare, class Work>
Best best(int rounds, const Prepare& prepare, const Work& work)
{
    Best out;
    for (int i = 0; i < rounds; ++i) {
        auto prepared = prepare();
        const std::clock_t start = std::clock();
        const double wall = seconds([&] { work(prepared); });
        out.cpuMs = std::min(out.cpuMs, 1'000.0 * double(std::clock() - start) / CLOCKS_PER_SEC);
        out.wallMs = std::min(out.wallMs, 1'000 * wall);
    }
    return out;
}

void check(bool holds, const std::string& what)
{
    if (!holds)
        throw std::runtime_error(what);
}

void replay(const std::filesystem::path& file, int rounds, double targetMs, const char* published)
{
    const Trace trace = readTrace(file);
    const auto result = best(
        rounds, [] { return TextBuffer(); },
        [&](TextBuffer& text) {
            for (const Patch& patch : trace.patches)
                check(text.apply(TextChange::replace(patch.at, patch.deleted, patch.inserted)).has_value(),
                      "does not fit");
            check(text.toString() == trace.end, "the end text differs");
        });
    const std::string name = file.filename().string();
    add("text, replay of " + name.substr(0, name.find('.')) + ", " + std::to_string(trace.patches.size()) + " changes",
        result, targetMs, published);
}

// What lies between what two texts begin and end with alike.
std::pair<std::string, std::string> differing(const std::string& a, const std::string& b)
{
    const auto head = std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin();
    const auto most = std::ptrdiff_t(std::min(a.size(), b.size())) - head;
    const auto tail = std::mismatch(a.rbegin(), a.rbegin() + most, b.rbegin()).first - a.rbegin();
    return {{a.begin() + head, a.end() - tail}, {b.begin() + head, b.end() - tail}};
}

std::string sorted(std::string text)
{
    std::sort(text.begin(), text.end());
    return text;
}

// The recording has no two inserts at one place; but once what lay between them is deleted, two are at one place for
// whoever keeps no tombstones, and the order is the server's. So the end text may differ there, in order alone.
void together(const std::filesystem::path& file, int rounds)
{
    const SharedTrace trace = readSharedTrace(file);
    std::optional<Hub> last;
    const auto result = best(
        rounds, [&] { return Hub(trace); },
        [&](Hub& hub) {
            hub.run();
            for (const Client& client : hub.clients)
                check(client.text.toString() == hub.server.text.toString(), "the copies differ");
            if (!last)
                last.emplace(std::move(hub));
        });
    const std::string end = last->server.text.toString();
    check(sorted(end) == sorted(trace.end), "a character was lost, or is there twice");
    const auto [ours, recorded] = differing(end, trace.end);
    std::fprintf(stderr,
                 "friendsforever: %zu revisions, the server transformed over %zu, at most %zu and %zu changes pending, "
                 "%zu passages with two versions; \"%s\" where the recording has \"%s\"\n",
                 last->server.revisions.size(), last->server.transformed, last->clients[0].pendingMost,
                 last->clients[1].pendingMost, last->server.contested, ours.c_str(), recorded.c_str());
    tell("text, friendsforever, characters in another order than recorded", double(ours.size()), "characters", 0,
         Better::Less, 0);
    add("text, friendsforever, " + std::to_string(trace.edits.size()) + " edits by two over a hub", result, 150,
        "380 / 4,850 / 2,270 / 119,000");
}

struct Replica {
    TextBuffer text;
    std::vector<TextChange> log;
};

// Single characters, two inserted for each that is deleted, all over the page: the most pieces that so many edits make.
Replica edited(const std::string& page, int edits, uint32_t seed)
{
    std::mt19937 random(seed);
    Replica out{TextBuffer(page), {}};
    for (int i = 0; i < edits; ++i) {
        const size_t at = random() % out.text.codePoints();
        out.log.push_back(random() % 3 == 0 ? TextChange::replace(at, 1, "") : TextChange::replace(at, 0, "x"));
        check(out.text.apply(out.log.back()).has_value(), "does not fit");
    }
    return out;
}

std::string pageOf(size_t bytes)
{
    std::string out;
    while (out.size() < bytes)
        out += out.size() % 80 == 79 ? '\n' : char('a' + out.size() % 23);
    return out;
}

void merge(int rounds)
{
    const std::string page = pageOf(50'000);
    const std::pair replicas{edited(page, 5'000, 1), edited(page, 5'000, 2)};
    const auto result = best(
        rounds, [&] { return replicas; },
        [](auto& both) {
            auto& [first, later] = both;
            const Transformed by = transform(compose(first.log), compose(later.log));
            check(first.text.apply(by.later).has_value() && later.text.apply(by.first).has_value(), "does not fit");
        });
    auto [first, later] = replicas;
    const Transformed by = transform(compose(first.log), compose(later.log));
    check(first.text.apply(by.later).has_value() && later.text.apply(by.first).has_value() &&
              first.text.toString() == later.text.toString(),
          "the copies differ");
    add("text, two replicas with 5,000 edits each on 50 kB merged", result, 5, "12-40 / 50-100 / 12-22 / 320-380");
}

void editLargePage(int rounds)
{
    const std::string page = pageOf(limits::bodyBytesMax - limits::kKiB);
    const TextChange key = TextChange::replace(0, 0, "x");
    add("text, a page of 2 MB edited at its start",
        best(
            rounds, [&] { return TextBuffer(page); },
            [&](TextBuffer& text) { check(text.apply(key).has_value(), "does not fit"); }),
        1, "");
    add("text, a page of 2 MB edited at its start, as a plain string",
        best(
            rounds, [] { return std::string(); }, [&](std::string& text) { text = applyTo(page, key).value(); }),
        1, "");
}

void print()
{
    std::fprintf(stderr, "\n%-62s %9s %9s %7s  %s\n", "", "CPU ms", "clock ms", "target",
                 "diamond-types / Loro / Yjs / Automerge (published), ms");
    for (const Line& line : table)
        std::fprintf(stderr, "%-62s %9.3f %9.3f %7.0f  %s\n", line.name.c_str(), line.best.cpuMs, line.best.wallMs,
                     line.targetMs, line.published);
}

std::filesystem::path defaultTraces()
{
    const char* data = std::getenv("STOA_TEST_DATA");
    return (data ? std::filesystem::path(data) : std::filesystem::path(STOA_SOURCE_DIR) / ".." / "shared" / "data") /
           "traces";
}

} // namespace

int main(int argc, char** argv)
{
    std::filesystem::path traces = defaultTraces();
    int rounds = 9;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (std::strcmp(argv[i], "--traces") == 0)
            traces = argv[i + 1];
        else if (std::strcmp(argv[i], "--rounds") == 0)
            rounds = std::max(1, std::atoi(argv[i + 1]));
    }
    try {
        merge(rounds);
        editLargePage(rounds);
        if (std::filesystem::exists(traces)) {
            replay(traces / "automerge-paper.json.gz", rounds, 60, "106 / 1,390 / 6,400 / 25,700");
            replay(traces / "rustcode.json.gz", rounds, 30, "82 / 296 / 950 / 11,300");
            together(traces / "friendsforever.json.gz", rounds);
        } else {
            std::fprintf(stderr, "No recorded editing in %s: not replayed\n", traces.c_str());
        }
        print();
    } catch (const std::exception& failed) {
        std::fprintf(stderr, "%s\n", failed.what());
        return 1;
    }
}
