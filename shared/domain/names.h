#pragma once

// The words by which roles, titles and visibilities are named in files and on the command line.

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "stoa/v1/record.pb.h"

namespace stoa {

template <class T>
struct Named {
    std::string_view name;
    T value;
};

inline constexpr std::array roleNames{Named<v1::Role>{"owner", v1::OWNER}, Named<v1::Role>{"moderator", v1::MODERATOR},
                                      Named<v1::Role>{"contributor", v1::CONTRIBUTOR},
                                      Named<v1::Role>{"reader", v1::READER}};
inline constexpr std::array titleNames{Named<v1::Title>{"sponsor", v1::SPONSOR}, Named<v1::Title>{"leader", v1::LEADER},
                                       Named<v1::Title>{"expert", v1::EXPERT},
                                       Named<v1::Title>{"champion", v1::CHAMPION}};
inline constexpr std::array visibilityNames{Named<v1::Visibility>{"open", v1::OPEN},
                                            Named<v1::Visibility>{"restricted", v1::RESTRICTED},
                                            Named<v1::Visibility>{"private", v1::PRIVATE}};

template <class T, size_t N>
std::optional<T> valueNamed(const std::array<Named<T>, N>& names, std::string_view name)
{
    for (const Named<T>& known : names) {
        if (known.name == name)
            return known.value;
    }
    return std::nullopt;
}

// Empty for a value that has no name.
template <class T, size_t N>
std::string nameOf(const std::array<Named<T>, N>& names, T value)
{
    for (const Named<T>& known : names) {
        if (known.value == value)
            return std::string(known.name);
    }
    return {};
}

} // namespace stoa
