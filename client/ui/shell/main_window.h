#pragma once

// The window: signing in where nobody is, else sidebar, tabs and status bar; a page with a sentence where
// nothing works any more. Owns the GUI thread's Reading and everything that reads through it; hears the
// Worker and tells whatever is in sight. GUI thread.

#include <functional>
#include <memory>
#include <vector>

#include <QStackedWidget>
#include <QTimer>
#include <QWidget>

#include "client/ui/place.h"
#include "client/ui/shell/window_state.h"

class QAction;
class QMenu;
class QTabBar;

namespace stoa {

class Sidebar;
class SignIn;
class StatusBar;
class Tab;

class MainWindow : public QWidget {
    Q_OBJECT

public:
    struct Settings {
        QString profileDir;
        Places places;
        Scheme system = Scheme::Light; // how the system looks
    };
    MainWindow(Worker& worker, Settings settings, QWidget* parent = nullptr);
    ~MainWindow() override;

    // A stoa:// link: an invitation or a post. Also before the replica is open.
    void openLink(const QString& link);
    void open(const Location& location, bool newTab = false);
    Tab* currentTab() const;
    // What a person may choose from the palette or by a key.
    void run(const QString& command);
    void setStyleChoice(StyleChoice choice);
    // Application::readFailed: ends in the failure page, and of a damaged file the worker hears.
    void readFailed(bool damaged, const QString& why);

Q_SIGNALS:
    void ready(); // places may be opened

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void closeEvent(QCloseEvent* event) override;

private:
    struct Command {
        PaletteCommand shown;
        QList<QKeySequence> keys;
        std::function<void()> act;
        bool needsDesk = true;
    };

    void makeCommands();
    void addCommand(const QString& name, const QString& title, const QList<QKeySequence>& keys,
                    std::function<void()> act, bool needsDesk = true);
    void makeMenu();

    void replicaOpened();
    void showSignIn(const QString& why);
    void showDesk();
    void dropDesk();
    void showFailure(const QString& sentence);
    void showPage(QWidget* page);
    void showTitle();
    bool isShown(const QWidget* page) const;
    void statusChanged(const SyncStatus& status);
    void touched(const Touched& touched);
    void askToSignOut();
    void signOut(bool wipe);

    Tab* addTab(const Location& location);
    void closeTab(int index);
    void tabChanged();
    void showSearch(const QString& words);
    void askQuestion();
    void say(const QString& sentence);
    void keepState();

    Worker& worker_;
    Settings settings_;
    WindowState state_;
    std::unique_ptr<Reading> reading_;
    Desk desk_;
    QString pendingLink_;
    QString refusal_; // the last one that was said
    bool wiping_ = false;

    std::vector<Command> commands_;
    QMenu* menu_ = nullptr;
    QStackedWidget* pages_;
    SignIn* signIn_ = nullptr;
    QWidget* failure_ = nullptr;
    // All of these live on `deskPage_`.
    QWidget* deskPage_ = nullptr;
    bool deskWhole_ = false; // all remembered tabs are there
    Sidebar* sidebar_ = nullptr;
    QTabBar* tabBar_ = nullptr;
    QStackedWidget* tabs_ = nullptr;
    StatusBar* status_ = nullptr;
    Palette* palette_ = nullptr;
    QTimer totalsTimer_;
    QTimer clockTimer_;
};

} // namespace stoa
