// People who write in bodies beside all else that they do, and what must be true of bodies.

#include "client/replica/queries.h"
#include "client/replica/visible_reader.h"
#include "server/session/live.h"
#include "shared/domain/history.h"
#include "tests/simulation/letters.h"
#include "tests/simulation/world.h"

namespace stoa::test {

namespace {

constexpr int64_t thoughtsBetween = 4;
constexpr size_t openTextsMax = 3; // of one device
constexpr size_t busyPages = 3;    // the first ones

} // namespace

// What is written is drawn apart from all else: so a world goes on as it would without, until what is written meets it.
void World::writeLater(Device& device)
{
    if (plan_.texts == Texts::None)
        return;
    later(int64_t(writing_.number(uint64_t(2 * thoughtsBetween * plan_.thinkMs))), [this, &device] {
        if (healing_)
            return;
        writeLater(device); // whatever becomes of this
        if (!device.replica)
            return;
        if (writing_.chance(30))
            openOrCloseText(device);
        if (device.replica && writing_.chance(10))
            checkOpen(device);
        if (!device.replica || plan_.texts == Texts::Many)
            return;
        if (writing_.chance(20))
            return lookBack(device);
        if (writing_.chance(10))
            return restoreText(device);
        for (uint64_t more = writing_.chance(20) ? 1 + writing_.number(4) : 1; more > 0 && device.replica; --more)
            write(device);
    });
}

void World::write(Device& device)
{
    const VisibleReader visible(*device.look);
    if (const auto change = makeWriting(writing_, makerAt(device, visible), things_))
        (void)want(device, *change);
}

// Asks for the history of a body, also of one that they may not read.
void World::lookBack(Device& device)
{
    if (things_.pages.empty())
        return;
    const Id page = things_.pages[writing_.number(std::min<size_t>(things_.pages.size(), 5))];
    ++counts_.acts["asked for a history"];
    within(device, [&] { device.syncer->readHistory(page); });
}

// A person comes to a body or leaves it, or moves their cursor in it.
void World::openOrCloseText(Device& device)
{
    std::vector<Id>& open = device.openTexts;
    const bool isFull = open.size() == openTextsMax;
    if (!open.empty() && (isFull || writing_.chance(50))) {
        const size_t at = writing_.number(open.size());
        const Id post = open[at];
        const bool leaves = isFull || writing_.chance(40);
        if (leaves)
            open.erase(open.begin() + int64_t(at));
        say(nameOf(device) + (leaves ? " closes " : " is in ") + post.hex());
        const uint64_t place = writing_.number(200);
        ++counts_.acts[leaves ? "left a body" : "moved in a body"];
        return within(device, [&] {
            leaves ? device.syncer->closeText(post) : device.syncer->setPresence(post, place, place / 2, false);
        });
    }
    const std::vector<Id>& all = writing_.chance(70) && !things_.pages.empty() ? things_.pages : things_.posts;
    if (all.empty())
        return;
    const size_t few = all.size() > busyPages && writing_.chance(50) ? busyPages : all.size();
    open.push_back(all[writing_.number(few)]);
    say(nameOf(device) + " opens " + open.back().hex());
    ++counts_.acts["opened a body"];
    within(device, [&] { device.syncer->openText(device.openTexts.back()); });
}

// Gives a body the text again that it had once.
void World::restoreText(Device& device)
{
    std::vector<Id> posts;
    Statement& read = (*device.look)("SELECT post FROM histories ORDER BY post");
    while (read.step())
        posts.push_back(*Id::from(read.text(0)));
    read.reset();
    if (posts.empty())
        return;
    const Id post = posts[writing_.number(posts.size())];
    const Reading reading(QString::fromStdString(device.folder + "/replica.db"));
    const auto past = history(reading, post);
    if (!past || past->revisions.empty() || !past->whole)
        return;
    const auto earlier =
        bodyAfter(std::span(past->revisions).first(1 + writing_.number(uint64_t(past->revisions.size()))));
    if (!earlier)
        throw Broken("a body is what was written, where it was written",
                     nameOf(device) + " cannot make a body of the history of " + post.hex());
    const VisibleReader visible(*device.look);
    const auto change = makeRestoring(writing_, makerAt(device, visible), things_, post, *earlier);
    if (change && want(device, *change))
        ++counts_.acts["restored a body"];
}

// A change of a body, often over one that nobody knows.
void World::addStrangeText(v1::Envelope& push, const Maker& maker)
{
    auto change = makeWriting(writing_, maker, things_);
    if (!change)
        return;
    v1::TextVersion& base = *change->mutable_edit_text()->mutable_base();
    switch (writing_.number(3)) {
    case 0:
        if (base.revision() == 0)
            change->mutable_edit_text()->clear_base();
        break;
    case 1:
        base.set_revision(base.revision() + 1);
        base.mutable_seal()->resize(16, 'x');
        break;
    default:
        base.set_revision(std::max<uint64_t>(1, base.revision()));
        base.set_seal(std::string(16, 'x'));
    }
    v1::PushedChange& pushed = *push.mutable_push()->add_changes();
    pushed.set_change(change->SerializeAsString());
    pushed.set_age_ms(int64_t(writing_.number(1'000'000)));
}

// Of what was just committed: each body is what its revisions make of it.
void World::checkBodies(const Committed& committed)
{
    after_->refresh();
    v1::Record record;
    for (const auto& news : committed.news) {
        for (const StoredVersion& version : news->versions) {
            if (version.deleted || !record.ParseFromString(version.bytes) || !record.has_post())
                continue;
            if (const std::string wrong = wrongBody(record, *after_); !wrong.empty())
                throw Broken("a body is what was written, where it was written",
                             version.id.hex() + " number " + std::to_string(version.number) + ": " + wrong);
        }
    }
    after_->rest();
}

// A body that others write in while it is open is what its revisions make of it, where nothing of one's own waits.
void World::checkOpen(Device& device)
{
    Statement& read = (*device.look)("SELECT id, bytes FROM records r WHERE bytes IS NOT NULL AND EXISTS(SELECT 1 FROM "
                                     "live l WHERE l.row = r.row) AND NOT EXISTS(SELECT 1 FROM outbox o WHERE o.target "
                                     "= r.id) ORDER BY id");
    v1::Record shown;
    after_->refresh();
    while (read.step()) {
        if (!shown.ParseFromString(std::string(read.text(1))) || !shown.has_post())
            continue;
        if (const std::string wrong = wrongBody(shown, *after_); !wrong.empty())
            throw Broken("a body is what was written, where it was written",
                         nameOf(device) + " shows " + toHex(read.text(0)) + ": " + wrong);
    }
    after_->rest();
    read.reset();
}

// What a device keeps of histories is what the server has.
void World::checkHistory(Device& device)
{
    constexpr const char* name = "a replica holds what the server committed";
    after_->refresh();
    Statement& read = (*device.look)("SELECT post, bytes FROM revisions ORDER BY post, revision");
    while (read.step()) {
        v1::Revision kept;
        const Id post = *Id::from(read.text(0));
        if (!kept.ParseFromString(std::string(read.text(1))))
            throw Broken(name, nameOf(device) + " keeps a revision of " + post.hex() + " that is none");
        const auto there = after_->revision(post, kept.version().revision());
        // (The first one that a server has of what came back is the whole body of that version.)
        const bool isSame = there && there->version().seal() == kept.version().seal() && there->after() == kept.after();
        // (Of what it looked at before the server went back, or before it was erased who wrote it, it is not told.)
        if (isSame && there->text() != kept.text())
            throw Broken(name, nameOf(device) + " keeps another revision " + std::to_string(kept.version().revision()) +
                                   " of " + post.hex());
    }
    read.reset();
    after_->rest();
}

} // namespace stoa::test
