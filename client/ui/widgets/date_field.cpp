#include "client/ui/widgets/date_field.h"

#include <QCalendarWidget>
#include <QKeyEvent>
#include <QLocale>
#include <QPainter>
#include <QPointer>
#include <QShortcut>
#include <QTextCharFormat>
#include <QToolButton>
#include <QVBoxLayout>

#include "client/ui/widgets/widgets.h"

namespace stoa {

namespace {

class Calendar : public QCalendarWidget {
public:
    explicit Calendar(QWidget* parent) : QCalendarWidget(parent)
    {
        const Tokens& t = tokens();
        setVerticalHeaderFormat(QCalendarWidget::NoVerticalHeader);
        setHorizontalHeaderFormat(QCalendarWidget::ShortDayNames);
        QTextCharFormat plain;
        plain.setForeground(t.mute);
        plain.setBackground(t.pane);
        setHeaderTextFormat(plain);
        for (const Qt::DayOfWeek day : {Qt::Saturday, Qt::Sunday})
            setWeekdayTextFormat(day, plain);
        const std::pair<const char*, std::pair<const char*, QString>> ways[] = {
            {"qt_calendar_prevmonth", {"back", DateField::tr("The month before")}},
            {"qt_calendar_nextmonth", {"forward", DateField::tr("The next month")}}};
        for (const auto& [name, look] : ways)
            if (auto* way = findChild<QToolButton*>(QLatin1String(name))) {
                way->setIcon(makeIcon(QLatin1String(look.first), t.text));
                way->setAccessibleName(look.second);
                way->setToolTip(look.second);
            }
    }

protected:
    // Colour is never all that tells: today has a frame, the chosen day a ground.
    void paintCell(QPainter* painter, const QRect& rect, QDate date) const override
    {
        const Tokens& t = tokens();
        const bool isChosen = date == selectedDate();
        const bool isOffered = date >= minimumDate() && date <= maximumDate();
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        painter->fillRect(rect, t.pane);
        const QRectF box = QRectF(rect).adjusted(2.5, 1.5, -2.5, -1.5);
        painter->setPen(date == QDate::currentDate() ? QPen(t.acc) : QPen(Qt::NoPen));
        painter->setBrush(isChosen ? t.acc : QColor(Qt::transparent));
        if (isChosen || date == QDate::currentDate())
            painter->drawRoundedRect(box, metrics::radiusPill, metrics::radiusPill);
        QFont font = fontOf(Size::Text, isChosen ? Weight::Strong : Weight::Normal);
        font.setStrikeOut(!isOffered);
        painter->setFont(font);
        painter->setPen(isChosen ? t.acctext : !isOffered || date.month() != monthShown() ? t.faint : t.text);
        painter->drawText(rect, Qt::AlignCenter, QLocale().toString(date.day()));
        painter->restore();
    }
};

} // namespace

QString dayFormat(const QLocale& locale)
{
    QString format = locale.dateFormat(QLocale::ShortFormat);
    if (!format.contains(QLatin1String("yyyy")))
        format.replace(QLatin1String("yy"), QLatin1String("yyyy"));
    return format;
}

QDate dayFrom(const QString& text, const QLocale& locale)
{
    const QString typed = text.simplified();
    QString loose = dayFormat(locale);
    loose.replace(QLatin1String("dd"), QLatin1String("d")).replace(QLatin1String("MM"), QLatin1String("M"));
    for (const QString& format : {QStringLiteral("yyyy-M-d"), dayFormat(locale), loose})
        if (const QDate date = locale.toDate(typed, format); date.isValid())
            return date;
    return locale.toDate(typed, QLocale::LongFormat);
}

DateField::DateField(QWidget* parent) : QLineEdit(parent)
{
    constexpr int lettersMax = 60;
    setMaxLength(lettersMax);
    setFixedWidth(grid(34));
    setPlaceholderText(dayFormat());
    connect(this, &QLineEdit::editingFinished, this, [this] {
        if (!take())
            Q_EMIT notADate(text());
    });
}

void DateField::setDate(const QDate& date)
{
    setText(QLocale().toString(date, dayFormat()));
    if (std::exchange(date_, date) != date)
        Q_EMIT dateChanged(date);
}

bool DateField::take()
{
    const QDate typed = dayFrom(text());
    if (typed.isValid())
        setDate(typed);
    return typed.isValid();
}

void DateField::openCalendar()
{
    if (isReadOnly())
        return;
    (void)take();
    auto* popup = new QFrame(this, Qt::Popup);
    popup->setAttribute(Qt::WA_DeleteOnClose);
    popup->setProperty("card", true);
    auto* calendar = new Calendar(popup);
    calendar->setMinimumSize(grid(74), grid(60));
    calendar->setAccessibleName(tr("Calendar"));
    if (first_.isValid())
        calendar->setMinimumDate(first_);
    calendar->setSelectedDate(date_);
    auto* layout = new QVBoxLayout(popup);
    layout->setContentsMargins(grid(1), grid(1), grid(1), grid(1));
    layout->addWidget(calendar);
    const auto choose = [this, popup = QPointer<QFrame>(popup)](const QDate& date) {
        if (!popup)
            return;
        popup->close();
        setFocus(Qt::PopupFocusReason);
        setDate(date);
        selectAll();
    };
    connect(calendar, &QCalendarWidget::clicked, this, choose);
    connect(calendar, &QCalendarWidget::activated, this, choose, Qt::QueuedConnection);
    new QShortcut(Qt::Key_Escape, popup, popup, &QWidget::close);
    popup->move(mapToGlobal(QPoint(0, height() + grid(1))));
    popup->show();
    calendar->setFocus(Qt::PopupFocusReason);
}

void DateField::keyPressEvent(QKeyEvent* event)
{
    const bool isUp = event->key() == Qt::Key_Up, isDown = event->key() == Qt::Key_Down;
    if (isDown && event->modifiers() == Qt::AltModifier)
        return openCalendar();
    if ((isUp || isDown) && event->modifiers() == Qt::NoModifier && !isReadOnly() && take())
        return setDate(date_.addDays(isUp ? 1 : -1));
    QLineEdit::keyPressEvent(event);
}

} // namespace stoa
