#pragma once

// Permission, from one declarative table that the server checks inside its writing transaction and the
// interface asks before it shows a button. A role a person has in a space comes from the membership,
// or from the space's visibility where there is none.

#include <optional>
#include <span>

#include "shared/domain/apply.h"

namespace stoa {

// One row: who may do what. A change is allowed when any row that matches it is satisfied.
struct Permission {
    v1::Change::ActCase act;
    v1::PostKind post = v1::POST_NONE; // only for this kind of post; POST_NONE: any or not a post
    v1::Field field = v1::FIELD_NONE;  // only for this field of an Edit; FIELD_NONE: any
    v1::MarkKind mark = v1::MARK_NONE; // only for this kind of mark
    v1::Role least = v1::ROLE_NONE;    // the role in the space that is enough; ROLE_NONE: any active person
    bool author = false;               // only whoever made the record (of a comment: the proposal that it is on)
    bool admin = false;                // only admins of the organisation
    bool import = false;               // only within a granted import
    bool unreviewed = false;           // not of a page or a section that asks for review
    bool reviewer = false;             // only whoever may approve the proposal
    bool proposed = false;             // only of a proposal, or of what hangs below one
};

std::span<const Permission> permissions();

// The role that counts: OWNER for the server itself, what the membership says, else CONTRIBUTOR in
// open spaces, READER in restricted ones, ROLE_NONE in private ones. ROLE_NONE for disabled people.
v1::Role roleIn(const Id& space, const Actor& actor, const Reader& reader);

bool mayRead(const Feed& feed, const Actor& actor, const Reader& reader, const Id& directory);

// NOT_FOUND where the target may not be known; where it may, REVIEWED where only a proposal changes the text, else
// NOT_ALLOWED.
Result<void> may(const v1::Change& change, const Context& context, const Reader& reader);

} // namespace stoa
