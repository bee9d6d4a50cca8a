#pragma once

// A person at a program without a network: a replica with content, the real worker over it, and what the
// window hands to its places.

#include <QLabel>
#include <QPlainTextEdit>
#include <QPointer>
#include <QPushButton>
#include <QTest>

#include "client/ui/place.h"
#include "tests/client/replica/shelf.h"
#include "tests/ui/parts/screen.h"

namespace stoa::test {

// What a profile holds before the program starts.
class Content : public Shelf {
public:
    Content()
    {
        v1::Record colleague = record(bea);
        colleague.mutable_person()->set_login("bea");
        colleague.mutable_person()->set_name("Bea");
        REQUIRE(receive(directory(), {colleague}) == Replica::Received::AtHead);
    }

    Id hold(v1::Record record)
    {
        record.set_author(bea.str());
        nowMs += 1000;
        REQUIRE(receive(space(), {record}) == Replica::Received::AtHead);
        return stoa::test::idOf(record);
    }
    // The nth was asked n seconds after the first.
    QList<Id> holdQuestions(int count)
    {
        std::vector<v1::Record> records;
        QList<Id> ids;
        for (int i = 0; i < count; ++i) {
            nowMs += 1000;
            records.push_back(question("Question " + std::to_string(i)));
            records.back().set_author(bea.str());
            ids.append(stoa::test::idOf(records.back()));
        }
        REQUIRE(receive(space(), records) == Replica::Received::AtHead);
        return ids;
    }
    // The server no longer names the space.
    void setAside()
    {
        within([&] {
            v1::Welcome welcome;
            welcome.set_person(me.str());
            welcome.set_organisation(organisation.str());
            welcome.set_epoch(1);
            for (const Feed& feed : {directory(), personal()})
                welcome.add_feeds()->set_feed(feed.key());
            REQUIRE(replica->welcome(welcome));
        });
    }
    QString profileDir() const { return QString::fromStdString(std::filesystem::path(path()).parent_path().string()); }

    const Id bea = deriveId(1, "test", "bea");
};

// A running program over that profile. One at a time.
class Program {
public:
    explicit Program(Content& content)
    {
        screen();
        content.close();
        worker = std::make_unique<Worker>(
            WorkerSettings{.profileDir = content.profileDir(),
                           .tokens = {[](const QString&) { return QByteArray(); },
                                      [](const QString&, const QByteArray&) {}, [](const QString&) {}},
                           .program = QStringLiteral("test"),
                           .connect = false});
        bool opened = false;
        QObject::connect(worker.get(), &Worker::opened, worker.get(), [&] { opened = true; });
        REQUIRE(eventually([&] { return opened; }));
        reading = std::make_unique<Reading>(worker->replicaPath());
        desk = {.worker = worker.get(),
                .reading = reading.get(),
                .pen = {content.me, [this] { return ++nowMs; }, systemRandom()}};
    }

    qint64 nowMs = 1'800'000'000'000;
    std::unique_ptr<Worker> worker;
    std::unique_ptr<Reading> reading;
    Desk desk;
};

// A widget on the screen, with the keyboard to give.
template <class W>
W& shown(W& widget)
{
    widget.resize(1200, 800);
    widget.show();
    widget.activateWindow();
    REQUIRE(eventually([&] { return widget.isActiveWindow(); }));
    return widget;
}

// By the name that a screen reader says.
template <class W>
W* named(const QWidget& in, const QString& name)
{
    for (W* each : in.findChildren<W*>())
        if (each->accessibleName() == name && each->isVisibleTo(&in))
            return each;
    return nullptr;
}

template <class W>
W* labelled(const QWidget& in, const QString& text)
{
    for (W* each : in.findChildren<W*>())
        if (each->text() == text && each->isVisibleTo(&in))
            return each;
    return nullptr;
}

inline QString askPlace(const Id& space)
{
    return QStringLiteral("ask/") + QString::fromStdString(space.hex());
}

inline QString answerPlace(const Id& question)
{
    return QStringLiteral("answer/") + QString::fromStdString(question.hex());
}

} // namespace stoa::test
