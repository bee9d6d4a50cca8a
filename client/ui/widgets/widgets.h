#pragma once

// The few widgets that every place is made of. All texts are plain text; all are reachable by keyboard
// and have accessible names. GUI thread.

#include <functional>

#include <QFrame>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QToolButton>
#include <QWidget>

#include "client/ui/theme/theme.h"

class QHBoxLayout;
class QPainter;
class QScrollArea;
class QVBoxLayout;

namespace stoa {

// A label of plain text, in a size, a tone and a weight; wraps where asked.
QLabel* makeLabel(const QString& text, Size size = Size::Text, Tone tone = Tone::Text, Weight weight = Weight::Normal);
QLabel* makeWrappedLabel(const QString& text, Size size = Size::Text, Tone tone = Tone::Text,
                         Weight weight = Weight::Normal);
void setTone(QLabel* label, Tone tone);

// A text of one line that shortens itself with an ellipsis and shows the whole as a tool tip.
class ElidedLabel : public QLabel {
    Q_OBJECT

public:
    explicit ElidedLabel(const QString& text = {}, QWidget* parent = nullptr);
    void setFullText(const QString& text);
    QSize minimumSizeHint() const override;
    QSize sizeHint() const override;

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void elide();
    QString full_;
};
ElidedLabel* makeElidedLabel(const QString& text, Size size = Size::Text, Tone tone = Tone::Text,
                             Weight weight = Weight::Normal);

enum class ButtonKind {
    Primary, // the one main thing to do in a place
    Plain,   // with a border
    Link,    // text alone, muted until pointed at
    Chip,    // a round filter that may be checked
};
QPushButton* makeButton(const QString& text, ButtonKind kind = ButtonKind::Plain);
void setKind(QPushButton* button,
             ButtonKind kind); // of Primary, Plain and Link: a button may be the main one for a while
QToolButton* makeIconButton(const QString& iconName, const QString& name);
// An icon of ours (resources/icons/NAME.svg), recoloured.
QIcon makeIcon(const QString& name, const QColor& colour);

// A few words on a coloured ground: "Accepted", "No answer".
class Pill : public QLabel {
    Q_OBJECT

public:
    explicit Pill(const QString& text = {}, Tone tone = Tone::Mute, QWidget* parent = nullptr);
    void set(const QString& text, Tone tone);
};
struct PillPaint {
    QString text;
    Tone tone = Tone::Mute;

    friend bool operator==(const PillPaint&, const PillPaint&) = default;
};
// For delegates: paints with its right upper corner at `topRight`; gives its width.
int paintPill(QPainter* painter, const QPoint& topRight, const PillPaint& pill);
constexpr int pillHeight = 18;
int pillWidth(const QString& text);

// A square with the first letter of a space's name.
class Badge : public QWidget {
    Q_OBJECT

public:
    explicit Badge(const QString& name, int side, QWidget* parent = nullptr);
    void setName(const QString& name);
    QSize sizeHint() const override { return {side_, side_}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString name_;
    int side_;
};
void paintBadge(QPainter* painter, const QRect& rect, const QString& name);

// A circle with a person's initials; of several the first one's, and behind it what shows of two more.
class Avatar : public QWidget {
    Q_OBJECT

public:
    explicit Avatar(const QString& name, int side = 22, QWidget* parent = nullptr);
    void setName(const QString& name) { setNames({name}); }
    void setNames(const QStringList& names);
    QSize sizeHint() const override { return size(); }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QStringList names_;
    int side_;
};
void paintAvatar(QPainter* painter, const QRect& rect, const QString& name);
// The first one in `rect`; gives the width of all.
int paintAvatars(QPainter* painter, const QRect& rect, const QStringList& names);

// A unit on a ground of its own, with a caption in capitals where given.
class Card : public QFrame {
    Q_OBJECT

public:
    explicit Card(const QString& caption = {}, QWidget* parent = nullptr);
    void setCaption(const QString& caption);
    QVBoxLayout* body() const { return body_; }
    // Takes everything out of the body.
    void clear();

private:
    QLabel* caption_;
    QVBoxLayout* body_;
};

// A line of a card that leads somewhere: a text, something small at its right end. Enter and click open it.
class RowButton : public QPushButton {
    Q_OBJECT

public:
    explicit RowButton(QWidget* parent = nullptr);
    // The detail beside the text, or below it where that leaves too little room; then the text has up to two lines.
    void set(const QString& text, const QString& detail, const PillPaint& pill = {});
    QSize sizeHint() const override;
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    bool isBeside(int width) const;
    QStringList lines(int width) const;
    int roomFor(int width) const;
    void paintBeside(QPainter& painter, const QRect& inner);
    void paintBelow(QPainter& painter, const QRect& inner);
    void explain();

    QString text_;
    QString detail_;
    PillPaint pill_;
};

// A large figure with its meaning below it.
QWidget* makeFigure(const QString& figure, const QString& meaning);
// A hairline.
QWidget* makeLine();

// A field for searching, with a magnifier, a hint of its key and a cross to clear it.
class SearchField : public QLineEdit {
    Q_OBJECT

public:
    explicit SearchField(const QString& placeholder, const QString& keyHint = {}, QWidget* parent = nullptr);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString keyHint_;
};

// What an empty place says: what it is and what to do next.
class EmptyState : public QWidget {
    Q_OBJECT

public:
    EmptyState(const QString& title, const QString& text, QWidget* parent = nullptr);
    void set(const QString& title, const QString& text);
    QPushButton* addButton(const QString& text, ButtonKind kind = ButtonKind::Primary);

private:
    QLabel* title_;
    QLabel* text_;
    QHBoxLayout* buttons_;
};

// A column of `widthMax` in the middle of what scrolls. Page Up and Page Down scroll it wherever in it the
// keyboard is, but for fields that one writes into; so do Ctrl+Home and Ctrl+End.
QScrollArea* makeScroll(QWidget* content, int widthMax);
// Takes all widgets and layouts out of a layout and deletes them.
void clearLayout(QLayout* layout);

} // namespace stoa
