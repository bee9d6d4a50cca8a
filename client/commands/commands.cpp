#include "client/commands/commands.h"

#include "client/commands/minting.h"
#include "shared/domain/feed.h"
#include "shared/domain/fields.h"
#include "shared/text/codec.h"
#include "shared/text/diff.h"
#include "shared/text/transform.h"

namespace stoa {

namespace {

v1::Change begin(const Pen& pen)
{
    v1::Change change;
    const int64_t now = pen.now();
    change.set_id(newId(now, pen.random).str());
    change.set_made_ms(now);
    return change;
}

} // namespace

v1::Change mintPost(const Pen& pen, v1::PostKind kind, const Id& space, const Id& parent, const QString& body)
{
    v1::Change change = begin(pen);
    change.set_target(newId(change.made_ms(), pen.random).str());
    v1::CreatePost& post = *change.mutable_create_post();
    post.set_kind(kind);
    post.set_space(space.str());
    if (!parent.isNull())
        post.set_parent(parent.str());
    post.set_body(body.toStdString());
    return change;
}

v1::Change mintMark(const Pen& pen, v1::MarkKind kind, const Id& on, int64_t value)
{
    v1::Change change = begin(pen);
    change.set_target(markId(on, pen.person, kind).str());
    v1::SetMark& mark = *change.mutable_set_mark();
    mark.set_kind(kind);
    mark.set_on(on.str());
    mark.set_value(value);
    return change;
}

v1::Value& addField(v1::Change& change, const v1::Record& record, v1::Field field)
{
    v1::FieldEdit& edit = *change.mutable_edit()->add_fields();
    edit.set_field(field);
    if (const v1::Writer* writer = writerOf(record, field))
        edit.set_seen(writer->change());
    return *edit.mutable_value();
}

v1::Change mintEdit(const Pen& pen, const v1::Record& record)
{
    v1::Change change = begin(pen);
    change.set_target(record.id());
    change.mutable_edit();
    return change;
}

v1::Change askQuestion(const Pen& pen, const Id& space, const QString& title, const QString& body,
                       const QStringList& tags)
{
    v1::Change change = mintPost(pen, v1::QUESTION, space, {}, body);
    v1::CreatePost& post = *change.mutable_create_post();
    post.set_title(title.simplified().toStdString());
    for (const QString& tag : tags)
        post.add_tags(tag.toStdString());
    return change;
}

v1::Change createPage(const Pen& pen, const Id& space, const Id& parent, const QString& title, const QString& body,
                      const QStringList& tags)
{
    v1::Change change = mintPost(pen, v1::PAGE, space, parent, body);
    v1::CreatePost& post = *change.mutable_create_post();
    post.set_title(title.simplified().toStdString());
    for (const QString& tag : tags)
        post.add_tags(tag.toStdString());
    return change;
}

v1::Change answerQuestion(const Pen& pen, const Id& space, const Id& question, const QString& body)
{
    return mintPost(pen, v1::ANSWER, space, question, body);
}

v1::Change commentOn(const Pen& pen, const Id& space, const Id& post, const QString& body)
{
    return mintPost(pen, v1::COMMENT, space, post, body);
}

v1::Change editBody(const Pen& pen, const Id& post, const std::string& before, const TextChange& text)
{
    v1::Change change = begin(pen);
    change.set_target(post.str());
    change.mutable_edit_text()->set_text(encode(text));
    change.mutable_edit_text()->set_shown(hash128(before).str());
    return change;
}

v1::Change editBody(const Pen& pen, const Id& post, const std::string& before, const std::string& after)
{
    return editBody(pen, post, before, diffByWords(before, after));
}

TextChange movedOnto(const std::string& now, const std::string& before, const TextChange& change)
{
    return now == before ? change : transform(diffByWords(before, now), change).later;
}

std::string movedOnto(const std::string& now, const std::string& before, const std::string& after)
{
    return *applyTo(now, movedOnto(now, before, diffByWords(before, after)));
}

v1::Change editPost(const Pen& pen, const v1::Record& post, const QString& title, const QStringList& tags)
{
    v1::Record wanted = post;
    wanted.mutable_post()->set_title(title.simplified().toStdString());
    wanted.mutable_post()->clear_tags();
    for (const QString& tag : tags)
        wanted.mutable_post()->add_tags(tag.toStdString());
    v1::Change change = mintEdit(pen, post);
    for (const v1::Field field : {v1::POST_TITLE, v1::POST_TAGS}) {
        const v1::Value value = fieldValue(wanted, field);
        if (value.SerializeAsString() != fieldValue(post, field).SerializeAsString())
            addField(change, post, field) = value;
    }
    return change;
}

v1::Change deletePost(const Pen& pen, const Id& post)
{
    v1::Change change = begin(pen);
    change.set_target(post.str());
    change.mutable_delete_();
    return change;
}

v1::Change movePage(const Pen& pen, const v1::Record& page, const Id& parent)
{
    v1::Change change = mintEdit(pen, page);
    addField(change, page, v1::POST_PARENT).set_ref(parent.isNull() ? std::string() : parent.str());
    return change;
}

v1::Change vote(const Pen& pen, const Id& post, int value)
{
    return mintMark(pen, v1::VOTE, post, value);
}

v1::Change acceptAnswer(const Pen& pen, const v1::Record& question, const Id& answer)
{
    v1::Change change = mintEdit(pen, question);
    addField(change, question, v1::POST_ACCEPTED).set_ref(answer.isNull() ? std::string() : answer.str());
    return change;
}

v1::Change bookmark(const Pen& pen, const Id& post, bool set)
{
    return mintMark(pen, v1::BOOKMARK, post, set ? 1 : 0);
}

v1::Change markSeen(const Pen& pen, const Id& space, qint64 uptoMs)
{
    return mintMark(pen, v1::SEEN, space, uptoMs);
}

v1::Change editCharter(const Pen& pen, const v1::Record& space, const v1::Charter& charter)
{
    v1::Record wanted = space;
    *wanted.mutable_space()->mutable_charter() = charter;
    v1::Change change = mintEdit(pen, space);
    for (const v1::Field field :
         {v1::CHARTER_PROBLEM, v1::CHARTER_AUDIENCE, v1::CHARTER_SPONSOR, v1::CHARTER_TARGET, v1::CHARTER_TARGET_FIGURE,
          v1::CHARTER_TARGET_DATE, v1::CHARTER_BELONGS, v1::CHARTER_EXCLUDED}) {
        const v1::Value value = fieldValue(wanted, field);
        if (value.text() != fieldValue(space, field).text())
            addField(change, space, field) = value;
    }
    return change;
}

} // namespace stoa
