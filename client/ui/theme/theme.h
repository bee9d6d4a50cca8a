#pragma once

// The looks in one place: colours by role for light and dark, type sizes and weights, spacing. No colour
// and no pixel size stands in a widget's code. Which set holds is the application's palette: there is no
// other state. GUI thread.

#include <QColor>
#include <QFont>
#include <QPalette>
#include <QString>

class QApplication;
class QLocale;

namespace stoa {

struct Tokens {
    QColor bg;   // window and reading ground
    QColor pane; // lists, cards, fields
    QColor side; // sidebar, status bar
    QColor line; // hairlines
    QColor text;
    QColor mute;         // secondary text
    QColor faint;        // captions, hints
    QColor acc;          // accent: links, selection, the one primary button of a place
    QColor accbg;        // ground of a selection
    QColor acctext;      // text on the accent
    QColor ok, okbg;     // accepted, verified, in force
    QColor warn, warnbg; // waiting, due, needs someone
    QColor bad, badbg;   // refused, outdated, failed
    QColor hover;
    QColor sel;  // selected row
    QColor code; // ground of code
};

enum class Scheme { Light, Dark };

const Tokens& tokensOf(Scheme scheme);
// Of the set that the application shows now.
const Tokens& tokens();

enum class Size { Caption = 11, Small = 12, Text = 13, Reading = 15, Heading = 17, Title = 22 };
enum class Weight { Normal = 400, Strong = 600, Title = 680 };

// (Not `font`: every widget has one of its own.)
QFont fontOf(Size size, Weight weight = Weight::Normal);
QFont codeFont(Size size);

// Steps of 4 pixels.
constexpr int grid(int steps)
{
    return 4 * steps;
}

namespace metrics {
constexpr int sidebar = 228;
constexpr int list = 372;    // the second column
constexpr int reading = 760; // the widest a text for reading becomes
constexpr int card = 980;    // the widest a column of cards becomes
constexpr int rowOne = 28;   // a list's row of one line
constexpr int rowTwo = 56;   // of two lines
constexpr int control = 30;  // height of buttons and fields
constexpr int statusBar = 28;
constexpr int radiusPill = 4;
constexpr int radius = 6; // controls
constexpr int radiusCard = 9;
constexpr int icon = 16;
} // namespace metrics

// How the ink of a text or a pill is meant.
enum class Tone { Text, Mute, Faint, Accent, Ok, Warn, Bad };
QColor ink(Tone tone);
QColor ground(Tone tone); // of a pill

// Letter badges and avatars: one of a few colours on which white text reads, always the same for a name.
QColor nameColour(const QString& name);
// The same where it is drawn on the ground of a text: its light twin in the dark.
QColor nameInk(const QString& name);
// "Mara Holt" -> "MH".
QString initials(const QString& name);

enum class StyleChoice { System, Light, Dark };
// How the system looks. Before Qt 6.5 only its palette says so: ask before applyTheme().
Scheme systemScheme();
// What a choice comes to.
Scheme schemeOf(StyleChoice choice, Scheme system);
// Sets style, palette, fonts and style sheet of the whole application; cheap when nothing changes.
void applyTheme(QApplication& application, Scheme scheme);

// "just now", "5 min", "3 h", "yesterday", "4 days", then a date; for lists.
QString ageText(qint64 thenMs, qint64 nowMs);
// A name on its way into a line with other texts: its direction of writing stays within it.
QString isolated(const QString& name);
// "1 answer", "2 answers": English plurals hold without a translation file too.
QString counted(qint64 n, const QString& one, const QString& many);

} // namespace stoa
