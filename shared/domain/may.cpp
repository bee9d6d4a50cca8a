#include "shared/domain/may.h"

#include <algorithm>
#include <array>

#include "shared/base/plant.h"
#include "shared/domain/fields.h"
#include "shared/domain/review.h"

namespace stoa {

namespace {

using Act = v1::Change;

// Whoever reads a row aloud says the rule: "an edit of a page's title needs a contributor".
constexpr std::array table{
    Permission{.act = Act::kCreateOrganisation, .admin = true},
    Permission{.act = Act::kCreatePerson, .admin = true},
    Permission{.act = Act::kCreateSpace, .admin = true},
    Permission{.act = Act::kSetMembership, .least = v1::OWNER},
    Permission{.act = Act::kSetMembership, .admin = true},

    Permission{.act = Act::kCreatePost, .least = v1::CONTRIBUTOR},
    Permission{.act = Act::kCreatePost, .post = v1::PROPOSAL, .least = v1::READER},
    Permission{.act = Act::kCreatePost, .post = v1::COMMENT, .least = v1::READER, .author = true},
    Permission{.act = Act::kCreatePost, .post = v1::COMMENT, .least = v1::READER, .reviewer = true},

    Permission{.act = Act::kEdit, .field = v1::ORGANISATION_NAME, .admin = true},
    Permission{.act = Act::kEdit, .field = v1::PERSON_NAME, .author = true},
    Permission{.act = Act::kEdit, .field = v1::PERSON_NAME, .admin = true},
    Permission{.act = Act::kEdit, .field = v1::PERSON_ABOUT, .author = true},
    Permission{.act = Act::kEdit, .field = v1::PERSON_ABOUT, .admin = true},
    Permission{.act = Act::kEdit, .field = v1::PERSON_DISABLED, .admin = true},
    Permission{.act = Act::kEdit, .field = v1::PERSON_ADMIN, .admin = true},

    Permission{.act = Act::kEdit, .field = v1::SPACE_NAME, .least = v1::OWNER},
    Permission{.act = Act::kEdit, .field = v1::SPACE_VISIBILITY, .least = v1::OWNER},
    Permission{.act = Act::kEdit, .field = v1::CHARTER_PROBLEM, .least = v1::OWNER},
    Permission{.act = Act::kEdit, .field = v1::CHARTER_AUDIENCE, .least = v1::OWNER},
    Permission{.act = Act::kEdit, .field = v1::CHARTER_SPONSOR, .least = v1::OWNER},
    Permission{.act = Act::kEdit, .field = v1::CHARTER_TARGET, .least = v1::OWNER},
    Permission{.act = Act::kEdit, .field = v1::CHARTER_TARGET_FIGURE, .least = v1::OWNER},
    Permission{.act = Act::kEdit, .field = v1::CHARTER_TARGET_DATE, .least = v1::OWNER},
    Permission{.act = Act::kEdit, .field = v1::CHARTER_BELONGS, .least = v1::OWNER},
    Permission{.act = Act::kEdit, .field = v1::CHARTER_EXCLUDED, .least = v1::OWNER},
    Permission{.act = Act::kEdit, .field = v1::SPACE_REVIEW, .least = v1::OWNER},
    Permission{.act = Act::kEdit, .field = v1::SPACE_REVIEWERS, .least = v1::OWNER},

    Permission{
        .act = Act::kEdit, .post = v1::PAGE, .field = v1::POST_TITLE, .least = v1::CONTRIBUTOR, .unreviewed = true},
    Permission{.act = Act::kEdit, .post = v1::PAGE, .field = v1::POST_TITLE, .least = v1::MODERATOR},
    Permission{
        .act = Act::kEdit, .post = v1::PAGE, .field = v1::POST_TAGS, .least = v1::CONTRIBUTOR, .unreviewed = true},
    Permission{.act = Act::kEdit, .post = v1::PAGE, .field = v1::POST_TAGS, .least = v1::MODERATOR},
    Permission{
        .act = Act::kEdit, .post = v1::PAGE, .field = v1::POST_PARENT, .least = v1::CONTRIBUTOR, .unreviewed = true},
    Permission{.act = Act::kEdit, .post = v1::PAGE, .field = v1::POST_PARENT, .least = v1::MODERATOR},
    Permission{
        .act = Act::kEdit, .post = v1::PAGE, .field = v1::POST_POSITION, .least = v1::CONTRIBUTOR, .unreviewed = true},
    Permission{.act = Act::kEdit, .post = v1::PAGE, .field = v1::POST_POSITION, .least = v1::MODERATOR},
    Permission{.act = Act::kEdit, .post = v1::PAGE, .field = v1::POST_REVIEW, .least = v1::MODERATOR},
    Permission{.act = Act::kEdit, .post = v1::PAGE, .field = v1::POST_REVIEWERS, .least = v1::MODERATOR},
    Permission{.act = Act::kEdit, .post = v1::PAGE, .field = v1::POST_REQUIRED, .least = v1::MODERATOR},
    Permission{
        .act = Act::kEdit, .post = v1::SECTION, .field = v1::POST_TITLE, .least = v1::CONTRIBUTOR, .unreviewed = true},
    Permission{.act = Act::kEdit, .post = v1::SECTION, .field = v1::POST_TITLE, .least = v1::MODERATOR},
    Permission{
        .act = Act::kEdit, .post = v1::SECTION, .field = v1::POST_PARENT, .least = v1::CONTRIBUTOR, .unreviewed = true},
    Permission{.act = Act::kEdit, .post = v1::SECTION, .field = v1::POST_PARENT, .least = v1::MODERATOR},
    Permission{.act = Act::kEdit,
               .post = v1::SECTION,
               .field = v1::POST_POSITION,
               .least = v1::CONTRIBUTOR,
               .unreviewed = true},
    Permission{.act = Act::kEdit, .post = v1::SECTION, .field = v1::POST_POSITION, .least = v1::MODERATOR},
    Permission{
        .act = Act::kEdit, .post = v1::QUESTION, .field = v1::POST_TITLE, .least = v1::CONTRIBUTOR, .author = true},
    Permission{.act = Act::kEdit, .post = v1::QUESTION, .field = v1::POST_TITLE, .least = v1::MODERATOR},
    Permission{
        .act = Act::kEdit, .post = v1::QUESTION, .field = v1::POST_TAGS, .least = v1::CONTRIBUTOR, .author = true},
    Permission{.act = Act::kEdit, .post = v1::QUESTION, .field = v1::POST_TAGS, .least = v1::MODERATOR},
    Permission{
        .act = Act::kEdit, .post = v1::QUESTION, .field = v1::POST_ACCEPTED, .least = v1::READER, .author = true},
    // Of a state: whoever may alter it at all; which one follows which, mayTurn (review.h) says.
    Permission{
        .act = Act::kEdit, .post = v1::PROPOSAL, .field = v1::PROPOSAL_STATE, .least = v1::READER, .author = true},
    Permission{
        .act = Act::kEdit, .post = v1::PROPOSAL, .field = v1::PROPOSAL_STATE, .least = v1::READER, .reviewer = true},
    Permission{.act = Act::kEdit, .post = v1::PROPOSAL, .field = v1::PROPOSAL_STATE, .least = v1::MODERATOR},
    Permission{
        .act = Act::kEdit, .post = v1::PROPOSAL, .field = v1::PROPOSAL_REASON, .least = v1::READER, .author = true},
    Permission{
        .act = Act::kEdit, .post = v1::PROPOSAL, .field = v1::PROPOSAL_DATE, .least = v1::READER, .author = true},
    Permission{
        .act = Act::kEdit, .post = v1::PROPOSAL, .field = v1::PROPOSAL_DATE, .least = v1::READER, .reviewer = true},
    Permission{.act = Act::kEdit, .post = v1::PROPOSAL, .field = v1::PROPOSAL_DATE, .least = v1::MODERATOR},
    Permission{.act = Act::kEdit, .field = v1::POST_BODY, .import = true},

    Permission{.act = Act::kEditText, .post = v1::PAGE, .least = v1::CONTRIBUTOR, .unreviewed = true},
    Permission{.act = Act::kEditText, .post = v1::PROPOSAL, .least = v1::READER, .author = true},
    Permission{.act = Act::kEditText, .post = v1::QUESTION, .least = v1::CONTRIBUTOR, .author = true},
    Permission{.act = Act::kEditText, .post = v1::QUESTION, .least = v1::MODERATOR},
    Permission{.act = Act::kEditText, .post = v1::ANSWER, .least = v1::CONTRIBUTOR, .author = true},
    Permission{.act = Act::kEditText, .post = v1::ANSWER, .least = v1::MODERATOR},
    Permission{.act = Act::kEditText, .post = v1::COMMENT, .least = v1::CONTRIBUTOR, .author = true},
    Permission{.act = Act::kEditText, .post = v1::COMMENT, .least = v1::READER, .author = true, .proposed = true},
    Permission{.act = Act::kEditText, .post = v1::COMMENT, .least = v1::MODERATOR},

    Permission{.act = Act::kSetMark, .mark = v1::VOTE, .least = v1::READER},
    Permission{.act = Act::kSetMark, .mark = v1::BOOKMARK, .least = v1::READER},
    Permission{.act = Act::kSetMark, .mark = v1::SEEN, .least = v1::READER},
    Permission{.act = Act::kSetMark, .mark = v1::APPROVAL, .least = v1::READER, .reviewer = true},
    Permission{.act = Act::kSetMark, .mark = v1::CONFIRMED, .least = v1::READER},

    Permission{.act = Act::kDelete, .least = v1::READER, .author = true, .unreviewed = true},
    Permission{.act = Act::kDelete, .least = v1::MODERATOR},
};

bool isActive(const v1::Record& record)
{
    return record.has_person() && !record.deleted() &&
           (!record.person().disabled() || STOA_PLANT("disabled people act"));
}

// What the rows are held against.
struct Asked {
    v1::PostKind post = v1::POST_NONE;
    v1::MarkKind mark = v1::MARK_NONE;
    v1::Record::ThingCase thing = v1::Record::THING_NOT_SET; // that an edit is of
    std::optional<Feed> feed; // that the change is about; none where there is no such record
    bool author = false;
    bool reviewed = false;           // a page or a section that asks for review
    std::optional<Located> proposal; // that the change is about, or on
    std::string parent;              // of the post that it alters
};

bool wrote(const Actor& actor, const v1::Record& record)
{
    return !actor.person.isNull() && record.author() == actor.person.view();
}

std::optional<Located> proposalOf(const std::string& raw, const Reader& reader)
{
    const auto id = Id::from(raw);
    auto located = id ? reader.find(*id) : std::nullopt;
    if (!located || located->record->deleted() || located->record->post().kind() != v1::PROPOSAL)
        return std::nullopt;
    return located;
}

Asked ask(const v1::Change& change, const Context& context, const Reader& reader)
{
    const auto spaceFeed = [](const std::string& raw) -> std::optional<Feed> {
        if (const auto id = Id::from(raw))
            return Feed{FeedKind::Space, *id};
        return std::nullopt;
    };
    Asked asked;
    switch (change.act_case()) {
    case Act::kSetMembership:
        asked.feed = spaceFeed(change.set_membership().space());
        break;
    case Act::kCreatePost:
        asked.feed = spaceFeed(change.create_post().space());
        asked.post = change.create_post().kind();
        if (asked.post == v1::COMMENT) {
            asked.proposal = proposalOf(change.create_post().parent(), reader);
            asked.author =
                asked.proposal && asked.proposal->feed == asked.feed && wrote(context.actor, *asked.proposal->record);
        }
        break;
    case Act::kSetMark: {
        asked.mark = change.set_mark().kind();
        if (const auto on = Id::from(change.set_mark().on())) {
            if (const auto located = reader.find(*on); located && !located->record->deleted())
                asked.feed = located->feed;
        }
        asked.proposal = proposalOf(change.set_mark().on(), reader);
        break;
    }
    case Act::kEdit:
    case Act::kEditText:
    case Act::kDelete: {
        const auto target = Id::from(change.target());
        const auto located = target ? reader.find(*target) : std::nullopt;
        if (!located || located->record->deleted())
            break;
        asked.feed = located->feed;
        asked.thing = located->record->thing_case();
        asked.post = located->record->post().kind();
        asked.author =
            located->record->has_person() ? *target == context.actor.person : wrote(context.actor, *located->record);
        asked.reviewed = asksForReview(*located->record, reader);
        if (asked.post == v1::PROPOSAL)
            asked.proposal = located;
        asked.parent = located->record->post().parent();
        break;
    }
    default:
        asked.feed = Feed{FeedKind::Directory, context.directory};
    }
    return asked;
}

} // namespace

std::span<const Permission> permissions()
{
    return table;
}

v1::Role roleIn(const Id& space, const Actor& actor, const Reader& reader)
{
    if (actor.server)
        return v1::OWNER;
    const auto person = reader.find(actor.person);
    if (!person || !isActive(*person->record))
        return v1::ROLE_NONE;
    const auto membership = reader.find(membershipId(space, actor.person));
    if (membership && membership->record->has_membership() &&
        membership->record->membership().role() != v1::ROLE_NONE) {
        return membership->record->membership().role();
    }
    const auto located = reader.find(space);
    if (!located || !located->record->has_space() || located->record->deleted())
        return v1::ROLE_NONE;
    switch (located->record->space().visibility()) {
    case v1::OPEN:
        return v1::CONTRIBUTOR;
    case v1::RESTRICTED:
        return STOA_PLANT("everybody contributes to restricted spaces") ? v1::CONTRIBUTOR : v1::READER;
    default:
        return v1::ROLE_NONE;
    }
}

bool mayRead(const Feed& feed, const Actor& actor, const Reader& reader, const Id& directory)
{
    if (actor.server)
        return true;
    const auto person = reader.find(actor.person);
    if (!person || !isActive(*person->record))
        return false;
    switch (feed.kind) {
    case FeedKind::Directory:
        return feed.owner == directory;
    case FeedKind::Space:
        return roleIn(feed.owner, actor, reader) >= v1::READER;
    case FeedKind::Staff:
        return roleIn(feed.owner, actor, reader) >=
               (STOA_PLANT("members read the feed for the staff") ? v1::READER : v1::MODERATOR);
    case FeedKind::Person:
        return feed.owner == actor.person || STOA_PLANT("another's own feed is read");
    }
    return false;
}

Result<void> may(const v1::Change& change, const Context& context, const Reader& reader)
{
    const Actor& actor = context.actor;
    if (change.has_origin() && !actor.import && !STOA_PLANT("an origin is believed"))
        return v1::NOT_ALLOWED;

    const Asked asked = ask(change, context, reader);
    if (!asked.feed)
        return v1::NOT_FOUND;
    const auto person = actor.server ? std::nullopt : reader.find(actor.person);
    const bool active = actor.server || (person && isActive(*person->record));
    const bool admin = actor.server || (active && person->record->person().admin());
    const v1::Role role =
        asked.feed->kind == FeedKind::Space ? roleIn(asked.feed->owner, actor, reader) : v1::ROLE_NONE;

    const bool reviewed = asked.reviewed && !STOA_PLANT("a page that asks for review is just changed");
    const auto reviewer = [&] {
        return actor.server || (asked.proposal && asked.proposal->feed == asked.feed &&
                                (mayApprove(*asked.proposal->record, actor, reader) || STOA_PLANT("anybody approves")));
    };
    // Asked last: what it hangs below may be long.
    const auto proposed = [&] { return asked.proposal || proposalOf(asked.parent, reader); };
    const auto satisfied = [&](const Permission& row) {
        const bool roleEnough = row.least == v1::ROLE_NONE || actor.server || role >= row.least;
        return active && roleEnough && (!row.author || asked.author || actor.server) && (!row.admin || admin) &&
               (!row.import || actor.import) && (!row.unreviewed || !reviewed) && (!row.reviewer || reviewer()) &&
               (!row.proposed || proposed());
    };
    const auto matches = [&](const Permission& row, v1::Field field) {
        return row.act == change.act_case() && (row.post == v1::POST_NONE || row.post == asked.post) &&
               (row.mark == v1::MARK_NONE || row.mark == asked.mark) &&
               (row.field == v1::FIELD_NONE || (row.field == field && fieldRule(field)->thing == asked.thing));
    };
    const auto allowed = [&](v1::Field field) {
        return std::any_of(table.begin(), table.end(),
                           [&](const Permission& row) { return matches(row, field) && satisfied(row); });
    };
    const auto refusal = [&](v1::Field field) {
        const bool told = mayRead(*asked.feed, actor, reader, context.directory);
        const bool proposes = reviewed && change.has_edit_text();
        return told || STOA_PLANT("a refusal tells of what is hidden")
                 ? Refusal{proposes ? v1::REVIEWED : v1::NOT_ALLOWED, field}
                 : Refusal{v1::NOT_FOUND};
    };

    if (change.act_case() != Act::kEdit) {
        // What becomes of one's own proposal others say: that is told apart from a role that is too low.
        const bool own = asked.mark == v1::APPROVAL && asked.proposal && wrote(actor, *asked.proposal->record);
        return allowed(v1::FIELD_NONE) ? Result<void>() : refusal(own ? v1::PROPOSAL_STATE : v1::FIELD_NONE);
    }
    for (const v1::FieldEdit& edit : change.edit().fields())
        if (!allowed(edit.field()))
            return refusal(edit.field());
    return {};
}

} // namespace stoa
