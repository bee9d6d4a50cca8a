#pragma once

// Signing in: a password or an invitation enrols a device, the device's own token opens every later
// conversation. Nothing secret is stored as it is: passwords as argon2id, tokens and codes as SHA-256.
//
// A sign-in by password or invitation has three steps, because hashing is slow and belongs neither into
// a transaction nor on the writer's thread:
//
//   begin    in the writer's transaction: counts the try, finds what it must be checked against
//   work     on the pool for slow work: no store, no clock
//   finish   in the writer's transaction: enrols the device, or leaves the try counted
//
// A try is counted before its password is looked at, so guessing many at once gains nothing; the count
// is in the database, so restarting the server gains nothing either. An unknown login costs the same
// work and gets the same answer as a wrong password.

#include <optional>
#include <string>

#include "server/auth/password.h"
#include "server/store/accounts.h"
#include "shared/base/ids.h"
#include "shared/domain/apply.h"

namespace stoa {

// Whom a conversation speaks for. `token` is told to the device once, when this enrolled it.
struct SignedIn {
    Id person;
    Id device;
    std::string token;
};

struct AuthLimits {
    int64_t windowMs = 10 * 60 * 1000;
    int64_t triesPerLogin = 10;    // the next one within the window is refused
    int64_t triesPerAddress = 100; // an office shares one address
    int64_t invitationKeepMs = int64_t{14} * 24 * 3600 * 1000;
};

// What is handed in; the same for the whole server.
struct AuthContext {
    PasswordCost cost;
    AuthLimits limits;
    WallClock clock;
    Random random;
};

// A sign-in between its steps.
struct SignIn {
    Id person;         // null where the login is unknown
    std::string login; // as it is counted
    std::string address;
    std::string deviceName;
    std::string password;
    std::string passwordHash; // to compare with; after `work` of an invitation: the one to store
    std::string invitation;   // the code's hash, where it is by invitation
    int64_t triedMs = 0;      // when it was counted
    bool right = false;       // after `work`
};

// By token: reads only, any thread. TOKEN_UNKNOWN, PERSON_DISABLED_NOW.
Result<SignedIn> signInByToken(const AccountReader& accounts, const Reader& records, std::string_view token);

// TOO_MANY_ATTEMPTS with retryAfterMs, INVITATION_USED, WEAK_PASSWORD, TOO_LONG, BAD_TEXT, PROTOCOL.
Result<SignIn> beginSignIn(AccountWriter& accounts, const v1::Hello& hello, const std::string& address,
                           const AuthContext& context);
void workSignIn(SignIn& signIn, const AuthContext& context);
// WRONG_CREDENTIALS, PERSON_DISABLED_NOW, INVITATION_USED.
Result<SignedIn> finishSignIn(AccountWriter& accounts, const Reader& records, const SignIn& signIn,
                              const AuthContext& context);

// A new invitation's code, 16 raw bytes; earlier ones of the same person end.
std::string invite(AccountWriter& accounts, const Id& person, const AuthContext& context);

} // namespace stoa
