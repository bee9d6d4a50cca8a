#pragma once

// Pages, and a charter's owner, in a profile; and a place in a window of one tab.

#include "client/replica/queries.h"
#include "tests/ui/questions/workplace.h"

namespace stoa::test {

// A page or a section below another one, or at the top of the space.
inline v1::Record pageRecord(Content& content, const std::string& title, const Id& above = {},
                             v1::PostKind kind = v1::PAGE, const std::string& body = {})
{
    v1::Record made = content.question(title);
    made.mutable_post()->set_kind(kind);
    made.mutable_post()->set_body(body);
    if (!above.isNull())
        made.mutable_post()->set_parent(above.str());
    return made;
}

inline v1::Record membershipRecord(Content& content, v1::Role role)
{
    v1::Record made = content.record(membershipId(content.spaceId, content.me));
    made.mutable_membership()->set_space(content.spaceId.str());
    made.mutable_membership()->set_person(content.me.str());
    made.mutable_membership()->set_role(role);
    return made;
}

// What a server would send while the program runs.
template <class F>
void arrives(Content& content, F work)
{
    content.open();
    work();
    content.close();
}

inline Touched touchedPosts(const Id& space, const QList<Id>& posts)
{
    Touched touched;
    touched.spaces = {space};
    touched.posts = posts;
    return touched;
}

inline Touched touchedMuch(const Id& space)
{
    Touched touched;
    touched.spaces = {space};
    touched.bulk = true;
    touched.feeds = true;
    return touched;
}

// A place on the screen: what is wanted is written down, what the worker touches is read again.
struct Tabbed {
    Tabbed(const Program& program, MakePlace make, const Location& location) : place(make(program.desk, nullptr))
    {
        QObject::connect(program.worker.get(), &Worker::touched, place.get(),
                         [this](const Touched& touched) { place->refresh(touched); });
        QObject::connect(place.get(), &Place::wanted, place.get(),
                         [this](const Location& to, bool) { wanted.append(to); });
        place->open(location);
        shown(*place);
    }

    QPushButton* button(const char* text) const { return labelled<QPushButton>(*place, QString::fromLatin1(text)); }
    QPlainTextEdit* text(const char* name) const { return named<QPlainTextEdit>(*place, QString::fromLatin1(name)); }
    bool says(const char* sentence) const { return labelled<QLabel>(*place, QString::fromLatin1(sentence)) != nullptr; }

    std::unique_ptr<Place> place;
    QList<Location> wanted;
};

} // namespace stoa::test
