#pragma once

// A value or a refusal. Refusals are for what people and peers may do wrong (not allowed, too long,
// unknown); a failing environment throws, a bug stops the program (shared/base/assert.h).
// Names follow std::expected, to become an alias of it later.

#include <optional>
#include <utility>
#include <variant>

#include "shared/base/assert.h"
#include "stoa/v1/wire.pb.h"

namespace stoa {

// Why something was refused: one code from the rule that found it to the sentence on the screen.
struct Refusal {
    v1::Code code = v1::CODE_NONE;
    v1::Field field = v1::FIELD_NONE; // where it is about one field
    int64_t limit = 0;                // where a limit was passed
    int64_t retryAfterMs = 0;         // where waiting helps

    friend bool operator==(const Refusal&, const Refusal&) = default;
};

template <class T>
class [[nodiscard]] Result {
public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Refusal refusal) : state_(std::in_place_index<1>, refusal) {}
    Result(v1::Code code) : Result(Refusal{code}) {}

    bool has_value() const { return state_.index() == 0; }
    explicit operator bool() const { return has_value(); }

    T& value() &
    {
        STOA_ASSERT(has_value());
        return std::get<0>(state_);
    }
    const T& value() const&
    {
        STOA_ASSERT(has_value());
        return std::get<0>(state_);
    }
    T&& value() &&
    {
        STOA_ASSERT(has_value());
        return std::get<0>(std::move(state_));
    }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    const Refusal& error() const
    {
        STOA_ASSERT(!has_value());
        return std::get<1>(state_);
    }

private:
    std::variant<T, Refusal> state_;
};

template <>
class [[nodiscard]] Result<void> {
public:
    Result() = default;
    Result(Refusal refusal) : refusal_(refusal) {}
    Result(v1::Code code) : refusal_(Refusal{code}) {}

    bool has_value() const { return !refusal_; }
    explicit operator bool() const { return has_value(); }
    const Refusal& error() const
    {
        STOA_ASSERT(refusal_);
        return *refusal_;
    }

private:
    std::optional<Refusal> refusal_;
};

// Between the wire's message and the value.
Refusal fromProto(const v1::Refusal& refusal);
v1::Refusal toProto(const Refusal& refusal);

} // namespace stoa
