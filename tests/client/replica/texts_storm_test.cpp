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
    explicit Storm(uint32_t seed) : random_(seed), desk_("") {}

    void step()
    {
        switch (below(12)) {
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
        default:
            reconnect();
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
    TextChange edit(std::string_view text)
    {
        TextChange change;
        const auto insert = [&] {
            const uint32_t point = 0x4e00 + made_++;
            const std::string letter{char(0xe0 | point >> 12), char(0x80 | (point >> 6 & 0x3f)),
                                     char(0x80 | (point & 0x3f))};
            letters_.insert(letter);
            change.insert(letter + '\n');
        };
        for (size_t i = 0; i < text.size(); i += text[i] == '\n' ? 1 : 3) {
            const bool isLetter = text[i] != '\n';
            if (isLetter && below(8) == 0)
                insert();
            if (isLetter && below(12) == 0) {
                letters_.erase(std::string(text.substr(i, 3)));
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
        const std::string after = *applyTo(shown, edit(shown));
        REQUIRE(desk_.submit(desk_.edit(shown, after)));
        REQUIRE(desk_.shown() == after);
    }
    void others()
    {
        revisions_.push_back(edit(body_));
        body_ = *applyTo(body_, revisions_.back());
        writer_.Clear();
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
            const size_t base = change.edit_text().base().revision();
            if (!isKind_ && below(8) == 0) {
                desk_.refuse(change, below(2) == 0 ? v1::UNKNOWN_BASE : v1::NOT_ALLOWED);
                continue;
            }
            const TextChange over = compose(std::span(revisions_).subspan(base));
            const TextChange text = transform(over, *decode(change.edit_text().text())).later;
            if (!text.isEmpty()) {
                revisions_.push_back(text);
                body_ = *applyTo(body_, text);
                writer_ = change;
            }
            accepted_[change.id()] = {change.SerializeAsString(), text.isEmpty() ? 0 : revisions_.size()};
            // The answer may be lost with the connection, or come behind the record.
            if (below(4) == 0)
                reconnect();
            else if (!text.isEmpty() && below(3) == 0)
                publish();
            desk_.accept(change, accepted_[change.id()].second);
        }
    }
    void publish() { REQUIRE(desk_.serve(body_, revisions_.size(), writer_) == Replica::Received::AtHead); }
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
        REQUIRE(std::count_if(rows.begin(), rows.end(),
                              [](const OutboxRow& row) { return row.state != ChangeState::Refused; }) <= 2);
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
    Desk desk_;
    std::string body_;
    std::vector<TextChange> revisions_;
    v1::Change writer_;
    std::vector<v1::Change> sent_;
    std::map<std::string, std::pair<std::string, uint64_t>> accepted_;
    std::set<std::string> letters_; // that nobody deleted
    uint32_t made_ = 0;
    bool isKind_ = false;
};

} // namespace

TEST_CASE("A text that many write, with every loss on the way, ends the same on both sides and misses nothing")
{
    for (uint32_t seed = 0; seed < 30; ++seed) {
        INFO("seed " << seed);
        Storm storm(seed);
        for (int i = 0; i < 40; ++i)
            storm.step();
        storm.settle();
    }
}
