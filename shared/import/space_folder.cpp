#include <algorithm>

#include "shared/base/limits.h"
#include "shared/base/text.h"
#include "shared/domain/names.h"
#include "shared/domain/shape.h"
#include "shared/import/markdown_folder.h"
#include "shared/import/source_text.h"
#include "shared/import/yaml.h"

namespace stoa {

namespace {

namespace fs = std::filesystem;

constexpr size_t yamlBytesMax = 4 * limits::kMiB;

// Null where the file is not there or cannot be read; then the report says why.
YAML::Node readYamlFile(const fs::path& file, const std::string& name, Report& report)
{
    const auto text = readText(file, name, yamlBytesMax, report);
    if (!text)
        return {};
    Yaml yaml = parseYaml(*text);
    if (!yaml.refusal.empty())
        report.add(name, 0, "This file was not read: " + yaml.refusal + ".");
    return yaml.node;
}

// A list below a map's key; empty where it is none.
YAML::Node listOf(const YAML::Node& map, const char* key)
{
    const YAML::Node list = map.IsMap() ? map[key] : YAML::Node(YAML::NodeType::Undefined);
    return list && list.IsSequence() ? list : YAML::Node(YAML::NodeType::Sequence);
}

class SpaceImport {
public:
    SpaceImport(const fs::path& directory, const ImportTarget& target, const FindRecord& find, const EmitChange& emit)
        // However it was typed, its parent is the folder above.
        : directory_(fs::absolute(directory / "").lexically_normal().parent_path()),
          target_(target),
          writer_(target, find, emit, report_)
    {
    }

    Report run()
    {
        std::error_code error;
        if (!fs::is_regular_file(directory_ / "space.yaml", error)) {
            report_.refusal = "There is no space.yaml in \"" + pathText(directory_) + "\".";
            return std::move(report_);
        }
        for (const char* what : {"people", "questions", "answers", "comments", "accepted"})
            report_.counts[what];
        if (fs::is_regular_file(directory_.parent_path() / "people.yaml", error))
            people(readYamlFile(directory_.parent_path() / "people.yaml", "../people.yaml", report_));
        members(readYamlFile(directory_ / "space.yaml", "space.yaml", report_));
        if (fs::is_directory(directory_ / "pages", error)) {
            const PageTree tree = importPages(
                directory_ / "pages", "pages/", target_, writer_,
                [&](const std::string& login) { return known(login); }, report_);
            tree_.tags = tree.tags;
            for (const std::string& file : tree.files)
                tree_.files.insert("pages/" + file);
            for (const auto& [path, id] : tree.pages)
                tree_.pages.emplace(path.empty() ? "pages" : "pages/" + path, id);
        }
        if (fs::is_regular_file(directory_ / "questions.yaml", error))
            questions(readYamlFile(directory_ / "questions.yaml", questionsFile, report_));
        report_.counts["tags"] = static_cast<int64_t>(tree_.tags.size());
        return std::move(report_);
    }

private:
    static constexpr const char* questionsFile = "questions.yaml";

    Id known(const std::string& login) const
    {
        const auto found = people_.find(login);
        if (found != people_.end())
            return found->second;
        return target_.findLogin(login).value_or(Id());
    }

    // People belong to the organisation: the same ones for each of its spaces.
    void people(const YAML::Node& list)
    {
        if (!list.IsSequence())
            return;
        for (const YAML::Node& item : list) {
            const std::string login = yamlText(item, "login");
            if (login.empty()) {
                report_.add("../people.yaml", yamlLine(item), "Left out: this person has no login.");
                continue;
            }
            report_.count("people");
            const Id own = deriveId(0, "import person", login);
            const Id present = target_.findLogin(login).value_or(own);
            if (present != own) {
                people_.emplace(login, present);
                continue;
            }
            ImportDraft draft;
            draft.id = own;
            draft.key = "person/" + login;
            draft.file = "../people.yaml";
            draft.line = yamlLine(item);
            draft.record.mutable_person()->set_login(login);
            draft.record.mutable_person()->set_name(
                readLine(yamlText(item, "name"), limits::titleBytesMax, "name", {draft.file, draft.line}, report_));
            draft.record.mutable_person()->set_about(yamlText(item, "about"));
            const PutOutcome put = writer_.put(draft);
            if (put.waiting)
                writer_.finish(*put.waiting);
            if (put.there)
                people_.emplace(login, own);
        }
    }

    void members(const YAML::Node& space)
    {
        for (const YAML::Node& item : listOf(space, "members")) {
            const std::string login = yamlText(item, "login");
            const Id person = known(login);
            const auto role = valueNamed(roleNames, yamlText(item, "role"));
            if (person.isNull() || !role) {
                report_.add("space.yaml", yamlLine(item),
                            person.isNull() ? "Left out: nobody has the login \"" + oneLine(login, 100) + "\"."
                                            : "Left out: a member's role is reader, contributor, moderator or owner.");
                continue;
            }
            std::vector<v1::Title> titles;
            for (const std::string& name : yamlTexts(item, "titles")) {
                if (const auto title = valueNamed(titleNames, name))
                    titles.push_back(*title);
                else
                    report_.add("space.yaml", yamlLine(item),
                                "The title \"" + oneLine(name, 60) +
                                    "\" was left out: titles are sponsor, leader, expert and champion.");
            }
            writer_.putMember(person, *role, titles, "space.yaml");
        }
    }

    ImportDraft draftOf(const YAML::Node& item, const std::string& key, v1::PostKind kind, const Id& parent)
    {
        ImportDraft draft;
        const Place place{questionsFile, yamlLine(item)};
        draft.createdMs = readTime(yamlText(item, "date"), place, report_);
        draft.changedMs = draft.createdMs;
        draft.key = key;
        draft.id = writer_.idOf(draft.createdMs > 0 ? draft.createdMs : target_.space.timeMs(), key);
        draft.file = place.file;
        draft.line = place.line;
        const std::string author = yamlText(item, "author");
        draft.author = known(author);
        if (draft.author.isNull() && !author.empty())
            report_.add(questionsFile, draft.line, "Nobody has the login \"" + oneLine(author, 100) + "\".");
        v1::Post& post = *draft.record.mutable_post();
        post.set_kind(kind);
        post.set_space(target_.space.str());
        if (!parent.isNull())
            post.set_parent(parent.str());
        post.set_body(linkPages(yamlText(item, "body"), questionsFile, tree_, questionsFile, draft.line, report_));
        tellHtml(post.body(), place, report_);
        return draft;
    }

    void questions(const YAML::Node& list)
    {
        if (!list.IsSequence())
            return;
        for (const YAML::Node& item : list) {
            target_.goOn();
            question(item);
        }
    }

    void question(const YAML::Node& item)
    {
        report_.count("questions");
        const Place place{questionsFile, yamlLine(item)};
        const std::string title = readLine(yamlText(item, "title"), limits::titleBytesMax, "title", place, report_);
        const std::string id = yamlText(item, "id");
        const std::string key = "question/" + oneLine(id.empty() ? title : id, limits::titleBytesMax);
        ImportDraft draft = draftOf(item, key, v1::QUESTION, {});
        v1::Post& post = *draft.record.mutable_post();
        post.set_title(title);
        for (const std::string& tag : readTags(yamlTexts(item, "tags"), place, report_)) {
            post.add_tags(tag);
            tree_.tags.insert(tag);
        }
        const YAML::Node answers = listOf(item, "answers");
        std::vector<ImportDraft> drafts;
        for (const YAML::Node& answer : answers) {
            drafts.push_back(
                draftOf(answer, key + "/answer/" + std::to_string(drafts.size() + 1), v1::ANSWER, draft.id));
            if (yamlText(answer, "accepted") == "true" && post.accepted().empty()) {
                post.set_accepted(drafts.back().id.str());
                report_.count("accepted");
            }
        }
        const PutOutcome put = writer_.put(draft);
        if (!put.there)
            return;
        comments(item, key, draft.id);
        bool acceptedThere = false;
        for (size_t i = 0; i < drafts.size(); ++i) {
            report_.count("answers");
            if (!writer_.put(drafts[i]).there)
                continue;
            acceptedThere = acceptedThere || post.accepted() == drafts[i].id.view();
            comments(answers[i], drafts[i].key, drafts[i].id);
        }
        if (put.waiting && acceptedThere)
            writer_.finish(*put.waiting);
    }

    void comments(const YAML::Node& on, const std::string& key, const Id& parent)
    {
        int number = 0;
        for (const YAML::Node& item : listOf(on, "comments")) {
            report_.count("comments");
            writer_.put(draftOf(item, key + "/comment/" + std::to_string(++number), v1::COMMENT, parent));
        }
    }

    fs::path directory_;
    const ImportTarget& target_;
    Report report_;
    ChangeWriter writer_;
    PageTree tree_;
    std::map<std::string, Id> people_;
};

} // namespace

Report importSpaceFolder(const fs::path& directory, const ImportTarget& target, const FindRecord& find,
                         const EmitChange& emit)
{
    return SpaceImport(directory, target, find, emit).run();
}

SpaceFolder readSpaceFolder(const fs::path& directory, const Id& space, int64_t nowMs)
{
    SpaceFolder folder;
    Report report;
    const YAML::Node node = readYamlFile(directory / "space.yaml", "space.yaml", report);
    if (!report.entries.empty()) {
        folder.refusal = "space.yaml in \"" + pathText(directory) + "\": " + report.entries.front().sentence;
        return folder;
    }
    folder.name = oneLine(yamlText(node, "name"), limits::titleBytesMax);
    folder.create.set_id(deriveId(nowMs, "import change", space.str(), "create").str());
    folder.create.set_target(space.str());
    folder.create.set_made_ms(nowMs);
    v1::CreateSpace& create = *folder.create.mutable_create_space();
    create.set_name(folder.name);
    const std::string visibility = yamlText(node, "visibility");
    const auto named = valueNamed(visibilityNames, visibility.empty() ? "open" : visibility);
    create.set_visibility(named.value_or(v1::VISIBILITY_NONE));
    if (!named) {
        folder.refusal = "space.yaml: the visibility is one of open, restricted and private.";
        return folder;
    }
    const YAML::Node charter = node.IsMap() ? node["charter"] : YAML::Node(YAML::NodeType::Undefined);
    if (charter && charter.IsMap()) {
        v1::Charter& to = *create.mutable_charter();
        to.set_problem(yamlText(charter, "problem"));
        to.set_audience(yamlText(charter, "audience"));
        to.set_sponsor(yamlText(charter, "sponsor"));
        to.set_target(yamlText(charter, "target"));
        to.set_target_figure(yamlText(charter, "target_figure"));
        to.set_target_date(yamlText(charter, "target_date"));
        to.set_belongs(yamlText(charter, "belongs"));
        to.set_excluded(yamlText(charter, "excluded"));
    }
    if (const auto fine = checkShape(folder.create); !fine)
        folder.refusal =
            "space.yaml: the name is missing, or a part of the charter is too long or no date as 2027-06-30.";
    return folder;
}

} // namespace stoa
