#include "shared/import/markdown_folder.h"

#include <algorithm>
#include <array>

#include "shared/base/limits.h"
#include "shared/base/text.h"
#include "shared/import/source_text.h"
#include "shared/import/yaml.h"

namespace stoa {

namespace {

namespace fs = std::filesystem;

constexpr size_t frontMatterBytesMax = limits::textBytesMax;
constexpr size_t filesMax = 200'000;

struct Folder {
    std::string path;  // "a/b"; the top one is empty
    std::string index; // the file that is its own page
    std::vector<fs::path> pages;
    std::vector<Folder> folders;
    bool hasPages = false; // here or below
    bool isGone = false;   // deleted here after an earlier import, and with it whatever is new below
};

std::string childPath(const std::string& folder, const std::string& name)
{
    return folder.empty() ? name : folder + "/" + name;
}

std::string lower(std::string text)
{
    for (char& c : text)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return text;
}

struct PageText {
    YAML::Node front;
    std::string body;
    int64_t firstLine = 1; // of the body
};

PageText splitFrontMatter(const std::string& text, const std::string& name, Report& report)
{
    PageText page;
    if (!text.starts_with("---\n")) {
        page.body = text;
        return page;
    }
    const size_t end = std::min(text.find("\n---\n", 3), text.find("\n...\n", 3));
    const bool toTheEnd = end == std::string::npos && text.size() > 7 && text.ends_with("\n---");
    if (end == std::string::npos && !toTheEnd) {
        report.add(name, 1, "The front matter has no end (\"---\"); all of it was taken as text.");
        page.body = text;
        return page;
    }
    const size_t length = toTheEnd ? text.size() - 4 : end;
    const std::string front = text.substr(4, length < 4 ? 0 : length - 4);
    page.body = toTheEnd ? std::string() : text.substr(end + 5);
    page.firstLine = 3 + std::count(front.begin(), front.end(), '\n');
    if (front.size() > frontMatterBytesMax) {
        report.add(name, 1, "The front matter was not read: it is longer than 64 KiB.");
        return page;
    }
    Yaml yaml = parseYaml(front);
    if (!yaml.refusal.empty())
        report.add(name, 1, "The front matter was not read: " + yaml.refusal + ".");
    else if (yaml.node.IsMap())
        page.front = yaml.node;
    else if (!yaml.node.IsNull())
        report.add(name, 1, "The front matter was not read: it is not a list of names and values.");
    return page;
}

// "# Title" at the very beginning says the title; it is not said twice.
std::string takeHeading(PageText& page, const Place& place, Report& report)
{
    const size_t start = page.body.find_first_not_of('\n');
    if (start == std::string::npos || page.body.compare(start, 2, "# ") != 0)
        return {};
    const size_t end = std::min(page.body.find('\n', start), page.body.size());
    std::string title = readLine(std::string_view(page.body).substr(start + 2, end - start - 2), limits::titleBytesMax,
                                 "title", place, report);
    if (title.empty())
        return {};
    page.firstLine += std::count(page.body.begin(), page.body.begin() + static_cast<std::ptrdiff_t>(end), '\n');
    page.body.erase(0, end);
    return title;
}

class Pages {
public:
    Pages(fs::path directory, std::string prefix, const ImportTarget& target, ChangeWriter& writer,
          const FindAuthor& findAuthor, Report& report)
        : directory_(std::move(directory)),
          prefix_(std::move(prefix)),
          target_(target),
          writer_(writer),
          findAuthor_(findAuthor),
          report_(report)
    {
    }

    PageTree run()
    {
        for (const char* what : {"pages", "sections", "links", "tags"})
            report_.counts[what];
        Folder top;
        scan(directory_, top, 0);
        settle(top, false);
        nameFolders(top);
        writeFolder(top, {});
        report_.counts["tags"] = static_cast<int64_t>(tree_.tags.size());
        for (const auto& [field, count] : unknownFields_)
            report_.add("", 0,
                        "The front matter's \"" + field + "\", on " + std::to_string(count) +
                            " pages, has no place here and was left out.");
        return std::move(tree_);
    }

private:
    Id idOf(const std::string& key) const { return writer_.idOf(target_.space.timeMs(), prefix_ + key); }

    void scan(const fs::path& directory, Folder& folder, size_t depth)
    {
        std::vector<fs::directory_entry> entries;
        std::error_code error;
        for (fs::directory_iterator each(directory, error), end; !error && each != end; each.increment(error))
            entries.push_back(*each);
        if (error)
            report_.add(prefix_ + folder.path, 0, "This folder cannot be read; check that its permissions allow it.");
        std::sort(entries.begin(), entries.end());
        for (const fs::directory_entry& entry : entries)
            look(entry, folder, depth);
    }

    void look(const fs::directory_entry& entry, Folder& folder, size_t depth)
    {
        target_.goOn();
        const std::string name = pathText(entry.path().filename());
        const std::string path = childPath(folder.path, name);
        if (name.starts_with('.'))
            return;
        std::error_code error;
        const fs::file_status status = entry.symlink_status(error);
        if (fs::is_symlink(status)) {
            report_.count("left_out");
            report_.add(prefix_ + path, 0, "Left out: this is a symbolic link; they are not followed.");
        } else if (fs::is_directory(status)) {
            if (depth + 2 > limits::pathDepthMax) {
                report_.count("left_out");
                report_.add(prefix_ + path, 0, "Left out: this folder lies too deep; 31 levels are the most.");
                return;
            }
            Folder child;
            child.path = path;
            scan(entry.path(), child, depth + 1);
            folder.hasPages = folder.hasPages || child.hasPages;
            folder.folders.push_back(std::move(child));
        } else if (!fs::is_regular_file(status)) {
            report_.add(prefix_ + path, 0, "Left out: this is not a file.");
        } else if (++files_ > filesMax) {
            if (files_ == filesMax + 1)
                report_.add(prefix_ + path, 0, "More than 200,000 files; from here on they were left out.");
        } else {
            lookAtFile(entry, name, path, folder);
        }
    }

    void lookAtFile(const fs::directory_entry& entry, const std::string& name, const std::string& path, Folder& folder)
    {
        const std::string type = lower(entry.path().extension().string());
        if (type == ".md" || type == ".markdown") {
            folder.hasPages = true;
            tree_.pages.emplace(path, idOf(path));
            const std::string plain = lower(name);
            const auto rank = [](const std::string& index) {
                constexpr std::array<std::string_view, 3> names{"index.md", "_index.md", "readme.md"};
                return std::find(names.begin(), names.end(), lower(index)) - names.begin();
            };
            if (rank(plain) < 3 && (folder.index.empty() || rank(plain) < rank(folder.index)))
                folder.index = name;
            folder.pages.push_back(entry.path());
            return;
        }
        tree_.files.insert(path);
        const bool image =
            type == ".png" || type == ".jpg" || type == ".jpeg" || type == ".gif" || type == ".svg" || type == ".webp";
        report_.count(image ? "images" : "downloads");
        report_.add(prefix_ + path, 0,
                    image ? "This image is not carried over yet." : "This file is not carried over yet.");
    }

    // Of the page or section that stands for a folder.
    static std::string keyOf(const Folder& folder)
    {
        return folder.index.empty() ? folder.path + "/" : childPath(folder.path, folder.index);
    }

    // Takes out of the tree what will be left out, so that no link leads there.
    void settle(Folder& folder, bool parentIsGone)
    {
        if (!folder.hasPages)
            return;
        const auto leavesOut = [&](const fs::path& page, const std::string& path) {
            target_.goOn();
            Report unheard; // it is told when the page is written
            return !readPage(page, path, unheard);
        };
        for (const fs::path& page : folder.pages) {
            const std::string name = pathText(page.filename());
            const std::string path = childPath(folder.path, name);
            if (!leavesOut(page, path))
                continue;
            tree_.pages.erase(path);
            if (name == folder.index)
                folder.index.clear();
        }
        const auto own = folder.path.empty() ? std::nullopt : writer_.find(idOf(keyOf(folder)));
        folder.isGone = parentIsGone || (own && own->deleted());
        if (folder.isGone) {
            for (const fs::path& page : folder.pages) {
                const std::string path = childPath(folder.path, pathText(page.filename()));
                if (!writer_.find(idOf(path)))
                    tree_.pages.erase(path);
            }
        }
        for (Folder& child : folder.folders)
            settle(child, folder.isGone);
    }

    void nameFolders(const Folder& folder)
    {
        const Id own = idOf(keyOf(folder));
        const bool hasOwn = folder.path.empty() ? !folder.index.empty() : folder.hasPages;
        if (hasOwn && (!folder.isGone || writer_.find(own)))
            tree_.pages.emplace(folder.path, own);
        for (const Folder& child : folder.folders)
            nameFolders(child);
    }

    // The folder's own page or section, then what is in it.
    void writeFolder(const Folder& folder, Id parent)
    {
        if (!folder.hasPages)
            return;
        std::optional<Id> own;
        std::map<std::string, std::string> titles;
        for (const fs::path& page : folder.pages) {
            if (pathText(page.filename()) == folder.index)
                own = writePage(page, childPath(folder.path, folder.index), titleOfFolder(folder), parent, titles);
        }
        if (!folder.path.empty()) {
            if (!own)
                own = writeSection(folder, parent);
            if (!own) {
                report_.add(prefix_ + folder.path, 0, "Left out with all that is in it.");
                return;
            }
            parent = *own;
        }
        titles.clear();
        for (const fs::path& page : folder.pages) {
            const std::string name = pathText(page.filename());
            if (name != folder.index)
                writePage(page, childPath(folder.path, name), titleFromName(pathText(page.stem())), parent, titles);
        }
        for (const Folder& child : folder.folders)
            writeFolder(child, parent);
    }

    std::string titleOfFolder(const Folder& folder) const
    {
        return folder.path.empty() ? "Start" : titleFromName(folder.path.substr(folder.path.rfind('/') + 1));
    }

    ImportDraft draftOf(const std::string& key, v1::PostKind kind, const std::string& title, const Id& parent)
    {
        ImportDraft draft;
        draft.id = idOf(key);
        draft.key = prefix_ + key;
        draft.file = prefix_ + key;
        v1::Post& post = *draft.record.mutable_post();
        post.set_kind(kind);
        post.set_space(target_.space.str());
        if (!parent.isNull())
            post.set_parent(parent.str());
        post.set_title(title);
        return draft;
    }

    std::optional<Id> writeSection(const Folder& folder, const Id& parent)
    {
        const std::string key = folder.path + "/";
        const ImportDraft draft = draftOf(
            key, v1::SECTION,
            readLine(titleOfFolder(folder), limits::titleBytesMax, "title", {prefix_ + folder.path}, report_), parent);
        report_.count("sections");
        return writer_.put(draft).there ? std::optional(draft.id) : std::nullopt;
    }

    // Nothing where it cannot be kept; the report says why.
    std::optional<PageText> readPage(const fs::path& file, const std::string& path, Report& report) const
    {
        const std::string name = prefix_ + path;
        const auto text = readText(file, name, limits::bodyBytesMax + frontMatterBytesMax, report);
        if (!text)
            return std::nullopt;
        PageText page = splitFrontMatter(*text, name, report);
        if (page.body.size() > limits::bodyBytesMax) {
            report.add(name, 0, leftOutSentence({v1::TOO_LONG, v1::POST_BODY, limits::bodyBytesMax}));
            return std::nullopt;
        }
        return page;
    }

    std::optional<Id> writePage(const fs::path& file, const std::string& path, const std::string& fallback,
                                const Id& parent, std::map<std::string, std::string>& titles)
    {
        target_.goOn();
        const std::string name = prefix_ + path;
        auto read = readPage(file, path, report_);
        if (!read) {
            report_.count("left_out");
            return std::nullopt;
        }
        PageText& page = *read;
        std::string title = readLine(yamlText(page.front, "title"), limits::titleBytesMax, "title", {name}, report_);
        if (title.empty())
            title = takeHeading(page, {name}, report_);
        if (title.empty())
            title = readLine(fallback, limits::titleBytesMax, "title", {name}, report_);
        const auto [other, first] = titles.emplace(title, path);
        if (!first)
            report_.add(name, 0, "This page has the same title as \"" + other->second + "\" beside it.");

        ImportDraft draft = draftOf(path, v1::PAGE, title, parent);
        v1::Post& post = *draft.record.mutable_post();
        std::string body = linkPages(page.body, path, tree_, name, page.firstLine, report_);
        if (body.size() > limits::bodyBytesMax) {
            report_.add(name, 0, "Its links to other pages were left as they are: with them the text is too long.");
            body = std::move(page.body);
        }
        tellHtml(body, {name}, report_);
        post.set_body(std::move(body));
        readFront(page.front, draft);
        report_.count("pages");
        return writer_.put(draft).there ? std::optional(draft.id) : std::nullopt;
    }

    void readFront(const YAML::Node& front, ImportDraft& draft)
    {
        if (!front.IsMap())
            return;
        v1::Post& post = *draft.record.mutable_post();
        auto tags = yamlTexts(front, "tags");
        if (tags.empty())
            tags = yamlTexts(front, "keywords");
        const auto placeOf = [&](const char* key) {
            const YAML::Node value = front[key];
            return Place{draft.file, value ? yamlLine(value) + 1 : 0}; // its first line is the file's second
        };
        for (const std::string& tag : readTags(tags, placeOf("tags"), report_)) {
            post.add_tags(tag);
            tree_.tags.insert(tag);
        }
        const std::string position = yamlText(front, "position");
        const auto tell = [&](const char* key, const std::string& sentence) {
            const Place place = placeOf(key);
            report_.add(place.file, place.line, sentence);
        };
        if (position.size() < 10 && position.find_first_not_of("0123456789") == std::string::npos)
            post.set_position(position.empty() ? 0 : std::stoll(position));
        else
            tell("position", "The position \"" + oneLine(position, 60) + "\" was left out: it is no whole number.");
        draft.createdMs = readTime(yamlText(front, "date"), placeOf("date"), report_);
        draft.changedMs = draft.createdMs;
        const std::string author = yamlText(front, "author");
        const Id known = author.empty() ? Id() : findAuthor_(author);
        if (!known.isNull())
            draft.author = known;
        else if (!author.empty())
            tell("author", "Nobody has the login \"" + oneLine(author, 100) + "\"; this page has no author here.");
        constexpr std::array<std::string_view, 6> fields{"title", "tags", "keywords", "position", "date", "author"};
        for (const auto& item : front) {
            const std::string field = item.first.IsScalar() ? oneLine(item.first.Scalar(), 60) : std::string();
            const bool carried = std::find(fields.begin(), fields.end(), field) != fields.end();
            if (carried && !item.second.IsScalar() && !item.second.IsNull() && field != "tags" && field != "keywords")
                tell(field.c_str(), "The front matter's \"" + field + "\" was left out: it is not a single value.");
            if (!carried && (unknownFields_.size() < 100 || unknownFields_.contains(field)))
                ++unknownFields_[field];
        }
    }

    fs::path directory_;
    std::string prefix_;
    const ImportTarget& target_;
    ChangeWriter& writer_;
    const FindAuthor& findAuthor_;
    Report& report_;
    PageTree tree_;
    size_t files_ = 0;
    std::map<std::string, int64_t> unknownFields_;
};

} // namespace

PageTree importPages(const fs::path& directory, const std::string& prefix, const ImportTarget& target,
                     ChangeWriter& writer, const FindAuthor& findAuthor, Report& report)
{
    return Pages(directory, prefix, target, writer, findAuthor, report).run();
}

Report importMarkdownFolder(const fs::path& directory, const ImportTarget& target, const FindRecord& find,
                            const EmitChange& emit)
{
    Report report;
    std::error_code error;
    if (!fs::is_directory(directory, error)) {
        report.refusal = "There is no folder \"" + pathText(directory) + "\".";
        return report;
    }
    ChangeWriter writer(target, find, emit, report);
    importPages(
        directory, "", target, writer, [&](const std::string& login) { return target.findLogin(login).value_or(Id()); },
        report);
    return report;
}

} // namespace stoa
