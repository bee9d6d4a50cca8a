#pragma once

// The QApplication of the window, and the one guard around everything that the GUI thread reads: a read that
// fails throws out of the slot or event that began it (client/replica/database.h), and no exception may pass
// through Qt's event loop. It ends here, and whoever owns the window is told once the event is over.

#include <QApplication>

namespace stoa {

class Application : public QApplication {
    Q_OBJECT

public:
    using QApplication::QApplication;
    bool notify(QObject* receiver, QEvent* event) override;

Q_SIGNALS:
    // `damaged`: the file itself is, reading it once more comes to the same.
    void readFailed(bool damaged, const QString& why);

private:
    void tell(bool damaged, const char* why);
};

} // namespace stoa
