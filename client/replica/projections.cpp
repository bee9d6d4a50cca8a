#include "client/replica/projections.h"

#include <algorithm>

#include <QString>

#include "client/replica/outlines.h"
#include "shared/base/text.h"

namespace stoa {

namespace {

constexpr size_t headBytes = 480; // enough for an excerpt, also of a text full of links
constexpr qsizetype namedMax = 256;

Id idOf(const std::string& raw)
{
    return Id::from(raw).value_or(Id{});
}

// Differs whenever what is searched does, and from every other post's: a row may come to hold another one.
// 63 bits, never 0.
int64_t stampOf(const v1::Record& record)
{
    const v1::Post& post = record.post();
    std::string text = record.id();
    text += post.title();
    text += '\0';
    text += joinTags(post.tags());
    text += '\0';
    text += post.body();
    return int64_t(hash128(text).low >> 1) | 1;
}

// As a post that was made here comes back from the server, which reckons its time anew.
bool differOnlyInTimes(const v1::Record& a, const v1::Record& b)
{
    const v1::Post& x = a.post();
    const v1::Post& y = b.post();
    return x.kind() == y.kind() && x.parent() == y.parent() && x.root() == y.root() && x.title() == y.title() &&
           x.body() == y.body() && x.accepted() == y.accepted() && x.position() == y.position() &&
           a.author() == b.author() && a.source().score() == b.source().score() &&
           std::equal(x.tags().begin(), x.tags().end(), y.tags().begin(), y.tags().end());
}

// Who did the last thing to it; empty: an import, or the server.
std::string_view changerOf(const v1::Record& record)
{
    const auto last =
        std::max_element(record.writers().begin(), record.writers().end(),
                         [](const v1::Writer& a, const v1::Writer& b) { return a.time_ms() < b.time_ms(); });
    return last == record.writers().end() ? record.author() : last->author();
}

const v1::Post* postOf(const v1::Record* record)
{
    return record && record->has_post() ? &record->post() : nullptr;
}

} // namespace

std::string joinTags(const google::protobuf::RepeatedPtrField<std::string>& tags)
{
    std::string joined;
    for (const std::string& tag : tags) {
        if (!joined.empty())
            joined += '\n';
        joined += tag;
    }
    return joined;
}

std::string foldName(const std::string& name)
{
    // (Upper case first, as it alone spreads out: ß, SS, ss.)
    QString folded = QString::fromStdString(name).normalized(QString::NormalizationForm_KD).toUpper().toCaseFolded();
    folded.removeIf([](QChar c) { return c.isMark(); });
    return folded.toStdString();
}

void Projections::put(int64_t row, int64_t feed, const Id& feedOwner, const v1::Record* before, const v1::Record* after)
{
    const v1::Record* any = after ? after : before;
    if (!any)
        return;
    switch (any->thing_case()) {
    case v1::Record::kPost:
        return putPost(row, feed, feedOwner, before, after);
    case v1::Record::kSpace:
        return putSpace(feed, feedOwner, after);
    case v1::Record::kPerson:
        return putPerson(before, after);
    case v1::Record::kMembership:
        if (!touched_.spaces.contains(feedOwner))
            touched_.spaces.append(feedOwner);
        return putMembership(feed, before, after);
    case v1::Record::kMark:
        return putMark(feed, before, after);
    case v1::Record::kOrganisation:
        touched_.directory = true;
        return;
    case v1::Record::THING_NOT_SET:
        return; // of a newer version: its bytes are kept
    }
}

void Projections::touchPost(const Id& space, const v1::Record& record)
{
    if (!touched_.spaces.contains(space))
        touched_.spaces.append(space);
    if (touched_.bulk)
        return;
    for (const std::string* id : {&record.id(), &record.post().parent(), &record.post().root()}) {
        const Id named = idOf(*id);
        if (!named.isNull() && !touched_.posts.contains(named))
            touched_.posts.append(named);
    }
    if (touched_.posts.size() > namedMax) {
        touched_.bulk = true;
        touched_.posts.clear();
    }
}

void Projections::tallyPost(int64_t feed, const v1::Record& record, int by)
{
    const v1::Post& post = record.post();
    SpaceTally& space = spaceTallies_[feed];
    space.activeMs = std::max(space.activeMs, record.changed_ms());
    const auto above = [&](const std::string& id) -> Tally& {
        Tally& tally = tallies_[rowOf_(feed, idOf(id))];
        tally.feed = feed;
        return tally;
    };
    switch (post.kind()) {
    case v1::SECTION:
    case v1::PAGE:
        space.pages += post.kind() == v1::PAGE ? by : 0;
        if (!post.parent().empty())
            above(post.parent()).children += by;
        break;
    case v1::QUESTION:
        space.questions += by;
        break;
    case v1::ANSWER:
        space.answers += by;
        above(post.parent()).answers += by;
        break;
    case v1::COMMENT:
        space.comments += by;
        above(post.parent()).comments += by;
        break;
    default:
        break;
    }
    if (!post.root().empty() && post.root() != record.id()) {
        Tally& root = above(post.root());
        root.activeMs = std::max(root.activeMs, record.changed_ms());
    }
    const bool counts = post.kind() != v1::COMMENT && post.kind() != v1::SECTION && post.kind() != v1::PROPOSAL;
    if (counts && !record.author().empty())
        authorTallies_[{feed, idOf(record.author())}] += by;
}

void Projections::putPost(int64_t row, int64_t feed, const Id& space, const v1::Record* before, const v1::Record* after)
{
    touchPost(space, after ? *after : *before);
    const v1::Post* was = postOf(before);
    const v1::Post* is = postOf(after);
    putReview(row, feed, before, after);
    if (was && is && differOnlyInTimes(*before, *after))
        return putTimes(row, feed, *after);
    const bool unansweredBefore = was && was->kind() == v1::QUESTION;
    if (was)
        tallyPost(feed, *before, -1);
    if (is)
        tallyPost(feed, *after, 1);
    putTags(row, feed, was, is);

    const int scoreBefore = was ? before->source().score() : 0;
    if (!is) {
        // The counts of what hangs on it stay: they are right again should it come back.
        run_("UPDATE posts SET kind = 0, parent = NULL, title = '', head = '', tags = '', stamp = 0, author = x'', "
             "changer = x'', score = score - ?2, imported_score = 0 WHERE row = ?1")
            .bind(row)
            .bind(int64_t(scoreBefore))
            .run();
    } else {
        Statement& put = run_(
            "INSERT INTO posts VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9, ?9, 0, 0, 0, ?10, ?11, ?12, ?13, ?14, "
            "?15, ?17) ON CONFLICT(row) DO UPDATE SET kind = ?3, parent = ?4, root = ?5, author = ?6, created_ms = ?7, "
            "changed_ms = ?8, active_ms = max(active_ms, ?8), score = score + ?9 - ?16, imported_score = ?9, "
            "position = ?10, accepted = ?11, stamp = ?12, title = ?13, head = ?14, tags = ?15, changer = ?17");
        put.bind(row).bind(feed).bind(int64_t(is->kind()));
        if (!is->parent().empty())
            put.bind(rowOf_(feed, idOf(is->parent())));
        else if (is->kind() == v1::QUESTION)
            put.bindNull();
        else
            put.bind(-feed);
        put.bind(is->root() == after->id() ? row : rowOf_(feed, idOf(is->root())))
            .bindBlob(after->author())
            .bind(after->created_ms())
            .bind(after->changed_ms())
            .bind(int64_t(after->source().score()))
            .bind(is->position())
            .bindBlob(is->accepted())
            .bind(stampOf(*after))
            .bind(is->title())
            .bind(clipUtf8(is->body(), headBytes))
            .bind(joinTags(is->tags()))
            .bind(int64_t(scoreBefore))
            .bindBlob(changerOf(*after))
            .run();
    }
    const bool unansweredAfter = is && is->kind() == v1::QUESTION;
    if (unansweredBefore != unansweredAfter && answersOf(row) == 0)
        spaceTallies_[feed].unanswered += int(unansweredAfter) - int(unansweredBefore);
}

void Projections::putReview(int64_t row, int64_t feed, const v1::Record* before, const v1::Record* after)
{
    const auto isProposal = [](const v1::Record* record) { return record && record->post().kind() == v1::PROPOSAL; };
    const auto isRequired = [](const v1::Record* record) { return record && record->post().required(); };
    if (isProposal(after)) {
        run_("INSERT OR REPLACE INTO proposals VALUES(?, ?, ?, ?, ?)")
            .bind(row)
            .bind(feed)
            .bind(int64_t(after->post().proposal().state()))
            .bindBlob(after->author())
            .bindBlob(outlineOf(*after))
            .run();
        putProposed(feed, idOf(after->post().parent()));
    } else if (isProposal(before))
        run_("DELETE FROM proposals WHERE row = ?").bind(row).run();
    if (after && after->post().kind() == v1::PAGE)
        run_("UPDATE proposed SET outline = ?2 WHERE row = ?1").bind(row).bindBlob(outlineOf(*after)).run();
    else if (before && before->post().kind() == v1::PAGE)
        run_("UPDATE proposed SET outline = NULL WHERE row = ?").bind(row).run();
    if (isRequired(after))
        run_("INSERT OR REPLACE INTO required VALUES(?, ?, ?, ?)")
            .bind(row)
            .bind(feed)
            .bindBlob(after->id())
            .bind(int64_t(after->post().body_version().revision()))
            .run();
    else if (isRequired(before))
        run_("DELETE FROM required WHERE row = ?").bind(row).run();
}

// The page that a proposal is of: where it came before, its outline is made now.
void Projections::putProposed(int64_t feed, const Id& page)
{
    const int64_t row = rowOf_(feed, page);
    run_("INSERT OR IGNORE INTO proposed VALUES(?, ?, NULL)").bind(row).bind(feed).run();
    if (run_.database().changedRows() == 0)
        return;
    Statement& read = run_("SELECT bytes FROM records WHERE row = ? AND deleted = 0 AND bytes IS NOT NULL").bind(row);
    v1::Record record;
    const bool isThere = read.step() && record.ParseFromString(std::string(read.text(0)));
    read.reset();
    if (isThere && record.post().kind() == v1::PAGE)
        run_("UPDATE proposed SET outline = ?2 WHERE row = ?1").bind(row).bindBlob(outlineOf(record)).run();
}

// An approval or a confirmation; 0: there is none.
void Projections::putSignature(int64_t feed, const v1::Record& record, int64_t value)
{
    const v1::Mark& mark = record.mark();
    const Id target = idOf(mark.target());
    if (!touched_.bulk && !touched_.posts.contains(target))
        touched_.posts.append(target);
    if (value == 0) {
        run_("DELETE FROM signatures WHERE target = ? AND kind = ? AND person = ?")
            .bindBlob(mark.target())
            .bind(int64_t(mark.kind()))
            .bindBlob(mark.person())
            .run();
        return;
    }
    run_("INSERT OR REPLACE INTO signatures VALUES(?, ?, ?, ?, ?, ?)")
        .bindBlob(mark.target())
        .bind(int64_t(mark.kind()))
        .bindBlob(mark.person())
        .bind(feed)
        .bind(value)
        .bind(record.changed_ms())
        .run();
}

void Projections::putTimes(int64_t row, int64_t feed, const v1::Record& record)
{
    SpaceTally& space = spaceTallies_[feed];
    space.activeMs = std::max(space.activeMs, record.changed_ms());
    if (!record.post().root().empty() && record.post().root() != record.id()) {
        Tally& root = tallies_[rowOf_(feed, idOf(record.post().root()))];
        root.feed = feed;
        root.activeMs = std::max(root.activeMs, record.changed_ms());
    }
    run_("UPDATE posts SET created_ms = ?2, changed_ms = ?3, active_ms = max(active_ms, ?3), changer = ?4 WHERE row = "
         "?1")
        .bind(row)
        .bind(record.created_ms())
        .bind(record.changed_ms())
        .bindBlob(changerOf(record))
        .run();
}

// As the row has them. (Asking with RETURNING would build a table for each statement.)
int64_t Projections::answersOf(int64_t row)
{
    Statement& read = run_("SELECT answers FROM posts WHERE row = ?").bind(row);
    const int64_t answers = read.step() ? read.number(0) : 0;
    read.reset();
    return answers;
}

int64_t Projections::tagRow(int64_t feed, const std::string& tag, int by)
{
    std::string key = std::to_string(feed) + ' ' + tag;
    auto found = tagRows_.find(key);
    if (found == tagRows_.end()) {
        int64_t row = 0;
        Statement& find = run_("SELECT tag FROM tags WHERE feed = ? AND text = ?").bind(feed).bind(tag);
        if (find.step())
            row = find.number(0);
        find.reset();
        if (row == 0) {
            run_("INSERT INTO tags(feed, text, posts) VALUES(?, ?, 0)").bind(feed).bind(tag).run();
            row = run_.database().lastRow();
        }
        if (tagRows_.size() > 10'000)
            tagRows_.clear();
        found = tagRows_.emplace(std::move(key), row).first;
    }
    tagTallies_[found->second] += by;
    return found->second;
}

void Projections::putTags(int64_t row, int64_t feed, const v1::Post* before, const v1::Post* after)
{
    const auto has = [](const v1::Post* post, const std::string& tag) {
        return post && std::find(post->tags().begin(), post->tags().end(), tag) != post->tags().end();
    };
    if (before) {
        for (const std::string& tag : before->tags())
            if (!has(after, tag))
                run_("DELETE FROM post_tags WHERE tag = ? AND row = ?").bind(tagRow(feed, tag, -1)).bind(row).run();
    }
    if (after) {
        for (const std::string& tag : after->tags())
            if (!has(before, tag))
                run_("INSERT OR IGNORE INTO post_tags VALUES(?, ?)").bind(tagRow(feed, tag, 1)).bind(row).run();
    }
}

void Projections::putSpace(int64_t feed, const Id& id, const v1::Record* after)
{
    if (!touched_.spaces.contains(id))
        touched_.spaces.append(id);
    touched_.feeds = true;
    run_("INSERT INTO spaces VALUES(?1, ?2, ?3, ?4, 0, 0, 0, 0, 0, 0, 0) "
         "ON CONFLICT(feed) DO UPDATE SET id = ?2, name = ?3, visibility = ?4")
        .bind(feed)
        .bindBlob(id.view())
        .bind(after ? std::string_view(after->space().name()) : std::string_view())
        .bind(int64_t(after ? after->space().visibility() : v1::VISIBILITY_NONE))
        .run();
}

void Projections::putPerson(const v1::Record* before, const v1::Record* after)
{
    touched_.directory = true;
    // What is searched of a post is its author's name as well.
    if (before && before->person().name() != (after ? after->person().name() : std::string())) {
        run_("UPDATE posts SET stamp = stamp - 2 WHERE author = ? AND kind <> 0").bindBlob(before->id()).run();
        touched_.bulk = true;
        touched_.posts.clear();
    }
    if (!after) {
        run_("DELETE FROM people WHERE id = ?").bindBlob(before->id()).run();
        return;
    }
    const v1::Person& person = after->person();
    run_("INSERT OR REPLACE INTO people VALUES(?, ?, ?, ?, ?, ?, ?)")
        .bindBlob(after->id())
        .bind(person.login())
        .bind(person.name())
        .bind(foldName(person.name()))
        .bind(person.about())
        .bind(int64_t(person.disabled()))
        .bind(int64_t(person.admin()))
        .run();
}

void Projections::putMembership(int64_t feed, const v1::Record* before, const v1::Record* after)
{
    const auto counts = [](const v1::Record* record) {
        return record && record->membership().role() != v1::ROLE_NONE ? 1 : 0;
    };
    spaceTallies_[feed].people += counts(after) - counts(before);
    touched_.feeds = true; // the role that counts in it
    const v1::Membership& membership = (after ? after : before)->membership();
    if (counts(after) == 0) {
        run_("DELETE FROM members WHERE feed = ? AND person = ?").bind(feed).bindBlob(membership.person()).run();
        return;
    }
    std::string titles;
    for (const int title : membership.titles())
        titles += char(title);
    run_("INSERT OR REPLACE INTO members VALUES(?, ?, ?, ?)")
        .bind(feed)
        .bindBlob(membership.person())
        .bind(int64_t(membership.role()))
        .bindBlob(titles)
        .run();
}

void Projections::putMark(int64_t feed, const v1::Record* before, const v1::Record* after)
{
    const v1::Mark& mark = (after ? after : before)->mark();
    const int64_t was = before ? before->mark().value() : 0;
    const int64_t is = after ? after->mark().value() : 0;
    const Id target = idOf(mark.target());
    switch (mark.kind()) {
    case v1::VOTE: {
        Tally& tally = tallies_[rowOf_(feed, target)];
        tally.feed = feed;
        tally.votes += int(is - was);
        if (!touched_.bulk && !touched_.posts.contains(target))
            touched_.posts.append(target);
        break;
    }
    case v1::BOOKMARK:
        touched_.personal = true;
        if (is != 0)
            run_("INSERT OR IGNORE INTO bookmarks VALUES(?)").bindBlob(mark.target()).run();
        else
            run_("DELETE FROM bookmarks WHERE target = ?").bindBlob(mark.target()).run();
        break;
    case v1::SEEN:
        touched_.personal = true;
        break;
    case v1::APPROVAL:
    case v1::CONFIRMED:
        putSignature(feed, after ? *after : *before, is);
        break;
    default:
        break;
    }
}

void Projections::flush()
{
    for (const auto& [row, tally] : tallies_) {
        run_("UPDATE posts SET answers = answers + ?2, comments = comments + ?3, children = children + ?4, "
             "score = score + ?5, active_ms = max(active_ms, ?6) WHERE row = ?1")
            .bind(row)
            .bind(int64_t(tally.answers))
            .bind(int64_t(tally.comments))
            .bind(int64_t(tally.children))
            .bind(int64_t(tally.votes))
            .bind(tally.activeMs)
            .run();
        if (run_.database().changedRows() == 0) {
            run_("INSERT INTO posts VALUES(?1, ?2, 0, NULL, 0, x'', 0, 0, ?3, ?4, 0, ?5, ?6, ?7, 0, x'', 0, '', '', "
                 "'', x'')")
                .bind(row)
                .bind(tally.feed)
                .bind(tally.activeMs)
                .bind(int64_t(tally.votes))
                .bind(int64_t(tally.answers))
                .bind(int64_t(tally.comments))
                .bind(int64_t(tally.children))
                .run();
        } else if (tally.answers != 0) {
            Statement& read = run_("SELECT answers FROM posts WHERE row = ? AND kind = 3").bind(row);
            if (read.step()) {
                const int64_t answers = read.number(0);
                spaceTallies_[tally.feed].unanswered += int(answers == 0) - int(answers - tally.answers == 0);
            }
            read.reset();
        }
    }
    for (const auto& [feed, tally] : spaceTallies_) {
        // The space's own record may come later: then its name does.
        run_("INSERT INTO spaces VALUES(?1, x'', '', 0, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT(feed) DO UPDATE SET "
             "pages = pages + ?2, questions = questions + ?3, answers = answers + ?4, comments = comments + ?5, "
             "unanswered = unanswered + ?6, people = people + ?7, active_ms = max(active_ms, ?8)")
            .bind(feed)
            .bind(int64_t(tally.pages))
            .bind(int64_t(tally.questions))
            .bind(int64_t(tally.answers))
            .bind(int64_t(tally.comments))
            .bind(int64_t(tally.unanswered))
            .bind(int64_t(tally.people))
            .bind(tally.activeMs)
            .run();
    }
    for (const auto& [key, posts] : authorTallies_) {
        run_("INSERT INTO authors VALUES(?1, ?2, ?3) ON CONFLICT DO UPDATE SET posts = posts + ?3")
            .bind(key.first)
            .bindBlob(key.second.view())
            .bind(int64_t(posts))
            .run();
    }
    for (const auto& [tag, posts] : tagTallies_)
        run_("UPDATE tags SET posts = posts + ? WHERE tag = ?").bind(int64_t(posts)).bind(tag).run();
    tallies_.clear();
    spaceTallies_.clear();
    authorTallies_.clear();
    tagTallies_.clear();
}

void Projections::forget()
{
    tallies_.clear();
    spaceTallies_.clear();
    authorTallies_.clear();
    tagTallies_.clear();
    tagRows_.clear();
    touched_ = {};
}

void Projections::forgetFeed(int64_t feed, const Id& owner)
{
    std::erase_if(tallies_, [&](const auto& each) { return each.second.feed == feed; });
    std::erase_if(authorTallies_, [&](const auto& each) { return each.first.first == feed; });
    spaceTallies_.erase(feed);
    tagRows_.clear();
    touched_.bulk = true;
    touched_.feeds = true;
    if (!touched_.spaces.contains(owner))
        touched_.spaces.append(owner);
}

Touched Projections::takeTouched()
{
    return std::exchange(touched_, {});
}

} // namespace stoa
