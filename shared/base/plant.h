#pragma once

// Places where a wrong behaviour can be planted, to show that the simulation or the permission matrix finds it.
// The macro is false where STOA_PLANTED is not defined, which is everywhere but in the libraries of their controls.

#ifdef STOA_PLANTED
#include <string>
#include <string_view>

namespace stoa {

// The one that is planted, set before anything runs; empty: none.
inline std::string& plant()
{
    static std::string name;
    return name;
}

} // namespace stoa

#define STOA_PLANT(name) (::stoa::plant() == std::string_view(name))
#else
#define STOA_PLANT(name) false
#endif
