#pragma once

// Who may do and read what, written down by hand. These tables are what tests hold the product against; nothing
// here asks the product's own table. What the protocol has and a table has not fails, and the other way round.

#include <algorithm>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "stoa/v1/record.pb.h"

namespace stoa::test {

// A row is what is done, a column what it is done to. A cell holds those who may:
//   R C M O  reader, contributor, moderator, owner of the space, by membership or by the space's visibility
//   A        an admin of the organisation, whatever they are in the space
//   *        any person who is not disabled
//   I        an import alone
//   -        nobody;   a / b  others' records / one's own;   .  there is no such act
// REVIEWED is a page that asks for review, PROPOSAL one below a page that names no reviewers. Its state is withdrawn by
// its author and declined by the others; an approval is of its text as it is.
// The server may what anybody may, an import what the server may and I; but neither has votes, bookmarks or views.
constexpr std::string_view rights = R"(
                      ORGANISATION PERSON SPACE MEMBERSHIP MARK SECTION PAGE    QUESTION ANSWER  COMMENT PROPOSAL REVIEWED
create                -            A      A     OA         .    CMO     CMO     CMO      CMO     CMO     RCMO     .
delete                -            -      -     -          -    MO/RCMO MO/RCMO MO/RCMO  MO/RCMO MO/RCMO MO/RCMO  MO
edit_text             -            -      -     -          -    -       CMO     MO/CMO   MO/CMO  MO/CMO  -/RCMO   -
VOTE                  -            -      -     -          -    -       RCMO/-  RCMO/-   RCMO/-  RCMO/-  RCMO/-   RCMO/-
BOOKMARK              -            -      -     -          -    RCMO    RCMO    RCMO     RCMO    RCMO    RCMO     RCMO
SEEN                  -            -      RCMO  -          -    -       -       -        -       -       -        -
APPROVAL              -            -      -     -          -    -       -       -        -       -       MO/-     -
CONFIRMED             -            -      -     -          -    -       RCMO    -        -       -       -        RCMO
ORGANISATION_NAME     A            -      -     -          -    -       -       -        -       -       -        -
PERSON_NAME           -            A/*    -     -          -    -       -       -        -       -       -        -
PERSON_ABOUT          -            A/*    -     -          -    -       -       -        -       -       -        -
PERSON_DISABLED       -            A      -     -          -    -       -       -        -       -       -        -
PERSON_ADMIN          -            A      -     -          -    -       -       -        -       -       -        -
SPACE_NAME            -            -      O     -          -    -       -       -        -       -       -        -
SPACE_VISIBILITY      -            -      O     -          -    -       -       -        -       -       -        -
CHARTER_PROBLEM       -            -      O     -          -    -       -       -        -       -       -        -
CHARTER_AUDIENCE      -            -      O     -          -    -       -       -        -       -       -        -
CHARTER_SPONSOR       -            -      O     -          -    -       -       -        -       -       -        -
CHARTER_TARGET        -            -      O     -          -    -       -       -        -       -       -        -
CHARTER_TARGET_FIGURE -            -      O     -          -    -       -       -        -       -       -        -
CHARTER_TARGET_DATE   -            -      O     -          -    -       -       -        -       -       -        -
CHARTER_BELONGS       -            -      O     -          -    -       -       -        -       -       -        -
CHARTER_EXCLUDED      -            -      O     -          -    -       -       -        -       -       -        -
SPACE_REVIEW          -            -      O     -          -    -       -       -        -       -       -        -
SPACE_REVIEWERS       -            -      O     -          -    -       -       -        -       -       -        -
POST_TITLE            -            -      -     -          -    CMO     CMO     MO/CMO   -       -       -        MO
POST_BODY             -            -      -     -          -    -       I       I        I       I       I        I
POST_TAGS             -            -      -     -          -    -       CMO     MO/CMO   -       -       -        MO
POST_ACCEPTED         -            -      -     -          -    -       -       -/RCMO   -       -       -        -
POST_PARENT           -            -      -     -          -    CMO     CMO     -        -       -       -        MO
POST_POSITION         -            -      -     -          -    CMO     CMO     -        -       -       -        MO
POST_REVIEW           -            -      -     -          -    -       MO      -        -       -       -        MO
POST_REVIEWERS        -            -      -     -          -    -       MO      -        -       -       -        MO
POST_REQUIRED         -            -      -     -          -    -       MO      -        -       -       -        MO
PROPOSAL_STATE        -            -      -     -          -    -       -       -        -       -       MO/RCMO  -
PROPOSAL_REASON       -            -      -     -          -    -       -       -        -       -       -/RCMO   -
PROPOSAL_DATE         -            -      -     -          -    -       -       -        -       -       MO/RCMO  -
)";

// Who reads a feed, by the first byte of its key; S is the person whose feed it is.
constexpr std::string_view readers = R"(
   MAY
d  *
s  RCMO
t  MO
p  S
)";

// What a client's message without content is answered with: before its Hello, while it is being signed in, signed
// in, and after a Goodbye. A code is that of a Goodbye; silence is no answer at all.
constexpr std::string_view messages = R"(
             BEFORE    SIGNING_IN  SIGNED_IN  ENDED
hello        VERSION   PROTOCOL    PROTOCOL   silence
push         PROTOCOL  PROTOCOL    PROTOCOL   silence
subscribe    PROTOCOL  PROTOCOL    silence    silence
ping         PROTOCOL  PROTOCOL    pong       silence
sign_out     PROTOCOL  PROTOCOL    signed_out silence
hand_back    PROTOCOL  PROTOCOL    PROTOCOL   silence
open_text    PROTOCOL  PROTOCOL    silence    silence
close_text   PROTOCOL  PROTOCOL    silence    silence
presence     PROTOCOL  PROTOCOL    silence    silence
read_revisions PROTOCOL PROTOCOL   silence    silence
welcome      PROTOCOL  PROTOCOL    PROTOCOL   silence
goodbye      PROTOCOL  PROTOCOL    PROTOCOL   silence
receipts     PROTOCOL  PROTOCOL    PROTOCOL   silence
batch        PROTOCOL  PROTOCOL    PROTOCOL   silence
feeds        PROTOCOL  PROTOCOL    PROTOCOL   silence
pong         PROTOCOL  PROTOCOL    silence    silence
handed_back  PROTOCOL  PROTOCOL    PROTOCOL   silence
parted       PROTOCOL  PROTOCOL    PROTOCOL   silence
revisions    PROTOCOL  PROTOCOL    PROTOCOL   silence
present      PROTOCOL  PROTOCOL    PROTOCOL   silence
revision_page PROTOCOL PROTOCOL    PROTOCOL   silence
nothing      PROTOCOL  PROTOCOL    PROTOCOL   silence
)";

struct Table {
    std::vector<std::string> columns;
    std::map<std::string, std::vector<std::string>> rows;

    explicit Table(std::string_view text)
    {
        std::istringstream lines{std::string(text)};
        for (std::string line; std::getline(lines, line);) {
            std::istringstream words(line);
            std::vector<std::string> row;
            for (std::string word; words >> word;)
                row.push_back(word);
            if (row.empty())
                continue;
            if (columns.empty()) {
                columns = row;
                continue;
            }
            if (row.size() != columns.size() + 1 ||
                !rows.emplace(row[0], std::vector(row.begin() + 1, row.end())).second)
                throw std::logic_error("a row of another length, or a second one of its name: " + line);
        }
    }

    const std::string& cell(const std::string& row, const std::string& column) const
    {
        const auto found = rows.find(row);
        const auto at = std::find(columns.begin(), columns.end(), column);
        if (found == rows.end() || at == columns.end())
            throw std::logic_error("nothing says who may " + row + " of " + column);
        return found->second[static_cast<size_t>(at - columns.begin())];
    }
    // What stands in the cell for others' records or one's own.
    std::string cell(const std::string& row, const std::string& column, bool own) const
    {
        const std::string& text = cell(row, column);
        const size_t slash = text.find('/');
        if (slash == std::string::npos)
            return text;
        return own ? text.substr(slash + 1) : text.substr(0, slash);
    }
};

// What somebody is in a space.
enum class Standing { None, Reader, Contributor, Moderator, Owner };

inline Standing standingIn(v1::Visibility visibility, Standing byMembership)
{
    if (byMembership != Standing::None)
        return byMembership;
    return visibility == v1::OPEN       ? Standing::Contributor
         : visibility == v1::RESTRICTED ? Standing::Reader
                                        : Standing::None;
}

// Whether a cell names somebody active who stands so.
inline bool names(std::string_view cell, Standing standing, bool admin)
{
    return cell.find('*') != std::string_view::npos || (admin && cell.find('A') != std::string_view::npos) ||
           (standing != Standing::None && cell.find("RCMO"[static_cast<int>(standing) - 1]) != std::string_view::npos);
}

// The rows that an act of the protocol has in `rights`; empty for an act that is not known here.
inline std::vector<std::string> rowsOfAct(const std::string& act)
{
    const auto namesOf = [](const google::protobuf::EnumDescriptor& type) {
        std::vector<std::string> all;
        for (int i = 1; i < type.value_count(); ++i) // the first is none
            all.push_back(type.value(i)->name());
        return all;
    };
    if (act.rfind("create_", 0) == 0 || act == "set_membership")
        return {"create"};
    if (act == "edit")
        return namesOf(*v1::Field_descriptor());
    if (act == "set_mark")
        return namesOf(*v1::MarkKind_descriptor());
    if (act == "delete" || act == "edit_text")
        return {act};
    return {};
}

} // namespace stoa::test
