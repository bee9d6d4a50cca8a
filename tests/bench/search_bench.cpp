// bench_search [RECORDS]: questions, answers and comments in a replica, all searchable, and what a person
// types: one to three words, the first 20 hits by rank, with snippets, as the search thread answers.

#include "client/search/finder.h"
#include "tests/bench/company.h"
#include "tests/bench/measure.h"

using namespace stoa;
using namespace stoa::bench;

namespace {

constexpr int hitsShown = 20;
constexpr int questionsAsked = 600;

void measure(int records)
{
    Company company;
    company.start();
    QTemporaryDir dir;
    Device device(dir.path());
    device.open();
    device.join(company.invitation());
    Writer writer(device.space());
    device.close();
    device.open(false);
    write(device, writer, records);
    device.close();
    // Indexing begins with what is there and waits for nothing.
    device.open();
    device.waitUpToDate();
    device.waitSearchable();
    device.close();

    const Reading reading(replicaPathOf(dir.path()));
    Finder finder(searchPathOf(dir.path()));
    test::Mint mint(7);
    std::vector<double> ms[3];
    std::vector<double> all;
    int found = 0;
    for (int i = 0; i < questionsAsked; ++i) {
        const int words = i % 3;
        QStringList asked;
        for (int w = 0; w <= words; ++w)
            asked << QStringLiteral("word%1").arg(mint.number(5'000));
        const double took =
            1'000 * seconds([&] {
                found += int(
                    finder.find(reading, asked.join(QLatin1Char(' ')), {}, hitsShown, systemWallClock()()).hits.size());
            });
        ms[words].push_back(took);
        all.push_back(took);
    }
    if (found < questionsAsked)
        fail("hardly anything was found");
    const std::string of = " over " + std::to_string(records) + " records";
    tell("search" + of + ", p50", percentile(all, 50), "ms", 2, Better::Less, 0);
    tell("search" + of + ", p99", percentile(all, 99), "ms", 30, Better::Less, 0);
    for (int words = 0; words < 3; ++words)
        tell("search" + of + ", " + std::to_string(words + 1) + " words, p50", percentile(ms[words], 50), "ms", 2,
             Better::Less, 0);
}

} // namespace

int main(int argc, char** argv)
{
    QCoreApplication application(argc, argv);
    try {
        measure(argc > 1 ? std::max(1, std::atoi(argv[1])) : 100'000);
    } catch (const std::exception& failed) {
        std::fprintf(stderr, "%s\n", failed.what());
        return 1;
    }
}
