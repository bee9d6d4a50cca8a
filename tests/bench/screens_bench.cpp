// bench_screens [SECONDS] [WINDOWS]: the real server and real windows, each a process, all writing in one page: how
// long from a key in one window until another has painted it. One of them types, then all, each some five keys a
// second. With everything on one machine: the windows share its cores.
//
//   bench_screens --window INDEX WINDOWS DIR TOKEN SPACE PAGE   one window. It says "ready"; on "type MS" it types for
//   so
//       long and says "typed COUNT"; on "tell COUNT COUNT ...", how many keys each window typed, it says "key AT" of
//       each of its own and "seen INDEX AT" of each of the others' as soon as all are painted, then "told". Times are
//       the machine's, in milliseconds.

#include <sstream>

#include <QApplication>
#include <QKeyEvent>
#include <QLocale>
#include <QRandomGenerator>
#include <QSocketNotifier>

#include <unistd.h>

#include "client/ui/all_places.h"
#include "client/ui/editor/markdown_editor.h"
#include "client/ui/shell/main_window.h"
#include "client/ui/theme/theme.h"
#include "tests/bench/company.h"
#include "tests/bench/measure.h"

using namespace stoa;
using namespace stoa::bench;

namespace {

constexpr int keyMsMin = 120;
constexpr int keyMsMax = 280;
constexpr size_t windowsMax = 10;

double nowMs()
{
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// "3>" and what window 3 typed, on a line of its own.
QString marker(size_t window)
{
    return QStringLiteral("\n%1>").arg(window);
}

class Screen : public QObject {
public:
    Screen(size_t index, size_t windows, const QString& dir, const QByteArray& token, const Location& page)
        : index_(index),
          seen_(windows),
          counts_(windows, SIZE_MAX),
          worker_({dir,
                   {[token](const QString&) { return token; }, [](const QString&, const QByteArray&) {},
                    [](const QString&) {}},
                   QStringLiteral("bench_screens")}),
          window_(worker_, {dir, allPlaces(), Scheme::Light})
    {
        bool ready = false;
        connect(&window_, &MainWindow::ready, this, [&ready] { ready = true; });
        window_.show();
        if (!until([&] { return ready && worker_.status().state == SyncStatus::State::UpToDate; }))
            fail("a window does not come up to date");
        window_.open(page);
        if (!until([this] { return findEditor(); }))
            fail("a window does not show the page");
        editor_->viewport()->installEventFilter(this);
        QTextCursor cursor(editor_->document());
        cursor.setPosition(int(editor_->text().indexOf(marker(index_)) + marker(index_).size()));
        editor_->setTextCursor(cursor);
        timer_.setSingleShot(true);
        timer_.setTimerType(Qt::PreciseTimer);
        connect(&timer_, &QTimer::timeout, this, [this] { type(); });
        connect(&input_, &QSocketNotifier::activated, this, [this] { read(); });
        say("ready");
    }

protected:
    // Once it is painted and shown, nothing of the event is left to be done.
    bool eventFilter(QObject* watched, QEvent* event) override
    {
        if (event->type() == QEvent::Paint)
            QMetaObject::invokeMethod(
                this, [this, text = editor_->text()] { look(text); }, Qt::QueuedConnection);
        return QObject::eventFilter(watched, event);
    }

private:
    static void say(const std::string& line)
    {
        std::printf("%s\n", line.c_str());
        std::fflush(stdout);
    }
    bool findEditor()
    {
        for (MarkdownEditor* each : window_.findChildren<MarkdownEditor*>())
            if (each->isVisible() && each->text().contains(marker(0)))
                editor_ = each;
        return editor_ != nullptr;
    }
    void read()
    {
        char bytes[4096];
        const ssize_t count = ::read(STDIN_FILENO, bytes, sizeof bytes);
        if (count <= 0)
            return QCoreApplication::quit();
        commands_.append(bytes, size_t(count));
        for (size_t end; (end = commands_.find('\n')) != std::string::npos; commands_.erase(0, end + 1))
            obey(std::istringstream(commands_.substr(0, end)));
    }
    void obey(std::istringstream words)
    {
        std::string word;
        words >> word;
        if (word == "type") {
            double ms = 0;
            words >> ms;
            endMs_ = nowMs() + ms;
            timer_.start(0);
        } else {
            for (size_t& count : counts_)
                words >> count;
            tellIfAll();
        }
    }
    void type()
    {
        if (nowMs() >= endMs_)
            return say("typed " + std::to_string(keys_.size()));
        keys_.push_back(nowMs());
        QKeyEvent key(QEvent::KeyPress, Qt::Key_X, Qt::NoModifier, QStringLiteral("x"));
        QCoreApplication::sendEvent(editor_, &key);
        timer_.start(QRandomGenerator::global()->bounded(keyMsMin, keyMsMax));
    }
    void look(const QString& text)
    {
        for (size_t i = 0; i < seen_.size(); ++i) {
            const qsizetype from = text.indexOf(marker(i));
            if (from < 0)
                fail("a line is gone");
            const qsizetype begin = from + marker(i).size();
            const qsizetype line = text.indexOf(u'\n', begin);
            const auto typed = size_t((line < 0 ? text.size() : line) - begin);
            while (seen_[i].size() < typed)
                seen_[i].push_back(nowMs());
        }
        tellIfAll();
    }
    void tellIfAll()
    {
        if (counts_[index_] != keys_.size())
            return;
        for (size_t i = 0; i < seen_.size(); ++i)
            if (seen_[i].size() < counts_[i])
                return;
        for (const double at : keys_)
            say("key " + std::to_string(at));
        for (size_t i = 0; i < seen_.size(); ++i)
            for (size_t key = 0; i != index_ && key < counts_[i]; ++key)
                say("seen " + std::to_string(i) + ' ' + std::to_string(seen_[i][key]));
        std::ranges::fill(counts_, SIZE_MAX);
        say("told");
    }

    size_t index_;
    std::vector<std::vector<double>> seen_; // when each key of each window was painted here
    std::vector<size_t> counts_;            // how many there will be, once that is known
    std::vector<double> keys_;
    Worker worker_;
    MainWindow window_;
    MarkdownEditor* editor_ = nullptr;
    QTimer timer_;
    QSocketNotifier input_{STDIN_FILENO, QSocketNotifier::Read};
    std::string commands_;
    double endMs_ = 0;
};

int showWindow(const std::vector<std::string>& words)
{
    Location page = pagesLocation(*Id::fromHex(words[4]), *Id::fromHex(words[5]));
    page.write = true;
    const Screen screen(std::stoul(words[0]), std::stoul(words[1]), QString::fromStdString(words[2]),
                        QByteArray::fromHex(QByteArray::fromStdString(words[3])), page);
    return QApplication::exec();
}

using Windows = std::vector<std::unique_ptr<test::Process>>;

struct Log {
    std::vector<double> keys;
    std::vector<std::vector<double>> seen;
};

Log logOf(test::Process& window, size_t windows)
{
    Log log{{}, std::vector<std::vector<double>>(windows)};
    for (std::string line; (line = window.waitForLine("")) != "told";) {
        std::istringstream words(line);
        std::string what;
        size_t of = 0;
        double at = 0;
        words >> what;
        if (what == "seen")
            words >> of;
        words >> at;
        if (what == "key")
            log.keys.push_back(at);
        else if (what == "seen" && of < windows)
            log.seen[of].push_back(at);
    }
    return log;
}

void typeFor(Windows& windows, size_t typing, int seconds, std::vector<size_t>& counts, const char* what)
{
    const std::vector<size_t> before = counts;
    for (size_t i = 0; i < typing; ++i)
        windows[i]->write("type " + std::to_string(seconds * 1'000) + "\n");
    for (size_t i = 0; i < typing; ++i) {
        const std::string line = windows[i]->waitForLine("typed");
        counts[i] = std::stoul(line.substr(line.rfind(' ')));
    }
    std::string tellAll = "tell";
    for (const size_t count : counts)
        tellAll += ' ' + std::to_string(count);
    for (const auto& window : windows)
        window->write(tellAll + "\n");
    std::vector<Log> logs;
    for (const auto& window : windows)
        logs.push_back(logOf(*window, windows.size()));
    std::vector<double> latencies;
    for (size_t i = 0; i < windows.size(); ++i)
        for (const Log& log : logs)
            for (size_t key = before[i]; &log != &logs[i] && key < counts[i]; ++key)
                latencies.push_back(log.seen[i].at(key) - logs[i].keys.at(key));
    const std::string name = "a key on another's screen, " + std::to_string(windows.size()) + " windows, " + what;
    tell(name + ", p50", percentile(latencies, 50), "ms", 60, Better::Less, 0);
    tell(name + ", p99", percentile(latencies, 99), "ms", 250, Better::Less, 0);
}

void measure(int seconds, size_t count)
{
    Company company;
    company.start();
    std::vector<std::unique_ptr<QTemporaryDir>> folders;
    Windows windows;
    Id space, page;
    for (size_t i = 0; i < count; ++i) {
        folders.push_back(std::make_unique<QTemporaryDir>());
        Device device(folders.back()->path());
        device.open();
        device.join(i == 0 ? company.invitation() : company.signIn());
        if (i == 0) {
            space = device.space();
            std::string body = "Everybody writes here.\n";
            for (size_t each = 0; each < count; ++each)
                body += marker(each).toStdString();
            test::Mint mint(1);
            v1::Change made = mint.post(v1::PAGE, space, {}, "The page", systemWallClock()());
            made.mutable_create_post()->set_body(body + "\n");
            page = *Id::from(made.target());
            device.submitAndSettle({made});
        }
        const std::string token = device.token().toHex().toStdString();
        device.close();
        windows.push_back(std::make_unique<test::Process>(
            std::vector<std::string>{"bench_screens", "--window", std::to_string(i), std::to_string(count),
                                     folders.back()->path().toStdString(), token, space.hex(), page.hex()},
            std::chrono::seconds(120), test::ProcessExtras{.environment = {}, .input = true}));
    }
    for (const auto& window : windows)
        (void)window->waitForLine("ready");
    std::vector<size_t> counts(count);
    typeFor(windows, 1, seconds, counts, "one types");
    typeFor(windows, count, seconds, counts, "all type");
}

} // namespace

int main(int argc, char** argv)
{
    QApplication application(argc, argv);
    QApplication::setApplicationName(QStringLiteral("stoa"));
    QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom));
    try {
        applyTheme(application, Scheme::Light);
        if (argc == 8 && std::string(argv[1]) == "--window")
            return showWindow({argv + 2, argv + argc});
        const int seconds = argc > 1 ? std::atoi(argv[1]) : 20;
        const int count = argc > 2 ? std::atoi(argv[2]) : int(windowsMax);
        measure(std::max(1, seconds), std::clamp<size_t>(size_t(std::max(0, count)), 2, windowsMax));
    } catch (const std::exception& failed) {
        std::fprintf(stderr, "%s\n", failed.what());
        return 1;
    }
}
