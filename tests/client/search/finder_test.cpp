#include "client/search/finder.h"

#include "client/search/index.h"
#include "tests/client/replica/shelf.h"

using namespace stoa;
using namespace stoa::test;

namespace {

// What Ada has on her computer, and the index over it.
class Study {
public:
    Study()
    {
        v1::Record ben = shelf.record(benId);
        ben.mutable_person()->set_login("ben");
        ben.mutable_person()->set_name("Benedict Arnold");
        REQUIRE(shelf.receive(shelf.directory(), {ben}) == Replica::Received::AtHead);
        shelf.within([&] {
            v1::FeedHead head;
            head.set_feed(depot().key());
            shelf.replica->follow(head);
        });
        v1::Record named = shelf.record(depotId);
        named.mutable_space()->set_name("Depot");
        named.mutable_space()->set_visibility(v1::OPEN);
        REQUIRE(shelf.receive(depot(), {named}) == Replica::Received::AtHead);
    }

    Feed depot() const { return {FeedKind::Space, depotId}; }

    v1::Record put(v1::Record post, const Id& author, const std::vector<std::string>& tags = {})
    {
        post.set_author(author.str());
        for (const std::string& tag : tags)
            post.mutable_post()->add_tags(tag);
        const Feed feed{FeedKind::Space, *Id::from(post.post().space())};
        REQUIRE(shelf.receive(feed, {post}) == Replica::Received::AtHead);
        return post;
    }
    v1::Record inDepot(v1::Record post) const
    {
        post.mutable_post()->set_space(depotId.str());
        return post;
    }

    // Everything that is there by now.
    void index()
    {
        const Reading reading(QString::fromStdString(shelf.path()));
        SearchIndex index(path(), replicaSource(reading));
        while (index.work(1'000)) {}
    }
    SearchResults results(const QString& words, const SearchScope& scope = {}, int limit = 20)
    {
        const Reading reading(QString::fromStdString(shelf.path()));
        return Finder(path()).find(reading, words, scope, limit, shelf.nowMs);
    }
    std::vector<Id> find(const char* words, const SearchScope& scope = {})
    {
        std::vector<Id> ids;
        for (const SearchHit& hit : results(QString::fromUtf8(words), scope).hits)
            ids.push_back(hit.post.id);
        return ids;
    }
    QString note(const char* words) { return results(QString::fromUtf8(words)).note; }

    Shelf shelf;
    const Id benId = deriveId(1, "test", "ben");
    const Id depotId = deriveId(1, "test", "depot");

private:
    QString path() const { return QString::fromStdString(shelf.path()) + QStringLiteral(".search"); }
};

using Ids = std::vector<Id>;

} // namespace

TEST_CASE("filters by space, tag, kind and author are resolved by what is here")
{
    Study study;
    const v1::Record asked = study.put(study.shelf.question("Pump stops"), study.shelf.me, {"pumps", "night shift"});
    const v1::Record answer = study.put(study.shelf.below(asked, v1::ANSWER, "Bleed the pump."), study.benId);
    const v1::Record stored =
        study.put(study.inDepot(study.shelf.question("Pump spare parts")), study.benId, {"parts"});
    study.index();
    const Id question = idOf(asked), reply = idOf(answer), parts = idOf(stored);

    CHECK(study.find("pump").size() == 3);
    CHECK(study.find("pump space:depot") == Ids{parts});
    CHECK(study.find("pump space:Dep") == Ids{parts});
    CHECK(study.find("pump -space:depot").size() == 2);
    CHECK(study.find("tag:parts") == Ids{parts});
    CHECK(study.find("pump tag:\"Night Shift\"") == Ids{question});
    CHECK(study.find("pump kind:answers") == Ids{reply});
    CHECK(study.find("kind:question author:ben") == Ids{parts});
    CHECK(study.find("pump author:benedict -kind:answer") == Ids{parts});
    CHECK(study.find("pump author:\"Benedict Arnold\"").size() == 2);
    CHECK(study.find("pump author:me") == Ids{question});
    CHECK(study.find("pump", {.space = study.depotId}) == Ids{parts});
    CHECK(study.find("pump", {.kind = v1::ANSWER}) == Ids{reply});

    SECTION("and what cannot be resolved is said")
    {
        CHECK(study.note("pump space:moon").contains(QStringLiteral("moon")));
        CHECK(study.note("pump author:nobody").contains(QStringLiteral("nobody")));
        CHECK(study.note("pump kind:poem").contains(QStringLiteral("poem")));
        CHECK(study.note("-pump").contains(QStringLiteral("Add a word")));
        CHECK(study.note("pump").isEmpty());
        CHECK(study.find("pump space:moon").empty());
    }
}

TEST_CASE("a hit says where it is and shows the words")
{
    Study study;
    const v1::Record asked = study.put(study.shelf.question("Pump stops"), study.shelf.me);
    study.put(study.shelf.below(asked, v1::ANSWER, "First *bleed* the valve, then start it."), study.benId);
    study.index();
    const SearchResults results = study.results(QStringLiteral("bleed valve"));
    REQUIRE(results.hits.size() == 1);
    const SearchHit& hit = results.hits.first();
    CHECK(hit.spaceName == QStringLiteral("Lab"));
    CHECK(hit.post.title == QStringLiteral("Pump stops"));
    CHECK(hit.post.authorName == QStringLiteral("Benedict Arnold"));
    CHECK_FALSE(hit.snippet.contains(QLatin1Char('*')));
    QStringList marked;
    for (const auto& [start, length] : hit.marks)
        marked << hit.snippet.mid(start, length);
    CHECK(marked == QStringList{QStringLiteral("bleed"), QStringLiteral("valve")});
}

TEST_CASE("of two posts that say the same the one that helped more comes first, and a limit says that there is more")
{
    Study study;
    study.put(study.shelf.question("Pump stops"), study.shelf.me);
    v1::Record useful = study.shelf.question("Pump stops");
    useful.mutable_source()->set_score(40);
    study.put(useful, study.benId);
    study.index();
    CHECK(study.find("pump").front() == idOf(useful));
    const SearchResults first = study.results(QStringLiteral("pump"), {}, 1);
    CHECK(first.hits.size() == 1);
    CHECK(first.more);
    CHECK_FALSE(study.results(QStringLiteral("pump")).more);
}

TEST_CASE("an index that is behind shows nothing that was forgotten or deleted")
{
    Study study;
    study.put(study.shelf.question("Pump stops"), study.shelf.me);
    const v1::Record stored = study.put(study.inDepot(study.shelf.question("Pump spare parts")), study.benId);
    const v1::Record gone = study.put(study.shelf.question("Pump gossip"), study.benId);
    study.index();
    REQUIRE(study.find("pump").size() == 3);

    v1::Record tombstone;
    tombstone.set_id(gone.id());
    tombstone.set_deleted(true);
    REQUIRE(study.shelf.receive(study.shelf.space(), {tombstone}) == Replica::Received::AtHead);
    CHECK(study.find("gossip").empty());
    study.shelf.within([&] { study.shelf.replica->forget(study.depot()); });
    CHECK(study.find("spare").empty());
    CHECK(study.find("pump").size() == 1);
    CHECK(study.note("pump space:depot").contains(QStringLiteral("depot")));
}

TEST_CASE("who is called otherwise, or was erased, is not found by the name of before")
{
    Study study;
    const Id leak = idOf(study.put(study.shelf.question("Why does it leak?"), study.benId));
    study.index();
    REQUIRE(study.find("arnold") == std::vector{leak});

    v1::Record ben = study.shelf.record(study.benId);
    ben.set_revision(2);
    ben.mutable_person()->set_name("Benedict Mill");
    REQUIRE(study.shelf.receive(study.shelf.directory(), {ben}) == Replica::Received::AtHead);
    study.index();
    CHECK(study.find("arnold").empty());
    CHECK(study.find("mill") == std::vector{leak});

    ben.clear_person();
    ben.set_revision(3);
    ben.set_deleted(true);
    REQUIRE(study.shelf.receive(study.shelf.directory(), {ben}) == Replica::Received::AtHead);
    study.index();
    CHECK(study.find("mill").empty());
    CHECK(study.find("benedict").empty());
    CHECK(study.find("leak") == std::vector{leak});
}

TEST_CASE("proposals say again what their pages do, and are found only where they are asked for")
{
    Study study;
    v1::Record page = study.shelf.record(study.shelf.id());
    page.mutable_post()->set_kind(v1::PAGE);
    page.mutable_post()->set_space(study.shelf.spaceId.str());
    page.mutable_post()->set_root(page.id());
    page.mutable_post()->set_title("Pumps");
    page = study.put(page, study.shelf.me);
    const v1::Record proposal = study.put(study.shelf.below(page, v1::PROPOSAL, "Bleed the pumps twice."), study.benId);
    study.index();
    CHECK(study.find("pumps") == Ids{idOf(page)});
    CHECK(study.find("twice").empty());
    CHECK(study.find("twice kind:proposal") == Ids{idOf(proposal)});
    CHECK(study.find("author:ben").empty());
    CHECK(study.find("pumps", {.kind = v1::PROPOSAL}) == Ids{idOf(proposal)});
}
