// The program as it is started: its options, with and without a display.

#include <QTemporaryDir>

#include "tests/support/catch.h"
#include "tests/support/process.h"

using namespace stoa::test;

namespace {

// Whatever is started meanwhile finds no display, or one that nobody sees.
class Platform {
public:
    explicit Platform(const char* name) : before_(qgetenv("QT_QPA_PLATFORM")) { qputenv("QT_QPA_PLATFORM", name); }
    ~Platform() { qputenv("QT_QPA_PLATFORM", before_); }

private:
    QByteArray before_;
};

} // namespace

TEST_CASE("Help and version need no display")
{
    const Platform none("none");
    const Finished help = run({"stoa", "--help"});
    CHECK(help.exitCode == 0);
    CHECK(help.out.find("--theme <light|dark>") != std::string::npos);
    const Finished version = run({"stoa", "--version"});
    CHECK(version.exitCode == 0);
    CHECK(version.out.starts_with("stoa "));
}

TEST_CASE("A theme that does not exist is refused in a sentence")
{
    const Platform unseen("offscreen");
    const QTemporaryDir dir;
    const Finished refused = run({"stoa", "--profile", dir.path().toStdString(), "--theme", "blue"});
    CHECK(refused.exitCode == 2);
    CHECK(refused.err.find("--theme is either light or dark.") != std::string::npos);
}
