// The desktop program: reads its options, makes the worker and the window, and connects the places.

#include <cstdio>
#include <optional>

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
#include "shared/base/protobuf_log.h"

namespace {

struct Texts {
    Q_DECLARE_TR_FUNCTIONS(Main)
};

constexpr const char* version = "0.1.0";
constexpr int pictureCalmMs = 1'500;       // after the last fetch: what is shown is laid out
constexpr int picturePatienceMs = 600'000; // until everything has been fetched

int run(stoa::Application& application)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(Texts::tr("Stoa: learn from each other, with and without a network."));
    parser.addHelpOption();
    parser.addVersionOption();
    const QCommandLineOption profile(QStringLiteral("profile"),
                                     Texts::tr("Where this person's copy is kept, a folder."), QStringLiteral("DIR"));
    const QCommandLineOption link(QStringLiteral("link"), Texts::tr("Open a link: an invitation or a post."),
                                  QStringLiteral("stoa://…"));
    const QCommandLineOption style(QStringLiteral("style"), Texts::tr("Colours for this start: light or dark."),
                                   QStringLiteral("light|dark"));
    const QCommandLineOption picture(
        QStringLiteral("picture"), Texts::tr("Save a picture of the window once everything has been fetched, and end."),
        QStringLiteral("FILE"));
    parser.addOptions({profile, link, style, picture});
    parser.addPositionalArgument(QStringLiteral("link"), Texts::tr("The same as --link."), QStringLiteral("[LINK]"));
    parser.process(application);
    const auto refuse = [](const QString& sentence) {
        std::fprintf(stderr, "%s\n", qPrintable(sentence));
        return 2;
    };
    const QStringList words = parser.positionalArguments();
    if (words.size() > 1 || (words.size() == 1 && parser.isSet(link)))
        return refuse(Texts::tr("Only one link can be opened at a time."));
    const QString target = words.isEmpty() ? parser.value(link) : words.first();

    stoa::MainWindow::Settings settings;
    settings.profileDir = parser.value(profile);
    if (settings.profileDir.isEmpty())
        settings.profileDir = QStandardPaths::writableLocation(QStandardPaths::AppDataLocation);
    settings.profileDir = QDir(settings.profileDir).absolutePath();
    settings.places = stoa::allPlaces();
    settings.system = stoa::systemScheme();
    std::optional<stoa::Scheme> wished;
    if (parser.isSet(style)) {
        if (parser.value(style) != QLatin1String("light") && parser.value(style) != QLatin1String("dark"))
            return refuse(Texts::tr("--style is either light or dark."));
        wished = parser.value(style) == QLatin1String("dark") ? stoa::Scheme::Dark : stoa::Scheme::Light;
    }

    stoa::Instance instance(settings.profileDir);
    if (instance.handOver(target))
        return 0;
    instance.listen();

    const stoa::Scheme remembered = stoa::schemeOf(stoa::loadWindowState(settings.profileDir).style, settings.system);
    stoa::applyTheme(application, wished.value_or(remembered));

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
    window.openLink(target);
    window.show();
    if (parser.isSet(picture)) {
        QTimer calm;
        calm.setSingleShot(true);
        QObject::connect(&calm, &QTimer::timeout, &window, [&] {
            const bool saved = window.grab().save(parser.value(picture));
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
            std::fprintf(stderr, "%s\n", qPrintable(Texts::tr("The server did not send everything in time.")));
            QApplication::exit(1);
        });
        return QApplication::exec();
    }
    return QApplication::exec();
}

} // namespace

int main(int argc, char** argv)
{
    stoa::muteProtobuf();
    stoa::Application application(argc, argv);
    QApplication::setApplicationName(QStringLiteral("stoa"));
    QApplication::setApplicationVersion(QLatin1String(version));
    QApplication::setApplicationDisplayName(QStringLiteral("Stoa"));
    QApplication::setDesktopFileName(QStringLiteral("stoa"));
    // Without a language of the system the texts are English; so are figures and times.
    if (QLocale().language() == QLocale::C)
        QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom));
    QTranslator translator;
    if (translator.load(QLocale(), QStringLiteral("stoa"), QStringLiteral("_"), QStringLiteral(":/translations")))
        QApplication::installTranslator(&translator);
    try {
        return run(application);
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "%s\n", problem.what());
        return 1;
    }
}
