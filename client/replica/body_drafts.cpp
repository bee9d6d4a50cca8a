#include "client/replica/body_drafts.h"

#include <QJsonDocument>
#include <QJsonObject>

#include "client/replica/reading.h"
#include "shared/domain/may.h"

namespace stoa {

namespace {

constexpr QLatin1StringView beforeKey("before"), afterKey("after"), codeKey("code"), fieldKey("field"), mostKey("most"),
    kindKey("kind"), spaceKey("space");

// What is there, but one record is not read again: it may hold a long text.
class KnownPost : public Reader {
public:
    KnownPost(const Reader& below, const Id& post, const v1::Record* known) : below_(below), post_(post), known_(known)
    {
    }

    std::optional<Located> find(const Id& id) const override
    {
        if (!known_ || id != post_)
            return below_.find(id);
        const auto space = Id::from(known_->post().space()).value_or(Id{});
        // Ours for as long as the question takes.
        return Located{{FeedKind::Space, space}, {std::shared_ptr<void>(), known_}};
    }
    bool loginExists(std::string_view login) const override { return below_.loginExists(login); }

private:
    const Reader& below_;
    Id post_;
    const v1::Record* known_;
};

} // namespace

QString bodyDraftPlace(const Id& post)
{
    return QString::fromStdString(std::string(bodyDrafts) + post.hex());
}

Draft toDraft(const BodyDraft& draft)
{
    const QJsonObject parts{{beforeKey, QString::fromStdString(draft.before)},
                            {afterKey, QString::fromStdString(draft.after)},
                            {codeKey, int(draft.why.code)},
                            {fieldKey, int(draft.why.field)},
                            {mostKey, qint64(draft.why.limit)},
                            {kindKey, int(draft.kind)},
                            {spaceKey, QString::fromStdString(draft.space.hex())}};
    return {.title = draft.title,
            .text = QString::fromUtf8(QJsonDocument(parts).toJson(QJsonDocument::Compact)),
            .tags = draft.tags};
}

std::optional<BodyDraft> toBodyDraft(const Draft& draft)
{
    const QJsonObject parts = QJsonDocument::fromJson(draft.text.toUtf8()).object();
    if (!parts.contains(afterKey))
        return std::nullopt;
    const int kind = parts.value(kindKey).toInt(), code = parts.value(codeKey).toInt(),
              field = parts.value(fieldKey).toInt();
    return BodyDraft{.before = parts.value(beforeKey).toString().toStdString(),
                     .after = parts.value(afterKey).toString().toStdString(),
                     .why = {.code = v1::Code_IsValid(code) ? v1::Code(code) : v1::CODE_NONE,
                             .field = v1::Field_IsValid(field) ? v1::Field(field) : v1::FIELD_NONE,
                             .limit = parts.value(mostKey).toInteger()},
                     .title = draft.title,
                     .tags = draft.tags,
                     .kind = v1::PostKind_IsValid(kind) ? v1::PostKind(kind) : v1::POST_NONE,
                     .space = Id::fromHex(parts.value(spaceKey).toString().toStdString()).value_or(Id{})};
}

Refusal barrierOf(const Reading& reading, const Id& post, const v1::Record* known)
{
    Statement& read = reading.statements()("SELECT p.parent, f.set_aside FROM records r JOIN posts p ON p.row = r.row "
                                           "JOIN feeds f ON f.feed = p.feed WHERE r.id = ? AND p.kind <> 0");
    read.bindBlob(post.view());
    const bool found = read.step();
    const int64_t parent = found ? read.number(0) : 0;
    const bool isServed = found && read.number(1) == 0;
    read.reset();
    if (!isServed || !isShown(reading, parent))
        return {.code = v1::NOT_FOUND};
    v1::Change change;
    change.set_target(post.str());
    change.mutable_edit_text();
    const Result<void> may =
        stoa::may(change, {.actor = {.person = signedInPerson(reading)}}, KnownPost(*reader(reading), post, known));
    return may ? Refusal() : may.error();
}

bool isInOutbox(const Reading& reading, const Id& post, const std::string& text)
{
    Statement& read = reading.statements()("SELECT 1 FROM outbox JOIN moved USING (position) WHERE target = ? AND "
                                           "state <> 2 AND body = ? LIMIT 1");
    read.bindBlob(post.view()).bind(text);
    const bool found = read.step();
    read.reset();
    return found;
}

} // namespace stoa
