#include "client/search/matcher.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>

#include <sqlite3.h>

#include "client/replica/database.h"

namespace stoa {

namespace {

constexpr int candidatesMax = 600;        // the newest, by any column
constexpr int titleCandidatesMax = 300;   // the newest, by title alone
constexpr int completionsMax = 16;        // of the last word
constexpr size_t prefixCharactersMin = 2; // shorter last words stand for themselves

// Columns: title, body, tags, author, keys.
constexpr std::array<double, 5> columnWeights = {6.0, 1.0, 3.0, 1.5, 0.0};
constexpr double saturation = 1.2;
constexpr double lengthShare = 0.6;
constexpr double completionWeight = 0.6; // a word that only begins so, beside the word itself
constexpr double neighboursShare = 0.3;

// What the ranking function needs to know of the expression: which group each of its phrases belongs to.
struct RankPlan {
    std::vector<int> groupOfPhrase; // -1: a key
    std::vector<double> phraseWeight;
    std::vector<double> groupWeight; // how much a rare word says
    double averageLength = 0;
};

// Runs inside FTS5 for each candidate; exceptions must not pass through it, and nothing here throws but
// for memory.
void rank(const Fts5ExtensionApi* api, Fts5Context* fts, sqlite3_context* context, int, sqlite3_value**)
{
    RankPlan& plan = *static_cast<RankPlan*>(api->xUserData(fts));
    constexpr size_t groupsMax = 16;
    std::array<double, groupsMax> found{};
    int instances = 0;
    int code = api->xInstCount(fts, &instances);
    int neighbours = 0, lastGroup = -1, lastColumn = -1, lastEnd = -1;
    for (int i = 0; code == SQLITE_OK && i < instances; ++i) {
        int phrase = 0, column = 0, offset = 0;
        code = api->xInst(fts, i, &phrase, &column, &offset);
        if (code != SQLITE_OK || size_t(phrase) >= plan.groupOfPhrase.size() || size_t(column) >= columnWeights.size())
            break;
        const int group = plan.groupOfPhrase[size_t(phrase)];
        if (group < 0 || size_t(group) >= groupsMax)
            continue;
        found[size_t(group)] += columnWeights[size_t(column)] * plan.phraseWeight[size_t(phrase)];
        if (column == lastColumn && offset == lastEnd && group == lastGroup + 1)
            ++neighbours;
        lastGroup = group;
        lastColumn = column;
        lastEnd = offset + api->xPhraseSize(fts, phrase);
    }
    int length = 0;
    if (code == SQLITE_OK)
        code = api->xColumnSize(fts, 1, &length);
    if (code != SQLITE_OK) {
        sqlite3_result_error_code(context, code);
        return;
    }
    if (plan.averageLength == 0) {
        sqlite3_int64 rows = 1, total = 0;
        api->xRowCount(fts, &rows);
        api->xColumnTotalSize(fts, 1, &total);
        plan.averageLength = std::max(1.0, double(total) / double(std::max<sqlite3_int64>(1, rows)));
    }
    const double norm = saturation * (1 - lengthShare + lengthShare * length / plan.averageLength);
    double score = 0, weights = 0;
    const size_t groups = std::min(plan.groupWeight.size(), groupsMax);
    for (size_t group = 0; group < groups; ++group) {
        const double times = found[group];
        if (times > 0)
            score += plan.groupWeight[group] * times * (saturation + 1) / (times + norm);
        weights += plan.groupWeight[group];
    }
    if (neighbours > 0 && groups > 1)
        score += neighboursShare * weights * std::min(1.0, double(neighbours) / double(groups - 1));
    sqlite3_result_double(context, score);
}

std::string asPhrase(const std::string& words)
{
    std::string result = "\"";
    for (const char c : words)
        result += c == '"' ? std::string("\"\"") : std::string(1, c);
    return result + '"';
}

size_t characters(const std::string& utf8)
{
    return size_t(std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

} // namespace

struct Matcher::State {
    explicit State(const std::string& path)
        : database(path, Database::Mode::Read),
          term(prepared(database), "SELECT count FROM terms WHERE term = ?1"),
          completions(database,
                      "SELECT term, count FROM terms WHERE term > ?1 AND term < ?2 ORDER BY count DESC LIMIT ?3"),
          newest(ranked(database, plan), "SELECT rowid, stoa_rank(words) FROM words WHERE words MATCH ?1 "
                                         "ORDER BY rowid DESC LIMIT ?2"),
          post(database, "SELECT post FROM docs WHERE doc = ?1"),
          size(database, "SELECT max(doc) FROM docs")
    {
    }

    static const Database& prepared(Database& database)
    {
        database.run("PRAGMA cache_size = -32768; PRAGMA mmap_size = 1073741824; PRAGMA query_only = ON;"
                     "PRAGMA trusted_schema = OFF;");
        return database;
    }

    // Makes the ranking function known to FTS5.
    static const Database& ranked(const Database& database, RankPlan& plan)
    {
        fts5_api* api = nullptr;
        sqlite3_stmt* statement = nullptr;
        if (sqlite3_prepare_v2(database.handle(), "SELECT fts5(?1)", -1, &statement, nullptr) == SQLITE_OK) {
            sqlite3_bind_pointer(statement, 1, &api, "fts5_api_ptr", nullptr);
            sqlite3_step(statement);
        }
        sqlite3_finalize(statement);
        if (api == nullptr || api->xCreateFunction(api, "stoa_rank", &plan, rank, nullptr) != SQLITE_OK)
            throw Database::Failed("SQLite on this computer has no full-text search (FTS5).");
        return database;
    }

    RankPlan plan;
    Database database;
    Statement term, completions, newest, post, size;
};

Matcher::Matcher(const QString& path) : state_(std::make_unique<State>(path.toStdString())) {}

Matcher::~Matcher() = default;

Matches Matcher::match(const QList<QueryTerm>& terms, const std::vector<Keys>& keys, int limit)
{
    State& state = *state_;
    // One snapshot for all that follows.
    state.database.run("BEGIN");
    struct End {
        Database& database;
        ~End() { sqlite3_exec(database.handle(), "COMMIT", nullptr, nullptr, nullptr); }
    } end{state.database};

    double posts = 1;
    if (state.size.step()) {
        posts = std::max(1.0, double(state.size.number(0)));
        state.size.reset();
    }
    RankPlan& plan = state.plan;
    plan = {};
    const auto countOf = [&](const std::string& word) {
        state.term.bind(word);
        if (!state.term.step())
            return int64_t{0};
        const int64_t count = state.term.number(0);
        state.term.reset();
        return count;
    };

    std::string wanted, unwanted;
    const auto add = [&](std::string& expression, const char* between, const std::string& part) {
        expression += (expression.empty() ? std::string() : std::string(between)) + part;
    };
    for (const QueryTerm& term : terms) {
        if (term.without)
            continue;
        const int group = int(plan.groupWeight.size());
        std::string joined;
        double count = posts;
        for (const std::string& word : term.words) {
            add(joined, " ", word);
            count = std::min(count, double(countOf(word)));
        }
        plan.groupOfPhrase.push_back(group);
        plan.phraseWeight.push_back(1.0);
        std::string part = asPhrase(joined);
        if (term.prefix && characters(term.words.back()) >= prefixCharactersMin) {
            if (term.words.size() == 1) {
                state.completions.bind(joined).bind(joined + "\xf4\x8f\xbf\xbf").bind(int64_t{completionsMax});
                while (state.completions.step()) {
                    part += " OR " + asPhrase(std::string(state.completions.text(0)));
                    count += double(state.completions.number(1));
                    plan.groupOfPhrase.push_back(group);
                    plan.phraseWeight.push_back(completionWeight);
                }
            } else {
                part += " *";
            }
        }
        add(wanted, " AND ", "(" + part + ")");
        plan.groupWeight.push_back(std::log(1.0 + (posts + 0.5) / (count + 0.5)));
    }
    std::string keyed;
    for (const Keys& group : keys) {
        std::string part;
        for (const std::string& key : group.any)
            add(part, " OR ", asPhrase(key));
        if (part.empty())
            part = asPhrase("\uE000none");
        if (group.without) {
            add(unwanted, " OR ", part);
            continue;
        }
        plan.groupOfPhrase.insert(plan.groupOfPhrase.end(), std::max<size_t>(1, group.any.size()), -1);
        plan.phraseWeight.insert(plan.phraseWeight.end(), std::max<size_t>(1, group.any.size()), 0.0);
        add(keyed, " AND ", "(" + part + ")");
    }
    for (const QueryTerm& term : terms) {
        if (!term.without)
            continue;
        std::string joined;
        for (const std::string& word : term.words)
            add(joined, " ", word);
        add(unwanted, " OR ", asPhrase(joined));
    }
    if (wanted.empty() && keyed.empty())
        return {};

    std::unordered_map<int64_t, double> scores;
    const auto collect = [&](std::string expression, int most) {
        if (!keyed.empty())
            expression = expression.empty() ? keyed : "(" + expression + ") AND " + keyed;
        if (!unwanted.empty())
            expression = "(" + expression + ") NOT (" + unwanted + ")";
        int found = 0;
        state.newest.bind(expression).bind(int64_t{most});
        while (state.newest.step()) {
            scores.emplace(state.newest.number(0), state.newest.real(1));
            ++found;
        }
        return found;
    };
    const bool all = collect(wanted, candidatesMax) < candidatesMax;
    if (!all && !wanted.empty())
        collect("{title} : (" + wanted + ")", titleCandidatesMax);

    std::vector<std::pair<double, int64_t>> order;
    order.reserve(scores.size());
    for (const auto& [doc, score] : scores)
        order.emplace_back(score, doc);
    std::sort(order.begin(), order.end(), std::greater<>());
    Matches matches;
    for (const auto& [score, doc] : order) {
        state.post.bind(doc);
        if (!state.post.step())
            continue; // an older version of a post
        const auto id = Id::from(state.post.text(0));
        state.post.reset();
        if (!id)
            continue;
        if (int(matches.best.size()) == limit) {
            matches.more = true;
            break;
        }
        matches.best.push_back({*id, score});
    }
    return matches;
}

} // namespace stoa
