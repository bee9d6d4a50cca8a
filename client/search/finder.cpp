#include "client/search/finder.h"

#include <algorithm>
#include <cmath>

#include <QCoreApplication>
#include <QHash>

#include "client/search/index.h"
#include "client/search/snippet.h"
#include "client/search/words.h"
#include "shared/markup/plain.h"

namespace stoa {

namespace {

constexpr int peopleMax = 50; // that one author: may mean

struct SearchTexts {
    Q_DECLARE_TR_FUNCTIONS(Search)
};

QString quoted(const QString& value)
{
    return QChar(0x201c) + value + QChar(0x201d);
}

v1::PostKind kindNamed(const QString& value)
{
    static const QHash<QString, v1::PostKind> kinds = {
        {QStringLiteral("section"), v1::SECTION},   {QStringLiteral("sections"), v1::SECTION},
        {QStringLiteral("page"), v1::PAGE},         {QStringLiteral("pages"), v1::PAGE},
        {QStringLiteral("question"), v1::QUESTION}, {QStringLiteral("questions"), v1::QUESTION},
        {QStringLiteral("answer"), v1::ANSWER},     {QStringLiteral("answers"), v1::ANSWER},
        {QStringLiteral("comment"), v1::COMMENT},   {QStringLiteral("comments"), v1::COMMENT},
        {QStringLiteral("proposal"), v1::PROPOSAL}, {QStringLiteral("proposals"), v1::PROPOSAL},
    };
    return kinds.value(value.toLower(), v1::POST_NONE);
}

// The spaces of that name; else those whose name begins with it; else those that contain it.
std::vector<std::string> spaceKeys(const Reading& reading, const QString& value)
{
    const std::string wanted = foldText(value);
    std::vector<std::string> same, beginning, containing;
    for (const SpaceRow& row : spaces(reading)) {
        const std::string name = foldText(row.name);
        if (name == wanted)
            same.push_back(spaceKey(row.id));
        else if (name.starts_with(wanted))
            beginning.push_back(spaceKey(row.id));
        else if (!wanted.empty() && name.find(wanted) != std::string::npos)
            containing.push_back(spaceKey(row.id));
    }
    return !same.empty() ? same : !beginning.empty() ? beginning : containing;
}

std::vector<std::string> authorKeys(const Reading& reading, const QString& value)
{
    std::vector<std::string> keys;
    if (value.compare(QLatin1String("me"), Qt::CaseInsensitive) == 0) {
        const Id me = profile(reading).person;
        if (!me.isNull())
            keys.push_back(authorKey(me));
        return keys;
    }
    for (const PersonRow& row : findPeople(reading, value, peopleMax))
        keys.push_back(authorKey(row.id));
    return keys;
}

// What speaks for a post beside its words; mild, so that words decide.
double boost(const PostRow& row, qint64 nowMs)
{
    constexpr double yearMs = 365.0 * 24 * 3600 * 1000;
    double factor = 1.0;
    factor += 0.03 * std::clamp(std::log2(1.0 + std::max(0, row.score)), 0.0, 6.0);
    if (!row.accepted.isNull())
        factor += 0.08;
    factor += 0.12 * std::exp(-double(std::max<qint64>(0, nowMs - row.changedMs)) / yearMs);
    if (row.kind == v1::COMMENT)
        factor -= 0.25;
    if (row.score < 0)
        factor -= 0.1;
    return factor;
}

} // namespace

Finder::Finder(const QString& searchPath) : matcher_(searchPath) {}

Finder::~Finder() = default;

SearchResults Finder::find(const Reading& reading, const QString& words, const SearchScope& scope, int limit,
                           qint64 nowMs)
{
    SearchResults results;
    results.words = words;
    const Query query = parseQuery(words);
    if (query.isEmpty())
        return results;
    if (query.cut)
        results.note = SearchTexts::tr("That is a long question: only its beginning was searched for.");

    std::vector<Matcher::Keys> keys;
    if (scope.space)
        keys.push_back({{spaceKey(*scope.space)}, false});
    if (scope.kind != v1::POST_NONE)
        keys.push_back({{kindKey(scope.kind)}, false});
    bool proposals = scope.kind == v1::PROPOSAL;
    bool wanted = std::any_of(query.terms.begin(), query.terms.end(), [](const auto& term) { return !term.without; });
    for (const QueryFilter& filter : query.filters) {
        Matcher::Keys group;
        group.without = filter.without;
        QString unknown;
        switch (filter.field) {
        case QueryFilter::Field::Space:
            group.any = spaceKeys(reading, filter.value);
            unknown = SearchTexts::tr("No space is called %1.");
            break;
        case QueryFilter::Field::Tag:
            group.any = {tagKey(filter.value)};
            break;
        case QueryFilter::Field::Kind:
            if (const v1::PostKind kind = kindNamed(filter.value); kind != v1::POST_NONE)
                group.any = {kindKey(kind)};
            proposals = proposals || group.any == std::vector{kindKey(v1::PROPOSAL)};
            unknown = SearchTexts::tr("There is no kind %1: there are page, question, answer, comment and proposal.");
            break;
        case QueryFilter::Field::Author:
            group.any = authorKeys(reading, filter.value);
            unknown = SearchTexts::tr("Nobody is called %1.");
            break;
        }
        if (group.any.empty()) {
            results.note = unknown.arg(quoted(filter.value));
            return results;
        }
        wanted = wanted || !group.without;
        keys.push_back(std::move(group));
    }
    if (!wanted) {
        results.note = SearchTexts::tr("Add a word to search for, beside what to leave out.");
        return results;
    }

    // They say again what their pages do: found where they are asked for.
    if (!proposals)
        keys.push_back({{kindKey(v1::PROPOSAL)}, true});

    // A few more than asked for, as what is known of them may change their order.
    const Matches matches = matcher_.match(query.terms, keys, limit + limit / 2);
    QList<Id> ids;
    QHash<QByteArray, double> scores;
    const auto key = [](const Id& id) { return QByteArray(reinterpret_cast<const char*>(id.bytes.data()), 16); };
    for (const Match& match : matches.best) {
        ids.append(match.post);
        scores.insert(key(match.post), match.score);
    }
    QList<PostRow> rows = postsByIds(reading, ids);
    for (const PostRow& row : rows)
        scores[key(row.id)] *= boost(row, nowMs);
    const bool words_ = std::any_of(query.terms.begin(), query.terms.end(), [](const auto& t) { return !t.without; });
    if (words_)
        std::stable_sort(rows.begin(), rows.end(), [&](const PostRow& a, const PostRow& b) {
            return scores.value(key(a.id)) > scores.value(key(b.id));
        });
    else
        std::stable_sort(rows.begin(), rows.end(),
                         [](const PostRow& a, const PostRow& b) { return a.changedMs > b.changedMs; });
    results.more = matches.more || rows.size() > limit;
    if (rows.size() > limit)
        rows.resize(limit);

    QHash<QByteArray, QString> spaceNames;
    for (PostRow& row : rows) {
        SearchHit hit;
        QString& name = spaceNames[key(row.space)];
        if (name.isNull()) {
            const auto found = record(reading, row.space);
            name = found ? QString::fromStdString(found->space().name()) : QStringLiteral("");
        }
        hit.spaceName = name;
        const QString text = QString::fromStdString(plainText(body(reading, row.id).toStdString()));
        const Snippet snippet = makeSnippet(text, query.terms);
        hit.snippet = snippet.text;
        hit.marks = snippet.marks;
        hit.titleMarks = findMarks(row.title, query.terms);
        hit.post = std::move(row);
        results.hits.append(std::move(hit));
    }
    return results;
}

} // namespace stoa
