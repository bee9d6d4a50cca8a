#include "client/models/match.h"

#include "tests/support/catch.h"

using namespace stoa;

namespace {

int score(const char* query, const char* name)
{
    const auto fit = matchName(QString::fromUtf8(query), QString::fromUtf8(name));
    return fit ? fit->score : -1;
}

} // namespace

TEST_CASE("The beginning of a name fits better than that of a word, that better than an inside, that than letters")
{
    CHECK(score("field", "Field service") > score("serv", "Field service"));
    CHECK(score("serv", "Field service") > score("vice", "Field service"));
    CHECK(score("vice", "Field service") > score("fsv", "Field service"));
    CHECK(score("fsv", "Field service") > 0);
    CHECK(score("xyz", "Field service") == -1);
}

TEST_CASE("Case and accents do not count, and marks fall on the original letters")
{
    const auto fit = matchName(QStringLiteral("munchen"), QString::fromUtf8("Büro München"));
    REQUIRE(fit);
    CHECK(fit->marks == QList<QPair<int, int>>{{5, 7}});
    CHECK(score("日本", "はじめての日本") > 0);
    CHECK(score("muller", "Jörg Müller") > 3000);
    CHECK(score("strasse", "Straße") > 4000);
    CHECK(score("strasse", "Lange Straße") > 3000);
}

TEST_CASE("An empty query fits everything, and a very long name costs no more than its beginning")
{
    CHECK(score("  ", "anything") == 0);
    CHECK_FALSE(matchName(QStringLiteral("z"), QString(1'000'000, u'a') + u'z'));
}
