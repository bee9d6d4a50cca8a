// Takes pictures of the real window, driven as a person would, over profiles that are already filled.
//
//   stoa_shots OUT [--online DIR] [--refused DIR] [--offline DIR] [--first DIR] [--together DIR --together DIR ...]
//
// `online`: signed in and in step; `refused`: with a change in its outbox that the server refused; `offline`:
// its server is gone; `first`: a folder that may be empty; `together`: of three people who may write in one page, and
// do, in three windows. Whatever is not given is not photographed. Each
// picture comes light and dark, 1280x800 and 1920x1080: OUT/NAME-light-1280.png.

#include <algorithm>
#include <cstdio>
#include <memory>

#include <QApplication>
#include <QCommandLineParser>
#include <QDir>
#include <QElapsedTimer>
#include <QKeyEvent>
#include <QListView>
#include <QLocale>
#include <QMenu>
#include <QPushButton>
#include <QToolButton>

#include "client/models/history_model.h"
#include "client/replica/queries_review.h"
#include "client/ui/all_places.h"
#include "client/ui/editor/markdown_editor.h"
#include "client/ui/shell/main_window.h"
#include "client/ui/shell/tab.h"
#include "client/ui/theme/theme.h"

using namespace stoa;

namespace {

constexpr int patienceMs = 20'000;
constexpr int calmMs = 250; // nothing more is laid out or read after this long without work

template <class F>
bool waitFor(F holds)
{
    QElapsedTimer clock;
    clock.start();
    while (!holds()) {
        if (clock.elapsed() > patienceMs)
            return false;
        QApplication::processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents, 20);
    }
    return true;
}

void calmDown()
{
    QElapsedTimer clock;
    clock.start();
    waitFor([&] { return clock.elapsed() > calmMs; });
}

struct Camera {
    QDir out;
    int taken = 0;

    void take(MainWindow& window, const QString& name)
    {
        auto& application = *qobject_cast<QApplication*>(QCoreApplication::instance());
        const std::pair<Scheme, const char*> schemes[] = {{Scheme::Light, "light"}, {Scheme::Dark, "dark"}};
        for (const QSize size : {QSize(1280, 800), QSize(1920, 1080)})
            for (const auto& [scheme, schemeName] : schemes) {
                applyTheme(application, scheme);
                window.resize(size);
                calmDown();
                const QString path =
                    out.filePath(QStringLiteral("%1-%2-%3.png").arg(name, QLatin1String(schemeName)).arg(size.width()));
                if (!window.grab().save(path))
                    std::fprintf(stderr, "%s cannot be written.\n", qPrintable(path));
                ++taken;
            }
    }
};

// A window over a profile, as client/main.cpp makes it.
struct Desktop {
    explicit Desktop(const QString& profileDir, bool connect = true)
        : worker({profileDir, systemTokenStore(), QStringLiteral("stoa_shots"), connect}),
          window(worker, {profileDir, allPlaces(), Scheme::Light})
    {
        bool open = false;
        QObject::connect(&worker, &Worker::opened, &window, [&] { open = true; });
        window.show();
        if (!waitFor([&] { return open; }))
            std::fprintf(stderr, "%s does not open.\n", qPrintable(profileDir));
    }

    bool reach(SyncStatus::State state)
    {
        return waitFor([&] { return worker.status().state == state; });
    }

    Worker worker;
    MainWindow window;
};

// The space that has most of something.
template <class F>
SpaceRow richest(const Reading& reading, F figure)
{
    SpaceRow best;
    for (const SpaceRow& row : spaces(reading))
        if (figure(row) > figure(best) || best.id.isNull())
            best = row;
    return best;
}

QPushButton* buttonOf(const QWidget& window, const QString& text)
{
    for (QPushButton* button : window.findChildren<QPushButton*>())
        if (button->text() == text && button->isVisible())
            return button;
    return nullptr;
}

// A page being edited, with its preview; looking for a word in it; two versions of a passage; a new page.
void photographEditing(Camera& camera, MainWindow& window, const Id& space, const Id& page)
{
    Location location = pagesLocation(space, page);
    location.write = true;
    window.open(location);
    calmDown();
    if (QPushButton* preview = buttonOf(window, QStringLiteral("Preview")))
        preview->click();
    camera.take(window, QStringLiteral("edit"));
    MarkdownEditor* editor = nullptr;
    for (MarkdownEditor* each : window.findChildren<MarkdownEditor*>())
        if (each->isVisible())
            editor = each;
    if (!editor)
        return;
    // Of a passage that the server would tell of.
    const size_t middle = editor->text().indexOf(QLatin1Char('.'), editor->text().size() / 3) + 1;
    editor->setContested({{middle - 20, middle}, {middle, middle + 30}});
    Q_EMIT editor->typed();
    QTextCursor cursor(editor->document());
    cursor.setPosition(int(editor->toUtf16(middle)));
    editor->setTextCursor(cursor);
    editor->centerCursor();
    camera.take(window, QStringLiteral("versions"));
    editor->setContested({});
    Q_EMIT editor->typed();
    editor->moveCursor(QTextCursor::Start);
    editor->find(QStringLiteral("the"));
    Q_EMIT editor->findWanted(true);
    camera.take(window, QStringLiteral("find"));
    location.post = {};
    window.open(location);
    camera.take(window, QStringLiteral("new-page"));
}

constexpr const char* readBefore = "Before the visit"; // that others have changed since

std::optional<PostRow> pageNamed(const Reading& reading, const QString& title)
{
    for (const SpaceRow& space : spaces(reading))
        for (const PostRow& row : pagesBelow(reading, space.id, {}))
            for (const PostRow& each : QList<PostRow>{row} + pagesBelow(reading, space.id, row.id))
                if (each.title == title)
                    return each;
    return std::nullopt;
}

// While nothing of what others did has come yet.
void readBeforeOthers(const QString& profileDir)
{
    Desktop desktop(profileDir, false);
    const Reading reading(desktop.worker.replicaPath());
    const auto page = pageNamed(reading, QLatin1String(readBefore));
    if (!page)
        return;
    desktop.worker.noteRead(page->id);
    waitFor([&] { return readRevision(reading, page->id).has_value(); });
}

// A page that others changed; what they did to it; the page as it was; who wrote what.
void photographHistory(Camera& camera, MainWindow& window, const PostRow& page)
{
    window.open(pagesLocation(page.space, page.id));
    waitFor([&] { return buttonOf(window, QStringLiteral("Show changes")) != nullptr; });
    calmDown();
    camera.take(window, QStringLiteral("changed-page"));
    if (QPushButton* show = buttonOf(window, QStringLiteral("Show changes")))
        show->click();
    calmDown();
    camera.take(window, QStringLiteral("history"));
    // What two did at the same time.
    for (QListView* list : window.findChildren<QListView*>())
        if (list->isVisible() && qobject_cast<const HistoryModel*>(list->model()))
            list->setCurrentIndex(list->model()->index(1, 0));
    calmDown();
    camera.take(window, QStringLiteral("history-several"));
    if (QPushButton* source = buttonOf(window, QStringLiteral("Source")))
        source->click();
    camera.take(window, QStringLiteral("history-source"));
    if (QPushButton* asPage = buttonOf(window, QStringLiteral("Page")))
        asPage->click();
    if (QPushButton* then = buttonOf(window, QStringLiteral("The text then")))
        then->click();
    calmDown();
    camera.take(window, QStringLiteral("history-text"));
    if (QPushButton* who = buttonOf(window, QStringLiteral("Who wrote what")))
        who->click();
    camera.take(window, QStringLiteral("history-writers"));
}

// What waits for this person: a proposal, the page it is of, a draft for it, and a page to read and confirm.
void photographReview(Camera& camera, MainWindow& window, const Reading& reading)
{
    const QList<ProposalRow> awaiting = proposalsAwaitingMe(reading, 1);
    if (!awaiting.isEmpty()) {
        const PostRow& row = awaiting.first().row;
        window.open(reviewLocation(row.space, row.id));
        camera.take(window, QStringLiteral("proposal"));
        window.open(pagesLocation(row.space, row.parent));
        camera.take(window, QStringLiteral("reviewed-page"));
        window.open(newProposalLocation(row.space, row.parent));
        camera.take(window, QStringLiteral("propose"));
    }
    const QList<ToConfirm> waiting = toConfirm(reading, 1);
    if (waiting.isEmpty())
        return;
    window.open(pagesLocation(waiting.first().page.space, waiting.first().page.id));
    camera.take(window, QStringLiteral("confirm"));
    if (QPushButton* show = buttonOf(window, QStringLiteral("Show what changed"))) {
        show->click();
        waitFor([&] { return buttonOf(window, QStringLiteral("Show the page")) != nullptr; });
        camera.take(window, QStringLiteral("confirm-changes"));
    }
}

// Somebody at the page that all of them write in.
struct Writer {
    Writer(const QString& profileDir, bool connect)
        : desktop(profileDir, connect), reading(desktop.worker.replicaPath())
    {
        if (connect)
            desktop.reach(SyncStatus::State::UpToDate);
        const auto page = pageNamed(reading, QLatin1String(writtenTogether));
        if (!page)
            return;
        Location location = pagesLocation(page->space, page->id);
        location.write = true;
        desktop.window.open(location);
        waitFor([&] { return editor() && !editor()->text().isEmpty(); });
    }
    MarkdownEditor* editor() const
    {
        for (MarkdownEditor* each : desktop.window.findChildren<MarkdownEditor*>())
            if (each->isVisible())
                return each;
        return nullptr;
    }
    bool sees(const char* words) const { return editor() && editor()->text().contains(QString::fromUtf8(words)); }
    // Key by key, in the place of these words or, where none are to go, behind them.
    void type(const char* at, const char* words, bool instead = false)
    {
        MarkdownEditor* into = editor();
        const QString place = QString::fromUtf8(at);
        const qsizetype from = into ? into->text().indexOf(place) : -1;
        if (from < 0) {
            std::fprintf(stderr, "\"%s\" is not in the page.\n", at);
            return;
        }
        QTextCursor cursor(into->document());
        cursor.setPosition(int(instead ? from : from + place.size()));
        cursor.setPosition(int(from + place.size()), QTextCursor::KeepAnchor);
        into->setTextCursor(cursor);
        for (const QChar letter : QString::fromUtf8(words)) {
            QKeyEvent key(QEvent::KeyPress, 0, Qt::NoModifier, QString(letter));
            QCoreApplication::sendEvent(into, &key);
            QCoreApplication::processEvents();
        }
    }

    static constexpr const char* writtenTogether = "Before the visit";
    Desktop desktop;
    Reading reading;
};

// Three people in one page: at the same time, and two of them without a network while the third writes on.
void photographTogether(Camera& camera, const QStringList& profileDirs)
{
    constexpr const char* sentence = "Ask them also when dispatch has written something.";
    std::vector<std::unique_ptr<Writer>> people;
    for (const QString& dir : profileDirs)
        people.push_back(std::make_unique<Writer>(dir, true));
    if (people.size() != 3)
        return;
    people[0]->type("Five questions", " before you leave,");
    people[2]->type("decides which parts", " and tools");
    people[1]->type("not for all.", " Spare fuses too.");
    const auto all = [&](const char* words) {
        return std::all_of(people.begin(), people.end(), [&](const auto& each) { return each->sees(words); });
    };
    waitFor([&] { return all("before you leave,") && all("and tools") && all("fuses too."); });
    for (size_t i = 0; i < people.size(); ++i) {
        people[(i + 1) % 3]->type(i == 0 ? "fuses too." : i == 1 ? "parts and tools" : "before you leave,", "");
        camera.take(people[i]->desktop.window, QStringLiteral("together-%1").arg(i + 1));
    }

    for (size_t i : {0, 1})
        people[i] = nullptr, people[i] = std::make_unique<Writer>(profileDirs[qsizetype(i)], false);
    people[0]->type(sentence, "Read the ticket first, then call!", true);
    people[1]->type(sentence, "Nobody believes it anyway?", true);
    people[2]->type("What is different from last week", ", or last month");
    camera.take(people[0]->desktop.window, QStringLiteral("away"));
    for (size_t i : {0, 1})
        people[i] = nullptr, people[i] = std::make_unique<Writer>(profileDirs[qsizetype(i)], true);
    if (!waitFor([&] { return all("or last month") && all("first, then call!") && all("believes it anyway?"); }))
        std::fprintf(stderr, "Not all of what three people wrote came together.\n");
    for (size_t i = 0; i < people.size(); ++i)
        camera.take(people[i]->desktop.window, QStringLiteral("returned-%1").arg(i + 1));
}

QAction* actOf(const QWidget& window, const QString& text)
{
    for (QToolButton* button : window.findChildren<QToolButton*>())
        if (button->isVisible() && button->menu())
            for (QAction* act : button->menu()->actions())
                if (act->text() == text)
                    return act;
    return nullptr;
}

// Where a page can be put, and what is said before it is deleted.
void photographPlacing(Camera& camera, MainWindow& window, const PostRow& page)
{
    window.open(pagesLocation(page.space, page.id));
    calmDown();
    if (QAction* remove = actOf(window, QStringLiteral("Delete…"))) {
        remove->trigger();
        camera.take(window, QStringLiteral("delete"));
        if (QPushButton* keep = buttonOf(window, QStringLiteral("Keep")))
            keep->click();
    }
    if (QAction* move = actOf(window, QStringLiteral("Move…"))) {
        move->trigger();
        camera.take(window, QStringLiteral("move"));
        if (QWidget* focus = QApplication::focusWidget()) {
            QKeyEvent leave(QEvent::KeyPress, Qt::Key_Escape, Qt::NoModifier);
            QCoreApplication::sendEvent(focus, &leave);
        }
    }
}

void photographOnline(Camera& camera, const QString& profileDir)
{
    readBeforeOthers(profileDir);
    Desktop desktop(profileDir);
    MainWindow& window = desktop.window;
    desktop.reach(SyncStatus::State::UpToDate);
    waitFor([&] { return desktop.worker.status().indexing == 0; });
    const Reading reading(desktop.worker.replicaPath());
    const SpaceRow book = richest(reading, [](const SpaceRow& row) { return row.pages; });
    const SpaceRow forum = richest(reading, [](const SpaceRow& row) { return row.questions; });

    window.open(homeLocation());
    camera.take(window, QStringLiteral("home"));
    // A space that says what it is for.
    Id said = forum.id;
    for (const SpaceRow& row : spaces(reading))
        if (const auto one = charter(reading, row.id); one && !one->problem().empty())
            said = row.id;
    window.open(spaceLocation(said));
    camera.take(window, QStringLiteral("overview"));

    // Before it is read with the others.
    if (const auto changed = pageNamed(reading, QLatin1String(readBefore)))
        photographHistory(camera, window, *changed);

    // A page with something to show.
    Id page;
    qsizetype longest = 0;
    const auto look = [&](const PostRow& row) {
        const qsizetype length = row.kind == v1::PAGE ? qsizetype(body(reading, row.id).size()) : 0;
        if (length <= longest)
            return;
        longest = length;
        page = row.id;
    };
    for (const PostRow& row : pagesBelow(reading, book.id, {})) {
        look(row);
        for (const PostRow& inner : pagesBelow(reading, book.id, row.id))
            look(inner);
    }
    window.open(pagesLocation(book.id, page));
    camera.take(window, QStringLiteral("page"));
    photographEditing(camera, window, book.id, page);
    photographReview(camera, window, reading);
    if (const auto placed = pageNamed(reading, QStringLiteral("Measuring instruments")))
        photographPlacing(camera, window, *placed);

    PostFilter filter;
    filter.space = forum.id;
    filter.order = Order::Score;
    const PostPage best = posts(reading, filter, std::nullopt, 20);
    Id question;
    for (const PostRow& row : best.rows)
        if (question.isNull() && !row.accepted.isNull() && row.answers > 1)
            question = row.id;
    window.open(questionsLocation(forum.id, question));
    camera.take(window, QStringLiteral("question"));

    Location narrowed = questionsLocation(forum.id);
    const QList<TagRow> common = tags(reading, forum.id, 3);
    if (!common.isEmpty())
        narrowed.tag = common.last().tag;
    narrowed.order = Order::Score;
    window.open(narrowed);
    camera.take(window, QStringLiteral("list"));

    QString word = QStringLiteral("question history");
    if (book.pages > 0 && forum.questions == 0)
        word = QStringLiteral("travel");
    window.open(searchLocation(word));
    calmDown();
    camera.take(window, QStringLiteral("search"));
    window.run(QStringLiteral("palette"));
    calmDown();
    camera.take(window, QStringLiteral("palette"));
}

void photographRefused(Camera& camera, const QString& profileDir)
{
    Desktop desktop(profileDir);
    desktop.window.open(outboxLocation());
    calmDown();
    camera.take(desktop.window, QStringLiteral("outbox"));
    // A text that its page does not take any more.
    for (QListView* list : desktop.window.findChildren<QListView*>())
        for (int row = 0; list->isVisible() && row < list->model()->rowCount(); ++row)
            if (list->model()->index(row, 0).data().toString().startsWith(QStringLiteral("Change to the text of"))) {
                list->setCurrentIndex(list->model()->index(row, 0));
                return camera.take(desktop.window, QStringLiteral("outbox-kept"));
            }
}

void photographOffline(Camera& camera, const QString& profileDir)
{
    Desktop desktop(profileDir);
    desktop.reach(SyncStatus::State::Offline);
    const Reading reading(desktop.worker.replicaPath());
    const SpaceRow forum = richest(reading, [](const SpaceRow& row) { return row.questions; });
    PostFilter mine;
    mine.space = forum.id;
    mine.mine = true;
    const PostPage own = posts(reading, mine, std::nullopt, 1);
    PostFilter any;
    any.space = forum.id;
    const PostPage latest = posts(reading, any, std::nullopt, 1);
    const QList<PostRow>& rows = own.rows.isEmpty() ? latest.rows : own.rows;
    desktop.window.open(questionsLocation(forum.id, rows.isEmpty() ? Id{} : rows.first().id));
    camera.take(desktop.window, QStringLiteral("offline"));
}

void photographFirst(Camera& camera, const QString& profileDir)
{
    Desktop desktop(profileDir);
    calmDown();
    camera.take(desktop.window, QStringLiteral("sign-in"));
}

} // namespace

int main(int argc, char** argv)
{
    QApplication application(argc, argv);
    QApplication::setApplicationName(QStringLiteral("stoa"));
    QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom));
    QCommandLineParser parser;
    parser.addHelpOption();
    parser.addPositionalArgument(QStringLiteral("OUT"), QStringLiteral("Where the pictures go, a folder."));
    const std::pair<const char*, void (*)(Camera&, const QString&)> kinds[] = {{"first", photographFirst},
                                                                               {"online", photographOnline},
                                                                               {"refused", photographRefused},
                                                                               {"offline", photographOffline}};
    for (const auto& [name, photograph] : kinds)
        parser.addOption({QLatin1String(name), QStringLiteral("A profile."), QStringLiteral("DIR")});
    const QString together = QStringLiteral("together");
    parser.addOption({together, QStringLiteral("The profile of one of three people."), QStringLiteral("DIR")});
    parser.process(application);
    if (parser.positionalArguments().size() != 1 || !QDir().mkpath(parser.positionalArguments().first())) {
        std::fprintf(stderr, "Say which folder the pictures go to.\n");
        return 2;
    }
    Camera camera{QDir(parser.positionalArguments().first())};
    applyTheme(application, Scheme::Light);
    for (const auto& [name, photograph] : kinds)
        if (parser.isSet(QLatin1String(name)))
            photograph(camera, QDir(parser.value(QLatin1String(name))).absolutePath());
    if (parser.isSet(together))
        photographTogether(camera, parser.values(together));
    std::printf("%d pictures in %s\n", camera.taken, qPrintable(camera.out.absolutePath()));
    return camera.taken > 0 ? 0 : 1;
}
