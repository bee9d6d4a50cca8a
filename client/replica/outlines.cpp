#include "client/replica/outlines.h"

namespace stoa {

namespace {

constexpr size_t knownMax = 4'096;

} // namespace

std::string outlineOf(const v1::Record& post)
{
    v1::Record outline;
    outline.set_id(post.id());
    outline.set_author(post.author());
    outline.set_created_ms(post.created_ms());
    outline.set_changed_ms(post.changed_ms());
    *outline.mutable_writers() = post.writers();
    const v1::Post& from = post.post();
    v1::Post& to = *outline.mutable_post();
    to.set_kind(from.kind());
    to.set_space(from.space());
    to.set_parent(from.parent());
    to.set_root(from.root());
    to.set_title(from.title());
    if (from.has_body_version())
        *to.mutable_body_version() = from.body_version();
    *to.mutable_contested() = from.contested();
    to.set_review(from.review());
    *to.mutable_reviewers() = from.reviewers();
    to.set_required(from.required());
    if (from.has_proposal())
        *to.mutable_proposal() = from.proposal();
    return outline.SerializeAsString();
}

std::optional<Located> OutlineReader::find(const Id& id) const
{
    if (known_.size() > knownMax)
        known_.clear();
    const auto [known, isNew] = known_.try_emplace(id);
    if (isNew)
        known->second = read(id);
    return known->second;
}

std::optional<Located> OutlineReader::read(const Id& id) const
{
    // (The body's bytes are the row's last column, which this does not touch.)
    Statement& read =
        run_("SELECT f.key, coalesce(s.outline, p.outline) FROM records r JOIN feeds f ON f.feed = r.feed "
             "LEFT JOIN proposals s ON s.row = r.row LEFT JOIN proposed p ON p.row = r.row "
             "WHERE r.id = ? AND r.deleted = 0 AND coalesce(s.outline, p.outline) IS NOT NULL");
    read.bindBlob(id.view());
    std::optional<Located> located = read.step() ? locatedOf(read) : std::nullopt;
    read.reset();
    return located ? located : visible_.find(id);
}

} // namespace stoa
