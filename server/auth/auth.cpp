#include "server/auth/auth.h"

#include <algorithm>

#include "shared/base/limits.h"
#include "shared/base/text.h"
#include "shared/domain/invite_link.h"

namespace stoa {

namespace {

constexpr size_t tokenBytes = 32;

std::string randomBytes(size_t size, const Random& random)
{
    std::string bytes(size, '\0');
    random({reinterpret_cast<uint8_t*>(bytes.data()), bytes.size()});
    return bytes;
}

// Counts a try under the key, or says how long to wait.
Result<void> countTry(AccountWriter& accounts, const std::string& key, int64_t most, int64_t nowMs,
                      const AuthContext& context)
{
    const int64_t sinceMs = nowMs - context.limits.windowMs;
    const Tries tries = accounts.tries(key, sinceMs);
    if (tries.count >= most)
        return Refusal{.code = v1::TOO_MANY_ATTEMPTS,
                       .limit = most,
                       .retryAfterMs = std::min(tries.oldestMs - sinceMs, context.limits.windowMs)};
    accounts.addTry(key, nowMs);
    return {};
}

std::string loginKey(const std::string& login)
{
    return "l:" + login;
}

std::string addressKey(const std::string& address)
{
    return "a:" + address;
}

bool isDisabled(const Reader& reader, const Id& person)
{
    const auto found = reader.find(person);
    return !found || found->record->deleted() || found->record->person().disabled();
}

} // namespace

Result<SignedIn> signInByToken(const AccountReader& accounts, const Reader& records, std::string_view token)
{
    const auto device = accounts.deviceByToken(sha256(token));
    if (!device)
        return v1::TOKEN_UNKNOWN;
    if (isDisabled(records, device->person))
        return v1::PERSON_DISABLED_NOW;
    return SignedIn{device->person, device->id, {}};
}

Result<SignIn> beginSignIn(AccountWriter& accounts, const v1::Hello& hello, const std::string& address,
                           const AuthContext& context)
{
    SignIn signIn{.address = address,
                  .deviceName = std::string(clipUtf8(toCleanUtf8(hello.device_name()), limits::titleBytesMax)),
                  .triedMs = context.clock()};
    accounts.removeTriesBefore(signIn.triedMs - context.limits.windowMs);
    if (auto counted = countTry(accounts, addressKey(address), context.limits.triesPerAddress, signIn.triedMs, context);
        !counted)
        return counted.error();

    if (hello.has_invitation()) {
        signIn.password = hello.invitation().password();
        signIn.invitation = sha256(hello.invitation().code());
        const auto invitation = accounts.invitation(signIn.invitation);
        if (!invitation || invitation->expiresMs <= context.clock())
            return v1::INVITATION_USED;
        if (auto fine = checkNewPassword(signIn.password); !fine)
            return fine.error();
        signIn.person = invitation->person;
        return signIn;
    }
    if (!hello.has_password())
        return v1::PROTOCOL;
    if (hello.password().login().size() > limits::loginBytesMax || !isCleanUtf8(hello.password().login()))
        return v1::WRONG_CREDENTIALS; // no login can be like this
    signIn.login = hello.password().login();
    signIn.password = hello.password().password();
    if (auto counted =
            countTry(accounts, loginKey(signIn.login), context.limits.triesPerLogin, signIn.triedMs, context);
        !counted)
        return counted.error();
    if (const auto person = accounts.personByLogin(signIn.login)) {
        signIn.person = *person;
        signIn.passwordHash = accounts.passwordHash(*person);
    }
    return signIn;
}

void workSignIn(SignIn& signIn, const AuthContext& context)
{
    if (!signIn.invitation.empty()) {
        signIn.passwordHash = hashPassword(signIn.password, context.cost, context.random);
        signIn.right = true;
    } else {
        signIn.right = verifyPassword(signIn.passwordHash, signIn.password, context.cost);
    }
    signIn.password.clear();
}

Result<SignedIn> finishSignIn(AccountWriter& accounts, const Reader& records, const SignIn& signIn,
                              const AuthContext& context)
{
    if (!signIn.right)
        return v1::WRONG_CREDENTIALS;
    if (isDisabled(records, signIn.person))
        return v1::PERSON_DISABLED_NOW;
    const int64_t nowMs = context.clock();
    if (!signIn.invitation.empty()) {
        // Another device may have been faster while this one's password was hashed.
        const auto invitation = accounts.invitation(signIn.invitation);
        if (!invitation || invitation->expiresMs <= nowMs)
            return v1::INVITATION_USED;
        accounts.removeInvitations(signIn.person);
        accounts.setPasswordHash(signIn.person, signIn.passwordHash);
    } else if (accounts.passwordHash(signIn.person) != signIn.passwordHash) {
        return v1::WRONG_CREDENTIALS; // it was changed while this one was checked
    }
    // Who is let in has not been guessing: a login's tries begin anew, an office's address keeps those of others.
    const auto person = records.find(signIn.person);
    accounts.removeTries(loginKey(person->record->person().login()));
    accounts.removeTry(addressKey(signIn.address), signIn.triedMs);
    SignedIn signedIn{signIn.person, newId(nowMs, context.random), randomBytes(tokenBytes, context.random)};
    accounts.addDevice({.id = signedIn.device, .person = signedIn.person, .name = signIn.deviceName, .madeMs = nowMs},
                       sha256(signedIn.token));
    return signedIn;
}

std::string invite(AccountWriter& accounts, const Id& person, const AuthContext& context)
{
    accounts.removeInvitations(person);
    const std::string code = randomBytes(inviteCodeBytes, context.random);
    accounts.addInvitation(sha256(code),
                           {.person = person, .expiresMs = context.clock() + context.limits.invitationKeepMs});
    return code;
}

} // namespace stoa
