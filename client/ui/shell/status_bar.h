#pragma once

// The line at the foot of the window: where things stand, always in the same place, in a sentence. A click
// on it opens the outbox. GUI thread.

#include <QTimer>
#include <QWidget>

#include "client/replica/queries.h"
#include "client/ui/theme/theme.h"
#include "client/worker/worker.h"

class QLabel;
class QPushButton;

namespace stoa {

class StatusBar : public QWidget {
    Q_OBJECT

public:
    explicit StatusBar(QWidget* parent = nullptr);

    void showStatus(const SyncStatus& status, qint64 nowMs);
    void showTotals(const Totals& totals);
    // For some seconds in the place of the totals.
    void say(const QString& sentence);
    // No longer, where that is what it says.
    void unsay(const QString& sentence);

Q_SIGNALS:
    void clicked();

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Tone tone_ = Tone::Mute;
    QPushButton* sentence_;
    QLabel* detail_;
    QLabel* right_;
    QString totals_;
    QTimer said_;
};

} // namespace stoa
