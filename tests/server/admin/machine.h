#pragma once

// `stoad` as an admin uses it, on an organisation of its own: as a command, and as the running server.

#include <filesystem>
#include <fstream>

#include <nlohmann/json.hpp>
#include <sqlite3.h>

#include "shared/domain/invite_link.h"
#include "tests/support/catch.h"
#include "tests/support/process.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/test_client.h"

namespace stoa::test {

using Json = nlohmann::json;

inline bool says(const std::string& text, const std::string& words)
{
    return text.find(words) != std::string::npos;
}

class Machine {
public:
    Machine()
    {
        const Json made =
            fine({"init", "--organisation", "Example & Co", "--admin", "ana", "--host", "localhost:7443"});
        link = linkOf(made);
    }

    std::string data() const { return (directory_.path() / "data").string(); }
    // A folder beside the data, for what is imported.
    std::filesystem::path folder(const std::string& name) const { return directory_.path() / name; }
    void write(const std::string& path, const std::string& text) const
    {
        std::filesystem::create_directories(folder(path).parent_path());
        std::ofstream(folder(path), std::ios::binary) << text;
    }

    // Alters the database behind the program's back; the server must not run. Gives the first value, if any.
    std::string sql(const std::string& text) const { return sqlIn(data() + "/stoa.db", text); }
    static std::string sqlIn(const std::string& file, const std::string& text)
    {
        sqlite3* database = nullptr;
        REQUIRE(sqlite3_open(file.c_str(), &database) == SQLITE_OK);
        std::string first;
        const auto keep = [](void* to, int, char** values, char**) {
            *static_cast<std::string*>(to) = values[0] ? values[0] : "";
            return 0;
        };
        char* why = nullptr;
        sqlite3_exec(database, text.c_str(), keep, &first, &why);
        sqlite3_close(database);
        INFO((why ? why : ""));
        REQUIRE(why == nullptr);
        return first;
    }

    Finished stoad(std::vector<std::string> words)
    {
        words.insert(words.begin(), "stoad");
        words.insert(words.end(), {"--data", data(), "--json"});
        return run(words);
    }
    Json fine(const std::vector<std::string>& words)
    {
        const Finished done = stoad(words);
        INFO(done.out << done.err);
        REQUIRE(done.exitCode == 0);
        const Json answer = Json::parse(done.out);
        REQUIRE(answer["ok"] == true);
        return answer;
    }
    // What was refused, and why in words.
    Json refused(const std::vector<std::string>& words, int exitCode = 1)
    {
        const Finished done = stoad(words);
        INFO(done.out << done.err);
        REQUIRE(done.exitCode == exitCode);
        const Json answer = Json::parse(done.out);
        REQUIRE(answer["ok"] == false);
        REQUIRE(answer["message"].get<std::string>().size() > 10);
        return answer;
    }
    static InviteLink linkOf(const Json& answer)
    {
        InviteLink read;
        REQUIRE(parseInviteLink(answer["link"].get<std::string>(), read) == LinkError::None);
        return read;
    }

    InviteLink link;

private:
    TemporaryDirectory directory_;
};

// `stoad serve` on a free port.
class Serving {
public:
    explicit Serving(const Machine& machine)
        : process({"stoad", "serve", "--data", machine.data(), "--listen", "127.0.0.1:0"}),
          port(portIn(process.waitForLine("event=listening")))
    {
    }

    // The given process's server, signed in by the link; the token is kept.
    TestClient enter(const InviteLink& link, std::string& token)
    {
        TestClient client(port, {.pin = link.pin});
        client.send(helloWithInvitation(link.code, "correct horse"));
        const v1::Envelope welcome = client.expect(v1::Envelope::kWelcome);
        token = welcome.welcome().token();
        return client;
    }
    TestClient enter(const std::string& token)
    {
        TestClient client(port);
        client.send(helloWithToken(token));
        client.expect(v1::Envelope::kWelcome);
        return client;
    }

    Process process;
    uint16_t port;

private:
    static uint16_t portIn(const std::string& line)
    {
        return static_cast<uint16_t>(std::stoi(line.substr(line.rfind('=') + 1)));
    }
};

} // namespace stoa::test
