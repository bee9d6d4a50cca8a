// stoa-cli: what the desktop does, without a window, for scripts.

#include <algorithm>
#include <cstdio>

#include <CLI/CLI.hpp>
#include <QCoreApplication>
#include <QDir>
#include <QStandardPaths>

#include "client/cli/texts.h"
#include "client/cli/verbs.h"
#include "client/commands/sentences.h"
#include "client/replica/database.h"
#include "client/worker/core.h"
#include "shared/base/assert.h"
#include "shared/base/protobuf_log.h"

using namespace stoa;
using namespace stoa::cli;

namespace {

QString defaultProfile()
{
    const QString set = qEnvironmentVariable("STOA_PROFILE");
    return set.isEmpty() ? QDir(QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation))
                               .filePath(QStringLiteral("stoa"))
                         : set;
}

// What was typed in the place of a verb and is none; empty where there is nothing of the kind.
std::string notAVerb(const CLI::App& app, const std::vector<std::string>& words)
{
    for (size_t i = 0; i < words.size(); ++i) {
        if (words[i] == "--profile")
            ++i;
        else if (!words[i].starts_with('-'))
            return app.get_subcommands([&](const CLI::App* verb) { return verb->get_name() == words[i]; }).empty()
                     ? words[i]
                     : std::string();
    }
    return {};
}

Join joinOf(const std::string& link, const std::string& server, const std::string& login,
            const std::string& passwordFile)
{
    Join wanted;
    if (!link.empty()) {
        InviteLink invitation;
        if (const LinkError error = parseInviteLink(link, invitation); error != LinkError::None)
            throw Stop{linkErrorText(error), 2};
        wanted.host = QString::fromStdString(invitation.server.host);
        wanted.port = invitation.server.port;
        wanted.pin = QByteArray::fromStdString(invitation.pin);
        wanted.login = QString::fromStdString(login.empty() ? invitation.login : login);
        // With a login of one's own the link only says where the server is and which key it has.
        if (login.empty())
            wanted.code = QByteArray::fromStdString(invitation.code);
    } else {
        ServerAddress address;
        if (const LinkError error = parseAddress(server, address); error != LinkError::None)
            throw Stop{linkErrorText(error), 2};
        if (login.empty())
            throw Stop{QStringLiteral("Say who signs in: --login NAME."), 2};
        wanted.host = QString::fromStdString(address.host);
        wanted.port = address.port;
        wanted.login = QString::fromStdString(login);
    }
    wanted.password = readPassword(passwordFile);
    return wanted;
}

} // namespace

int main(int argc, char** argv)
{
    muteProtobuf();
    QCoreApplication application(argc, argv);
    QCoreApplication::setApplicationName(QStringLiteral("stoa-cli"));
    QCoreApplication::setApplicationVersion(QStringLiteral(STOA_VERSION));

    CLI::App app{"Stoa on the command line: read, search and write in your learning spaces, online or offline.",
                 "stoa-cli"};
    app.set_version_flag("--version", STOA_VERSION);
    app.require_subcommand(1);
    app.fallthrough();
    app.failure_message(CLI::FailureMessage::simple);
    app.footer("Everything but join and sync works without a network; what you write waits in the outbox.\n"
               "Ids may be abbreviated to their first digits, 8 at least, where that is unambiguous.\n"
               "Exit codes: 0 done, 1 refused or not possible now, 2 not understood.");

    std::string profile;
    bool json = false;
    app.add_option("--profile", profile, "The folder that holds your copy (or STOA_PROFILE)");
    app.add_flag("--json", json, "Answer in JSON, one line");

    std::string link, server, login, passwordFile, space, id, body, words, again, discarded;
    std::string title, value, kind = "question", tag, order = "activity";
    std::vector<std::string> tags, wordList;
    std::string file, summary;
    bool unanswered = false, bookmarked = false, mine = false, off = false, resolved = false;
    int limit = 20, secondsMax = 0;

    auto* joinVerb = app.add_subcommand("join", "Sign in on this device, by an invite link or by the server's address");
    joinVerb->add_option("link", link, "stoa://HOST:PORT/join?...");
    joinVerb->add_option("--server", server, "HOST:PORT, where there is no link");
    joinVerb->add_option("--login", login, "Who signs in");
    joinVerb->add_option("--password-file", passwordFile, "Its first line is the password; else it is asked for");

    auto* syncVerb = app.add_subcommand("sync", "Send what waits and fetch what is new, then end");
    syncVerb->add_option("--seconds", secondsMax, "Give up after so many seconds")->check(CLI::Range(1, 86'400));

    auto* spacesVerb = app.add_subcommand("spaces", "List the spaces that are here");

    auto* listVerb = app.add_subcommand("list", "List posts of a space");
    listVerb->add_option("space", space, "Its name or id; all spaces where it is missing");
    listVerb->add_option("--kind", kind, "question, page, answer, comment or proposal")->capture_default_str();
    listVerb->add_option("--tag", tag, "Only with this tag");
    listVerb->add_option("--order", order, "activity, newest or score")->capture_default_str();
    listVerb->add_flag("--unanswered", unanswered, "Only questions without an answer");
    listVerb->add_flag("--bookmarked", bookmarked, "Only your bookmarks");
    listVerb->add_flag("--mine", mine, "Only what you wrote");
    listVerb->add_option("--limit", limit, "How many at most")->capture_default_str()->check(CLI::Range(1, 100'000));

    auto* showVerb = app.add_subcommand("show", "Show a post with its answers and comments");
    showVerb->add_option("id", id)->required();

    int at = 0;
    auto* historyVerb = app.add_subcommand("history", "Show who changed the text of a post, and when");
    historyVerb->add_option("id", id)->required();
    historyVerb->add_option("--at", at, "Print the text as it was then; the number stands in the list")
        ->check(CLI::Range(1, 1'000'000));

    auto* searchVerb = app.add_subcommand("search", "Search everything that is here");
    searchVerb->add_option("words", wordList, "Words, \"phrases\", -without, space: tag: kind: author:")->required();
    searchVerb->add_option("--limit", limit, "How many at most")->capture_default_str()->check(CLI::Range(1, 200));
    searchVerb->allow_extras();

    auto* askVerb = app.add_subcommand("ask", "Ask a question");
    askVerb->add_option("space", space, "The space's name or id")->required();
    askVerb->add_option("--title", title, "The question in one line")->required();
    askVerb->add_option("--body", body, "Markdown; @FILE for a file, - for standard input");
    askVerb->add_option("--tag", tags, "A tag; may be given several times");

    const auto bodied = [&](const char* name, const char* help) {
        auto* verb = app.add_subcommand(name, help);
        verb->add_option("id", id)->required();
        verb->add_option("--body", body, "Markdown; @FILE for a file, - for standard input")->required();
        return verb;
    };
    auto* answerVerb = bodied("answer", "Answer a question");
    auto* commentVerb = bodied("comment", "Comment on a post");

    auto* editVerb = app.add_subcommand("edit", "Change the text of a post; what others change at the same time stays");
    editVerb->add_option("id", id)->required();
    editVerb->add_option("--file", file,
                         "The whole new text, - for standard input; else $EDITOR opens the present one");
    editVerb->add_option("--summary", summary, "What was changed, for the history");
    editVerb->add_flag("--resolved", resolved, "Where two versions stood side by side there is one now");

    bool empty = false, withBelow = false, top = false;
    editVerb->add_flag("--empty", empty, "The new text may be empty");

    std::string under;
    auto* deleteVerb = app.add_subcommand("delete", "Delete a post, for everybody and for good");
    deleteVerb->add_option("id", id)->required();
    deleteVerb->add_flag("--all", withBelow, "With the pages below a page, or the answers to a question");
    auto* moveVerb = app.add_subcommand("move", "Put a page or a section elsewhere in its space");
    moveVerb->add_option("page", id)->required();
    auto* underOption = moveVerb->add_option("--under", under, "The page or section that it is to lie below");
    moveVerb->add_flag("--top", top, "To the top of its space")->excludes(underOption);

    std::string reason, date, reviewWord;
    std::vector<std::string> reviewers;
    bool nobody = false;
    auto* proposeVerb = app.add_subcommand("propose", "Propose what the text of a page should be");
    proposeVerb->add_option("page", id)->required();
    proposeVerb->add_option("--reason", reason, "Why, in a line")->required();
    proposeVerb->add_option("--file", file, "The whole new text, - for standard input")->required();
    proposeVerb->add_option("--on", date, "From this day on, for example 2027-06-30; else as soon as it is approved");
    auto* proposalsVerb =
        app.add_subcommand("proposals", "List the proposals for a page, or those that await you and yours");
    proposalsVerb->add_option("page", id);
    const std::vector<std::tuple<const char*, const char*, Judgement>> judgements{
        {"approve", "Approve a proposal as it is here", Judgement::Approve},
        {"ask-for-changes", "Ask for changes of a proposal", Judgement::AskForChanges},
        {"take-back", "Take back an approval, or what was asked for", Judgement::TakeBack},
        {"decline", "Decline a proposal", Judgement::Decline},
        {"withdraw", "Withdraw your proposal", Judgement::Withdraw},
        {"reopen", "Open a proposal again that was declined or withdrawn", Judgement::Reopen}};
    for (const auto& [name, help, judgement] : judgements)
        app.add_subcommand(name, help)->add_option("proposal", id)->required();
    auto* reviewVerb = app.add_subcommand("review", "Let the pages of a space, or one page, ask for review");
    reviewVerb->add_option("page", id, "A page, or a space by its name or id")->required();
    reviewVerb->add_option("word", reviewWord, "on, off, or for a page as-space")->required();
    auto* byOption = reviewVerb->add_option("--by", reviewers, "Who approves, by login; may be given several times");
    reviewVerb->add_flag("--by-moderators", nobody, "Nobody is named: any moderator or owner")->excludes(byOption);
    auto* requireVerb = app.add_subcommand("require", "Ask everybody to confirm that they read a page");
    requireVerb->add_option("page", id)->required();
    requireVerb->add_flag("--off", off, "Ask no more");
    auto* confirmVerb =
        app.add_subcommand("confirm", "Confirm that you read a page; without one: list what is to be read");
    confirmVerb->add_option("page", id);

    auto* voteVerb = app.add_subcommand("vote", "Vote for a post, against it, or take the vote back");
    voteVerb->add_option("id", id)->required();
    voteVerb->add_option("value", value, "+1, 0 or -1")->required();
    voteVerb->allow_extras();

    auto* acceptVerb = app.add_subcommand("accept", "Accept an answer to your question");
    acceptVerb->add_option("id", id, "The answer")->required();

    auto* bookmarkVerb = app.add_subcommand("bookmark", "Bookmark a post");
    bookmarkVerb->add_option("id", id)->required();
    bookmarkVerb->add_flag("--off", off, "Take the bookmark off");

    auto* outboxVerb = app.add_subcommand("outbox", "Show what is not yet settled");
    auto* againOption = outboxVerb->add_option("--send-again", again, "Send a refused change again");
    outboxVerb->add_option("--discard", discarded, "Withdraw a change, or drop a refused one or a kept text")
        ->excludes(againOption);
    std::string outboxText;
    outboxVerb->add_option("--text", outboxText, "Print what was written in a change");

    std::string keptAs;
    auto* keepVerb =
        app.add_subcommand("keep", "Keep a text that was refused, or could not be stored, as something else");
    keepVerb->add_option("change", id, "Its id in the outbox, which also says what is possible")->required();
    keepVerb->add_option("--as", keptAs, "page, proposal or comment")->required();
    keepVerb->add_option("--in", space, "The space of the page, by its name or id; else the one it was written in");
    keepVerb->add_option("--title", title, "Of the page; else its old one, or the first line of the text");
    keepVerb->add_option("--reason", reason, "Of the proposal");

    auto* statusVerb = app.add_subcommand("status", "Say who is signed in and where things stand");

    // "-1" and "-without" are values here, never options.
    std::vector<std::string> arguments;
    for (int i = 1; i < argc; ++i)
        arguments.emplace_back(argv[i]);
    for (size_t verb = 0; verb < arguments.size(); ++verb) {
        if (arguments[verb] != "vote" && arguments[verb] != "search")
            continue;
        for (size_t i = verb + 1; i < arguments.size(); ++i)
            if (arguments[i].size() > 1 && arguments[i][0] == '-' && arguments[i][1] != '-' && arguments[i] != "-h")
                arguments[i].insert(0, "\x01");
        break;
    }
    const auto unshield = [](std::string& text) {
        if (!text.empty() && text.front() == '\x01')
            text.erase(0, 1);
    };
    const std::string unknown = notAVerb(app, arguments);
    std::reverse(arguments.begin(), arguments.end());
    try {
        app.parse(arguments);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() != 0 && !unknown.empty()) {
            std::fprintf(stderr, "“%s” is no command. “stoa-cli --help” lists them.\n", unknown.c_str());
            return 2;
        }
        return app.exit(error) == 0 ? 0 : 2;
    }
    unshield(value);
    for (std::string& word : wordList)
        unshield(word);

    Place place{profile.empty() ? defaultProfile() : QDir(QString::fromStdString(profile)).absolutePath(), json};
    setAssertionFile(assertionFileOf(place.profileDir).toUtf8().constData());
    const auto text = [](const std::string& utf8) { return QString::fromStdString(utf8); };
    try {
        if (*joinVerb) {
            if (link.empty() == server.empty())
                throw Stop{QStringLiteral("Give either an invite link or --server HOST:PORT."), 2};
            return join(place, joinOf(link, server, login, passwordFile));
        }
        if (*syncVerb)
            return sync(place, secondsMax);
        if (*spacesVerb)
            return listSpaces(place);
        if (*listVerb)
            return listPosts(place,
                             {text(space), text(kind), text(tag), text(order), unanswered, bookmarked, mine, limit});
        if (*showVerb)
            return show(place, text(id));
        if (*historyVerb)
            return history(place, text(id), at);
        if (*searchVerb) {
            QStringList all;
            for (const std::string& word : wordList)
                // A shell takes the quotes away: what it kept together is a phrase.
                all.append(word.find(' ') != std::string::npos && word.find('"') == std::string::npos &&
                                   wordList.size() > 1
                               ? QLatin1Char('"') + text(word) + QLatin1Char('"')
                               : text(word));
            return cli::search(place, all.join(QLatin1Char(' ')), limit);
        }
        if (*askVerb) {
            QStringList list;
            for (const std::string& one : tags)
                list.append(text(one));
            return ask(place, text(space), textOf(title), textOf(body), list);
        }
        if (*answerVerb)
            return answer(place, text(id), textOf(body));
        if (*commentVerb)
            return comment(place, text(id), textOf(body));
        if (*editVerb)
            return editFrom(place, file, {text(id), textOf(summary), resolved, empty, {}});
        if (*deleteVerb)
            return cli::remove(place, text(id), withBelow);
        if (*moveVerb) {
            if (!top && under.empty())
                throw Stop{QStringLiteral("Say where it is to lie: --under ID, or --top."), 2};
            return cli::move(place, text(id), text(under));
        }
        if (*keepVerb)
            return keep(place, {text(id), text(keptAs), text(space), textOf(title), textOf(reason)});
        if (*proposeVerb)
            return propose(place, text(id), textOf(file == "-" ? file : '@' + file), textOf(reason), text(date));
        if (*proposalsVerb)
            return listProposals(place, text(id));
        for (const auto& [name, help, judgement] : judgements)
            if (app.got_subcommand(name))
                return judge(place, text(id), judgement);
        if (*reviewVerb) {
            QStringList logins;
            for (const std::string& one : reviewers)
                logins.append(text(one));
            return review(place, text(id), text(reviewWord),
                          nobody || !logins.isEmpty() ? std::optional(logins) : std::nullopt);
        }
        if (*requireVerb)
            return require(place, text(id), !off);
        if (*confirmVerb)
            return id.empty() ? listToConfirm(place) : confirm(place, text(id));
        if (*voteVerb) {
            if (value != "+1" && value != "1" && value != "0" && value != "-1")
                throw Stop{QStringLiteral("A vote is +1, 0 or -1."), 2};
            return cli::vote(place, text(id), value == "0" ? 0 : value == "-1" ? -1 : 1);
        }
        if (*acceptVerb)
            return accept(place, text(id));
        if (*bookmarkVerb)
            return cli::bookmark(place, text(id), !off);
        if (*outboxVerb) {
            if (!again.empty())
                return sendAgain(place, text(again));
            if (!discarded.empty())
                return discard(place, text(discarded));
            return outboxText.empty() ? showOutbox(place) : showOutboxText(place, text(outboxText));
        }
        if (*statusVerb)
            return showStatus(place);
    } catch (const Stop& stop) {
        printStop(stop, place.json);
        return stop.code;
    } catch (const Database::Damaged&) {
        // Found by a verb that only reads: the next one that may write puts it aside.
        markDamaged(replicaPathOf(place.profileDir));
        printStop({QStringLiteral("The copy in the profile %1 is damaged. “stoa-cli sync” carries over what was not "
                                  "sent yet and fetches everything else anew.")
                       .arg(place.profileDir)},
                  place.json);
        return 1;
    } catch (const Database::Failed& error) {
        printStop({QStringLiteral("The copy in the profile %1 cannot be read: %2.")
                       .arg(place.profileDir, QString::fromUtf8(error.what()))},
                  place.json);
        return 1;
    } catch (const std::exception& error) {
        printStop({QString::fromUtf8(error.what())}, place.json);
        return 1;
    }
    return 2;
}
