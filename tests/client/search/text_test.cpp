#include "tests/support/catch.h"

#include "client/search/query.h"
#include "client/search/snippet.h"
#include "client/search/words.h"
#include "shared/base/limits.h"

using namespace stoa;

namespace {

std::string folded(const char* text)
{
    return foldText(QString::fromUtf8(text));
}

std::string describe(const char* typed)
{
    const Query query = parseQuery(QString::fromUtf8(typed));
    std::string result;
    for (const QueryTerm& term : query.terms) {
        result += term.without ? " -" : " ";
        for (size_t i = 0; i < term.words.size(); ++i)
            result += (i ? "+" : "") + term.words[i];
        result += term.prefix ? "*" : "";
    }
    for (const QueryFilter& filter : query.filters) {
        static const char* const names[] = {"space", "tag", "kind", "author"};
        result +=
            std::string(filter.without ? " -" : " ") + names[int(filter.field)] + "=" + filter.value.toStdString();
    }
    return result.empty() ? result : result.substr(1);
}

QString marked(const Snippet& snippet)
{
    QString result = snippet.text;
    for (auto mark = snippet.marks.rbegin(); mark != snippet.marks.rend(); ++mark) {
        result.insert(mark->first + mark->second, QLatin1Char(']'));
        result.insert(mark->first, QLatin1Char('['));
    }
    return result;
}

QString snippetOf(const char* text, const char* typed)
{
    return marked(makeSnippet(QString::fromUtf8(text), parseQuery(QString::fromUtf8(typed)).terms));
}

} // namespace

TEST_CASE("words lose case, accents, ligatures and width")
{
    CHECK(folded("Crème BRÛLÉE") == "creme brulee");
    CHECK(folded("Straße, Ærø, Łódź") == "strasse aero lodz");
    CHECK(folded("Cre\u0300me") == "creme");
    CHECK(folded("ﬁnance Ｑｔ６") == "finance qt6");
    CHECK(folded("Ελλάδα Москва") == "ελλαδα москва");
    CHECK(folded("don't re-open C++") == "don t re open c");
    CHECK(folded("") == "");
    CHECK(folded(" \t -- !? ") == "");
}

TEST_CASE("scripts without spaces give a word for each character")
{
    CHECK(folded("学习空间") == "学 习 空 间");
    CHECK(folded("Qtのガイド") == "qt の ガ イ ド");
    CHECK(folded("한국어") == "한 국 어");
    CHECK(folded("v2中文v3") == "v2 中 文 v3");
    CHECK(folded("𠀋𠮷") == "𠀋 𠮷");
}

TEST_CASE("a word's place is in the text as it was written")
{
    const QString text = QStringLiteral("Das Café");
    Words words(text);
    Word word;
    REQUIRE(words.next(word));
    REQUIRE(words.next(word));
    CHECK(word.start == 4);
    CHECK(word.length == 4);
    CHECK(word.folded == "cafe");
    CHECK_FALSE(words.next(word));
}

TEST_CASE("broken surrogates and endless words are taken as they come")
{
    const char16_t broken[] = {u'a', 0xd800, u'b', 0xdc00};
    CHECK(foldText(QStringView(broken, 4)) == "a b");
    CHECK(foldText(QString(100'000, QLatin1Char('x'))).size() <= foldedBytesMax);
}

TEST_CASE("a query is taken apart into words, phrases, exclusions and filters")
{
    CHECK(describe("travel exp") == "travel exp*");
    CHECK(describe("travel exp ") == "travel exp");
    CHECK(describe("\"travel expenses\" -taxi") == "travel+expenses -taxi");
    CHECK(describe("-\"night train\" hotel") == "-night+train hotel*");
    CHECK(describe("e-mail") == "e+mail*");
    CHECK(describe("休暇") == "休+暇*");
    CHECK(describe("space:Handbook tag:\"on call\" kind:page author:\"Ann Lee\" -tag:old") ==
          "space=Handbook tag=on call kind=page author=Ann Lee -tag=old");
    CHECK(describe("SPACE:x 12:30") == "12+30* space=x");
    CHECK(describe("tag: space:") == "");
    CHECK(describe("“curly quotes”") == "curly+quotes");
}

TEST_CASE("nothing of FTS's syntax survives")
{
    CHECK(describe("a AND b OR NOT c NEAR(d)") == "a and b or not c near+d*");
    CHECK(describe("title:x ^y *z (") == "title+x y z");
    CHECK(describe("\"unclosed phrase") == "unclosed+phrase");
    CHECK(describe("'; DROP TABLE docs; --") == "drop table docs");
    CHECK(describe("- -- -\" \"\"") == "");
    CHECK(describe("{title} : x") == "title x*");
}

TEST_CASE("long queries are cut, never refused")
{
    const Query longOne = parseQuery(QString(10'000, QLatin1Char('x')));
    CHECK(longOne.cut);
    REQUIRE(longOne.terms.size() == 1);

    QString many;
    for (int i = 0; i < 100; ++i)
        many += QStringLiteral("w ");
    const Query manyOnes = parseQuery(many);
    CHECK(manyOnes.cut);
    CHECK(size_t(manyOnes.terms.size()) == limits::queryTermsMax);

    // Cut at a character's border.
    const Query chinese = parseQuery(QString(200, QChar(0x4e2d)));
    CHECK(chinese.cut);
    CHECK(chinese.terms.first().words.size() <= limits::queryTermsMax);
}

TEST_CASE("a snippet shows the words where they stand, accents or not")
{
    CHECK(snippetOf("The Café is open. Ask for crème.", "cafe creme") ==
          QStringLiteral("The [Café] is open. Ask for [crème]."));
    CHECK(
        snippetOf("Book the night train to Rome", "\"night train\" rom") ==
        QStringLiteral("Book the [night train] to [Rom]e").replace(QStringLiteral("[Rom]e"), QStringLiteral("[Rome]")));
    CHECK(snippetOf("我们的学习空间很好", "学习") == QStringLiteral("我们的[学习]空间很好"));
    CHECK(snippetOf("two\n\n  lines\tof   text", "lines of ") == QStringLiteral("two [lines] [of] text"));
    CHECK(snippetOf("nothing here", "elsewhere") == QStringLiteral("nothing here"));
    CHECK(snippetOf("", "word").isEmpty());
}

TEST_CASE("a snippet of a long text is the piece with most of the words")
{
    QString text;
    for (int i = 0; i < 500; ++i)
        text += QStringLiteral("filler alpha words ");
    text += QStringLiteral("here alpha meets beta at last ");
    for (int i = 0; i < 500; ++i)
        text += QStringLiteral("more filler ");
    const Snippet snippet = makeSnippet(text, parseQuery(QStringLiteral("alpha beta ")).terms);
    CHECK(snippet.text.contains(QStringLiteral("alpha meets beta")));
    CHECK(snippet.text.startsWith(QChar(0x2026)));
    CHECK(snippet.text.endsWith(QChar(0x2026)));
    CHECK(snippet.text.size() < 230);
    for (const auto& [start, length] : snippet.marks) {
        CHECK(start >= 0);
        CHECK(start + length <= snippet.text.size());
    }
}

TEST_CASE("marks of a title join where they overlap")
{
    const auto marks = findMarks(QStringLiteral("中文中文 search"), parseQuery(QString::fromUtf8("中文 sea")).terms);
    REQUIRE(marks.size() == 2);
    CHECK(marks[0] == QPair<int, int>(0, 4));
    CHECK(marks[1] == QPair<int, int>(5, 6));
}
