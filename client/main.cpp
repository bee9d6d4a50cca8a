// The desktop program: reads its options, makes the worker and the window, and connects the places.

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <optional>
#include <string_view>
#include <variant>

#include <QCommandLineParser>
#include <QDir>
#include <QLocale>
#include <QStandardPaths>
#include <QTimer>
#include <QTranslator>

#include "client/ui/all_places.h"
#include "client/ui/shell/application.h"
#include "client/ui/shell/instance.h"
#include "client/ui/shell/main_window.h"
#include "client/worker/core.h"
#include "shared/base/assert.h"
#include "shared/base/protobuf_log.h"

namespace {

struct MainTexts {
    Q_DECLARE_TR_FUNCTIONS(Main)
};

constexpr const char* version = "0.1.0";
constexpr int pictureCalmMs = 1'500;       // after the last fetch: what is shown is laid out
constexpr int picturePatienceMs = 600'000; // until everything has been fetched

struct Options {
    QString profile;
    QString link;
    std::optional<stoa::Scheme> theme;
    QString picture;
};

// `--help` and `--version` end the program here.
std::variant<Options, QString> readOptions(const QCoreApplication& application)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(MainTexts::tr("Stoa: learn from each other, with and without a network."));
    parser.addHelpOption();
    parser.addVersionOption();
    const QCommandLineOption profile(
        QStringLiteral("profile"), MainTexts::tr("Where this person's copy is kept, a folder."), QStringLiteral("DIR"));
    const QCommandLineOption link(QStringLiteral("link"), MainTexts::tr("Open a link: an invitation or a post."),
                                  QStringLiteral("stoa://…"));
    // (Not `--style`: that is an option of Qt's.)
    const QCommandLineOption theme(QStringLiteral("theme"), MainTexts::tr("Colours for this start: light or dark."),
                                   QStringLiteral("light|dark"));
    const QCommandLineOption picture(
        QStringLiteral("picture"),
        MainTexts::tr("Save a picture of the window once everything has been fetched, and end."),
        QStringLiteral("FILE"));
    parser.addOptions({profile, link, theme, picture});
    parser.addPositionalArgument(QStringLiteral("link"), MainTexts::tr("The same as --link."),
                                 QStringLiteral("[LINK]"));
    parser.process(application);
    const QStringList words = parser.positionalArguments();
    if (words.size() > 1 || (words.size() == 1 && parser.isSet(link)))
        return MainTexts::tr("Only one link can be opened at a time.");
    Options options;
    options.profile = parser.value(profile);
    options.link = words.isEmpty() ? parser.value(link) : words.first();
    options.picture = parser.value(picture);
    if (parser.isSet(theme)) {
        if (parser.value(theme) != QLatin1String("light") && parser.value(theme) != QLatin1String("dark"))
            return MainTexts::tr("--theme is either light or dark.");
        options.theme = parser.value(theme) == QLatin1String("dark") ? stoa::Scheme::Dark : stoa::Scheme::Light;
    }
    return options;
}

int run(stoa::Application& application, const Options& options)
{
    stoa::MainWindow::Settings settings;
    settings.profileDir = options.profile;
    if (settings.profileDir.isEmpty())
        settings.profileDir = QStandardPaths::writableLocation(QStandardPaths::AppDataLocation);
    settings.profileDir = QDir(settings.profileDir).absolutePath();
    settings.places = stoa::allPlaces();
    settings.system = stoa::systemScheme();

    stoa::Instance instance(settings.profileDir);
    if (instance.handOver(options.link))
        return 0;
    instance.listen();

    const stoa::Scheme remembered = stoa::schemeOf(stoa::loadWindowState(settings.profileDir).style, settings.system);
    stoa::applyTheme(application, options.theme.value_or(remembered));

    stoa::setAssertionFile(stoa::assertionFileOf(settings.profileDir).toUtf8().constData());
    stoa::WorkerSettings work;
    work.profileDir = settings.profileDir;
    work.tokens = stoa::systemTokenStore();
    work.program = QStringLiteral("stoa %1").arg(QLatin1String(version));
    stoa::Worker worker(work);
    stoa::MainWindow window(worker, settings);
    QObject::connect(&application, &stoa::Application::readFailed, &window, &stoa::MainWindow::readFailed);
    QObject::connect(&instance, &stoa::Instance::called, &window, [&window](const QString& called) {
        window.setWindowState(window.windowState() & ~Qt::WindowMinimized);
        window.show();
        window.raise();
        window.activateWindow();
        window.openLink(called);
    });
    window.openLink(options.link);
    window.show();
    if (!options.picture.isEmpty()) {
        QTimer calm;
        calm.setSingleShot(true);
        QObject::connect(&calm, &QTimer::timeout, &window, [&] {
            const bool saved = window.grab().save(options.picture);
            QApplication::exit(saved ? 0 : 1);
        });
        QObject::connect(&worker, &stoa::Worker::statusChanged, &window, [&calm](const stoa::SyncStatus& status) {
            if (status.state == stoa::SyncStatus::State::UpToDate && !calm.isActive())
                calm.start(pictureCalmMs);
            if (status.state == stoa::SyncStatus::State::Failed) {
                std::fprintf(stderr, "%s\n", qPrintable(status.problem));
                QApplication::exit(1);
            }
        });
        QTimer::singleShot(picturePatienceMs, &window, [&] {
            std::fprintf(stderr, "%s\n", qPrintable(MainTexts::tr("The server did not send everything in time.")));
            QApplication::exit(1);
        });
        return QApplication::exec();
    }
    return QApplication::exec();
}

void prepare(QTranslator& translator)
{
    QCoreApplication::setApplicationName(QStringLiteral("stoa"));
    QCoreApplication::setApplicationVersion(QLatin1String(version));
    // Without a language of the system the texts are English; so are figures and times.
    if (QLocale().language() == QLocale::C)
        QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom));
    if (translator.load(QLocale(), QStringLiteral("stoa"), QStringLiteral("_"), QStringLiteral(":/translations")))
        QCoreApplication::installTranslator(&translator);
}

// What is only asked about the program is answered without a display too.
bool isAskedAbout(int argc, char** argv)
{
    constexpr std::string_view questions[] = {"--help", "-h", "-?", "--help-all", "--version", "-v"};
    return std::any_of(argv + 1, argv + argc, [&](std::string_view word) {
        return std::find(std::begin(questions), std::end(questions), word) != std::end(questions);
    });
}

} // namespace

int main(int argc, char** argv)
{
    stoa::muteProtobuf();
    QTranslator translator;
    if (argc > 1 && isAskedAbout(argc, argv)) {
        const QCoreApplication application(argc, argv);
        prepare(translator);
        readOptions(application);
        return 0;
    }
    stoa::Application application(argc, argv);
    QApplication::setApplicationDisplayName(QStringLiteral("Stoa"));
    QApplication::setDesktopFileName(QStringLiteral("stoa"));
    prepare(translator);
    const auto options = readOptions(application);
    if (const auto* refusal = std::get_if<QString>(&options)) {
        std::fprintf(stderr, "%s\n", qPrintable(*refusal));
        return 2;
    }
    try {
        return run(application, std::get<Options>(options));
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "%s\n", problem.what());
        return 1;
    }
}
