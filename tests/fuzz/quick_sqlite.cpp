// SQLite as a fuzzer wants it: one thread, no locks against other processes, and memory of its own that
// AddressSanitizer's allocator has no work with. What SQLite hands out stays guarded: of a block only the bytes that
// were asked for may be touched, and none once it was given back. (This file itself is built without sanitizers.)

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstdlib>

#include <sanitizer/asan_interface.h>
#include <sanitizer/lsan_interface.h>
#include <sqlite3.h>

#include "shared/base/assert.h"

namespace {

// A block is its size, poisoned, and what was asked for, rounded up to a power of two. Those given back wait in a
// list for each power; memory never goes back to the system.
constexpr size_t headBytes = 16;
constexpr size_t smallestPower = 5;
constexpr size_t largestPower = 30;
constexpr size_t slabBytes = size_t(1) << 20;

struct Head {
    uint32_t size;
    uint32_t power;
    char* next;
};
static_assert(sizeof(Head) == headBytes);

std::array<char*, largestPower + 1> freed{};
char* slab = nullptr;
size_t slabLeft = 0;

Head& headOf(void* payload)
{
    return *reinterpret_cast<Head*>(static_cast<char*>(payload) - headBytes);
}

char* carve(size_t bytes)
{
    if (bytes > slabLeft) {
        slabLeft = bytes > slabBytes ? bytes : slabBytes;
        slab = static_cast<char*>(std::malloc(slabLeft));
        STOA_ASSERT(slab != nullptr);
        __asan_poison_memory_region(slab, slabLeft);
        __lsan_ignore_object(slab);
    }
    char* block = slab;
    slab += bytes;
    slabLeft -= bytes;
    return block;
}

void* allocate(int size)
{
    const size_t power = std::max(smallestPower, size_t(std::bit_width(size_t(size) + headBytes - 1)));
    if (power > largestPower)
        return nullptr;
    char* payload = freed[power];
    if (payload)
        freed[power] = headOf(payload).next;
    else
        payload = carve(size_t(1) << power) + headBytes;
    headOf(payload) = {uint32_t(size), uint32_t(power), nullptr};
    __asan_unpoison_memory_region(payload, size_t(size));
    return payload;
}

void release(void* payload)
{
    Head& head = headOf(payload);
    __asan_poison_memory_region(payload, head.size);
    head.next = freed[head.power];
    freed[head.power] = static_cast<char*>(payload);
}

int sizeOf(void* payload)
{
    return payload ? int(headOf(payload).size) : 0;
}

void* reallocate(void* payload, int size)
{
    Head& head = headOf(payload);
    if (size_t(size) + headBytes <= size_t(1) << head.power) {
        __asan_poison_memory_region(payload, head.size);
        __asan_unpoison_memory_region(payload, size_t(size));
        head.size = uint32_t(size);
        return payload;
    }
    void* larger = allocate(size);
    if (larger) {
        std::copy_n(static_cast<const char*>(payload), head.size, static_cast<char*>(larger));
        release(payload);
    }
    return larger;
}

} // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***)
{
    static const sqlite3_mem_methods memory{&allocate,
                                            &release,
                                            &reallocate,
                                            &sizeOf,
                                            [](int size) { return (size + 7) & ~7; },
                                            [](void*) { return SQLITE_OK; },
                                            [](void*) {},
                                            nullptr};
    STOA_ASSERT(sqlite3_config(SQLITE_CONFIG_SINGLETHREAD) == SQLITE_OK);
    STOA_ASSERT(sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK);
    STOA_ASSERT(sqlite3_config(SQLITE_CONFIG_MALLOC, &memory) == SQLITE_OK);
    STOA_ASSERT(sqlite3_vfs_register(sqlite3_vfs_find("unix-excl"), 1) == SQLITE_OK);
    return 0;
}
