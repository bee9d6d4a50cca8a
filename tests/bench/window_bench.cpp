// bench_window [RECORDS]: the real window over a full replica: how long from the start of the process until
// it may be used, and what it holds in memory; and how long the GUI thread is away at most while a first
// sync runs behind it.
//
// And how long it waits for a page of 1 MB: until it may be written in, and until a key is seen in it, also while ten
// others write in it, each a letter between two of its keys.
//
//   bench_window --window DIR TOKEN   the process that is started: says "usable MS-SINCE-MAIN" and
//                                     "resident MB", then ends

#include <QApplication>
#include <QElapsedTimer>
#include <QKeyEvent>
#include <QLocale>

#include "client/commands/commands.h"
#include "client/ui/all_places.h"
#include "client/ui/editor/markdown_editor.h"
#include "client/ui/shell/main_window.h"
#include "client/ui/theme/theme.h"
#include "tests/bench/company.h"
#include "tests/bench/measure.h"
#include "tests/support/cost.h"

using namespace stoa;
using namespace stoa::bench;

namespace {

constexpr int starts = 7;
constexpr int keys = 200;

struct Desktop {
    Desktop(const QString& profileDir, const QByteArray& token)
        : worker({profileDir,
                  {[token](const QString&) { return token; }, [](const QString&, const QByteArray&) {},
                   [](const QString&) {}},
                  QStringLiteral("bench_window")}),
          window(worker, {profileDir, allPlaces(), Scheme::Light})
    {
        QObject::connect(&window, &MainWindow::ready, &window, [this] { ready = true; });
        window.show();
    }
    void waitReady()
    {
        if (!until([this] { return ready; }))
            fail("the window does not become usable");
        window.repaint();
    }

    Worker worker;
    MainWindow window;
    bool ready = false;
};

double residentMb()
{
    QFile status(QStringLiteral("/proc/self/status"));
    if (!status.open(QIODevice::ReadOnly))
        return 0;
    for (const QByteArray& line : status.readAll().split('\n'))
        if (line.startsWith("VmRSS:"))
            return line.mid(6).trimmed().split(' ').first().toDouble() / 1'024;
    return 0;
}

int showWindow(QApplication& application, const QString& profileDir, const QByteArray& token)
{
    QElapsedTimer sinceMain;
    sinceMain.start();
    applyTheme(application, Scheme::Light);
    Desktop desktop(profileDir, token);
    desktop.waitReady();
    std::printf("usable %lld\n", static_cast<long long>(sinceMain.elapsed()));
    std::fflush(stdout);
    if (!until([&] { return desktop.worker.status().state == SyncStatus::State::UpToDate; }))
        return 1;
    const Reading reading(desktop.worker.replicaPath());
    desktop.window.open(questionsLocation(spaces(reading).first().id));
    desktop.window.open(searchLocation(QStringLiteral("word12 word34")));
    QElapsedTimer use;
    use.start();
    until([&] { return use.elapsed() > 1'000; });
    std::printf("resident %.1f\n", residentMb());
    std::fflush(stdout);
    return 0;
}

// How long whoever presses a key would wait: the longest time between two ticks of a timer of 1 ms.
struct Pulse {
    Pulse()
    {
        timer.setTimerType(Qt::PreciseTimer);
        timer.setInterval(1);
        QObject::connect(&timer, &QTimer::timeout,
                         [this] { gapsMs.push_back(double(sinceTick.nsecsElapsed()) / 1e6), sinceTick.restart(); });
        sinceTick.start();
        timer.start();
    }
    QTimer timer;
    QElapsedTimer sinceTick;
    std::vector<double> gapsMs;
};

// Until the screen shows it.
double shownMs(MainWindow& window, const std::function<void()>& work)
{
    QElapsedTimer clock;
    clock.start();
    work();
    window.repaint();
    return double(clock.nsecsElapsed()) / 1e6;
}

void pressA(QWidget& in)
{
    QKeyEvent key(QEvent::KeyPress, Qt::Key_A, Qt::NoModifier, QStringLiteral("a"));
    QCoreApplication::sendEvent(&in, &key);
}

MarkdownEditor& editorOf(MainWindow& window)
{
    for (MarkdownEditor* each : window.findChildren<MarkdownEditor*>())
        if (each->isVisible())
            return *each;
    fail("nothing is being edited");
}

// Others who write around what is seen, as they are told by the worker.
class Ten {
public:
    Ten(Desktop& desktop, const Id& post) : desktop_(desktop), post_(post)
    {
        for (quint32 i = 0; i < 10; ++i)
            readers_.append({deriveId(1, "bench", std::to_string(i)), i, 200 * i, 200 * i, true, true});
    }
    void write()
    {
        MarkdownEditor& editor = editorOf(desktop_.window);
        for (qsizetype i = 0; i < readers_.size(); ++i) {
            editor.applyOthers(TextChange::replace(readers_[i].to, 0, "b"));
            for (qsizetype each = i; each < readers_.size(); ++each)
                readers_[each].from = ++readers_[each].to;
        }
        Q_EMIT desktop_.worker.present(post_, readers_);
    }

private:
    Desktop& desktop_;
    Id post_;
    QList<TextReader> readers_;
};

void measureWriting(Desktop& desktop)
{
    const Reading reading(desktop.worker.replicaPath());
    QString text;
    while (text.size() < 1 << 20)
        text += QStringLiteral("## A heading\n\nSome **bold** words and [a link](https://a.example), as people write "
                               "them, of which a page of this length has many.\n\n- one item\n- [ ] another\n\n");
    const Pen pen{profile(reading).person, systemWallClock(), systemRandom()};
    Location location = pagesLocation(spaces(reading).first().id);
    const v1::Change page = createPage(pen, location.space, {}, QStringLiteral("Long"), text, {});
    location.post = *Id::from(page.target());
    location.write = true;
    desktop.worker.submit({page});
    if (!until([&] { return post(reading, location.post).has_value(); }))
        fail("the page is not stored");
    const double openMs = shownMs(desktop.window, [&] { desktop.window.open(location); });
    QElapsedTimer settling;
    settling.start();
    until([&] { return settling.elapsed() > 1'000; });
    tell("a page of 1 MB opened to write in it", openMs, "ms", 150, Better::Less, 0);
    Ten ten(desktop, location.post);
    MarkdownEditor& editor = editorOf(desktop.window);
    for (const bool others : {false, true}) {
        std::vector<double> keysMs, afterMs, othersMs;
        for (int i = 0; i < keys; ++i) {
            if (others)
                othersMs.push_back(costMs([&] { ten.write(), editor.viewport()->repaint(); }));
            keysMs.push_back(costMs([&] { pressA(editor), editor.viewport()->repaint(); }));
            QElapsedTimer pause; // of somebody who types fast
            pause.start();
            afterMs.push_back(costMs([&] { until([&] { return pause.elapsed() > 50; }); }));
        }
        const std::string which = others ? " while ten type" : "";
        for (const auto& [name, part] : {std::pair("p50", 50), std::pair("p99", 99), std::pair("slowest", 100)})
            tell("a key in a page of 1 MB" + which + ", CPU to the screen, " + name, percentile(keysMs, part), "ms", 8,
                 Better::Less, 0);
        tell("storing and sending it" + which + ", CPU of the GUI thread, p99", percentile(afterMs, 99), "ms", 16,
             Better::Less, 0);
        if (others)
            tell("what ten others typed between two keys, CPU, p99", percentile(othersMs, 99), "ms", 16, Better::Less,
                 0);
    }
}

void measure(int records)
{
    Company company;
    company.start();
    QTemporaryDir first, second;
    Device writing(first.path()), reading(second.path());
    writing.open();
    writing.join(company.invitation());
    reading.open();
    reading.join(company.signIn());
    reading.forgetAll();
    Writer writer(writing.space());
    writing.close();
    writing.open(false);
    write(writing, writer, records);
    writing.close();
    writing.open();
    writing.waitUpToDate();
    writing.waitSearchable();
    writing.close();
    const std::string of = " with " + std::to_string(records) + " records";

    std::vector<double> startMs, mb;
    for (int i = 0; i < starts; ++i) {
        QElapsedTimer clock;
        clock.start();
        test::Process window(
            {"bench_window", "--window", first.path().toStdString(), writing.token().toHex().toStdString()});
        (void)window.waitForLine("usable");
        startMs.push_back(double(clock.nsecsElapsed()) / 1e6);
        const std::string line = window.waitForLine("resident");
        mb.push_back(std::stod(line.substr(line.find(' ') + 1)));
        window.wait();
    }
    tell("start of the process to a usable window" + of + ", p50", percentile(startMs, 50), "ms", 500, Better::Less, 0);
    tell("resident" + of, percentile(mb, 100), "MB", 150, Better::Less, 0);

    reading.knowServer(company.place());
    Desktop desktop(second.path(), reading.token());
    desktop.waitReady();
    Pulse pulse;
    if (!until([&] { return desktop.worker.status().state == SyncStatus::State::UpToDate; }))
        fail("the window does not come up to date");
    const std::string during = " during a first sync of " + std::to_string(records);
    tell("GUI thread away" + during + ", p99", percentile(pulse.gapsMs, 99), "ms", 16, Better::Less, 0);
    tell("GUI thread away" + during + ", longest", percentile(pulse.gapsMs, 100), "ms", 16, Better::Less, 0);
    pulse.gapsMs.clear();
    if (!until([&] { return desktop.worker.status().indexing == 0; }))
        fail("the window's replica does not become searchable");
    tell("GUI thread away while indexing, longest", percentile(pulse.gapsMs, 100), "ms", 16, Better::Less, 0);
    measureWriting(desktop);
}

} // namespace

int main(int argc, char** argv)
{
    QApplication application(argc, argv);
    QApplication::setApplicationName(QStringLiteral("stoa"));
    QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom));
    try {
        if (argc == 4 && std::string(argv[1]) == "--window")
            return showWindow(application, QString::fromLocal8Bit(argv[2]), QByteArray::fromHex(argv[3]));
        applyTheme(application, Scheme::Light);
        measure(argc > 1 ? std::max(1, std::atoi(argv[1])) : 100'000);
    } catch (const std::exception& failed) {
        std::fprintf(stderr, "%s\n", failed.what());
        return 1;
    }
}
