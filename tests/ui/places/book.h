#pragma once

// Pages that are written, and the place where that is done.

#include <QLineEdit>

#include "client/ui/editor/markdown_editor.h"
#include "client/ui/pages/pages_place.h"
#include "tests/ui/places/content.h"

namespace stoa::test {

inline Location editing(const Location& of)
{
    Location location = of;
    location.write = true;
    return location;
}

struct Shelves : Content {
    v1::Record page(const char* title, const std::string& body, const Id& above = {}, v1::PostKind kind = v1::PAGE)
    {
        v1::Record made = pageRecord(*this, title, above, kind, body);
        hold(made);
        made.set_author(bea.str());
        return made;
    }
    // The same post with another body, as the server has it now.
    void become(v1::Record& record, const std::string& body)
    {
        record.mutable_post()->set_body(body);
        record.set_revision(record.revision() + 1);
        arrives(*this, [&] { REQUIRE(receive(space(), {record}) == Replica::Received::AtHead); });
    }
    // What the program has left for the server of changes of texts.
    std::vector<v1::Change> waitingTexts()
    {
        v1::Limits limits;
        limits.set_push_changes_max(100);
        limits.set_push_bytes_max(1 << 20);
        std::vector<v1::Change> changes;
        arrives(*this, [&] {
            within([&] {
                for (const auto& each : replica->waiting(limits, [](const Feed&) { return true; })) {
                    v1::Change change;
                    REQUIRE(change.ParseFromString(each.bytes));
                    if (change.has_edit_text())
                        changes.push_back(change);
                }
            });
        });
        return changes;
    }
    // One's own answer to a question of somebody else.
    std::pair<Id, Id> ownAnswer(const std::string& body)
    {
        v1::Record asked = question("Who knows?");
        const Id question = hold(asked);
        v1::Record answer = below(asked, v1::ANSWER, body);
        REQUIRE(receive(space(), {answer}) == Replica::Received::AtHead);
        return {question, stoa::test::idOf(answer)};
    }
};

struct Opened : Tabbed {
    Opened(const Program& program, const Location& location, MakePlace make = makePagesPlace)
        : Tabbed(program, make, location)
    {
        // What is wanted within the place is opened, as a tab would.
        QObject::connect(place.get(), &Place::wanted, place.get(), [this](const Location& to, bool) {
            if (to.kind == place->location().kind)
                place->open(to);
        });
    }
    MarkdownEditor& editor()
    {
        for (MarkdownEditor* each : place->findChildren<MarkdownEditor*>())
            if (each->isVisibleTo(place.get()))
                return *each;
        throw std::logic_error("nothing is being edited");
    }
    void type(const char* text)
    {
        editor().setFocus();
        QTest::keyClicks(&editor(), QString::fromUtf8(text));
    }
    void typeAtEnd(const char* text)
    {
        editor().moveCursor(QTextCursor::End);
        type(text);
    }
    void leave() { QTest::keyClick(&editor(), Qt::Key_Escape); }
    QLineEdit& field(const char* name) { return *named<QLineEdit>(*place, QString::fromLatin1(name)); }
};

inline std::string bodyOf(const Program& program, const Id& post)
{
    return body(*program.reading, post).toStdString();
}

} // namespace stoa::test
