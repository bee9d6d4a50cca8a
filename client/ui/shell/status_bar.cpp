#include "client/ui/shell/status_bar.h"

#include <QHBoxLayout>
#include <QLocale>
#include <QPainter>

#include "client/commands/sentences.h"
#include "client/ui/widgets/widgets.h"

namespace stoa {

namespace {

constexpr int sayMs = 6'000;
constexpr int dotSide = 8;

Tone toneOf(const SyncStatus& status)
{
    using State = SyncStatus::State;
    if (status.refused > 0)
        return Tone::Bad;
    switch (status.state) {
    case State::UpToDate:
        return Tone::Ok;
    case State::Fetching:
    case State::Sending:
    case State::Connecting:
        return Tone::Accent;
    case State::Offline:
    case State::SignInAgain:
        return Tone::Warn;
    case State::Failed:
        return Tone::Bad;
    case State::SignedOut:
        return Tone::Faint;
    }
    return Tone::Mute;
}

} // namespace

StatusBar::StatusBar(QWidget* parent) : QWidget(parent)
{
    setFixedHeight(metrics::statusBar);
    setAccessibleName(tr("Where things stand"));
    sentence_ = makeButton({}, ButtonKind::Link);
    sentence_->setFont(fontOf(Size::Small));
    sentence_->setToolTip(tr("Opens the outbox"));
    detail_ = makeLabel({}, Size::Small, Tone::Faint);
    right_ = makeLabel({}, Size::Small, Tone::Mute);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(grid(4) + dotSide, 1, grid(4), 0);
    layout->setSpacing(grid(2));
    layout->addWidget(sentence_);
    layout->addWidget(detail_);
    layout->addStretch(1);
    layout->addWidget(right_);
    said_.setSingleShot(true);
    said_.setInterval(sayMs);
    connect(&said_, &QTimer::timeout, this, [this] { unsay(right_->text()); });
    connect(sentence_, &QPushButton::clicked, this, &StatusBar::clicked);
}

void StatusBar::showStatus(const SyncStatus& status, qint64 nowMs)
{
    tone_ = toneOf(status);
    const QString text = statusText(status, nowMs);
    if (sentence_->text() != text) {
        sentence_->setText(text);
        sentence_->setAccessibleName(text);
    }
    const QString detail = statusDetail(status, nowMs);
    sentence_->setToolTip((detail.isEmpty() ? tr("Opens the outbox") : detail).toHtmlEscaped());
    // What stands in the way is said at once; the rest waits in the tool tip.
    const bool troubled =
        !status.problem.isEmpty() || !status.searchProblem.isEmpty() || status.refusal.code != v1::CODE_NONE;
    detail_->setText(troubled ? fontMetrics().elidedText(detail, Qt::ElideRight, width() / 2) : QString());
    update();
}

void StatusBar::showTotals(const Totals& totals)
{
    const qint64 posts = totals.pages + totals.questions + totals.answers + totals.comments;
    totals_ = tr("%1, %2 on this device")
                  .arg(counted(totals.spaces, tr("%1 space"), tr("%1 spaces")),
                       counted(posts, tr("%1 post"), tr("%1 posts")));
    if (!said_.isActive())
        right_->setText(totals_);
}

void StatusBar::say(const QString& sentence)
{
    setTone(right_, Tone::Text);
    right_->setText(sentence);
    said_.start();
}

void StatusBar::unsay(const QString& sentence)
{
    if (right_->text() != sentence)
        return;
    said_.stop();
    setTone(right_, Tone::Mute);
    right_->setText(totals_);
}

void StatusBar::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), tokens().side);
    painter.fillRect(QRect(0, 0, width(), 1), tokens().line);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(ink(tone_));
    painter.drawEllipse(QRect(grid(3) + 2, (height() - dotSide) / 2 + 1, dotSide, dotSide));
}

} // namespace stoa
