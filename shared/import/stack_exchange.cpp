// A dump in the format of Stack Exchange, read row by row: people, then questions, then answers, then comments,
// then which answers were accepted. Kept in memory: the ids of people and posts, not their texts.

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

#include "shared/base/limits.h"
#include "shared/base/text.h"
#include "shared/import/change_writer.h"
#include "shared/import/import.h"
#include "shared/import/source_text.h"
#include "shared/import/xml_rows.h"
#include "shared/markup/html.h"

namespace stoa {

namespace {

namespace fs = std::filesystem;

constexpr int questionType = 1;
constexpr int answerType = 2;

// A whole number, as ids and scores are; nothing for anything else.
std::optional<int64_t> number(const std::string& text)
{
    if (text.empty() || text.size() > 15 || text.find_first_not_of("0123456789", text[0] == '-') != std::string::npos ||
        text == "-")
        return std::nullopt;
    return std::stoll(text);
}

// "<history><sources>" or "|history|sources|".
std::vector<std::string> tagsOf(const std::string& text)
{
    std::vector<std::string> tags;
    std::string tag;
    for (const char c : text) {
        if (c != '<' && c != '>' && c != '|') {
            tag += c;
        } else if (!tag.empty()) {
            tags.push_back(std::move(tag));
            tag.clear();
        }
    }
    return tags;
}

class Dump {
public:
    Dump(fs::path directory, const ImportTarget& target, const FindRecord& find, const EmitChange& emit)
        : directory_(std::move(directory)), target_(target), writer_(target, find, emit, report_)
    {
    }

    Report run()
    {
        for (const char* name : {"Posts.xml", "Users.xml"}) {
            std::error_code error;
            if (!fs::is_regular_file(directory_ / name, error))
                report_.refusal = "This is no Stack Exchange dump: the file " + std::string(name) +
                                  " is missing in \"" + pathText(directory_) + "\".";
        }
        if (!report_.ok())
            return std::move(report_);
        for (const char* what : {"people", "questions", "answers", "comments", "accepted", "tags"})
            report_.counts[what];
        // Posts.xml is read through before anything is handed out.
        if (!read("Posts.xml", [&](const XmlRow& row) { survey(row); }) ||
            !read("Users.xml", [&](const XmlRow& row) { person(row); }))
            return std::move(report_);
        silent_ = true; // what is broken in Posts.xml has been told
        read("Posts.xml", [&](const XmlRow& row) { question(row); });
        read("Posts.xml", [&](const XmlRow& row) { answer(row); });
        silent_ = false;
        std::error_code error;
        if (!fs::is_regular_file(directory_ / "Comments.xml", error))
            report_.add("Comments.xml", 0, "This file is missing; no comments were imported.");
        else if (!read("Comments.xml", [&](const XmlRow& row) { comment(row); }))
            report_.add("Comments.xml", 0, std::exchange(report_.refusal, {}));
        accept();
        sum();
        return std::move(report_);
    }

private:
    struct Answer {
        Id id;
        int64_t question = 0;
    };

    bool read(const std::string& name, const OnRow& onRow)
    {
        const std::string refusal = readXmlRows(
            directory_ / name,
            [&](const XmlRow& row) {
                target_.goOn();
                onRow(row);
            },
            [&](int64_t line, const std::string& sentence) {
                if (!silent_)
                    leaveOut(name, line, sentence);
            });
        if (!refusal.empty())
            report_.refusal = name + " was not imported: " + refusal + ".";
        return refusal.empty();
    }

    void leaveOut(const std::string& file, int64_t line, std::string sentence)
    {
        report_.add(file, line, std::move(sentence));
        report_.count("left_out");
    }

    ImportDraft draftOf(const XmlRow& row, std::string key, const std::string& file)
    {
        ImportDraft draft;
        draft.key = std::move(key);
        draft.file = file;
        draft.line = row.line;
        const auto created = parseTime(row["CreationDate"]);
        if (!created)
            report_.add(file, row.line,
                        "The date \"" + oneLine(row["CreationDate"], 60) + "\" is not one that is known.");
        draft.createdMs = created.value_or(0);
        draft.changedMs = parseTime(row["LastEditDate"]).value_or(draft.createdMs);
        draft.score =
            static_cast<int32_t>(std::clamp<int64_t>(number(row["Score"]).value_or(0), -1'000'000, 1'000'000));
        draft.id = writer_.idOf(draft.createdMs, draft.key);
        return draft;
    }

    // Who wrote it; nobody where the account is gone.
    Id authorOf(const std::string& user, const std::string& counted)
    {
        const auto id = number(user);
        const auto found = id ? people_.find(*id) : people_.end();
        if (found != people_.end())
            return found->second;
        report_.count(counted);
        return {};
    }

    std::string markdown(const XmlRow& row)
    {
        const std::string& html = row["Body"];
        for (size_t at = html.find("<img"); at != std::string::npos; at = html.find("<img", at + 4))
            report_.count("images");
        return htmlToMarkdown(html);
    }

    void survey(const XmlRow& row)
    {
        const auto id = number(row["Id"]);
        const auto type = number(row["PostTypeId"]);
        if (!id || !type) {
            leaveOut("Posts.xml", row.line, "Left out: this row has no usable Id or PostTypeId.");
        } else if (*type == answerType) {
            const auto question = number(row["ParentId"]);
            if (!question)
                leaveOut("Posts.xml", row.line, "Left out: this answer does not say which question it belongs to.");
            else
                answers_.emplace(
                    *id, Answer{writer_.idOf(parseTime(row["CreationDate"]).value_or(0), postKey(row)), *question});
        } else if (*type == 4 || *type == 5) {
            report_.count("tag_wikis");
        } else if (*type != questionType) {
            leaveOut("Posts.xml", row.line,
                     "Left out: posts of type " + std::to_string(*type) + " have no place here.");
        }
    }

    void person(const XmlRow& row)
    {
        const auto id = number(row["Id"]);
        if (!id) {
            leaveOut("Users.xml", row.line, "Left out: this row has no usable Id.");
            return;
        }
        ImportDraft draft = draftOf(row, "user/" + row["Id"], "Users.xml");
        v1::Person& person = *draft.record.mutable_person();
        person.set_name(readLine(row["DisplayName"], limits::titleBytesMax, "name", {draft.file, draft.line}, report_));
        if (person.name().empty())
            person.set_name("User " + row["Id"]);
        if (!row["AboutMe"].empty()) {
            person.set_about(htmlToMarkdown(row["AboutMe"]));
            if (person.about().size() > limits::textBytesMax) {
                person.set_about(std::string(clipUtf8(person.about(), limits::textBytesMax)));
                report_.add(draft.file, draft.line, "The text about this person was cut: it is longer than 64 KiB.");
            }
        }
        report_.count("people");
        const PutOutcome put = writer_.put(draft);
        if (!put.there)
            return;
        if (put.waiting)
            writer_.finish(*put.waiting);
        people_.emplace(*id, draft.id);
    }

    v1::Post& begin(ImportDraft& draft, v1::PostKind kind, const Id& parent) const
    {
        v1::Post& post = *draft.record.mutable_post();
        post.set_kind(kind);
        post.set_space(target_.space.str());
        if (!parent.isNull())
            post.set_parent(parent.str());
        return post;
    }

    void question(const XmlRow& row)
    {
        const auto id = number(row["Id"]);
        if (!id || number(row["PostTypeId"]) != questionType)
            return;
        ImportDraft draft = draftOf(row, postKey(row), "Posts.xml");
        draft.author = authorOf(row["OwnerUserId"], "posts_without_author");
        v1::Post& post = begin(draft, v1::QUESTION, {});
        post.set_title(readLine(row["Title"], limits::titleBytesMax, "title", {draft.file, draft.line}, report_));
        if (post.title().empty())
            post.set_title("Question " + row["Id"]);
        post.set_body(markdown(row));
        for (const std::string& tag : readTags(tagsOf(row["Tags"]), {draft.file, draft.line}, report_)) {
            post.add_tags(tag);
            tags_.insert(tag);
        }
        report_.count("questions");
        const auto accepted = number(row["AcceptedAnswerId"]);
        const auto answer = accepted ? answers_.find(*accepted) : answers_.end();
        if (answer != answers_.end() && answer->second.question == *id)
            post.set_accepted(answer->second.id.str());
        else if (accepted)
            report_.add("Posts.xml", row.line, "The accepted answer of this question is not among its answers.");
        PutOutcome put = writer_.put(draft);
        if (!post.accepted().empty())
            report_.count("accepted");
        if (!put.there)
            return;
        posts_.emplace(*id, draft.id);
        if (put.waiting)
            waiting_.push_back({std::move(*put.waiting), *accepted});
    }

    void answer(const XmlRow& row)
    {
        const auto id = number(row["Id"]);
        if (!id || number(row["PostTypeId"]) != answerType || !answers_.contains(*id))
            return;
        report_.count("answers");
        const auto question = posts_.find(answers_.at(*id).question);
        if (question == posts_.end() || answers_.contains(question->first)) {
            leaveOut("Posts.xml", row.line, "Left out: the question of this answer is not there.");
            return;
        }
        ImportDraft draft = draftOf(row, postKey(row), "Posts.xml");
        draft.author = authorOf(row["OwnerUserId"], "posts_without_author");
        begin(draft, v1::ANSWER, question->second).set_body(markdown(row));
        if (writer_.put(draft).there)
            posts_.emplace(*id, draft.id);
    }

    void comment(const XmlRow& row)
    {
        const auto id = number(row["Id"]);
        const auto on = number(row["PostId"]);
        if (!id || !on) {
            leaveOut("Comments.xml", row.line, "Left out: this row has no usable Id or PostId.");
            return;
        }
        report_.count("comments");
        const auto post = posts_.find(*on);
        if (post == posts_.end()) {
            leaveOut("Comments.xml", row.line, "Left out: the post that this comment is on is not there.");
            return;
        }
        ImportDraft draft = draftOf(row, "comment/" + row["Id"], "Comments.xml");
        draft.author = authorOf(row["UserId"], "comments_without_author");
        begin(draft, v1::COMMENT, post->second).set_body(row["Text"]);
        writer_.put(draft);
    }

    void accept()
    {
        for (const auto& [waiting, answer] : waiting_) {
            if (posts_.contains(answer))
                writer_.finish(waiting);
            else
                report_.add(waiting.file, waiting.line, "The accepted answer of this question was left out.");
        }
    }

    void sum()
    {
        report_.counts["tags"] = static_cast<int64_t>(tags_.size());
        const auto tell = [&](const char* what, const char* file, const std::string& sentence) {
            const auto found = report_.counts.find(what);
            if (found != report_.counts.end() && found->second > 0)
                report_.add(file, 0, std::to_string(found->second) + sentence);
        };
        tell("tag_wikis", "Posts.xml", " tag wiki texts were left out: tags have no pages of their own here.");
        tell("posts_without_author", "Posts.xml",
             " questions and answers are by people who are not in Users.xml; they have no author here.");
        tell("comments_without_author", "Comments.xml",
             " comments are by people who are not in Users.xml; they have no author here.");
        tell("images", "Posts.xml",
             " images lie on other sites; their links are kept, the images are not carried yet.");
        std::error_code error;
        for (const auto& [name, sentence] :
             {std::pair{"Badges.xml", "Badges were left out: there are none here."},
              std::pair{"Votes.xml", "Single votes were left out; each post keeps its score."},
              std::pair{"PostHistory.xml", "Earlier versions were left out; each post has its newest text."},
              std::pair{"PostLinks.xml", "Lists of related posts were left out; links in texts are kept."}}) {
            if (fs::exists(directory_ / name, error))
                report_.add(name, 0, sentence);
        }
    }

    static std::string postKey(const XmlRow& row) { return "post/" + row["Id"]; }

    fs::path directory_;
    const ImportTarget& target_;
    Report report_;
    ChangeWriter writer_;
    bool silent_ = false;
    std::unordered_map<int64_t, Id> people_;
    std::unordered_map<int64_t, Answer> answers_;
    std::unordered_map<int64_t, Id> posts_; // questions and answers that are here
    std::vector<std::pair<Waiting, int64_t>> waiting_;
    std::set<std::string> tags_;
};

} // namespace

Report importStackExchange(const std::filesystem::path& directory, const ImportTarget& target, const FindRecord& find,
                           const EmitChange& emit)
{
    return Dump(directory, target, find, emit).run();
}

} // namespace stoa
