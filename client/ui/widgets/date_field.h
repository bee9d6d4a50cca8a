#pragma once

// A field for a day: typed as 2027-03-01 or as it is written here, one up or down by the arrows, or chosen from a
// calendar (Alt+Down). What is typed counts once it is a whole date: at Enter, or when one goes on. GUI thread.

#include <QDate>
#include <QLineEdit>

namespace stoa {

// The year in four digits: of two the century would be guessed.
QString dayFormat(const QLocale& locale = QLocale());
// Invalid where it is none.
QDate dayFrom(const QString& text, const QLocale& locale = QLocale());

class DateField : public QLineEdit {
    Q_OBJECT

public:
    explicit DateField(QWidget* parent = nullptr);

    // The last whole one.
    QDate date() const { return date_; }
    void setDate(const QDate& date);
    void setFirst(const QDate& first) { first_ = first; } // of those that the calendar offers
    // What stands there becomes the date; false where it is none: then it stays as it was typed.
    bool take();
    void openCalendar();

Q_SIGNALS:
    void dateChanged(const QDate& date);
    void notADate(const QString& typed);

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    QDate date_;
    QDate first_;
};

} // namespace stoa
