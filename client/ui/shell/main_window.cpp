#include "client/ui/shell/main_window.h"

#include <QAbstractButton>
#include <QAction>
#include <QActionGroup>
#include <QApplication>
#include <QCheckBox>
#include <QCloseEvent>
#include <QDialog>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QMenu>
#include <QMessageBox>
#include <QShortcut>
#include <QTabBar>
#include <QToolButton>
#include <QVBoxLayout>

#include "client/commands/sentences.h"
#include "client/ui/shell/shortcuts_dialog.h"
#include "client/ui/shell/sidebar.h"
#include "client/ui/shell/status_bar.h"
#include "client/ui/shell/tab.h"
#include "client/ui/signin/sign_in.h"
#include "client/ui/widgets/widgets.h"

namespace stoa {

namespace {

constexpr int totalsMs = 1'000;
constexpr int clockMs = 20'000; // ages and times in the status bar
constexpr QSize usualSize(1280, 800);
constexpr QSize smallestSize(960, 600);

} // namespace

MainWindow::MainWindow(Worker& worker, Settings settings, QWidget* parent)
    : QWidget(parent), worker_(worker), settings_(std::move(settings)), state_(loadWindowState(settings_.profileDir))
{
    setWindowTitle(tr("Stoa"));
    setWindowIcon(QIcon(QStringLiteral(":/icons/stoa.svg")));
    setMinimumSize(smallestSize);
    resize(usualSize);
    if (!state_.geometry.isEmpty())
        restoreGeometry(state_.geometry);
    makeCommands();
    makeMenu();

    pages_ = new QStackedWidget;
    pages_->addWidget(new QWidget); // until the replica is open
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins({});
    layout->addWidget(pages_);

    totalsTimer_.setSingleShot(true);
    totalsTimer_.setInterval(totalsMs);
    connect(&totalsTimer_, &QTimer::timeout, this, [this] {
        if (status_)
            status_->showTotals(totals(*reading_));
    });
    clockTimer_.setInterval(clockMs);
    clockTimer_.start();
    connect(&clockTimer_, &QTimer::timeout, this, [this] { statusChanged(worker_.status()); });

    connect(&worker_, &Worker::opened, this, &MainWindow::replicaOpened);
    connect(&worker_, &Worker::statusChanged, this, &MainWindow::statusChanged);
    connect(&worker_, &Worker::touched, this, &MainWindow::touched);
    connect(&worker_, &Worker::joined, this, &MainWindow::showDesk);
    connect(&worker_, &Worker::joinFailed, this, [this](const QString& sentence) {
        if (signIn_)
            signIn_->showFailure(sentence);
    });
    connect(&worker_, &Worker::failed, this, &MainWindow::showFailure);
    connect(&worker_, &Worker::notSubmitted, this,
            [this](const Id&, const Refusal& refusal) { say(refusal_ = refusalSentence(refusal)); });
    // What could not be done a moment ago has been put right, or is past.
    connect(&worker_, &Worker::submitted, this, [this] {
        if (status_ && !refusal_.isEmpty())
            status_->unsay(std::exchange(refusal_, {}));
    });
}

MainWindow::~MainWindow()
{
    dropDesk();
}

void MainWindow::addCommand(const QString& name, const QString& title, const QList<QKeySequence>& keys,
                            std::function<void()> act, bool needsDesk)
{
    const QString shown = keys.isEmpty() ? QString() : keys.first().toString(QKeySequence::NativeText);
    commands_.push_back({{name, title, shown}, keys, std::move(act), needsDesk});
    for (const QKeySequence& key : keys) {
        auto* shortcut = new QShortcut(key, this);
        connect(shortcut, &QShortcut::activated, this, [this, name] { run(name); });
    }
}

void MainWindow::makeCommands()
{
    const auto key = [](const char* text) { return QKeySequence(QString::fromLatin1(text)); };
    if (settings_.places.palette)
        addCommand(QStringLiteral("palette"), tr("Go to anything"), {key("Ctrl+P"), key("Ctrl+K")},
                   [this] { palette_->popUp(); });
    if (settings_.places.search)
        addCommand(QStringLiteral("search"), tr("Search"), {key("/"), key("Ctrl+F")},
                   [this] { sidebar_->focusSearch(); });
    if (settings_.places.questions)
        addCommand(QStringLiteral("ask"), tr("Ask a question"), {key("Ctrl+N")}, [this] { askQuestion(); });
    addCommand(QStringLiteral("back"), tr("Back"), {key("Alt+Left")}, [this] { currentTab()->goBack(); });
    addCommand(QStringLiteral("forward"), tr("Forward"), {key("Alt+Right")}, [this] { currentTab()->goForward(); });
    addCommand(QStringLiteral("home"), tr("Home"), {key("Alt+Home")}, [this] { open(homeLocation()); });
    addCommand(QStringLiteral("outbox"), tr("Outbox"), {key("Ctrl+Shift+O")}, [this] { open(outboxLocation()); });
    if (settings_.places.review)
        addCommand(QStringLiteral("proposals"), tr("Proposals: waiting for you, and yours"), {},
                   [this] { open(myProposalsLocation()); });
    addCommand(QStringLiteral("new-tab"), tr("New tab"), {key("Ctrl+T")}, [this] { open(homeLocation(), true); });
    addCommand(QStringLiteral("close-tab"), tr("Close the tab"), {key("Ctrl+W")},
               [this] { closeTab(tabBar_->currentIndex()); });
    addCommand(QStringLiteral("next-tab"), tr("Next tab"), {key("Ctrl+Tab"), key("Ctrl+PgDown")},
               [this] { tabBar_->setCurrentIndex((tabBar_->currentIndex() + 1) % tabBar_->count()); });
    addCommand(QStringLiteral("previous-tab"), tr("Previous tab"), {key("Ctrl+Shift+Tab"), key("Ctrl+PgUp")}, [this] {
        tabBar_->setCurrentIndex((tabBar_->currentIndex() + tabBar_->count() - 1) % tabBar_->count());
    });
    addCommand(QStringLiteral("reconnect"), tr("Connect now"), {key("F5")}, [this] { worker_.reconnectNow(); });
    addCommand(
        QStringLiteral("light"), tr("Light colours"), {}, [this] { setStyleChoice(StyleChoice::Light); }, false);
    addCommand(
        QStringLiteral("dark"), tr("Dark colours"), {}, [this] { setStyleChoice(StyleChoice::Dark); }, false);
    addCommand(
        QStringLiteral("system-style"), tr("Colours as the system has them"), {},
        [this] { setStyleChoice(StyleChoice::System); }, false);
    addCommand(
        QStringLiteral("shortcuts"), tr("All keys"), {key("?"), key("F1")},
        [this] {
            QList<KeyRow> shown;
            for (const Command& command : commands_) {
                QStringList keys;
                for (const QKeySequence& each : command.keys)
                    keys << each.toString(QKeySequence::NativeText);
                if (!keys.isEmpty())
                    shown.append({command.shown.title, keys.join(QStringLiteral(", "))});
            }
            auto* dialog = new ShortcutsDialog(shown, this);
            dialog->setAttribute(Qt::WA_DeleteOnClose);
            dialog->open();
        },
        false);
    addCommand(QStringLiteral("sign-out"), tr("Sign out…"), {}, [this] { askToSignOut(); });
    addCommand(
        QStringLiteral("quit"), tr("Quit"), {key("Ctrl+Q")}, [this] { close(); }, false);
}

void MainWindow::makeMenu()
{
    menu_ = new QMenu(this);
    menu_->setAccessibleName(tr("Settings and signing out"));
    auto* choices = new QActionGroup(menu_);
    const std::pair<const char*, StyleChoice> styles[] = {
        {"system-style", StyleChoice::System}, {"light", StyleChoice::Light}, {"dark", StyleChoice::Dark}};
    const auto add = [this](const char* name) {
        for (const Command& command : commands_)
            if (command.shown.name == QLatin1String(name)) {
                QAction* action =
                    menu_->addAction(command.shown.title, this, [this, name] { run(QLatin1String(name)); });
                // Only for show: the key itself is taken by the window's own shortcut.
                if (!command.shown.shortcut.isEmpty())
                    action->setText(command.shown.title + QLatin1Char('\t') + command.shown.shortcut);
                return action;
            }
        return static_cast<QAction*>(nullptr);
    };
    for (const auto& [name, choice] : styles) {
        QAction* action = add(name);
        action->setCheckable(true);
        choices->addAction(action);
        connect(menu_, &QMenu::aboutToShow, action,
                [this, action, choice = choice] { action->setChecked(state_.style == choice); });
    }
    menu_->addSeparator();
    for (const char* name : {"outbox", "shortcuts"})
        add(name);
    menu_->addSeparator();
    for (const char* name : {"sign-out", "quit"})
        add(name);
}

void MainWindow::run(const QString& name)
{
    for (const Command& command : commands_)
        if (command.shown.name == name) {
            if (!command.needsDesk || isShown(deskPage_)) {
                const auto act = command.act;
                act();
            }
            return;
        }
}

void MainWindow::setStyleChoice(StyleChoice choice)
{
    state_.style = choice;
    applyTheme(*qobject_cast<QApplication*>(QCoreApplication::instance()), schemeOf(choice, settings_.system));
    keepState();
}

void MainWindow::replicaOpened()
{
    if (failure_)
        return;
    dropDesk();
    reading_ = std::make_unique<Reading>(worker_.replicaPath());
    const Profile me = profile(*reading_);
    const bool wiped = std::exchange(wiping_, false);
    if (me.signedOut && !wiped)
        showSignIn(tr("You are signed out."));
    else if (!me.person.isNull() && !wiped)
        showDesk();
    else
        showSignIn({});
    if (!pendingLink_.isEmpty())
        openLink(std::exchange(pendingLink_, {}));
}

void MainWindow::showSignIn(const QString& why)
{
    if (!signIn_) {
        signIn_ = new SignIn;
        pages_->addWidget(signIn_);
        connect(signIn_, &SignIn::join, &worker_, &Worker::join);
        connect(signIn_, &SignIn::backToReading, this, &MainWindow::showDesk);
    }
    const Profile me = reading_ ? profile(*reading_) : Profile{};
    signIn_->setKnown(me.server, me.login, why);
    signIn_->offerReading(deskPage_ != nullptr);
    showPage(signIn_);
}

void MainWindow::showDesk()
{
    if (failure_ || !reading_)
        return;
    if (signIn_) {
        signIn_->deleteLater();
        signIn_ = nullptr;
    }
    if (deskPage_) {
        showPage(deskPage_);
        if (!pendingLink_.isEmpty())
            openLink(std::exchange(pendingLink_, {}));
        return;
    }
    desk_ = Desk{};
    desk_.worker = &worker_;
    desk_.reading = reading_.get();
    desk_.pen = {profile(*reading_).person, systemWallClock(), systemRandom()};

    deskPage_ = new QWidget(pages_);
    sidebar_ = new Sidebar(desk_, menu_, deskPage_);
    tabBar_ = new QTabBar(deskPage_);
    tabBar_->setAccessibleName(tr("Tabs"));
    tabBar_->setDrawBase(false);
    tabBar_->setExpanding(false);
    tabBar_->setTabsClosable(true);
    tabBar_->setMovable(false);
    tabBar_->setAutoHide(true);
    tabBar_->setElideMode(Qt::ElideRight);
    tabBar_->setUsesScrollButtons(true);
    tabs_ = new QStackedWidget(deskPage_);
    status_ = new StatusBar(deskPage_);
    auto* edge = makeLine();
    edge->setProperty("rule", QStringLiteral("vertical"));
    edge->setFixedSize(1, 0);
    edge->setMaximumHeight(QWIDGETSIZE_MAX);
    auto* right = new QVBoxLayout;
    right->setSpacing(0);
    right->addWidget(tabBar_);
    right->addWidget(tabs_, 1);
    auto* middle = new QHBoxLayout;
    middle->setSpacing(0);
    middle->addWidget(sidebar_);
    middle->addWidget(edge);
    middle->addLayout(right, 1);
    auto* layout = new QVBoxLayout(deskPage_);
    layout->setContentsMargins({});
    layout->setSpacing(0);
    layout->addLayout(middle, 1);
    layout->addWidget(status_);
    pages_->addWidget(deskPage_);

    connect(sidebar_, &Sidebar::wanted, this, &MainWindow::open);
    connect(sidebar_, &Sidebar::searchTyped, this, &MainWindow::showSearch);
    connect(sidebar_, &Sidebar::searchDone, this, [this] {
        if (Place* place = currentTab()->place())
            place->takeFocus();
    });
    connect(sidebar_, &Sidebar::searchEntered, this, [this] {
        if (Place* place = currentTab()->place())
            place->openFirst();
    });
    connect(sidebar_, &Sidebar::backWanted, this, [this] { currentTab()->goBack(); });
    connect(sidebar_, &Sidebar::forwardWanted, this, [this] { currentTab()->goForward(); });
    connect(status_, &StatusBar::clicked, this, [this] {
        if (worker_.status().state == SyncStatus::State::SignInAgain ||
            worker_.status().state == SyncStatus::State::SignedOut)
            showSignIn(statusDetail(worker_.status(), desk_.pen.now()));
        else
            open(outboxLocation());
    });
    connect(tabBar_, &QTabBar::currentChanged, this, [this](int index) {
        tabs_->setCurrentIndex(index);
        if (Tab* tab = currentTab())
            tab->refresh({}, true);
        tabChanged();
    });
    connect(tabBar_, &QTabBar::tabCloseRequested, this, &MainWindow::closeTab);
    if (settings_.places.palette) {
        palette_ = settings_.places.palette(desk_, deskPage_);
        palette_->hide();
        QList<PaletteCommand> shown;
        for (const Command& command : commands_)
            if (command.shown.name != QLatin1String("palette"))
                shown.append(command.shown);
        palette_->setCommands(shown);
        connect(palette_, &Palette::wanted, this, [this](const Location& location, bool newTab) {
            open(location, newTab);
            if (Place* place = currentTab()->place())
                place->takeFocus();
        });
        connect(palette_, &Palette::commandChosen, this, &MainWindow::run);
    }

    sidebar_->load();
    const QList<Location> tabs = state_.tabs.isEmpty() ? QList<Location>{homeLocation()} : state_.tabs;
    for (const Location& location : tabs)
        addTab(location);
    tabBar_->setCurrentIndex(qBound(0, state_.current, tabBar_->count() - 1));
    deskWhole_ = true;
    showPage(deskPage_);
    statusChanged(worker_.status());
    totalsTimer_.start();
    if (currentTab()->place())
        currentTab()->place()->takeFocus();
    Q_EMIT ready();
    if (!pendingLink_.isEmpty())
        openLink(std::exchange(pendingLink_, {}));
}

void MainWindow::dropDesk()
{
    if (deskPage_)
        keepState();
    deskWhole_ = false;
    // Places keep what is being written when they go.
    delete std::exchange(deskPage_, nullptr);
    sidebar_ = nullptr;
    tabBar_ = nullptr;
    tabs_ = nullptr;
    status_ = nullptr;
    palette_ = nullptr;
    reading_.reset();
}

void MainWindow::showFailure(const QString& sentence)
{
    // The first thing that failed says it all.
    if (failure_)
        return;
    auto* page = new EmptyState(tr("Stoa cannot go on"), sentence);
    page->setAccessibleDescription(sentence);
    QPushButton* quit = page->addButton(tr("Quit"));
    connect(quit, &QPushButton::clicked, this, &QWidget::close);
    failure_ = page;
    pages_->addWidget(page);
    showPage(page);
    for (QDialog* dialog : findChildren<QDialog*>())
        dialog->reject();
    dropDesk();
    quit->setFocus(Qt::OtherFocusReason);
}

void MainWindow::readFailed(bool damaged, const QString& why)
{
    if (failure_)
        return;
    showFailure(damaged ? tr("The copy on this computer is damaged. Start Stoa again: what you have not sent yet is "
                             "carried over, everything else is fetched anew.")
                        : tr("The copy on this computer cannot be read: %1. Check the disk and the rights of the "
                             "folder, and start Stoa again. Nothing that was shown as stored is lost.")
                              .arg(why));
    // After the drafts that the places handed over as they went.
    if (damaged)
        worker_.reportDamage();
}

void MainWindow::showPage(QWidget* page)
{
    pages_->setCurrentWidget(page);
    showTitle();
}

// What somebody reads is named only while it is there to be read.
void MainWindow::showTitle()
{
    const QString title = isShown(deskPage_) && currentTab() ? currentTab()->title().simplified() : QString();
    setWindowTitle(title.isEmpty() ? tr("Stoa") : tr("%1 – Stoa").arg(title));
}

bool MainWindow::isShown(const QWidget* page) const
{
    return page && pages_->currentWidget() == page;
}

void MainWindow::statusChanged(const SyncStatus& status)
{
    const qint64 nowMs = systemWallClock()();
    if (signIn_)
        signIn_->showStatus(status, nowMs);
    if (status_)
        status_->showStatus(status, nowMs);
    if (sidebar_)
        sidebar_->setNeedsYou(status.refused + status.kept);
}

void MainWindow::touched(const Touched& touched)
{
    if (!deskPage_)
        return;
    sidebar_->refresh(touched);
    for (int i = 0; i < tabs_->count(); ++i)
        static_cast<Tab*>(tabs_->widget(i))->refresh(touched, i == tabs_->currentIndex());
    if (!totalsTimer_.isActive())
        totalsTimer_.start();
}

void MainWindow::askToSignOut()
{
    const int waiting = outboxCount(*reading_);
    auto* box = new QMessageBox(QMessageBox::NoIcon, tr("Sign out?"), {}, QMessageBox::NoButton, this);
    box->setAttribute(Qt::WA_DeleteOnClose);
    const auto explain = [box, waiting](bool wipe) {
        box->setText(wipe ? tr("You will need your login and password to come back. Everything is removed from this "
                               "device and fetched anew when you sign in again.")
                          : tr("You will need your login and password to come back. What is on this device stays "
                               "and can be read after you sign in again."));
        if (waiting > 0)
            box->setInformativeText(wipe ? counted(waiting, tr("%1 change has not reached the server yet. It is lost."),
                                                   tr("%1 changes have not reached the server yet. They are lost."))
                                         : counted(waiting,
                                                   tr("%1 change has not reached the server yet. It stays here."),
                                                   tr("%1 changes have not reached the server yet. They stay here.")));
    };
    explain(false);
    auto* wipe = new QCheckBox(waiting > 0 ? tr("Remove everything from this device, also what was not sent")
                                           : tr("Remove everything from this device"));
    box->setCheckBox(wipe);
    connect(wipe, &QCheckBox::toggled, box, explain);
    QPushButton* yes = box->addButton(tr("Sign out"), QMessageBox::AcceptRole);
    box->setDefaultButton(yes);
    box->addButton(tr("Stay"), QMessageBox::RejectRole);
    connect(box, &QDialog::finished, this, [this, box, yes, wipe] {
        if (box->clickedButton() == yes)
            signOut(wipe->isChecked());
    });
    box->open();
}

void MainWindow::signOut(bool wipe)
{
    if (!deskPage_)
        return;
    dropDesk();
    if (wipe) {
        // Nothing is open now; the worker removes the files and opens an empty replica.
        wiping_ = true;
        state_.tabs.clear();
        state_.current = 0;
        keepState();
        showTitle();
        worker_.signOut(true);
        return;
    }
    worker_.signOut(false);
    reading_ = std::make_unique<Reading>(worker_.replicaPath());
    showSignIn(tr("You are signed out."));
}

void MainWindow::openLink(const QString& link)
{
    const QString text = link.trimmed();
    if (text.isEmpty())
        return;
    const bool desk = isShown(deskPage_);
    if (!desk && !isShown(signIn_)) {
        pendingLink_ = text;
        return;
    }
    InviteLink invitation;
    if (parseInviteLink(text.toStdString(), invitation) == LinkError::None) {
        if (desk)
            say(tr("You are signed in already. Sign out first to accept this invitation."));
        else
            signIn_->setLink(text);
        return;
    }
    PostLink target;
    const LinkError error = parsePostLink(text.toStdString(), target);
    if (error != LinkError::None) {
        if (desk)
            say(linkErrorText(error));
        else
            signIn_->warn(linkErrorText(error));
        return;
    }
    if (!desk) {
        // After signing in.
        pendingLink_ = text;
        return;
    }
    if (const auto location = locationOf(*reading_, target.post))
        open(*location);
    else
        say(tr("What this link leads to is not here: it was deleted, or it has not arrived yet, or you do not read the "
               "space "
               "that it is in."));
}

Tab* MainWindow::currentTab() const
{
    return tabs_ ? static_cast<Tab*>(tabs_->currentWidget()) : nullptr;
}

void MainWindow::open(const Location& location, bool newTab)
{
    if (!deskPage_)
        return;
    if (newTab) {
        addTab(location);
        tabBar_->setCurrentIndex(tabBar_->count() - 1);
        return;
    }
    currentTab()->open(location);
}

Tab* MainWindow::addTab(const Location& location)
{
    auto* tab = new Tab(desk_, settings_.places);
    tabs_->addWidget(tab);
    connect(tab, &Tab::changed, this, &MainWindow::tabChanged);
    connect(tab, &Tab::said, this, &MainWindow::say);
    connect(tab, &Tab::wanted, this, &MainWindow::open);
    tab->open(location, false);
    const int index = tabBar_->addTab({});
    tabBar_->setTabText(index, tab->title().replace(QLatin1Char('&'), QLatin1String("&&")));
    auto* close = makeIconButton(QStringLiteral("close"), tr("Close the tab"));
    connect(close, &QToolButton::clicked, this, [this, tab] { closeTab(tabs_->indexOf(tab)); });
    tabBar_->setTabButton(index, QTabBar::RightSide, close);
    return tab;
}

void MainWindow::closeTab(int index)
{
    if (index < 0 || tabBar_->count() <= 1)
        return;
    QWidget* tab = tabs_->widget(index);
    tabs_->removeWidget(tab);
    tabBar_->removeTab(index);
    tab->deleteLater();
    tabs_->setCurrentIndex(tabBar_->currentIndex());
    tabChanged();
}

void MainWindow::tabChanged()
{
    Tab* tab = currentTab();
    if (!tab || tabBar_->count() != tabs_->count())
        return;
    sidebar_->setHere(tab->location(), tab->history().canGoBack(), tab->history().canGoForward());
    for (int i = 0; i < tabs_->count(); ++i) {
        const QString title = static_cast<Tab*>(tabs_->widget(i))->title().simplified();
        tabBar_->setTabText(i, QString(title).replace(QLatin1Char('&'), QLatin1String("&&")));
        tabBar_->setTabToolTip(i, title.toHtmlEscaped());
    }
    showTitle();
}

void MainWindow::showSearch(const QString& words)
{
    Tab* tab = currentTab();
    const bool searching = tab->location().kind == Location::Kind::Search;
    if (words.trimmed().isEmpty()) {
        if (searching)
            tab->open(searchLocation({}), false);
        return;
    }
    tab->open(searchLocation(words), !searching);
}

void MainWindow::askQuestion()
{
    Id space = currentTab()->location().space;
    if (space.isNull()) {
        const QList<SpaceRow> all = spaces(*reading_);
        for (const SpaceRow& row : all)
            if (row.role >= v1::CONTRIBUTOR && !row.setAside) {
                space = row.id;
                break;
            }
    }
    if (space.isNull()) {
        say(tr("There is no space yet in which you may ask."));
        return;
    }
    Location location = questionsLocation(space);
    location.write = true;
    open(location);
}

void MainWindow::say(const QString& sentence)
{
    if (status_)
        status_->say(sentence);
}

void MainWindow::keepState()
{
    state_.geometry = saveGeometry();
    if (deskWhole_) {
        state_.tabs.clear();
        for (int i = 0; i < tabs_->count(); ++i)
            state_.tabs.append(static_cast<Tab*>(tabs_->widget(i))->location());
        state_.current = tabBar_->currentIndex();
    }
    saveWindowState(settings_.profileDir, state_);
}

// A button that has the keyboard is pressed by Enter as by the space bar, whatever desktop this is.
void MainWindow::keyPressEvent(QKeyEvent* event)
{
    const bool isEnter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    auto* button = isEnter && !event->isAutoRepeat() && !(event->modifiers() & ~Qt::KeypadModifier)
                     ? qobject_cast<QAbstractButton*>(QApplication::focusWidget())
                     : nullptr;
    if (!button || button->window() != this)
        return QWidget::keyPressEvent(event);
    if (auto* tool = qobject_cast<QToolButton*>(button); tool && tool->menu())
        tool->showMenu();
    else
        button->click();
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    keepState();
    QWidget::closeEvent(event);
}

} // namespace stoa
