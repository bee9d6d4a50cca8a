#pragma once

// An organisation of its own, served by the real program.

#include <csignal>
#include <fstream>
#include <memory>
#include <stdexcept>

#include <QDir>
#include <QTemporaryDir>

#include "shared/domain/invite_link.h"
#include "tests/support/process.h"

namespace stoa::test {

struct Organisation {
    Organisation()
    {
        link = invitationIn(admin({"init", "--organisation", "Org", "--admin", "ann", "--host", "127.0.0.1:7443"}));
        admin({"space", "add", "Lab", "--visibility", "open"});
        serve();
    }
    ~Organisation()
    {
        if (!server)
            return;
        server->signal(SIGTERM);
        server->wait();
    }

    std::string data() const { return dir.filePath(QStringLiteral("data")).toStdString(); }
    std::string admin(std::vector<std::string> words) const
    {
        words.insert(words.begin(), "stoad");
        words.insert(words.end(), {"--data", data()});
        const Finished done = run(words);
        if (done.exitCode != 0)
            throw std::runtime_error(done.out + done.err);
        return done.out;
    }
    static InviteLink invitationIn(const std::string& told)
    {
        const size_t at = told.find("stoa://");
        InviteLink link;
        if (at == std::string::npos ||
            parseInviteLink(told.substr(at, told.find_first_of(" \n", at) - at), link) != LinkError::None)
            throw std::runtime_error("no invitation in: " + told);
        return link;
    }
    // An invitation for somebody else.
    InviteLink person(const std::string& login) const
    {
        InviteLink theirs = invitationIn(admin({"person", "add", login, "--name", login}));
        theirs.server = link.server;
        return theirs;
    }
    // A page at the top of the space.
    void page(const std::string& title, const std::string& body)
    {
        const QString folder = dir.filePath(QStringLiteral("pages"));
        QDir().mkpath(folder);
        std::ofstream((folder + QLatin1Char('/')).toStdString() + title + ".md") << "# " << title << "\n\n" << body;
        admin({"import", "markdown", folder.toStdString(), "--space", "Lab"});
    }

    // On the port that it had before, once it had one.
    void serve()
    {
        const std::string port = isServed ? std::to_string(link.server.port) : "0";
        server = std::make_unique<Process>(
            std::vector<std::string>{"stoad", "serve", "--data", data(), "--listen", "127.0.0.1:" + port});
        const std::string line = server->waitForLine("event=listening");
        link.server = {"127.0.0.1", uint16_t(std::stoi(line.substr(line.rfind('=') + 1)))};
        isServed = true;
    }
    void kill()
    {
        server->signal(SIGKILL);
        server->wait();
        server.reset();
    }

    QString address() const { return QString::fromStdString(printAddress(link.server)); }
    QString invitation() const { return QString::fromStdString(printInviteLink(link)); }

    QTemporaryDir dir;
    InviteLink link; // of the first admin
    bool isServed = false;
    std::unique_ptr<Process> server;
};

} // namespace stoa::test
