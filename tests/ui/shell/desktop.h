#pragma once

// A person at their desktop: the real window over a real worker and a real replica, which was filled by hand
// with what a server would send. No server stands behind it unless a test starts one.

#include <memory>
#include <mutex>

#include <QAbstractButton>
#include <QAccessible>
#include <QFileInfo>
#include <QLabel>
#include <QTest>

#include "client/ui/all_places.h"
#include "client/ui/shell/application.h"
#include "client/ui/shell/main_window.h"
#include "client/ui/shell/tab.h"
#include "tests/client/replica/shelf.h"
#include "tests/ui/parts/screen.h"

namespace stoa::test {

// The copy on Ada's device: one space with a page and a question, and whatever she has not sent.
struct Copy : Shelf {
    Copy()
    {
        v1::Record made = question("How do I open the valve?");
        made.mutable_post()->set_body("It is stuck.");
        made.mutable_post()->add_tags("valve");
        v1::Record sheet = question("Safety first");
        sheet.mutable_post()->set_kind(v1::PAGE);
        sheet.mutable_post()->set_body("# Gloves\n\nAlways wear gloves. See [the manual](https://example.org).");
        const v1::Record answer = below(made, v1::ANSWER, "With the long key.");
        REQUIRE(receive(space(), {made, sheet, answer, below(answer, v1::COMMENT, "That worked.")}) ==
                Replica::Received::AtHead);
        questionId = idOf(made);
        answerId = idOf(answer);
        pageId = idOf(sheet);
        within([&] { replica->setSetting("server", "127.0.0.1:7443"), replica->setSetting("login", "ada"); });
    }

    // Ada writes a change that the server then refuses.
    v1::Change refused(const std::string& title, const std::string& body)
    {
        v1::Change change = ask(title);
        change.mutable_create_post()->set_body(body);
        change.mutable_create_post()->add_tags("pumps");
        REQUIRE(submit(change));
        refuse(change);
        return change;
    }
    void refuse(const v1::Change& change, v1::Code code = v1::NOT_ALLOWED)
    {
        within([&] {
            v1::Limits limits;
            limits.set_push_changes_max(1'000);
            limits.set_push_bytes_max(1 << 20);
            replica->markSent(replica->waiting(limits, [](const Feed&) { return true; }));
            v1::Receipt receipt;
            receipt.set_change(change.id());
            receipt.mutable_refusal()->set_code(code);
            replica->settle(receipt);
        });
    }

    QString profileDir() const { return QFileInfo(QString::fromStdString(path())).path(); }

    Id questionId;
    Id answerId;
    Id pageId;
};

// Whether a person can see it, and in which words it is read out to them.
inline bool isSeen(const QWidget* widget)
{
    return widget->isVisible();
}
inline QString nameOf(QWidget* widget)
{
    QAccessibleInterface* read = QAccessible::queryAccessibleInterface(widget);
    return read ? read->text(QAccessible::Name).remove(QLatin1Char('&')) : QString();
}

template <class W>
W* seen(QWidget& within, const char* name)
{
    for (W* each : within.findChildren<W*>())
        if (isSeen(each) && nameOf(each) == QString::fromUtf8(name))
            return each;
    return nullptr;
}

inline bool says(QWidget& within, const char* words)
{
    for (const QLabel* each : within.findChildren<QLabel*>())
        if (isSeen(each) && each->text().contains(QString::fromUtf8(words)))
            return true;
    return false;
}

// Clicks what is called so, once it is there.
inline void click(QWidget& within, const char* name)
{
    INFO(name);
    QAbstractButton* found = nullptr;
    REQUIRE(eventually([&] { return (found = seen<QAbstractButton>(within, name)) != nullptr; }));
    REQUIRE(found->isEnabled());
    QTest::mouseClick(found, Qt::LeftButton);
}

// Holds the device's token from one start to the next.
class Keyring {
public:
    TokenStore store() const
    {
        return {[held = held_](const QString&) {
                    const std::lock_guard guard(held->mutex);
                    return held->token;
                },
                [held = held_](const QString&, const QByteArray& token) {
                    const std::lock_guard guard(held->mutex);
                    held->token = token;
                },
                [held = held_](const QString&) {
                    const std::lock_guard guard(held->mutex);
                    held->token.clear();
                }};
    }
    bool isEmpty() const
    {
        const std::lock_guard guard(held_->mutex);
        return held_->token.isEmpty();
    }

private:
    struct Held {
        std::mutex mutex; // the worker's thread writes
        QByteArray token;
    };
    std::shared_ptr<Held> held_ = std::make_shared<Held>();
};

class Desktop {
public:
    explicit Desktop(const QString& profileDir, bool connect = false, const Keyring& keyring = {})
        : worker((screen(), WorkerSettings{profileDir, keyring.store(), QStringLiteral("test"), connect})),
          window(worker, {profileDir, allPlaces(), Scheme::Light})
    {
        QObject::connect(&screen(), &Application::readFailed, &window, &MainWindow::readFailed);
        window.show();
        window.activateWindow();
    }
    // With its copy open and its home before her.
    explicit Desktop(Copy& copy) : Desktop((copy.close(), copy.profileDir()))
    {
        REQUIRE(eventually([&] { return window.currentTab() != nullptr && QApplication::activeWindow() == &window; }));
    }

    Location here() const { return window.currentTab() ? window.currentTab()->location() : Location{}; }
    Place& place() const { return *window.currentTab()->place(); }
    void press(Qt::Key key, Qt::KeyboardModifiers modifiers = Qt::NoModifier)
    {
        QWidget* focus = QApplication::focusWidget();
        QTest::keyClick(focus ? focus : &window, key, modifiers);
    }

    Worker worker;
    MainWindow window;
};

} // namespace stoa::test
