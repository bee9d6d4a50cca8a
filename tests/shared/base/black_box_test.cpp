#include "shared/base/black_box.h"

#include <csignal>
#include <fstream>
#include <iterator>
#include <set>

#include <sys/wait.h>
#include <unistd.h>

#include "shared/base/black_box_folder.h"
#include "shared/base/ids.h"
#include "tests/support/catch.h"
#include "tests/support/file_limit.h"
#include "tests/support/temporary_directory.h"

using namespace stoa;
using test::TemporaryDirectory;

namespace {

constexpr NoteKind eventKind{"event", {"n"}};
constexpr int64_t nowMs = 1'764'292'953'123; // 2025-11-28T01:22:33.123Z

Note event(uint64_t n)
{
    return {.atMs = nowMs, .kind = &eventKind, .numbers = {n}};
}

size_t linesIn(const std::string& text)
{
    return size_t(std::count(text.begin(), text.end(), '\n'));
}

std::string textOf(const std::filesystem::path& file)
{
    std::ifstream from(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(from), {}};
}

std::vector<std::string> namesIn(const std::filesystem::path& folder)
{
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
}

// ---- every text of every message, one at a time

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using Path = std::vector<const FieldDescriptor*>;

void collect(const Descriptor& type, Path& path, std::vector<Path>& all)
{
    for (int i = 0; i < type.field_count(); ++i) {
        path.push_back(type.field(i));
        if (type.field(i)->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE)
            collect(*type.field(i)->message_type(), path, all);
        else if (type.field(i)->cpp_type() == FieldDescriptor::CPPTYPE_STRING)
            all.push_back(path);
        path.pop_back();
    }
}

void set(Message& message, const Path& path, size_t depth, const std::string& text)
{
    const FieldDescriptor* field = path[depth];
    const auto* reflection = message.GetReflection();
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE)
        set(field->is_repeated() ? *reflection->AddMessage(&message, field)
                                 : *reflection->MutableMessage(&message, field),
            path, depth + 1, text);
    else if (field->is_repeated())
        reflection->AddString(&message, field, text);
    else
        reflection->SetString(&message, field, text);
}

// The fields of all messages whose content a box shows, in letters or in hexadecimal.
std::set<std::string> shown(const std::string& canary)
{
    std::vector<Path> texts;
    Path path;
    collect(*v1::Envelope::descriptor(), path, texts);
    REQUIRE(texts.size() > 20);
    std::set<std::string> fields;
    for (const Path& text : texts) {
        v1::Envelope envelope;
        set(envelope, text, 0, canary);
        BlackBox box(8);
        box.add(noteOf(envelope, Note::Way::In, nowMs, envelope.ByteSizeLong()));
        const std::string told = box.text();
        REQUIRE(linesIn(told) >= 1);
        const std::string middle = canary.substr(4, 6);
        if (told.find(middle) != std::string::npos || told.find(toHex(middle)) != std::string::npos)
            fields.insert(text.back()->containing_type()->name() + "." + text.back()->name());
    }
    return fields;
}

} // namespace

TEST_CASE("of what is said a box shows feeds, ids and digests, and never anything else")
{
    CHECK(shown("cleartext of somebody") == std::set<std::string>{});
    CHECK(shown("cleartext") == std::set<std::string>{});
    CHECK(shown("scleartext-of-17b") == std::set<std::string>{"Batch.feed", "FeedHead.feed", "Feeds.lost",
                                                              "HandBack.feed", "HandedBack.feed", "Parted.feed",
                                                              "Subscribe.feed"});
    CHECK(shown("xcleartext-of-17b") == std::set<std::string>{}); // no kind of feed
    CHECK(shown("cleartext-of-16b") == std::set<std::string>{"Batch.digest", "CloseText.post", "Difference.digest",
                                                             "OpenText.post", "ReadRevisions.post", "Receipt.change",
                                                             "RevisionPage.post", "Revisions.post", "Welcome.device"});
}

TEST_CASE("every kind of message has its own name in a box")
{
    const auto* messages = v1::Envelope::descriptor()->FindOneofByName("message");
    std::set<std::string> names;
    for (int i = 0; i < messages->field_count(); ++i) {
        v1::Envelope envelope;
        envelope.GetReflection()->MutableMessage(&envelope, messages->field(i));
        names.insert(noteOf(envelope, Note::Way::In, 0, 0).kind->name);
    }
    CHECK(names.size() == size_t(messages->field_count()));
    CHECK_FALSE(names.contains("unknown"));
    CHECK(noteOf({}, Note::Way::In, 0, 0).kind->name == std::string("unknown"));
}

TEST_CASE("a box is bounded, keeps the newest, and heartbeats push out nothing")
{
    BlackBox box(4);
    CHECK(box.text() == "notes=0 older=0 heartbeats=0\n");
    for (uint64_t n = 1; n <= 10; ++n)
        box.add(event(n));
    v1::Envelope ping;
    ping.mutable_ping();
    for (int i = 0; i < 100; ++i)
        box.add(noteOf(ping, Note::Way::In, nowMs, 2));
    CHECK(box.size() == 4);
    CHECK(box.text() == "notes=4 older=6 heartbeats=100\n"
                        "2025-11-28T01:22:33.123Z     event n=7\n"
                        "2025-11-28T01:22:33.123Z     event n=8\n"
                        "2025-11-28T01:22:33.123Z     event n=9\n"
                        "2025-11-28T01:22:33.123Z     event n=10\n");
}

TEST_CASE("the longest note is a bounded line")
{
    v1::Envelope envelope;
    v1::Batch& batch = *envelope.mutable_batch();
    batch.set_feed("s" + std::string(16, '\xff'));
    batch.set_after(UINT64_MAX);
    batch.set_upto(UINT64_MAX);
    batch.set_last(true);
    batch.set_digest(std::string(16, '\xff'));
    BlackBox box(1);
    box.add(noteOf(envelope, Note::Way::Out, INT64_MAX / 2'000'000, UINT32_MAX));
    const std::string text = box.text();
    CHECK(text.size() < 2 * BlackBox::lineBytesMax);
    CHECK(text.find("bytes=4294967295\n") != std::string::npos); // nothing was cut off
}

TEST_CASE("an assertion that fails writes the box at work, and the program ends")
{
    const TemporaryDirectory directory;
    const std::string file = (directory.path() / "assertion.txt").string();
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        std::signal(SIGABRT, SIG_DFL);
        const rlimit none{0, 0};
        ::setrlimit(RLIMIT_CORE, &none);
        if (!std::freopen("/dev/null", "w", stderr))
            ::_exit(1);
        setAssertionFile(file.c_str());
        BlackBox outer(4), inner(4), done(4);
        outer.add(event(1));
        inner.add(event(2));
        done.add(event(3));
        const BoxAtWork first(outer);
        const BoxAtWork second(inner);
        {
            const BoxAtWork third(done);
        }
        STOA_ASSERT(outer.size() == 2);
        ::_exit(1);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGABRT);
    const std::string text = textOf(file);
    CHECK(text.find("this must hold and does not: outer.size() == 2\n") != std::string::npos);
    CHECK(text.find("event n=2\n") != std::string::npos);
    CHECK(text.find("event n=1\n") == std::string::npos);
    CHECK(text.find("event n=3\n") == std::string::npos);
}

TEST_CASE("black boxes are few, and the same one comes once an hour")
{
    const TemporaryDirectory directory;
    const BlackBoxFolder folder((directory.path() / "blackbox").string(), 3);
    CHECK(folder.count() == 0);
    const auto first = folder.keep({"digest", "s0193", "one\n"}, nowMs);
    CHECK(first.problem.empty());
    CHECK(textOf(first.file) == "one\n");
    CHECK(namesIn(folder.path()) == std::vector<std::string>{"2025-11-28T01-22-33Z-digest-s0193.txt"});
    CHECK((std::filesystem::status(first.file).permissions() & std::filesystem::perms(077)) ==
          std::filesystem::perms::none);
    CHECK((std::filesystem::status(folder.path()).permissions() & std::filesystem::perms(077)) ==
          std::filesystem::perms::none);

    // The same is not written again soon, also by a program that started anew, nor with a clock that jumped a little.
    for (const int64_t laterMs : {0, 1'000, 3'500'000, -3'500'000})
        CHECK(folder.keep({"digest", "s0193", "again\n"}, nowMs + laterMs).file.empty());
    CHECK_FALSE(folder.keep({"digest", "s0194", "two\n"}, nowMs + 1'000).file.empty());
    CHECK_FALSE(folder.keep({"protocol", "", "three\n"}, nowMs + 2'000).file.empty());
    CHECK(folder.count() == 3);

    // What is young is not given up for what came later.
    const auto flood = folder.keep({"digest", "s0195", "four\n"}, nowMs + 3'000);
    CHECK((flood.file.empty() && flood.problem.empty()));
    CHECK(std::filesystem::exists(first.file));

    // An hour later the oldest goes.
    CHECK_FALSE(folder.keep({"digest", "s0195", "four\n"}, nowMs + 3'600'000).file.empty());
    CHECK(folder.count() == 3);
    CHECK_FALSE(std::filesystem::exists(first.file));
}

TEST_CASE("a name is made of letters and digits, whatever a report says, and strangers' files are left alone")
{
    const TemporaryDirectory directory;
    const BlackBoxFolder folder(directory.path().string(), 1);
    for (const char* name :
         {"notes.txt", "2025-11-28T01-22-33Z", "2025-13-28T01-22-33Z-a-b.txt", "9999999999999999999Z-.txt"})
        std::ofstream(directory.path() / name) << "mine";
    CHECK(folder.count() == 0);
    const auto kept = folder.keep({"../../up", std::string(500, 'a') + "/", std::string(500'000, 'x')}, nowMs);
    CHECK(std::filesystem::path(kept.file).parent_path() == directory.path());
    CHECK(std::filesystem::file_size(kept.file) == BlackBoxFolder::fileBytesMax);
    CHECK_FALSE(folder.keep({"digest", "b", "x"}, nowMs + 4'000'000).file.empty());
    CHECK_FALSE(std::filesystem::exists(kept.file));
    CHECK(textOf(directory.path() / "notes.txt") == "mine");
    CHECK(namesIn(directory.path()).size() == 5);
}

TEST_CASE("a disk that takes no black box says so and keeps no half one")
{
    const TemporaryDirectory directory;
    const BlackBoxFolder folder((directory.path() / "blackbox").string(), 3);
    BlackBoxFolder::Kept kept;
    SECTION("it is full")
    {
        const test::FileLimit limit(1'000);
        kept = folder.keep({"digest", "s", std::string(5'000, 'x')}, nowMs);
    }
    SECTION("the folder cannot be made")
    {
        std::ofstream(folder.path()) << "a file";
        kept = folder.keep({"digest", "s", "x"}, nowMs);
        std::filesystem::remove(folder.path());
        std::filesystem::create_directory(folder.path());
    }
    CHECK(kept.file.empty());
    CHECK_FALSE(kept.problem.empty());
    CHECK(namesIn(folder.path()).empty());
    CHECK_FALSE(folder.keep({"digest", "s", "x"}, nowMs).file.empty());
}
