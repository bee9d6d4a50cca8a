#include "server/admin/command_line.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "shared/domain/names.h"

namespace stoa {

namespace {

template <class T, size_t N>
std::vector<std::string> words(const std::array<Named<T>, N>& names)
{
    std::vector<std::string> found;
    for (const Named<T>& known : names)
        found.emplace_back(known.name);
    return found;
}

// Holds what CLI11 writes into, and turns it into a request when a subcommand was chosen.
class Grammar {
public:
    Grammar()
    {
        app_.require_subcommand(1);
        app_.set_help_all_flag("--help-all", "Show the help of every command");
        app_.get_formatter()->column_width(38);
        app_.footer("A command that fails says why, and ends with 1 when it was refused or the data is unsound,\n"
                    "2 when it was typed wrongly, 3 when the environment fails (a full disk, a missing file).");

        CLI::App* init = verb(app_, "init", "Make a new organisation: database, certificate, first account");
        text(init, "--organisation", "organisation", "The organisation's name")->required();
        text(init, "--admin", "admin", "The login of the first account, an admin")->required();
        text(init, "--admin-name", "admin_name", "The first admin's name (default: the login)");
        text(init, "--host", "host", "HOST:PORT under which desktops reach the server")->required();

        text(init, "--journal", "journal", "A directory on another disk for the journal, which a restore replays");

        CLI::App* serve = verb(app_, "serve", "Run the server until SIGTERM or SIGINT");
        text(serve, "--listen", "listen", "ADDRESS:PORT to listen on (default: every address, the port of init)");
        number(serve, "--threads", "threads", "Threads for connections (default: one a core)")
            ->check(CLI::Range(1, 256));

        CLI::App* person = group("person", "People: add, list, invite, disable, enable, erase");
        CLI::App* personAdd = verb(*person, "add", "Add a person and print their invite link");
        login(personAdd);
        text(personAdd, "--name", "name", "The name that others see")->required();
        flag(personAdd, "--admin", "admin", "May administer the organisation");
        verb(*person, "list", "List everybody");
        login(verb(*person, "invite", "Print a new invite link, also where a password was forgotten"));
        login(verb(*person, "disable", "Take away every access, also on running desktops"));
        login(verb(*person, "enable", "Let a disabled person sign in again"));
        CLI::App* erase = verb(*person, "erase", "Take who a person was out of everything, for good");
        login(erase);
        flag(erase, "--yes", "yes", "Without this nothing is erased; it is only said what would be");

        CLI::App* device = group("device", "Devices of people: list, revoke");
        text(verb(*device, "list", "List every device that may sign in"), "--login", "login", "Only this person's");
        text(verb(*device, "revoke", "Take a device's access away, at once"), "ID", "id", "The device's id")
            ->required();

        CLI::App* space = group("space", "Spaces: add, list");
        CLI::App* spaceAdd = verb(*space, "add", "Add a space");
        text(spaceAdd, "NAME", "name", "The space's name")->required();
        text(spaceAdd, "--visibility", "visibility",
             "open: everyone contributes; restricted: everyone reads; private: members only")
            ->check(CLI::IsMember(words(visibilityNames)));
        verb(*space, "list", "List every space");

        CLI::App* member = group("member", "Members of spaces: add, remove");
        CLI::App* memberAdd = verb(*member, "add", "Make a person a member, or change their role and titles");
        text(memberAdd, "--space", "space", "The space's name")->required();
        login(memberAdd);
        text(memberAdd, "--role", "role", "owner, moderator, contributor (default) or reader")
            ->check(CLI::IsMember(words(roleNames)));
        list(memberAdd, "--title", "titles", "sponsor, leader, expert or champion; may be given several times")
            ->check(CLI::IsMember(words(titleNames)));
        CLI::App* memberRemove = verb(*member, "remove", "Take a membership away");
        text(memberRemove, "--space", "space", "The space's name")->required();
        login(memberRemove);

        CLI::App* import = group("import", "Bring in what exists: markdown, stackexchange, space");
        for (const auto& [name, help] :
             {std::pair{"markdown", "A folder of Markdown files, as pages"},
              std::pair{"stackexchange", "A Stack Exchange dump: people, questions, answers, comments"},
              std::pair{"space", "A space in Stoa's own starter format, with its charter"}}) {
            CLI::App* source = verb(*import, name, help);
            text(source, "DIR", "directory", "The folder to read; the running server's account must be able to read it")
                ->required()
                ->check(CLI::ExistingDirectory);
            text(source, "--space", "space", "The name of the space that receives it")
                ->required(std::string(name) != "space");
            flag(source, "--dry-run", "dry_run", "Only report what would be done");
        }

        verb(app_, "check", "Check the database, every feed's digest and every reference");
        CLI::App* backup = verb(app_, "backup", "Make a backup, also while the server runs");
        text(backup, "FILE", "file", "The file to make; the running server's account must be able to write there")
            ->required();
        flag(backup, "--force", "force", "Also over a file that is there");

        CLI::App* restore = app_.add_subcommand("restore", "Make a data directory of a backup, or rehearse it");
        CLI::Option* into = restore->add_option("--data", data_, "The data directory to make");
        restore->add_flag("--json", found_.json, "Answer in JSON");
        text(restore, "FILE", "file", "The backup")->required();
        text(restore, "--journal", "journal", "The journal, where it does not lie in the directory");
        CLI::Option* rehearse =
            flag(restore, "--rehearse", "rehearse", "Restore into a directory of its own, compare, remove it again");
        into->excludes(rehearse);
        restore->callback([this, into, rehearse] {
            if (into->count() == 0 && rehearse->count() == 0)
                throw CLI::RequiredError("--data or --rehearse");
            found_.verb = "restore";
        });
        CLI::App* restored =
            group("restored", "What desktops handed back after a restore and you decide: list, dismiss");
        verb(*restored, "list", "List what was not taken: accounts, memberships and roles");
        CLI::App* dismiss = verb(*restored, "dismiss", "Take it off the list");
        text(dismiss, "ID", "id", "The id that the list shows");
        flag(dismiss, "--all", "all", "All of it");
        app_.add_subcommand("version", "Print the version")->callback([this] { found_.verb = "version"; });
    }

    std::optional<CommandLine> parse(int argc, const char* const* argv, int& exitCode)
    {
        try {
            app_.parse(argc, argv);
        } catch (const CLI::ParseError& error) {
            const bool json = std::find(argv, argv + argc, std::string_view("--json")) != argv + argc;
            exitCode = error.get_exit_code() == 0 ? ExitFine : ExitUsage;
            if (exitCode == ExitUsage && json)
                std::cout << Json({{"ok", false}, {"message", error.what()}})
                                 .dump(2, ' ', false, Json::error_handler_t::replace)
                          << "\n";
            else
                app_.exit(error);
            return std::nullopt;
        }
        for (const auto& put : puts_)
            put(found_.arguments);
        if (!data_.empty())
            found_.data = std::filesystem::absolute(data_).lexically_normal().string();
        for (const char* path : {"directory", "file", "journal"}) {
            if (found_.arguments.contains(path))
                found_.arguments[path] =
                    std::filesystem::absolute(found_.arguments[path].get<std::string>()).lexically_normal().string();
        }
        return found_;
    }

private:
    CLI::App* group(const std::string& name, const std::string& help)
    {
        CLI::App* made = app_.add_subcommand(name, help);
        made->require_subcommand(1);
        return made;
    }

    CLI::App* verb(CLI::App& parent, const std::string& name, const std::string& help)
    {
        CLI::App* made = parent.add_subcommand(name, help);
        made->add_option("--data", data_, "The data directory")->required();
        made->add_flag("--json", found_.json, "Answer in JSON");
        const std::string full = &parent == &app_ ? name : parent.get_name() + " " + name;
        made->callback([this, full] { found_.verb = full; });
        return made;
    }

    template <class T>
    std::shared_ptr<T> bind(CLI::App* to, const std::string& key, std::function<bool(const T&)> isGiven)
    {
        auto value = std::make_shared<T>();
        puts_.push_back([to, key, value, isGiven](Json& arguments) {
            if (to->parsed() && isGiven(*value))
                arguments[key] = *value;
        });
        return value;
    }

    CLI::Option* text(CLI::App* to, const std::string& name, const std::string& key, const std::string& help)
    {
        auto value = bind<std::string>(to, key, [](const std::string& given) { return !given.empty(); });
        return to->add_option_function<std::string>(
            name, [value](const std::string& given) { *value = given; }, help);
    }

    CLI::Option* list(CLI::App* to, const std::string& name, const std::string& key, const std::string& help)
    {
        using Texts = std::vector<std::string>;
        auto value = bind<Texts>(to, key, [](const Texts& given) { return !given.empty(); });
        return to->add_option_function<Texts>(
            name, [value](const Texts& given) { *value = given; }, help);
    }

    CLI::Option* number(CLI::App* to, const std::string& name, const std::string& key, const std::string& help)
    {
        auto value = bind<int>(to, key, [](int given) { return given != 0; });
        return to->add_option_function<int>(
            name, [value](int given) { *value = given; }, help);
    }

    CLI::Option* flag(CLI::App* to, const std::string& name, const std::string& key, const std::string& help)
    {
        auto value = bind<bool>(to, key, [](bool given) { return given; });
        return to->add_flag_function(
            name, [value](int64_t) { *value = true; }, help);
    }

    void login(CLI::App* to) { text(to, "LOGIN", "login", "The person's login")->required(); }

    CLI::App app_{"Stoa's server: one organisation's spaces, for everybody's desktops.", "stoad"};
    CommandLine found_;
    std::string data_;
    std::vector<std::function<void(Json&)>> puts_;
};

} // namespace

std::string textOf(const Json& arguments, const char* key)
{
    const auto found = arguments.find(key);
    return found != arguments.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<CommandLine> parseCommandLine(int argc, const char* const* argv, int& exitCode)
{
    return Grammar().parse(argc, argv, exitCode);
}

} // namespace stoa
