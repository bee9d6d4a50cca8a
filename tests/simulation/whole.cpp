// What must fit together by itself: trees, rows that belong to each other, and what is derived from them.

#include <cctype>

#include "client/search/finder.h"
#include "client/search/index.h"
#include "tests/simulation/world.h"

namespace stoa::test {

namespace {

// The made-up number in a text (generator.cpp); empty where there is none.
std::string numberIn(const std::string& text)
{
    const size_t space = text.find(' ');
    return space == std::string::npos ? std::string() : text.substr(space + 1, 6);
}

bool hasWord(const std::string& text, const std::string& word)
{
    const auto goesOn = [&](size_t at) {
        return at < text.size() && std::isalnum(static_cast<unsigned char>(text[at]));
    };
    for (size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1))
        if ((at == 0 || !goesOn(at - 1)) && !goesOn(at + word.size()))
            return true;
    return false;
}

// Signs are passed over.
bool isSearchable(const std::string& word)
{
    return !word.empty() && std::all_of(word.begin(), word.end(), [](unsigned char c) { return std::isalnum(c); });
}

} // namespace

// At the server.
void World::checkTrees()
{
    constexpr const char* name = "nothing lies below itself";
    after_->refresh();
    for (const FeedState& state : after_->feeds()) {
        std::map<std::string, std::string> parents;
        v1::Record record;
        for (const StoredVersion& version : after_->versionsAfter(state.feed, 0, 0, SIZE_MAX)) {
            if (version.deleted || !record.ParseFromString(version.bytes) || !record.has_post())
                continue;
            if (state.feed != Feed{FeedKind::Space, *Id::from(record.post().space())})
                throw Broken("what belongs together is there together",
                             "a post of another space lies in " + toHex(state.feed.key()));
            parents[record.id()] = record.post().parent();
        }
        for (const auto& [id, parent] : parents) {
            std::set<std::string> above{id};
            for (auto up = parents.find(parent); up != parents.end(); up = parents.find(up->second))
                if (!above.insert(up->first).second)
                    throw Broken(name, "the post " + toHex(id) + " of " + toHex(state.feed.key()) + " does");
        }
    }
    after_->rest();
}

// What a text change wrote is in the body, or among what was lost when two lines met, unless somebody struck it out;
// and nothing is there twice.
void World::checkTexts()
{
    constexpr const char* name = "what somebody wrote is there once";
    after_->refresh();
    for (const auto& [id, accepted] : ledger_.accepted()) {
        const Id target = *Id::from(accepted.change.target());
        if (!accepted.acknowledged || !accepted.change.has_edit_text() || things_.replaced.contains(target))
            continue;
        const auto located = after_->find(target);
        if (!located || located->record->deleted())
            continue;
        std::string all = located->record->post().body();
        for (const std::string& mark : marksIn(all))
            if (all.find(mark) != all.rfind(mark))
                throw Broken(name, mark + " stands twice in " + target.hex());
        for (const v1::LostValue& lost : located->record->lost())
            all += ' ' + lost.value().text();
        for (const std::string& mark : marksIn(accepted.change.edit_text()))
            if (!things_.struck.contains(mark) && all.find(mark) == std::string::npos)
                throw Broken(name, mark + ", which " + id.hex() + " wrote into " + target.hex() + ", is gone");
    }
    after_->rest();
}

void World::checkWhole(Device& device)
{
    for (const char* sql : {"SELECT 1 FROM shadows s LEFT JOIN records r USING (row) WHERE r.row IS NULL",
                            "SELECT 1 FROM records r LEFT JOIN feeds f USING (feed) WHERE f.feed IS NULL",
                            "SELECT 1 FROM outbox o LEFT JOIN changes c USING (position) WHERE c.position IS NULL",
                            "SELECT 1 FROM changes c LEFT JOIN outbox o USING (position) WHERE o.position IS NULL",
                            "SELECT 1 FROM outbox o LEFT JOIN feeds f USING (feed) "
                            "WHERE o.feed IS NOT NULL AND f.feed IS NULL",
                            "SELECT 1 FROM shadows s JOIN records r USING (row) LEFT JOIN outbox o ON o.target = r.id "
                            "WHERE o.position IS NULL AND r.row NOT IN (SELECT row FROM live)",
                            "SELECT 1 FROM live l LEFT JOIN shadows s USING (row) WHERE s.row IS NULL",
                            "SELECT 1 FROM posts p LEFT JOIN records r USING (row) WHERE r.row IS NULL",
                            "SELECT 1 FROM post_tags p LEFT JOIN tags t USING (tag) WHERE t.tag IS NULL"}) {
        Statement& read = (*device.look)(sql);
        const bool found = read.step();
        read.reset();
        if (found)
            throw Broken("what belongs together is there together", nameOf(device) + ": " + sql);
    }
}

QString World::indexOf(const Device& device) const
{
    return QString::fromStdString((indexes_.path() / std::to_string(device.index)).string());
}

// The index beside the replica is not written with it; it comes after.
void World::index(Device& device)
{
    constexpr int unhurriedMs = 3'600'000; // of the machine's time, which decides nothing here
    const Reading reading(QString::fromStdString(device.folder + "/replica.db"));
    SearchIndex index(indexOf(device), replicaSource(reading));
    index.lookAtAll();
    while (index.work(unhurriedMs)) {}
}

void World::checkSearch(Device& device)
{
    struct Shown {
        v1::Record record;
        bool living = false;
        bool twice = false; // a changed client took the id, too: which of the two is meant is not said
    };
    std::map<std::string, Shown> shown;
    std::vector<std::string> words;
    Statement& read = (*device.look)("SELECT id, deleted, bytes FROM records WHERE bytes IS NOT NULL");
    while (read.step()) {
        Shown each{.living = read.number(1) == 0};
        if (!each.record.ParseFromString(std::string(read.text(2))) || !each.record.has_post())
            continue;
        for (const std::string& text : {each.record.post().title(), each.record.post().body()})
            if (const std::string word = numberIn(text); hasWord(text, word) && isSearchable(word))
                words.push_back(word);
        Shown& known = shown[std::string(read.text(0))];
        each.twice = known.record.has_post();
        known = std::move(each);
    }
    read.reset();
    const auto isShown = [&](const std::string& id) {
        std::string up = id;
        std::string space;
        for (size_t depth = 0; !up.empty() && depth <= shown.size(); ++depth) {
            const auto found = shown.find(up);
            if (found == shown.end() || !found->second.living)
                return false;
            // What has the parent's id in another space (by a changed client) is not the parent.
            if (depth > 0 && found->second.record.post().space() != space)
                return false;
            space = found->second.record.post().space();
            up = found->second.record.post().parent();
        }
        return true;
    };
    const auto isInDoubt = [&](std::string up) {
        for (size_t depth = 0; depth <= shown.size(); ++depth) {
            const auto found = shown.find(up);
            if (found == shown.end())
                return false;
            if (found->second.twice)
                return true;
            up = found->second.record.post().parent();
        }
        return false;
    };
    index(device);
    const Reading reading(QString::fromStdString(device.folder + "/replica.db"));
    Finder finder(indexOf(device));
    for (int i = 0; i < 5 && !words.empty(); ++i) {
        const std::string word = words[mint_.number(words.size())];
        std::set<std::string> expected, found;
        for (const auto& [id, each] : shown)
            if (isShown(id) && (hasWord(each.record.post().title(), word) || hasWord(each.record.post().body(), word)))
                expected.insert(id);
        const QString asked = QString::fromStdString(word) + QLatin1Char(' ');
        for (const SearchHit& hit : finder.find(reading, asked, {}, 1'000, agenda_.nowMs()).hits)
            found.insert(hit.post.id.str());
        for (const auto& [id, each] : shown)
            if (found.contains(id) != expected.contains(id) && !isInDoubt(id))
                throw Broken("searching finds what reading finds",
                             nameOf(device) + (found.contains(id) ? " finds by " : " does not find by ") + word +
                                 " the post " + toHex(id) + " \"" + each.record.post().title() + "\", \"" +
                                 each.record.post().body() + "\", " +
                                 (each.living ? isShown(id) ? "shown" : "below what is not there" : "deleted"));
    }
}

} // namespace stoa::test
