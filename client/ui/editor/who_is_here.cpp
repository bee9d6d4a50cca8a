#include "client/ui/editor/who_is_here.h"

#include <algorithm>

#include <QHBoxLayout>
#include <QMenu>
#include <QPainter>
#include <QStyle>

#include "client/ui/widgets/widgets.h"

namespace stoa {

namespace {

constexpr int side = grid(5) + 2; // of a circle
constexpr int shownMax = 4;       // the others are a number
constexpr int listedMax = 30;

QString stateOf(const PresentReader& reader)
{
    const QString name = isolated(reader.name);
    return reader.writing ? WhoIsHere::tr("%1 is writing").arg(name)
         : reader.placed  ? WhoIsHere::tr("%1 is here").arg(name)
                          : WhoIsHere::tr("%1 is reading").arg(name);
}

} // namespace

WhoIsHere::WhoIsHere(QWidget* parent) : QPushButton(parent), menu_(new QMenu(this))
{
    setFlat(true);
    setFocusPolicy(Qt::TabFocus);
    setCursor(Qt::PointingHandCursor);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    connect(this, &QPushButton::clicked, this, &WhoIsHere::showMenu);
    hide();
}

void WhoIsHere::set(const QList<PresentReader>& readers)
{
    if (readers == readers_)
        return;
    readers_ = readers;
    QList<PresentReader> people;
    for (const PresentReader& each : readers) {
        const auto known = std::find_if(people.begin(), people.end(),
                                        [&](const PresentReader& other) { return other.person == each.person; });
        if (known == people.end())
            people.append(each);
        else if ((each.writing && !known->writing) || (each.placed && !known->placed))
            *known = each;
    }
    const bool isSame =
        people.size() == people_.size() &&
        std::equal(people.begin(), people.end(), people_.begin(), [](const PresentReader& a, const PresentReader& b) {
            return a.person == b.person && a.name == b.name && a.writing == b.writing && a.placed == b.placed;
        });
    people_ = std::move(people);
    if (isSame)
        return;
    QStringList lines;
    for (const PresentReader& each : std::as_const(people_).first(std::min<qsizetype>(people_.size(), listedMax)))
        lines << stateOf(each);
    setToolTip(lines.join(QLatin1Char('\n')));
    setAccessibleName(presenceSentence(readers_));
    setVisible(!people_.isEmpty());
    updateGeometry();
    update();
}

QSize WhoIsHere::sizeHint() const
{
    const int shown = int(std::min<qsizetype>(people_.size(), shownMax));
    int width = shown * (side + grid(1)) + grid(1);
    if (people_.size() > shownMax)
        width += fontMetrics().horizontalAdvance(QStringLiteral("+999")) + grid(1);
    return {width, side + grid(1)};
}

void WhoIsHere::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const int top = (height() - side) / 2;
    int left = grid(1);
    const auto place = [&](int width) {
        const QRect rect(left, top, width, side);
        left += width + grid(1);
        return QStyle::visualRect(layoutDirection(), this->rect(), rect);
    };
    for (const PresentReader& each : std::as_const(people_).first(std::min<qsizetype>(people_.size(), shownMax))) {
        const QRect rect = place(side);
        paintAvatar(&painter, rect, each.name);
        painter.setBrush(Qt::NoBrush);
        if (each.writing) { // a ring, and in words for whoever cannot see it
            painter.setPen(QPen(tokens().text, 2));
            painter.drawEllipse(QRectF(rect).adjusted(1, 1, -1, -1));
        }
    }
    if (people_.size() > shownMax) {
        painter.setPen(tokens().mute);
        painter.setFont(fontOf(Size::Caption, Weight::Strong));
        painter.drawText(place(fontMetrics().horizontalAdvance(QStringLiteral("+999"))),
                         Qt::AlignVCenter | Qt::AlignLeading, QStringLiteral("+%1").arg(people_.size() - shownMax));
    }
    if (hasFocus()) {
        painter.setPen(QPen(tokens().acc, 1));
        painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), metrics::radiusPill,
                                metrics::radiusPill);
    }
}

void WhoIsHere::showMenu()
{
    menu_->clear();
    for (const PresentReader& each : std::as_const(people_).first(std::min<qsizetype>(people_.size(), listedMax))) {
        QString name = stateOf(each);
        QAction* row = menu_->addAction(name.replace(QLatin1Char('&'), QStringLiteral("&&")));
        row->setEnabled(each.placed);
        connect(row, &QAction::triggered, this, [this, each] { Q_EMIT wanted(each); });
    }
    menu_->popup(mapToGlobal(QPoint(0, height())));
}

ReadersHere::ReadersHere(const Desk& desk, QWidget* parent) : QWidget(parent), together_(new SharedText(desk, this))
{
    auto* here = new WhoIsHere;
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins({});
    layout->addWidget(here);
    connect(together_, &SharedText::changed, here, [this, here] { here->set(together_->readers()); });
}

void ReadersHere::setPost(const Id& post)
{
    post_ = post;
    together_->open(isVisible() ? post : Id{});
}

void ReadersHere::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    together_->open(post_);
}

void ReadersHere::hideEvent(QHideEvent* event)
{
    QWidget::hideEvent(event);
    together_->open({});
}

} // namespace stoa
