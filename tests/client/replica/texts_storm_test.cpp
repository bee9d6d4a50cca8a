#include <algorithm>
#include <random>
#include <set>

#include "shared/text/compose.h"
#include "shared/text/transform.h"
#include "tests/client/replica/text_desk.h"

using namespace stoa;
using namespace stoa::test;

namespace {

// A device that writes one text, and the server that others write it at.
class Storm {
public:
    // With `isOpen` the device is sent the revisions, and the server is restored now and then.
    Storm(uint32_t seed, bool isOpen) : random_(seed), isOpen_(isOpen), desk_("") {}

    void step()
    {
        switch (below(isOpen_ ? 17 : 12)) {
        case 0:
        case 1:
        case 2:
            write();
            break;
        case 3:
        case 4:
            others();
            break;
        case 5:
        case 6:
            send();
            break;
        case 7:
        case 8:
            answer();
            break;
        case 9:
        case 10:
            publish();
            break;
        case 11:
            reconnect();
            break;
        case 12:
            below(3) == 0 ? restore() : tell();
            break;
        default:
            tell();
        }
        check();
    }

    // Everything that is still open is settled.
    void settle()
    {
        isKind_ = true;
        for (int round = 0; round < 8; ++round) {
            reconnect();
            for (const OutboxRow& row : desk_.rows())
                if (row.state == ChangeState::Refused)
                    desk_.within([&] { REQUIRE(desk_.replica->sendAgain(row.change)); });
            send();
            answer();
            others();
            publish();
            check();
        }
        REQUIRE(desk_.rows().isEmpty());
        REQUIRE(desk_.shown() == body_);
        REQUIRE(desk_.replica->waitingCount() + desk_.replica->refusedCount() == 0);
    }

private:
    size_t below(size_t count) { return std::uniform_int_distribution<size_t>(0, count - 1)(random_); }

    // Lines of one letter each, no letter twice.
    TextChange edit(std::string_view text, bool isMine = false)
    {
        TextChange change;
        const auto insert = [&] {
            const uint32_t point = 0x4e00 + made_++;
            const std::string letter{char(0xe0 | point >> 12), char(0x80 | (point >> 6 & 0x3f)),
                                     char(0x80 | (point & 0x3f))};
            letters_.insert(letter);
            if (isMine)
                mine_.insert(letter);
            change.insert(letter + '\n');
        };
        for (size_t i = 0; i < text.size(); i += text[i] == '\n' ? 1 : 3) {
            const bool isLetter = text[i] != '\n';
            if (isLetter && below(8) == 0)
                insert();
            if (isLetter && below(12) == 0) {
                letters_.erase(std::string(text.substr(i, 3)));
                mine_.erase(std::string(text.substr(i, 3)));
                change.erase(1);
            } else {
                change.retain(1);
            }
        }
        if (below(2) == 0)
            insert();
        return change;
    }

    void write()
    {
        const std::string shown = desk_.shown();
        const std::string after = *applyTo(shown, edit(shown, true));
        REQUIRE(desk_.submit(desk_.edit(shown, after)));
        REQUIRE(desk_.shown() == after);
    }
    void others() { accept(edit(body_), {}); }
    void accept(const TextChange& text, const v1::Change& change)
    {
        const uint64_t number = std::max(newest(), epoch_ << 40) + 1;
        revisions_.push_back({revision(newest(), number, text, change.id()), text});
        body_ = *applyTo(body_, text);
        writer_ = change;
    }
    uint64_t newest() const { return revisions_.empty() ? 0 : revisions_.back().first.version().revision(); }
    // How many revisions a body of that version has; nothing where the server has none.
    std::optional<size_t> indexOf(uint64_t version) const
    {
        for (size_t i = 0; i < revisions_.size(); ++i)
            if (revisions_[i].first.version().revision() == version)
                return i + 1;
        return version == 0 ? std::optional<size_t>(0) : std::nullopt;
    }
    void send()
    {
        for (v1::Change& change : desk_.send())
            sent_.push_back(std::move(change));
        REQUIRE(sent_.size() <= 1);
    }
    void answer()
    {
        for (const v1::Change& change : std::exchange(sent_, {})) {
            const auto known = accepted_.find(change.id());
            if (known != accepted_.end()) {
                REQUIRE(known->second.first == change.SerializeAsString());
                desk_.accept(change, known->second.second);
                continue;
            }
            const auto base = indexOf(change.edit_text().base().revision());
            if (!base || (!isKind_ && below(8) == 0)) {
                desk_.refuse(change, !base || below(2) == 0 ? v1::UNKNOWN_BASE : v1::NOT_ALLOWED);
                continue;
            }
            std::vector<TextChange> since;
            for (size_t i = *base; i < revisions_.size(); ++i)
                since.push_back(revisions_[i].second);
            const TextChange text = transform(compose(since), *decode(change.edit_text().text())).later;
            if (!text.isEmpty())
                accept(text, change);
            accepted_[change.id()] = {change.SerializeAsString(), text.isEmpty() ? 0 : newest()};
            // The answer may be lost with the connection, or come behind the record.
            if (below(4) == 0)
                reconnect();
            else if (!text.isEmpty() && below(3) == 0)
                publish();
            desk_.accept(change, accepted_[change.id()].second);
        }
    }
    void publish()
    {
        REQUIRE(desk_.serve(body_, newest(), writer_) == Replica::Received::AtHead);
        published_ = revisions_.size();
        publishedWriter_ = writer_;
    }
    // Some of what the device lacks, from where it stands or from before that.
    void tell()
    {
        const auto here = indexOf(desk_.replica->bodyVersion(desk_.post)->revision());
        REQUIRE(here.has_value());
        const size_t from = *here - below(std::min<size_t>(*here, 2) + 1);
        std::vector<v1::Revision> told;
        for (size_t i = from; i < revisions_.size() && told.size() < 3; ++i)
            told.push_back(revisions_[i].first);
        if (!told.empty())
            REQUIRE(desk_.tell(told) == Replica::Received::Stored);
    }
    // What no record has yet is lost, with all that was accepted of it.
    void restore()
    {
        revisions_.resize(published_);
        writer_ = publishedWriter_;
        body_.clear();
        for (const auto& [told, text] : revisions_)
            body_ = *applyTo(body_, text);
        std::erase_if(accepted_,
                      [&](const auto& each) { return each.second.second > 0 && !indexOf(each.second.second); });
        letters_.clear(); // of the others' nobody knows any more
        desk_.restored(uint32_t(++epoch_));
        reconnect();
        for (const std::string& letter : mine_)
            letters_.insert(letter);
    }
    // What has no answer is sent again, and answered before anything is read.
    void reconnect()
    {
        desk_.open();
        sent_ = desk_.sendUnanswered();
        for (const v1::Change& change : sent_)
            if (const auto known = accepted_.find(change.id()); known != accepted_.end())
                REQUIRE(known->second.first == change.SerializeAsString());
        const bool kind = std::exchange(isKind_, true);
        if (!sent_.empty())
            answer();
        isKind_ = kind;
    }
    void check()
    {
        std::set<std::string> seen;
        const std::string shown = desk_.shown();
        for (size_t i = 0; i < shown.size(); i += shown[i] == '\n' ? 1 : 3)
            if (shown[i] != '\n')
                REQUIRE(seen.insert(shown.substr(i, 3)).second);
        const auto rows = desk_.rows();
        REQUIRE(std::count_if(rows.begin(), rows.end(), [](const OutboxRow& row) {
                    return row.state == ChangeState::Waiting || row.state == ChangeState::Sent;
                }) <= 2);
        const std::string all = shown + body_ + [&] {
            std::string kept;
            for (const OutboxRow& row : rows)
                kept += row.text.toStdString();
            return kept;
        }();
        for (const std::string& letter : letters_)
            REQUIRE(all.find(letter) != std::string::npos);
    }

    std::mt19937 random_;
    bool isOpen_;
    Desk desk_;
    std::string body_;
    std::vector<std::pair<v1::Revision, TextChange>> revisions_;
    size_t published_ = 0; // of them the record has so many
    uint64_t epoch_ = 1;
    v1::Change writer_, publishedWriter_;
    std::vector<v1::Change> sent_;
    std::map<std::string, std::pair<std::string, uint64_t>> accepted_;
    std::set<std::string> letters_; // that nobody deleted
    std::set<std::string> mine_;    // that were written on the device
    uint32_t made_ = 0;
    bool isKind_ = false;
};

} // namespace

TEST_CASE("A text that many write, with every loss on the way, ends the same on both sides and misses nothing")
{
    for (uint32_t seed = 0; seed < 30; ++seed) {
        INFO("seed " << seed);
        Storm storm(seed, false);
        for (int i = 0; i < 40; ++i)
            storm.step();
        storm.settle();
    }
}

TEST_CASE("A text that is open, with every loss on the way and at the server, ends the same on both sides")
{
    for (uint32_t seed = 0; seed < 20; ++seed) {
        INFO("seed " << seed);
        Storm storm(seed, true);
        for (int i = 0; i < 60; ++i)
            storm.step();
        storm.settle();
    }
}
