// What peers may send and nobody should: texts that are none, too much of everything, and what comes from the future.

#include "shared/domain/apply.h"

#include "shared/domain/shape.h"
#include "tests/shared/domain/world.h"
#include "tests/support/catch.h"

using namespace stoa;
using stoa::test::World;

namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Bytes with one text replaced by another of the same length, as only a hostile peer writes them.
std::string replaced(std::string bytes, const std::string& text, const std::string& by)
{
    STOA_ASSERT(text.size() == by.size() && bytes.find(text) != std::string::npos);
    return bytes.replace(bytes.find(text), text.size(), by);
}

// Every field filled; of alternatives the one with that index.
void fill(Message& message, int alternative)
{
    const auto* type = message.GetDescriptor();
    const auto* reflection = message.GetReflection();
    for (int i = 0; i < type->field_count(); ++i) {
        const FieldDescriptor* field = type->field(i);
        const auto* oneOf = field->containing_oneof();
        if (oneOf && (oneOf->name() == "act" || field->index_in_oneof() != alternative % oneOf->field_count()))
            continue;
        if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
            fill(field->is_repeated() ? *reflection->AddMessage(&message, field)
                                      : *reflection->MutableMessage(&message, field),
                 alternative);
        } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
            if (field->is_repeated())
                reflection->AddEnumValue(&message, field, 1);
            else
                reflection->SetEnumValue(&message, field, field->enum_type()->value(1)->number());
        } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
            const std::string value(field->type() == FieldDescriptor::TYPE_BYTES ? 16 : 4, 'x');
            if (field->is_repeated())
                reflection->AddString(&message, field, value);
            else
                reflection->SetString(&message, field, value);
        } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_INT64) {
            reflection->SetInt64(&message, field, 1);
        }
    }
}

// The messages in this one, itself first.
std::vector<Message*> messagesIn(Message& message)
{
    std::vector<Message*> found{&message};
    std::vector<const FieldDescriptor*> fields;
    message.GetReflection()->ListFields(message, &fields);
    for (const FieldDescriptor* field : fields) {
        if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE)
            continue;
        Message& child = field->is_repeated() ? *message.GetReflection()->MutableRepeatedMessage(&message, field, 0)
                                              : *message.GetReflection()->MutableMessage(&message, field);
        for (Message* below : messagesIn(child))
            found.push_back(below);
    }
    return found;
}

// A change of every act, with everything in it that it may have.
std::vector<v1::Change> fullChanges()
{
    std::vector<v1::Change> changes;
    const auto* acts = v1::Change::descriptor()->FindOneofByName("act");
    for (int i = 0; i < acts->field_count(); ++i) {
        const int alternatives =
            acts->field(i)->name() == "edit" ? v1::Value::descriptor()->FindOneofByName("kind")->field_count() : 1;
        for (int alternative = 0; alternative < alternatives; ++alternative) {
            v1::Change& change = changes.emplace_back();
            fill(change, 0);
            fill(*change.GetReflection()->MutableMessage(&change, acts->field(i)), alternative);
        }
    }
    return changes;
}

// As it arrives.
v1::Code shapeOf(const v1::Change& change)
{
    const auto parsed = parseChange(change.SerializeAsString());
    if (!parsed)
        return parsed.error().code;
    const auto shape = checkShape(*parsed);
    return shape ? v1::CODE_NONE : shape.error().code;
}

// With a field that nobody knows, so large that the change has that size.
std::string padded(const v1::Change& change, size_t bytes)
{
    v1::Change large = change;
    constexpr size_t header = 6; // the field's number and its length
    const std::string padding(bytes - change.ByteSizeLong() - header, 'x');
    large.GetReflection()->MutableUnknownFields(&large)->AddLengthDelimited(999, padding);
    STOA_ASSERT(large.ByteSizeLong() == bytes);
    return large.SerializeAsString();
}

// For a time without the parser's own words on broken texts.
struct Quiet {
    Quiet() : before(google::protobuf::SetLogHandler(nullptr)) {}
    ~Quiet() { google::protobuf::SetLogHandler(before); }
    google::protobuf::LogHandler* before;
};

} // namespace

TEST_CASE("a text that is no clean UTF-8 is named as the reason, under the change's id")
{
    const std::string bad = GENERATE(as<std::string>(), "\xff\xfe\xff", "a\xc3(", "\xc0\xaf.", "\xed\xa0\x80",
                                     "\xf5\x80\x80", "\xe2\x82(", "\x80\x80\x80", "ab\xc3");
    const Quiet quiet;
    World w;
    const Id page = w.addPost(v1::PAGE, {}, w.ben);
    const auto check = [&](const v1::Change& change) {
        CAPTURE(change.ShortDebugString());
        const std::string bytes = replaced(change.SerializeAsString(), "~~~", bad);
        const auto parsed = parseChange(bytes);
        REQUIRE_FALSE(parsed.has_value());
        CHECK(parsed.error().code == v1::BAD_TEXT);
        CHECK(changeId(bytes) == change.id());
    };
    check(w.post(v1::QUESTION, w.space, {}, "a ~~~ title"));
    check(w.post(v1::COMMENT, w.space, page, "a ~~~ body"));
    check(w.editText(page, v1::POST_TITLE, "~~~"));
    v1::Change tagged = w.post(v1::PAGE, w.space, {}, "x");
    tagged.mutable_create_post()->add_tags("~~~");
    check(tagged);
    v1::Change tags = w.change(page);
    v1::FieldEdit* edit = tags.mutable_edit()->add_fields();
    edit->set_field(v1::POST_TAGS);
    edit->mutable_value()->mutable_texts()->add_text("~~~");
    check(tags);
    v1::Change space = w.change(w.id());
    space.mutable_create_space()->mutable_charter()->set_belongs("~~~");
    check(space);
    v1::Change imported = w.post(v1::PAGE, w.space, {}, "x");
    imported.mutable_origin()->mutable_source()->set_key("~~~");
    check(imported);
}

TEST_CASE("NUL is no text, wherever it stands")
{
    World w;
    const Id page = w.addPost(v1::PAGE, {}, w.ben);
    for (const std::string& text : {std::string("a\0b", 3), std::string("\0", 1), std::string("ab\0", 3)}) {
        CHECK(w.submit(w.post(v1::QUESTION, w.space, {}, text), World::as(w.ben)) == v1::BAD_TEXT);
        CHECK(w.submit(w.post(v1::COMMENT, w.space, page, text), World::as(w.ben)) == v1::BAD_TEXT);
        CHECK(w.submit(w.editText(page, v1::POST_TITLE, text), World::as(w.ben)) == v1::BAD_TEXT);
        CHECK(w.submit(w.editText(w.ben, v1::PERSON_ABOUT, text), World::as(w.ben)) == v1::BAD_TEXT);
    }
}

TEST_CASE("any script and any mark is kept byte by byte")
{
    const auto text = GENERATE(as<std::string>(), "שלום עולם", "مرحبا بالعالم", "\xe2\x80\xae reversed \xe2\x80\xac",
                               "👩‍👩‍👧‍👦", "語言「測試」", "e\xcc\x81\xcc\x82\xcc\x83",
                               "\xef\xbb\xbf mark of order", "\xf4\x8f\xbf\xbd", "\x01\x1f control", "  blanks stay  ");
    World w;
    const Id page = w.addPost(v1::PAGE, {}, w.ben, text);
    const Id comment = w.addPost(v1::COMMENT, page, w.cleo, text);
    CHECK(w.record(page).post().title() == text);
    CHECK(w.record(comment).post().body() == text);
}

TEST_CASE("one letter may have as many marks as a body has room for")
{
    std::string marks = "e";
    while (marks.size() + 2 <= limits::bodyBytesMax)
        marks += "\xcc\x81";
    World w;
    v1::Change page = w.post(v1::PAGE, w.space, {}, "x");
    page.mutable_create_post()->set_body(marks);
    REQUIRE(w.submit(page, World::as(w.ben)) == v1::CODE_NONE);
    CHECK(w.record(*Id::from(page.target())).post().body() == marks);
}

TEST_CASE("every text is taken up to its limit and not a byte further")
{
    World w;
    const Id page = w.addPost(v1::PAGE, {}, w.ben);
    const Id question = w.addPost(v1::QUESTION, {}, w.ben);
    const Id comment = w.addPost(v1::COMMENT, page, w.ben);
    const auto check = [&](size_t limit, v1::Field field, const auto& changeWith, const Actor& actor) {
        CAPTURE(limit, field);
        for (const size_t size : {limit - 1, limit})
            CHECK(w.submit(changeWith(std::string(size, 'x')), actor) == v1::CODE_NONE);
        for (const size_t size : {limit + 1, size_t{10'000'000}}) { // the last: 10 MB in one line
            const auto outcome = apply(changeWith(std::string(size, 'x')), {actor, w.nowMs, w.directory}, w);
            REQUIRE_FALSE(outcome.has_value());
            CHECK((outcome.error() == Refusal{v1::TOO_LONG, field, static_cast<int64_t>(limit)}));
        }
    };
    const auto withBody = [&](v1::PostKind kind, const Id& parent) {
        return [&w, kind, parent](const std::string& text) {
            v1::Change change = w.post(kind, w.space, parent, "x");
            change.mutable_create_post()->set_body(text);
            return change;
        };
    };
    const auto withTitle = [&](v1::PostKind kind) {
        return [&w, kind](const std::string& text) { return w.post(kind, w.space, {}, text); };
    };
    const auto edit = [&](const Id& target, v1::Field field) {
        return [&w, target, field](const std::string& text) { return w.editText(target, field, text); };
    };
    const Actor ben = World::as(w.ben);
    check(limits::bodyBytesMax, v1::POST_BODY, withBody(v1::PAGE, {}), ben);
    check(limits::bodyBytesMax, v1::POST_BODY, withBody(v1::QUESTION, {}), ben);
    check(limits::bodyBytesMax, v1::POST_BODY, withBody(v1::ANSWER, question), ben);
    check(limits::textBytesMax, v1::POST_BODY, withBody(v1::COMMENT, page), ben);
    check(limits::bodyBytesMax, v1::POST_BODY, edit(page, v1::POST_BODY), World::import());
    check(limits::titleBytesMax, v1::POST_TITLE, withTitle(v1::PAGE), ben);
    check(limits::titleBytesMax, v1::POST_TITLE, withTitle(v1::SECTION), ben);
    check(limits::titleBytesMax, v1::POST_TITLE, edit(page, v1::POST_TITLE), ben);
    check(limits::titleBytesMax, v1::PERSON_NAME, edit(w.ben, v1::PERSON_NAME), ben);
    check(limits::textBytesMax, v1::PERSON_ABOUT, edit(w.ben, v1::PERSON_ABOUT), ben);
    check(limits::textBytesMax, v1::CHARTER_PROBLEM, edit(w.space, v1::CHARTER_PROBLEM), World::server());
    check(limits::titleBytesMax, v1::ORGANISATION_NAME, edit(w.organisation, v1::ORGANISATION_NAME), World::as(w.ada));
    int people = 0;
    const auto withLogin = [&](const std::string& text) {
        v1::Change change = w.change(w.id());
        // Another login each time, as long as asked.
        change.mutable_create_person()->set_login(static_cast<char>('a' + people++) + text.substr(1));
        change.mutable_create_person()->set_name("x");
        return change;
    };
    check(limits::loginBytesMax, v1::FIELD_NONE, withLogin, World::as(w.ada));

    // The body of a comment has its own limit, also where an import edits it.
    const auto atLimit = w.editText(comment, v1::POST_BODY, std::string(limits::textBytesMax, 'x'));
    CHECK(w.submit(atLimit, World::import()) == v1::CODE_NONE);
    const auto overLimit = w.editText(comment, v1::POST_BODY, std::string(limits::textBytesMax + 1, 'x'));
    CHECK(w.submit(overLimit, World::import()) == v1::TOO_LONG);
    CHECK(w.submit(w.editText(comment, v1::POST_BODY, " "), World::import()) == v1::EMPTY);
}

TEST_CASE("tags are limited in number and in bytes")
{
    World w;
    const Id page = w.addPost(v1::PAGE, {}, w.ben);
    const auto tagged = [&](size_t number, size_t bytes) {
        v1::Change create = w.post(v1::PAGE, w.space, {}, "x");
        v1::Change edit = w.change(page);
        v1::FieldEdit* field = edit.mutable_edit()->add_fields();
        field->set_field(v1::POST_TAGS);
        field->mutable_value()->mutable_texts();
        for (size_t i = 0; i < number; ++i) {
            const std::string tag = std::string(bytes - 1, 'x') + static_cast<char>('a' + i);
            create.mutable_create_post()->add_tags(tag);
            field->mutable_value()->mutable_texts()->add_text(tag);
        }
        const v1::Code created = w.submit(create, World::as(w.ben));
        CHECK(w.submit(edit, World::as(w.ben)) == created);
        return created;
    };
    CHECK(tagged(0, 1) == v1::CODE_NONE);
    CHECK(tagged(limits::tagsMax - 1, 1) == v1::CODE_NONE);
    CHECK(tagged(limits::tagsMax, 1) == v1::CODE_NONE);
    CHECK(tagged(limits::tagsMax + 1, 1) == v1::TOO_LONG);
    CHECK(tagged(2, limits::tagBytesMax - 1) == v1::CODE_NONE);
    CHECK(tagged(2, limits::tagBytesMax) == v1::CODE_NONE);
    CHECK(tagged(2, limits::tagBytesMax + 1) == v1::TOO_LONG);
    for (const std::string bad : {"", " ", " a", "a ", "\ta"}) {
        v1::Change create = w.post(v1::PAGE, w.space, {}, "x");
        create.mutable_create_post()->add_tags(bad);
        CAPTURE(bad);
        CHECK(w.submit(create, World::as(w.ben)) == v1::INVALID);
    }
}

TEST_CASE("a date is one of the calendar")
{
    World w;
    const auto date = [&](const std::string& text) {
        return w.submit(w.editText(w.space, v1::CHARTER_TARGET_DATE, text), World::server());
    };
    for (const char* good : {"", "2027-06-30", "2027-01-31", "2028-02-29", "2000-02-29", "2027-12-31"}) {
        CAPTURE(good);
        CHECK(date(good) == v1::CODE_NONE);
    }
    for (const char* bad : {"2027-06-31", "2027-02-29", "1900-02-29", "2027-00-01", "2027-13-01", "2027-01-00",
                            "2027-1-01", "27-01-01", "2027/01/01", "2027-01-0x", "2027-01-01 ", "soon"}) {
        CAPTURE(bad);
        CHECK(date(bad) == v1::INVALID);
    }
}

TEST_CASE("a change may be as large as a record and not a byte larger")
{
    World w;
    const v1::Change change = w.post(v1::QUESTION, w.space, {}, "x");
    CHECK(parseChange(padded(change, limits::recordBytesMax - 1)).has_value());
    CHECK(parseChange(padded(change, limits::recordBytesMax)).has_value());
    const std::string larger = padded(change, limits::recordBytesMax + 1);
    const auto refused = parseChange(larger);
    REQUIRE_FALSE(refused.has_value());
    CHECK((refused.error() == Refusal{v1::TOO_LONG, v1::FIELD_NONE, static_cast<int64_t>(limits::recordBytesMax)}));
    CHECK(changeId(larger) == change.id());
}

TEST_CASE("bytes that are no change are told apart from those that are")
{
    World w;
    const v1::Change change = w.post(v1::QUESTION, w.space, {}, "title");
    const std::string bytes = change.SerializeAsString();
    const auto parsed = parseChange(bytes);
    REQUIRE(parsed.has_value());
    CHECK(parsed->SerializeAsString() == bytes);
    CHECK(changeId(bytes) == change.id());
    CHECK(changeId("").empty());
    for (const std::string& garbage : {std::string("\xff\xff\xff"), std::string(20, '\0'), std::string("\x0a\x7f")}) {
        const auto refused = parseChange(garbage);
        REQUIRE_FALSE(refused.has_value());
        CHECK(refused.error().code == v1::INVALID);
        CHECK(changeId(garbage).empty());
    }
    for (size_t size = 0; size < bytes.size(); ++size) {
        const auto cut = parseChange(bytes.substr(0, size));
        CHECK((!cut.has_value() || !checkShape(*cut).has_value()));
    }
    v1::Change shortId = change;
    shortId.set_id("short");
    CHECK(changeId(shortId.SerializeAsString()).empty());
    CHECK(shapeOf(shortId) == v1::INVALID);
}

TEST_CASE("a field from the future at any depth waits for the server's upgrade")
{
    size_t places = 0;
    for (const v1::Change& full : fullChanges()) {
        CAPTURE(full.ShortDebugString());
        CHECK(shapeOf(full) != v1::NEWER_THAN_SERVER);
        v1::Change counted = full;
        const size_t messages = messagesIn(counted).size();
        for (size_t i = 0; i < messages; ++i) {
            v1::Change change = full;
            Message& at = *messagesIn(change)[i];
            at.GetReflection()->MutableUnknownFields(&at)->AddVarint(9'999, 1);
            CAPTURE(at.GetTypeName());
            CHECK(shapeOf(change) == v1::NEWER_THAN_SERVER);
            ++places;
        }
    }
    CHECK(places > 30);
}

TEST_CASE("a kind from the future at any depth waits for the server's upgrade")
{
    size_t places = 0;
    for (const v1::Change& full : fullChanges()) {
        v1::Change counted = full;
        const auto messages = messagesIn(counted);
        for (size_t i = 0; i < messages.size(); ++i) {
            const auto* type = messages[i]->GetDescriptor();
            for (int number = 0; number < type->field_count(); ++number) {
                const FieldDescriptor* field = type->field(number);
                if (field->cpp_type() != FieldDescriptor::CPPTYPE_ENUM)
                    continue;
                v1::Change change = full;
                Message& at = *messagesIn(change)[i];
                if (field->is_repeated())
                    at.GetReflection()->SetRepeatedEnumValue(&at, field, 0, 4'242);
                else
                    at.GetReflection()->SetEnumValue(&at, field, 4'242);
                CAPTURE(field->full_name());
                CHECK(shapeOf(change) == v1::NEWER_THAN_SERVER);
                ++places;
            }
        }
    }
    CHECK(places > 5);
}
