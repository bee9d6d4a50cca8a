// The main function of every test program that brings none of its own.

// What libraries of the distribution keep for good is no leak of ours. (AddressSanitizer asks, where it is linked.)
extern "C" const char* __lsan_default_suppressions() // NOLINT(bugprone-reserved-identifier)
{
    return "leak:libfontconfig.so\nleak:libglib-2.0.so\n";
}

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_session.hpp>

int main(int argc, char** argv)
{
    return Catch::Session().run(argc, argv);
}
#else
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
#endif
