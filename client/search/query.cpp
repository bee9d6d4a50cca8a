#include "client/search/query.h"

#include <optional>

#include "client/search/words.h"
#include "shared/base/limits.h"
#include "shared/base/text.h"

namespace stoa {

namespace {

bool isQuote(QChar c)
{
    return c == QLatin1Char('"') || c == QChar(0x201c) || c == QChar(0x201d) || c == QChar(0x201e) ||
           c == QChar(0xff02);
}

std::optional<QueryFilter::Field> filterField(QStringView name)
{
    using Field = QueryFilter::Field;
    const auto is = [&](const char* wanted) { return name.compare(QLatin1String(wanted), Qt::CaseInsensitive) == 0; };
    if (is("space"))
        return Field::Space;
    if (is("tag"))
        return Field::Tag;
    if (is("kind"))
        return Field::Kind;
    if (is("author"))
        return Field::Author;
    return std::nullopt;
}

// Up to the closing quote, or to the end where there is none.
QStringView takeQuoted(QStringView text, qsizetype& at)
{
    const qsizetype start = ++at;
    while (at < text.size() && !isQuote(text[at]))
        ++at;
    const QStringView inside = text.mid(start, at - start);
    if (at < text.size())
        ++at;
    return inside;
}

QStringView takeBare(QStringView text, qsizetype& at, bool stopAtColon)
{
    const qsizetype start = at;
    while (at < text.size() && !text[at].isSpace() && !isQuote(text[at]) &&
           !(stopAtColon && (text[at] == QLatin1Char(':') || text[at] == QChar(0xff1a))))
        ++at;
    return text.mid(start, at - start);
}

} // namespace

Query parseQuery(const QString& typed)
{
    Query query;
    const std::string utf8 = typed.toStdString();
    const std::string_view clipped = clipUtf8(utf8, limits::queryBytesMax);
    query.cut = clipped.size() < utf8.size();
    const QString whole = QString::fromUtf8(clipped.data(), qsizetype(clipped.size()));
    const QStringView text(whole);

    size_t words = 0;
    qsizetype at = 0;
    while (at < text.size()) {
        if (text[at].isSpace()) {
            ++at;
            continue;
        }
        bool without = false;
        if ((text[at] == QLatin1Char('-') || text[at] == QChar(0x2212)) && at + 1 < text.size() &&
            !text[at + 1].isSpace()) {
            without = true;
            ++at;
        }
        QStringView value;
        bool quoted = false;
        if (isQuote(text[at])) {
            value = takeQuoted(text, at);
            quoted = true;
        } else {
            const qsizetype start = at;
            const QStringView name = takeBare(text, at, true);
            const bool colon = at < text.size() && (text[at] == QLatin1Char(':') || text[at] == QChar(0xff1a));
            if (const auto field = colon ? filterField(name) : std::nullopt) {
                ++at;
                value = at < text.size() && isQuote(text[at]) ? takeQuoted(text, at) : takeBare(text, at, false);
                const QString wanted = value.toString().simplified();
                // A filter without a value yet is being typed.
                if (!wanted.isEmpty()) {
                    if (words >= limits::queryTermsMax) {
                        query.cut = true;
                        break;
                    }
                    ++words;
                    query.filters.append({*field, wanted, without});
                }
                continue;
            }
            at = start;
            value = takeBare(text, at, false);
        }
        QueryTerm term;
        term.without = without;
        Word word;
        for (Words parts(value); parts.next(word);) {
            if (words >= limits::queryTermsMax) {
                query.cut = true;
                break;
            }
            ++words;
            term.words.push_back(word.folded);
        }
        if (term.words.empty())
            continue;
        term.prefix = !quoted && !without && at >= text.size() && !query.cut;
        query.terms.append(term);
    }
    return query;
}

} // namespace stoa
