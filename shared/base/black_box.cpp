#include "shared/base/black_box.h"

#include <algorithm>
#include <chrono>

#include "shared/base/ids.h"

namespace stoa {

namespace {

constexpr size_t idBytes = 16;
constexpr size_t feedBytes = 17;
constexpr std::string_view feedLetters = "dstp"; // the kinds of feed (shared/domain/feed.h)
constexpr size_t timeBytes = 32;

constexpr NoteKind helloKind{"hello", {"protocol_min", "protocol_max", "proof", nullptr}};
constexpr NoteKind pushKind{"push", {"changes", "change_bytes", "age_ms", nullptr}};
constexpr NoteKind subscribeKind{"subscribe", {"cursor", "witnesses", nullptr, nullptr}};
constexpr NoteKind differsKind{"subscribe_differs", {"cursor", "had_cursor", "had_records", nullptr}};
constexpr NoteKind pingKind{"ping", {nullptr, nullptr, nullptr, nullptr}};
constexpr NoteKind pongKind{"pong", {nullptr, nullptr, nullptr, nullptr}};
constexpr NoteKind signOutKind{"sign_out", {nullptr, nullptr, nullptr, nullptr}};
constexpr NoteKind handBackKind{"hand_back", {"versions", "first", "last", nullptr}};
constexpr NoteKind welcomeKind{"welcome", {"protocol", "epoch", "feeds", "server_ms"}};
constexpr NoteKind goodbyeKind{"goodbye", {"code", "limit", "retry_after_ms", nullptr}};
constexpr NoteKind receiptsKind{"receipts", {"receipts", "refused", "first_code", "effects"}};
constexpr NoteKind batchKind{"batch", {"after", "upto", "versions", "last"}};
constexpr NoteKind feedsKind{"feeds", {"feeds", "lost", nullptr, nullptr}};
constexpr NoteKind handedBackKind{"handed_back", {"taken", "not_taken", nullptr, nullptr}};
constexpr NoteKind partedKind{"parted", {"matches", nullptr, nullptr, nullptr}};
constexpr NoteKind openTextKind{"open_text", {"revision", nullptr, nullptr, nullptr}};
constexpr NoteKind closeTextKind{"close_text", {nullptr, nullptr, nullptr, nullptr}};
constexpr NoteKind presenceKind{"presence", {"revision", "writing", nullptr, nullptr}};
constexpr NoteKind readRevisionsKind{"read_revisions", {"before", "count", nullptr, nullptr}};
constexpr NoteKind revisionsKind{"revisions", {"after", "upto", "revisions", "unknown"}};
constexpr NoteKind presentKind{"present", {"readers", nullptr, nullptr, nullptr}};
constexpr NoteKind revisionPageKind{"revision_page", {"before", "revisions", "first", nullptr}};
constexpr NoteKind unknownKind{"unknown", {nullptr, nullptr, nullptr, nullptr}};

uint64_t number(int64_t value)
{
    return static_cast<uint64_t>(std::max<int64_t>(0, value));
}

bool isFeed(std::string_view key)
{
    return key.size() == feedBytes && feedLetters.find(key.front()) != std::string_view::npos;
}

// What is cut off is cut off: a line is never longer than its buffer.
class Line {
public:
    Line() { text_[0] = '\0'; }

    template <class... Args>
    void add(const char* format, Args... args)
    {
        const int added = std::snprintf(text_ + size_, sizeof text_ - size_, format, args...);
        size_ = std::min(sizeof text_ - 1, size_ + static_cast<size_t>(std::max(0, added)));
    }
    void add(const char* text)
    {
        while (*text != '\0' && size_ + 1 < sizeof text_)
            text_[size_++] = *text++;
        text_[size_] = '\0';
    }
    void addHex(std::string_view bytes)
    {
        constexpr char digits[] = "0123456789abcdef";
        for (const char c : bytes) {
            const auto byte = static_cast<unsigned char>(c);
            const char pair[] = {digits[byte >> 4], digits[byte & 15], '\0'};
            add(pair);
        }
    }
    const char* text() const { return text_; }

private:
    char text_[BlackBox::lineBytesMax];
    size_t size_ = 0;
};

void printTime(int64_t ms, char (&to)[timeBytes])
{
    using namespace std::chrono;
    const sys_time<milliseconds> at{milliseconds(ms)};
    const auto day = floor<days>(at);
    const year_month_day date(day);
    const hh_mm_ss time(at - day);
    std::snprintf(to, sizeof to, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                  static_cast<int>(time.seconds().count()), static_cast<int>(time.subseconds().count()));
}

const char* name(Note::Way way)
{
    switch (way) {
    case Note::Way::In:
        return "in ";
    case Note::Way::Out:
        return "out";
    case Note::Way::Here:
        return "   ";
    }
    return "";
}

void print(const Note& note, Line& line)
{
    char time[timeBytes];
    printTime(note.atMs, time);
    line.add("%s %s %s", time, name(note.way), note.kind ? note.kind->name : unknownKind.name);
    std::string_view about(note.about.data(), note.aboutBytes);
    if (about.size() == feedBytes) {
        line.add(" feed=%c", about.front());
        about.remove_prefix(1);
    } else if (!about.empty()) {
        line.add(" id=");
    }
    line.addHex(about);
    for (size_t i = 0; note.kind && i < note.numbers.size(); ++i)
        if (note.kind->labels[i])
            line.add(" %s=%llu", note.kind->labels[i], static_cast<unsigned long long>(note.numbers[i]));
    if (note.hasDigest) {
        line.add(" digest=");
        line.addHex({note.digest.data(), note.digest.size()});
    }
    if (note.bytes > 0)
        line.add(" bytes=%lu", static_cast<unsigned long>(note.bytes));
}

} // namespace

Note& Note::ofFeed(std::string_view key)
{
    if (isFeed(key)) {
        std::copy(key.begin(), key.end(), about.begin());
        aboutBytes = static_cast<uint8_t>(key.size());
    }
    return *this;
}

Note& Note::ofId(std::string_view id)
{
    if (id.size() == idBytes) {
        std::copy(id.begin(), id.end(), about.begin());
        aboutBytes = static_cast<uint8_t>(id.size());
    }
    return *this;
}

Note& Note::with(std::string_view sum)
{
    if (sum.size() == digest.size()) {
        std::copy(sum.begin(), sum.end(), digest.begin());
        hasDigest = true;
    }
    return *this;
}

Note noteOf(const v1::Envelope& envelope, Note::Way way, int64_t nowMs, size_t bytes)
{
    Note note{.atMs = nowMs, .kind = &unknownKind, .bytes = static_cast<uint32_t>(bytes), .way = way};
    const auto is = [&](const NoteKind& kind, std::array<uint64_t, 4> numbers) -> Note& {
        note.kind = &kind;
        note.numbers = numbers;
        return note;
    };
    // No default: the compiler names the kind that is missing here.
    switch (envelope.message_case()) {
    case v1::Envelope::kHello: {
        const v1::Hello& hello = envelope.hello();
        return is(helloKind, {hello.protocol_min(), hello.protocol_max(), static_cast<uint64_t>(hello.proof_case())});
    }
    case v1::Envelope::kPush: {
        uint64_t changeBytes = 0;
        int64_t ageMs = 0;
        for (const v1::PushedChange& change : envelope.push().changes()) {
            changeBytes += change.change().size();
            ageMs = std::max(ageMs, change.age_ms());
        }
        return is(pushKind, {number(envelope.push().changes_size()), changeBytes, number(ageMs)});
    }
    case v1::Envelope::kSubscribe: {
        const v1::Subscribe& subscribe = envelope.subscribe();
        if (!subscribe.has_difference())
            return is(subscribeKind, {subscribe.cursor(), number(subscribe.trail().witnesses_size())})
                .ofFeed(subscribe.feed());
        const v1::Difference& difference = subscribe.difference();
        return is(differsKind, {subscribe.cursor(), difference.cursor(), difference.records()})
            .ofFeed(subscribe.feed())
            .with(difference.digest());
    }
    case v1::Envelope::kPing:
        return is(pingKind, {});
    case v1::Envelope::kPong:
        return is(pongKind, {});
    case v1::Envelope::kSignOut:
        return is(signOutKind, {});
    case v1::Envelope::kHandBack: {
        const auto& versions = envelope.hand_back().versions();
        const uint64_t first = versions.empty() ? 0 : versions.begin()->number();
        const uint64_t last = versions.empty() ? 0 : versions.rbegin()->number();
        return is(handBackKind, {number(versions.size()), first, last}).ofFeed(envelope.hand_back().feed());
    }
    case v1::Envelope::kWelcome: {
        const v1::Welcome& welcome = envelope.welcome();
        return is(welcomeKind,
                  {welcome.protocol(), welcome.epoch(), number(welcome.feeds_size()), number(welcome.now_ms())})
            .ofId(welcome.device());
    }
    case v1::Envelope::kGoodbye: {
        const v1::Refusal& why = envelope.goodbye().why();
        return is(goodbyeKind, {number(why.code()), number(why.limit()), number(why.retry_after_ms())});
    }
    case v1::Envelope::kReceipts: {
        const auto& receipts = envelope.receipts().receipts();
        uint64_t refused = 0, firstCode = 0, effects = 0;
        for (const v1::Receipt& receipt : receipts) {
            effects += number(receipt.effects_size());
            if (receipt.has_refusal() && ++refused == 1)
                firstCode = number(receipt.refusal().code());
        }
        is(receiptsKind, {number(receipts.size()), refused, firstCode, effects});
        return receipts.empty() ? note : note.ofId(receipts.begin()->change());
    }
    case v1::Envelope::kBatch: {
        const v1::Batch& batch = envelope.batch();
        return is(batchKind, {batch.after(), batch.upto(), number(batch.versions_size()), batch.last()})
            .ofFeed(batch.feed())
            .with(batch.digest());
    }
    case v1::Envelope::kFeeds: {
        const v1::Feeds& feeds = envelope.feeds();
        is(feedsKind, {number(feeds.feeds_size()), number(feeds.lost_size())});
        return feeds.lost_size() > 0  ? note.ofFeed(feeds.lost(0))
             : feeds.feeds_size() > 0 ? note.ofFeed(feeds.feeds(0).feed())
                                      : note;
    }
    case v1::Envelope::kHandedBack:
        return is(handedBackKind, {envelope.handed_back().taken(), envelope.handed_back().not_taken()})
            .ofFeed(envelope.handed_back().feed());
    case v1::Envelope::kParted:
        return is(partedKind, {envelope.parted().matches().number()}).ofFeed(envelope.parted().feed());
    case v1::Envelope::kOpenText:
        return is(openTextKind, {envelope.open_text().version().revision()}).ofId(envelope.open_text().post());
    case v1::Envelope::kCloseText:
        return is(closeTextKind, {}).ofId(envelope.close_text().post());
    case v1::Envelope::kPresence:
        return is(presenceKind, {envelope.presence().revision(), envelope.presence().writing()})
            .ofId(envelope.presence().post());
    case v1::Envelope::kReadRevisions:
        return is(readRevisionsKind, {envelope.read_revisions().before(), envelope.read_revisions().count()})
            .ofId(envelope.read_revisions().post());
    case v1::Envelope::kRevisions: {
        const v1::Revisions& told = envelope.revisions();
        const uint64_t upto = told.revisions().empty() ? told.after() : told.revisions().rbegin()->version().revision();
        return is(revisionsKind, {told.after(), upto, number(told.revisions_size()), told.unknown()}).ofId(told.post());
    }
    case v1::Envelope::kPresent:
        return is(presentKind, {number(envelope.present().readers_size())}).ofId(envelope.present().post());
    case v1::Envelope::kRevisionPage: {
        const v1::RevisionPage& page = envelope.revision_page();
        return is(revisionPageKind, {page.before(), number(page.revisions_size()), page.first()}).ofId(page.post());
    }
    case v1::Envelope::MESSAGE_NOT_SET:
        break;
    }
    return note;
}

void BlackBox::add(const Note& note)
{
    const NoteKind* kind = note.kind;
    if (kind == &pingKind || kind == &pongKind || kind == &presenceKind || kind == &presentKind) {
        ++heartbeats_;
    } else if (notes_.size() < notesMax_) {
        notes_.push_back(note);
    } else if (notesMax_ > 0) {
        notes_[oldest_] = note;
        oldest_ = (oldest_ + 1) % notesMax_;
        ++lost_;
    }
}

template <class Each>
void BlackBox::eachLine(Each each) const
{
    Line head;
    head.add("notes=%zu older=%llu heartbeats=%llu", notes_.size(), static_cast<unsigned long long>(lost_),
             static_cast<unsigned long long>(heartbeats_));
    each(head.text());
    for (size_t i = 0; i < notes_.size(); ++i) {
        Line line;
        print(notes_[(oldest_ + i) % notes_.size()], line);
        each(line.text());
    }
}

std::string BlackBox::text() const
{
    std::string all;
    eachLine([&](const char* line) { all.append(line).append("\n"); });
    return all;
}

void BlackBox::write(std::FILE* to) const
{
    eachLine([&](const char* line) { std::fprintf(to, "%s\n", line); });
}

std::string feedName(std::string_view key)
{
    return isFeed(key) ? key.front() + toHex(key.substr(1)) : "none";
}

std::string printUtc(int64_t ms)
{
    char time[timeBytes];
    printTime(ms, time);
    return time;
}

} // namespace stoa
