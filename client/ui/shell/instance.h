#pragma once

// One window per profile: the first start listens on a local socket of the profile, which only its person
// may open; a later one hands its link over and ends. GUI thread.
//
//   request := the link, UTF-8, possibly empty, then "\n"; answer := "ok\n"

#include <QLocalServer>
#include <QObject>
#include <QString>

namespace stoa {

class Instance : public QObject {
    Q_OBJECT

public:
    explicit Instance(const QString& profileDir, QObject* parent = nullptr);

    // True where another one runs and has taken the link (may be empty): then end. Waits two seconds at most.
    bool handOver(const QString& link);
    // From now on others hand over to this one.
    void listen();

Q_SIGNALS:
    void called(const QString& link);

private:
    void answer();

    QString name_;
    QLocalServer server_;
};

} // namespace stoa
