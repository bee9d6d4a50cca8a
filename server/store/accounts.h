#pragma once

// What signing in needs to keep, beside the records: passwords, devices, invitations, counted tries.
// Part of the storage interface; every call is made within a transaction, on its thread. Hashes are
// made above (server/auth); nothing secret reaches this layer as it is. Failing storage throws.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "shared/base/ids.h"

namespace stoa {

struct Device {
    Id id;
    Id person;
    std::string name;
    int64_t madeMs = 0;
};

struct StoredInvitation {
    Id person;
    int64_t expiresMs = 0;
};

struct Tries {
    int64_t count = 0;
    int64_t oldestMs = 0;
};

class AccountReader {
public:
    virtual ~AccountReader() = default;

    virtual std::optional<Id> personByLogin(std::string_view login) const = 0;
    virtual std::string passwordHash(const Id& person) const = 0; // empty: none
    virtual std::optional<Device> deviceByToken(std::string_view tokenHash) const = 0;
    virtual std::optional<StoredInvitation> invitation(std::string_view codeHash) const = 0;
    virtual Tries tries(std::string_view key, int64_t sinceMs) const = 0;
};

class AccountWriter : public AccountReader {
public:
    virtual void setPasswordHash(const Id& person, std::string_view hash) = 0;
    virtual void addDevice(const Device& device, std::string_view tokenHash) = 0;
    virtual void removeDevice(const Id& device) = 0; // and with it its token
    virtual void addInvitation(std::string_view codeHash, const StoredInvitation& invitation) = 0;
    virtual void removeInvitations(const Id& person) = 0;
    virtual void addTry(std::string_view key, int64_t timeMs) = 0;
    virtual void removeTry(std::string_view key, int64_t timeMs) = 0; // one of that time
    virtual void removeTries(std::string_view key) = 0;
    virtual void removeTriesBefore(int64_t timeMs) = 0;
};

} // namespace stoa
