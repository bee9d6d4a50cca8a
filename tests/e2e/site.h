#pragma once

// A server and the devices of its people, each a process of its own.

#include <csignal>
#include <fstream>

#include <nlohmann/json.hpp>

#include "shared/domain/invite_link.h"
#include "tests/support/catch.h"
#include "tests/support/process.h"
#include "tests/support/temporary_directory.h"

namespace stoa::test {

using Json = nlohmann::json;

class Site {
public:
    Site()
    {
        invitations_["ada"] =
            admin({"init", "--organisation", "Example", "--admin", "ada", "--host", "127.0.0.1:7443"})["link"];
        std::ofstream(passwordFile()) << "correct horse 9\n";
    }

    std::string data() const { return (directory_.path() / "data").string(); }
    std::string profile(const std::string& name) const { return (directory_.path() / name).string(); }

    Json admin(std::vector<std::string> words)
    {
        words.insert(words.begin(), "stoad");
        words.insert(words.end(), {"--data", data(), "--json"});
        const Finished done = run(words);
        INFO(done.out << done.err);
        REQUIRE(done.exitCode == 0);
        return Json::parse(done.out);
    }
    void addPerson(const std::string& login)
    {
        invitations_[login] = admin({"person", "add", login, "--name", login})["link"];
    }

    // On the port that it had before, once it had one.
    void serve()
    {
        server_ = std::make_unique<Process>(std::vector<std::string>{"stoad", "serve", "--data", data(), "--listen",
                                                                     "127.0.0.1:" + std::to_string(port_)});
        const std::string line = server_->waitForLine("event=listening");
        port_ = std::stoi(line.substr(line.rfind('=') + 1));
    }
    Process& server() { return *server_; }
    void killServer()
    {
        server_->signal(SIGKILL);
        server_->wait();
        server_.reset();
    }

    std::vector<std::string> command(const std::string& name, std::vector<std::string> words) const
    {
        words.insert(words.begin(), {"stoa-cli", "--profile", profile(name), "--json"});
        return words;
    }
    Finished cli(const std::string& name, const std::vector<std::string>& words) { return run(command(name, words)); }
    Json fine(const std::string& name, const std::vector<std::string>& words)
    {
        const Finished done = cli(name, words);
        INFO(done.out << done.err);
        REQUIRE(done.exitCode == 0);
        return Json::parse(done.out);
    }
    void join(const std::string& name)
    {
        InviteLink link;
        REQUIRE(parseInviteLink(invitations_[name], link) == LinkError::None);
        link.server = {"127.0.0.1", uint16_t(port_)};
        fine(name, {"join", printInviteLink(link), "--password-file", passwordFile()});
    }
    const TemporaryDirectory& directory() const { return directory_; }
    std::string passwordFile() const { return (directory_.path() / "password").string(); }

private:
    TemporaryDirectory directory_;
    std::map<std::string, std::string> invitations_;
    std::unique_ptr<Process> server_;
    int port_ = 0;
};

} // namespace stoa::test
