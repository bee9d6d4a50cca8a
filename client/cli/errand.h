#pragma once

// What a verb has done by a worker of its own: an event loop that runs until the verb has its answer. One thread.

#include <QCoreApplication>
#include <QObject>
#include <QString>

#include "client/cli/verbs.h"
#include "client/worker/worker.h"

namespace stoa::cli {

// Runs the event loop until `stop` is called. A sentence is an error.
class Errand : public QObject {
public:
    Errand(const Place& place, bool connectToServer)
        : worker({place.profileDir, systemTokenStore(),
                  QStringLiteral("stoa-cli ") + QCoreApplication::applicationVersion(), connectToServer})
    {
        connect(&worker, &Worker::failed, this, [this](const QString& sentence) { stop(1, sentence); });
    }

    void stop(int code, const QString& why = {})
    {
        if (stopped_)
            return;
        stopped_ = true;
        code_ = code;
        sentence_ = why;
        QCoreApplication::exit(code);
    }

    int run()
    {
        if (!stopped_)
            QCoreApplication::exec();
        if (!sentence_.isEmpty())
            throw Stop{sentence_, code_};
        return code_;
    }

    Worker worker;

private:
    bool stopped_ = false;
    int code_ = 0;
    QString sentence_;
};

} // namespace stoa::cli
