#include "shared/domain/invite_link.h"

#include "tests/support/catch.h"

namespace stoa {

namespace {

InviteLink invitation()
{
    return {{"learn.example.org", 7443},
            "Müller & Söhne",
            "ana+1@example.org",
            std::string(16, '\x07'),
            std::string(32, '\xab')};
}

LinkError errorOf(const std::string& text)
{
    InviteLink link;
    return parseInviteLink(text, link);
}

std::string without(std::string text, const std::string& part, const std::string& instead = {})
{
    return text.replace(text.find(part), part.size(), instead);
}

} // namespace

TEST_CASE("an invite link is read as it was written")
{
    for (const std::string host : {"learn.example.org", "10.1.2.3", "2001:db8::7"}) {
        InviteLink link = invitation();
        link.server.host = host;
        InviteLink read;
        REQUIRE(parseInviteLink(printInviteLink(link), read) == LinkError::None);
        CHECK(read == link);
    }
}

TEST_CASE("an invite link's values are percent-encoded")
{
    CHECK(printInviteLink(invitation()) ==
          "stoa://learn.example.org:7443/"
          "join?organisation=M%C3%BCller%20%26%20S%C3%B6hne&login=ana%2B1%40example.org&code=" +
              toHex(std::string(16, '\x07')) + "&pin=" + toHex(std::string(32, '\xab')));
}

TEST_CASE("what is not an invite link is refused with the reason")
{
    const std::string fine = printInviteLink(invitation());
    CHECK(errorOf(" " + fine + "\n") == LinkError::None);
    CHECK(errorOf("") == LinkError::NotStoa);
    CHECK(errorOf(without(fine, "stoa://", "https://")) == LinkError::NotStoa);
    CHECK(errorOf(fine + std::string(5000, 'x')) == LinkError::TooLong);
    CHECK(errorOf(without(fine, ":7443")) == LinkError::Address);
    CHECK(errorOf(without(fine, "7443", "0")) == LinkError::Address);
    CHECK(errorOf(without(fine, "7443", "70000")) == LinkError::Address);
    CHECK(errorOf(without(fine, "learn.example.org", "a b")) == LinkError::Address);
    CHECK(errorOf(without(fine, "learn.example.org", "[::1")) == LinkError::Address);
    CHECK(errorOf(without(fine, "/join", "/leave")) == LinkError::Path);
    CHECK(errorOf("stoa://learn.example.org:7443") == LinkError::Path);
    CHECK(errorOf(without(fine, "%20", "%2")) == LinkError::Encoding);
    CHECK(errorOf(without(fine, "%C3%BC", "%C3")) == LinkError::Encoding);
    CHECK(errorOf(without(fine, "%20", "%00")) == LinkError::Encoding);
    CHECK(errorOf(without(fine, "login=", "loggin=")) == LinkError::Missing);
    CHECK(errorOf(fine + "&login=eve") == LinkError::Missing);
    CHECK(errorOf(without(fine, "code=07", "code=0")) == LinkError::Code);
    CHECK(errorOf(without(fine, "code=07", "code=zz")) == LinkError::Code);
    CHECK(errorOf(fine.substr(0, fine.size() - 2)) == LinkError::Pin);
}

TEST_CASE("an invite link cut anywhere is refused, not misread")
{
    const std::string fine = printInviteLink(invitation());
    for (size_t size = 0; size < fine.size(); ++size)
        CHECK(errorOf(fine.substr(0, size)) != LinkError::None);
}

TEST_CASE("a post link names a server and a post")
{
    const PostLink link{{"learn.example.org", 443}, *Id::from("0123456789abcdef")};
    PostLink read;
    REQUIRE(parsePostLink(printPostLink(link), read) == LinkError::None);
    CHECK(read == link);
    CHECK(parsePostLink(printPostLink(link) + "0", read) == LinkError::Post);
    CHECK(parsePostLink(printPostLink(link) + "?x=1", read) == LinkError::Post);
    CHECK(parsePostLink(printInviteLink(invitation()), read) == LinkError::Path);
}

} // namespace stoa
