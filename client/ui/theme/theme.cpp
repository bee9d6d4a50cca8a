#include "client/ui/theme/theme.h"

#include <array>

#include <QApplication>
#include <QDateTime>
#include <QFontDatabase>
#include <QGuiApplication>
#include <QLocale>
#include <QStyle>
#include <QStyleFactory>
#include <QStyleHints>

// Resources of a static library are there once they are asked for; the macro wants the global namespace.
static void provideIcons()
{
    Q_INIT_RESOURCE(icons);
}

namespace stoa {

namespace {

struct ThemeTexts {
    Q_DECLARE_TR_FUNCTIONS(Theme)
};

QColor rgb(QRgb value)
{
    return QColor::fromRgb(value);
}

const Tokens& light()
{
    static const Tokens tokens{rgb(0xF6F5F2), rgb(0xFFFFFF), rgb(0xEFEDE8), rgb(0xE2DFD8), rgb(0x22252A),
                               rgb(0x5C6068), rgb(0x676A71), rgb(0x1B6A8C), rgb(0xE3F0F5), rgb(0xFFFFFF),
                               rgb(0x2F7A3D), rgb(0xE6F3E8), rgb(0x94600A), rgb(0xFBF0DA), rgb(0xB3352B),
                               rgb(0xFBE9E7), rgb(0xF1EFEA), rgb(0xE3F0F5), rgb(0xF3F1EC)};
    return tokens;
}

const Tokens& dark()
{
    static const Tokens tokens{rgb(0x17191C), rgb(0x1E2125), rgb(0x141618), rgb(0x2D3136), rgb(0xE6E4DF),
                               rgb(0xA2A6AD), rgb(0x8D9299), rgb(0x6CB9D8), rgb(0x1D3641), rgb(0x0E1B21),
                               rgb(0x7FC98C), rgb(0x1C3323), rgb(0xE2B25A), rgb(0x3A2E17), rgb(0xEE8C82),
                               rgb(0x40221F), rgb(0x25292E), rgb(0x1D3641), rgb(0x15171A)};
    return tokens;
}

QPalette paletteOf(const Tokens& t)
{
    QPalette palette;
    palette.setColor(QPalette::Window, t.bg);
    palette.setColor(QPalette::WindowText, t.text);
    palette.setColor(QPalette::Base, t.pane);
    palette.setColor(QPalette::AlternateBase, t.bg);
    palette.setColor(QPalette::Text, t.text);
    palette.setColor(QPalette::PlaceholderText, t.faint);
    palette.setColor(QPalette::Button, t.pane);
    palette.setColor(QPalette::ButtonText, t.text);
    palette.setColor(QPalette::ToolTipBase, t.pane);
    palette.setColor(QPalette::ToolTipText, t.text);
    palette.setColor(QPalette::Highlight, t.acc);
    palette.setColor(QPalette::HighlightedText, t.acctext);
    palette.setColor(QPalette::Link, t.acc);
    palette.setColor(QPalette::LinkVisited, t.acc);
    palette.setColor(QPalette::BrightText, t.bad);
    palette.setColor(QPalette::Light, t.line);
    palette.setColor(QPalette::Midlight, t.hover);
    palette.setColor(QPalette::Mid, t.line);
    palette.setColor(QPalette::Dark, t.line);
    palette.setColor(QPalette::Shadow, t.line);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        palette.setColor(QPalette::Disabled, role, t.faint);
    return palette;
}

QString px(int n)
{
    return QString::number(n) + QStringLiteral("px");
}

// What the style cannot know from the palette. The names in it are those of the widgets in
// client/ui/widgets and the properties that they set.
QString styleSheetOf(const Tokens& t)
{
    QString sheet = QStringLiteral(R"(
QLabel { background: transparent; }
QLabel[tone="text"] { color: @text; }
QLabel[tone="mute"] { color: @mute; }
QLabel[tone="faint"] { color: @faint; }
QLabel[tone="accent"] { color: @acc; }
QLabel[tone="ok"] { color: @ok; }
QLabel[tone="warn"] { color: @warn; }
QLabel[tone="bad"] { color: @bad; }
QLabel[pill="text"], QLabel[pill="mute"], QLabel[pill="faint"] { color: @mute; background: @hover; }
QLabel[pill="accent"] { color: @acc; background: @accbg; }
QLabel[pill="ok"] { color: @ok; background: @okbg; }
QLabel[pill="warn"] { color: @warn; background: @warnbg; }
QLabel[pill="bad"] { color: @bad; background: @badbg; }
QLabel[pill] { border-radius: @radiusPill; padding: 1px 6px 2px 6px; }

QPushButton[kind="primary"] { color: @acctext; background: @acc; border: 1px solid @acc; border-radius: @radius;
    padding: 0 12px; min-height: 26px; font-weight: 600; }
QPushButton[kind="primary"]:hover { background: @accHover; }
QPushButton[kind="primary"]:disabled { color: @faint; background: @hover; border-color: @line; }
QPushButton[kind="primary"]:focus { border: 2px solid @text; }
QPushButton[kind="plain"] { color: @text; background: @pane; border: 1px solid @line; border-radius: @radius;
    padding: 0 12px; min-height: 26px; }
QPushButton[kind="plain"]:hover, QPushButton[kind="plain"]:pressed { background: @hover; }
QPushButton[kind="plain"]:disabled { color: @faint; }
QPushButton[kind="plain"]:focus { border: 1px solid @acc; }
QPushButton[kind="link"] { color: @mute; background: transparent; border: 1px solid transparent;
    border-radius: @radiusPill; padding: 1px 4px; }
QPushButton[kind="link"]:hover { color: @acc; }
QPushButton[kind="link"]:checked { color: @acc; font-weight: 600; }
QPushButton[kind="link"]:disabled { color: @faint; }
QPushButton[kind="link"]:focus { border: 1px solid @acc; }
QPushButton[kind="chip"] { color: @mute; background: transparent; border: 1px solid @line; border-radius: 11px;
    padding: 0 9px; min-height: 20px; }
QPushButton[kind="chip"]:hover { color: @text; background: @hover; }
QPushButton[kind="chip"]:checked { color: @acc; background: @accbg; border-color: @accbg; font-weight: 600; }
QPushButton[kind="chip"]:focus { border: 1px solid @acc; }
QPushButton[kind="tab"] { color: @mute; background: transparent; border: none; border-bottom: 2px solid transparent;
    border-radius: 0; padding: 6px 0 8px 0; }
QPushButton[kind="tab"]:hover { color: @text; }
QPushButton[kind="tab"]:checked { color: @acc; border-bottom: 2px solid @acc; font-weight: 600; }
QPushButton[kind="tab"]:focus { color: @acc; border-bottom: 2px solid @line; }
QPushButton[kind="tab"]:checked:focus { border-bottom: 2px solid @acc; background: @hover; }

QToolButton { color: @mute; background: transparent; border: 1px solid transparent; border-radius: @radiusPill;
    padding: 3px; }
QToolButton:hover, QToolButton:pressed { background: @hover; color: @text; }
QToolButton:checked { color: @acc; }
QToolButton:focus { border: 1px solid @acc; }
QToolButton::menu-indicator { image: none; }

QAbstractScrollArea { background: transparent; border: none; }
QLineEdit, QPlainTextEdit, QComboBox, QSpinBox, QDoubleSpinBox { color: @text; background: @pane;
    border: 1px solid @line; border-radius: @radius; selection-background-color: @acc; selection-color: @acctext; }
QLineEdit, QComboBox, QSpinBox, QDoubleSpinBox { padding: 0 8px; min-height: 28px; }
QPlainTextEdit { padding: 4px; }
QLineEdit:focus, QPlainTextEdit:focus, QComboBox:focus, QSpinBox:focus, QDoubleSpinBox:focus {
    border: 1px solid @acc; }
QLineEdit:disabled, QPlainTextEdit:disabled { color: @faint; background: @bg; }

QFrame[card="true"] { background: @pane; border: 1px solid @line; border-radius: @radiusCard; }
QFrame[rule="true"] { background: @line; border: none; max-height: 1px; min-height: 1px; }
QFrame[rule="vertical"] { background: @line; border: none; max-width: 1px; min-width: 1px; }
QWidget[ground="pane"] { background: @pane; }
QWidget[ground="side"] { background: @side; }
QWidget[ground="bg"] { background: @bg; }

QAbstractItemView { background: transparent; border: none; outline: none; color: @text;
    selection-background-color: @sel; selection-color: @text; }
QTreeView::branch { background: transparent; }
QTextBrowser { background: transparent; border: none; color: @text; selection-background-color: @acc;
    selection-color: @acctext; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: @line; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover { background: @faint; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QMenu { background: @pane; color: @text; border: 1px solid @line; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 12px; border-radius: @radiusPill; }
QMenu::item:selected { background: @sel; color: @acc; }
QMenu::item:disabled { color: @faint; }
QMenu::separator { height: 1px; background: @line; margin: 4px 8px; }
QToolTip { background: @pane; color: @text; border: 1px solid @line; padding: 4px; }
QComboBox::drop-down { border: none; width: 20px; }
QComboBox QAbstractItemView { background: @pane; border: 1px solid @line; }
QAbstractItemView[offers="true"] { background: @pane; border: 1px solid @line; padding: 2px 4px; }
QAbstractItemView[offers="true"]::item { padding: 5px 8px; border-radius: @radiusPill; }
QAbstractItemView[offers="true"]::item:selected { background: @sel; color: @acc; }
QCalendarWidget, QCalendarWidget QWidget { color: @text; background: @pane; }
QCalendarWidget QToolButton { color: @text; background: transparent; padding: 3px 6px; min-height: 20px; }
QCalendarWidget QToolButton:hover { background: @hover; }
QCalendarWidget QToolButton:focus { border: 1px solid @acc; }
QCalendarWidget QSpinBox { padding: 0 4px; min-height: 20px; }
QCalendarWidget QAbstractItemView { border: 1px solid transparent; }
QCalendarWidget QAbstractItemView:focus { border: 1px solid @acc; border-radius: @radiusPill; }
QProgressBar { background: @line; border: none; border-radius: 2px; max-height: 4px; }
QProgressBar::chunk { background: @acc; border-radius: 2px; }
QSplitter::handle { background: @line; }
QCheckBox { color: @text; background: transparent; spacing: 8px; }
QCheckBox::indicator, QMenu::indicator { width: 14px; height: 14px; border: 1px solid @mute;
    border-radius: @radiusPill; background: @pane; }
QCheckBox::indicator:checked, QMenu::indicator:checked { border-color: @acc; background: @acc; image: url(@check); }
QCheckBox::indicator:focus { border: 2px solid @acc; }
QCheckBox:disabled { color: @faint; }
QMenu::indicator { margin-left: 8px; }

QTabBar { background: @bg; }
QTabBar::tab { color: @mute; background: transparent; border: none; border-right: 1px solid @line;
    padding: 0 12px; height: 32px; min-width: 60px; max-width: 200px; }
QTabBar::tab:hover { color: @text; background: @hover; }
QTabBar::tab:selected { color: @text; background: @pane; font-weight: 600; }
QTabBar::tab:focus { color: @acc; }
)");
    const bool isDark = t.bg.lightness() < 128;
    const std::pair<const char*, QString> values[] = {
        {"@check", isDark ? QStringLiteral(":/icons/ticked-dark.svg") : QStringLiteral(":/icons/ticked-light.svg")},
        {"@radiusCard", px(metrics::radiusCard)},
        {"@radiusPill", px(metrics::radiusPill)},
        {"@radius", px(metrics::radius)},
        {"@accHover", (t.acc.lightness() < 128 ? t.acc.darker(112) : t.acc.lighter(108)).name()},
        {"@acctext", t.acctext.name()},
        {"@accbg", t.accbg.name()},
        {"@acc", t.acc.name()},
        {"@okbg", t.okbg.name()},
        {"@ok", t.ok.name()},
        {"@warnbg", t.warnbg.name()},
        {"@warn", t.warn.name()},
        {"@badbg", t.badbg.name()},
        {"@bad", t.bad.name()},
        {"@bg", t.bg.name()},
        {"@pane", t.pane.name()},
        {"@side", t.side.name()},
        {"@line", t.line.name()},
        {"@text", t.text.name()},
        {"@mute", t.mute.name()},
        {"@faint", t.faint.name()},
        {"@hover", t.hover.name()},
        {"@sel", t.sel.name()},
        {"@code", t.code.name()},
    };
    for (const auto& [name, value] : values)
        sheet.replace(QLatin1String(name), value);
    return sheet;
}

QString family(const QStringList& wishes, QFontDatabase::SystemFont otherwise)
{
    const QStringList present = QFontDatabase::families();
    for (const QString& wish : wishes)
        if (present.contains(wish))
            return wish;
    return QFontDatabase::systemFont(otherwise).family();
}

const QString& textFamily()
{
    static const QString name =
        family({QStringLiteral("Inter"), QStringLiteral("Inter Variable")}, QFontDatabase::GeneralFont);
    return name;
}

constexpr size_t namedColours = 8;

size_t colourOf(const QString& name)
{
    uint sum = 0;
    for (const QChar c : name)
        sum = sum * 31 + c.unicode();
    return sum % namedColours;
}

const QString& codeFamily()
{
    static const QString name = family({QStringLiteral("JetBrains Mono")}, QFontDatabase::FixedFont);
    return name;
}

} // namespace

const Tokens& tokensOf(Scheme scheme)
{
    return scheme == Scheme::Dark ? dark() : light();
}

const Tokens& tokens()
{
    return QGuiApplication::palette().color(QPalette::Window).lightness() < 128 ? dark() : light();
}

QFont fontOf(Size size, Weight weight)
{
    QFont font(textFamily());
    font.setPixelSize(static_cast<int>(size));
    font.setWeight(static_cast<QFont::Weight>(weight));
    return font;
}

QFont codeFont(Size size)
{
    QFont font(codeFamily());
    font.setPixelSize(static_cast<int>(size));
    font.setStyleHint(QFont::Monospace);
    font.setFixedPitch(true);
    return font;
}

QColor ink(Tone tone)
{
    const Tokens& t = tokens();
    switch (tone) {
    case Tone::Text:
        return t.text;
    case Tone::Mute:
        return t.mute;
    case Tone::Faint:
        return t.faint;
    case Tone::Accent:
        return t.acc;
    case Tone::Ok:
        return t.ok;
    case Tone::Warn:
        return t.warn;
    case Tone::Bad:
        return t.bad;
    }
    return t.text;
}

QColor ground(Tone tone)
{
    const Tokens& t = tokens();
    switch (tone) {
    case Tone::Accent:
        return t.accbg;
    case Tone::Ok:
        return t.okbg;
    case Tone::Warn:
        return t.warnbg;
    case Tone::Bad:
        return t.badbg;
    default:
        return t.hover;
    }
}

QColor nameColour(const QString& name)
{
    static const std::array<QRgb, namedColours> colours{0x7A5A9A, 0x3E7D5A, 0xAD5C38, 0x1B6A8C,
                                                        0x66703A, 0x8C3A5E, 0x4A63A8, 0x7D6428};
    return rgb(colours[colourOf(name)]);
}

QColor nameInk(const QString& name)
{
    static const std::array<QRgb, namedColours> light{0xC3A6E0, 0x8FD0AB, 0xF0A585, 0x6CB9D8,
                                                      0xBAC57F, 0xE294B8, 0x9DB2F2, 0xD6BC72};
    return &tokens() == &dark() ? rgb(light[colourOf(name)]) : nameColour(name);
}

QString initials(const QString& name)
{
    QStringList words = name.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    words.removeIf(
        [](const QString& word) { return word.endsWith(QLatin1Char('.')) || !word.at(0).isLetterOrNumber(); });
    const auto first = [](const QString& word) {
        const qsizetype letters = word.at(0).isHighSurrogate() && word.size() > 1 ? 2 : 1;
        return word.left(letters).toUpper();
    };
    if (words.isEmpty())
        return name.trimmed().isEmpty() ? QStringLiteral("?") : first(name.trimmed());
    return words.size() == 1 ? first(words.first()) : first(words.first()) + first(words.last());
}

Scheme systemScheme()
{
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
    return QGuiApplication::styleHints()->colorScheme() == Qt::ColorScheme::Dark ? Scheme::Dark : Scheme::Light;
#else
    return QGuiApplication::palette().color(QPalette::Window).lightness() < 128 ? Scheme::Dark : Scheme::Light;
#endif
}

Scheme schemeOf(StyleChoice choice, Scheme system)
{
    return choice == StyleChoice::System ? system : choice == StyleChoice::Dark ? Scheme::Dark : Scheme::Light;
}

void applyTheme(QApplication& application, Scheme scheme)
{
    provideIcons();
    if (application.style()->name() != QLatin1String("fusion"))
        QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
    QApplication::setPalette(paletteOf(tokensOf(scheme)));
    QApplication::setFont(fontOf(Size::Text));
    const QString sheet = styleSheetOf(tokensOf(scheme));
    if (application.styleSheet() != sheet)
        application.setStyleSheet(sheet);
}

QString ageText(qint64 thenMs, qint64 nowMs)
{
    constexpr qint64 minuteMs = 60'000, hourMs = 60 * minuteMs;
    const qint64 age = nowMs - thenMs;
    if (thenMs <= 0)
        return {};
    if (age < minuteMs)
        return ThemeTexts::tr("just now");
    const QDateTime then = QDateTime::fromMSecsSinceEpoch(thenMs), now = QDateTime::fromMSecsSinceEpoch(nowMs);
    if (age < hourMs)
        return ThemeTexts::tr("%1 min").arg(age / minuteMs);
    if (then.date() == now.date())
        return ThemeTexts::tr("%1 h").arg(age / hourMs);
    const qint64 days = then.date().daysTo(now.date());
    if (days == 1)
        return ThemeTexts::tr("yesterday");
    if (days < 7)
        return ThemeTexts::tr("%1 days").arg(days);
    const QLocale locale;
    return then.date().year() == now.date().year() ? locale.toString(then.date(), QStringLiteral("d MMM"))
                                                   : locale.toString(then.date(), QStringLiteral("d MMM yyyy"));
}

QString isolated(const QString& name)
{
    constexpr QChar begin(0x2068); // FIRST STRONG ISOLATE
    constexpr QChar end(0x2069);   // POP DIRECTIONAL ISOLATE
    return begin + name + end;
}

QString counted(qint64 n, const QString& one, const QString& many)
{
    return (n == 1 ? one : many).arg(QLocale().toString(n));
}

} // namespace stoa
