#include "client/ui/widgets/widgets.h"

#include <QAction>
#include <QApplication>
#include <QFile>
#include <QHBoxLayout>
#include <QPainter>
#include <QPainterPath>
#include <QResizeEvent>
#include <QScrollArea>
#include <QScrollBar>
#include <QShortcut>
#include <QStyle>
#include <QStyleOption>
#include <QSvgRenderer>
#include <QTextLayout>
#include <QVBoxLayout>
#include <QtMath>

namespace stoa {

namespace {

QString toneName(Tone tone)
{
    switch (tone) {
    case Tone::Text:
        return QStringLiteral("text");
    case Tone::Mute:
        return QStringLiteral("mute");
    case Tone::Faint:
        return QStringLiteral("faint");
    case Tone::Accent:
        return QStringLiteral("accent");
    case Tone::Ok:
        return QStringLiteral("ok");
    case Tone::Warn:
        return QStringLiteral("warn");
    case Tone::Bad:
        return QStringLiteral("bad");
    }
    return {};
}

// A style sheet looks at properties only when it is asked to.
void setLook(QWidget* widget, const char* name, const QVariant& value)
{
    if (widget->property(name) == value)
        return;
    widget->setProperty(name, value);
    widget->style()->unpolish(widget);
    widget->style()->polish(widget);
}

constexpr int pillPadding = 6;

} // namespace

QLabel* makeLabel(const QString& text, Size size, Tone tone, Weight weight)
{
    auto* label = new QLabel(text);
    label->setTextFormat(Qt::PlainText);
    label->setFont(fontOf(size, weight));
    label->setProperty("tone", toneName(tone));
    return label;
}

namespace {

// The longest word that a line may be asked to be as wide as.
constexpr int wordMax = 32;

bool hasEndlessWord(const QString& text)
{
    int length = 0;
    for (const QChar c : text) {
        length = c.isSpace() ? 0 : length + 1;
        if (length > wordMax)
            return true;
    }
    return false;
}

// Breaks between words. Qt's label is as wide as its longest word: what no line could hold is laid out and
// drawn here, broken anywhere.
class WrappedLabel : public QLabel {
public:
    WrappedLabel()
    {
        setTextFormat(Qt::PlainText);
        setWordWrap(true);
    }

    QSize sizeHint() const override
    {
        return isOwn() ? QSize(hintWidth(), heightForWidth(hintWidth())) : QLabel::sizeHint();
    }
    QSize minimumSizeHint() const override
    {
        return isOwn() ? QSize(0, fontMetrics().height()) : QLabel::minimumSizeHint();
    }
    int heightForWidth(int width) const override
    {
        if (!isOwn())
            return QLabel::heightForWidth(width);
        QTextLayout layout(laidText(), font());
        return qCeil(layOut(layout, width)) + contentsMargins().top() + contentsMargins().bottom();
    }

protected:
    void paintEvent(QPaintEvent* event) override
    {
        if (!isOwn()) {
            QLabel::paintEvent(event);
            return;
        }
        QPainter painter(this);
        painter.setPen(palette().color(foregroundRole()));
        QTextLayout layout(laidText(), font());
        layOut(layout, contentsRect().width());
        layout.draw(&painter, contentsRect().topLeft());
    }

private:
    bool isOwn() const { return hasEndlessWord(text()); }
    int hintWidth() const { return grid(100); }
    QString laidText() const { return text().replace(QLatin1Char('\n'), QChar::LineSeparator); }
    qreal layOut(QTextLayout& layout, int width) const
    {
        QTextOption option;
        option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
        option.setAlignment(QStyle::visualAlignment(Qt::LayoutDirectionAuto, alignment() & Qt::AlignHorizontal_Mask));
        layout.setTextOption(option);
        qreal height = 0;
        layout.beginLayout();
        for (QTextLine line = layout.createLine(); line.isValid(); line = layout.createLine()) {
            line.setLineWidth(std::max(1, width));
            line.setPosition({0, height});
            height += line.height();
        }
        layout.endLayout();
        return height;
    }
};

} // namespace

QLabel* makeWrappedLabel(const QString& text, Size size, Tone tone, Weight weight)
{
    auto* label = new WrappedLabel;
    label->setText(text);
    label->setFont(fontOf(size, weight));
    label->setProperty("tone", toneName(tone));
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    label->setMinimumWidth(0);
    return label;
}

void setTone(QLabel* label, Tone tone)
{
    setLook(label, "tone", toneName(tone));
}

ElidedLabel::ElidedLabel(const QString& text, QWidget* parent) : QLabel(parent), full_(text)
{
    setTextFormat(Qt::PlainText);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    setProperty("tone", toneName(Tone::Text));
    setText(text);
}

ElidedLabel* makeElidedLabel(const QString& text, Size size, Tone tone, Weight weight)
{
    auto* label = new ElidedLabel(text);
    label->setFont(fontOf(size, weight));
    label->setProperty("tone", toneName(tone));
    return label;
}

void ElidedLabel::setFullText(const QString& text)
{
    if (full_ == text)
        return;
    full_ = text;
    updateGeometry();
    elide();
}

QSize ElidedLabel::minimumSizeHint() const
{
    return {0, fontMetrics().height()};
}

QSize ElidedLabel::sizeHint() const
{
    return {fontMetrics().horizontalAdvance(full_.simplified()) + grid(1), fontMetrics().height()};
}

void ElidedLabel::resizeEvent(QResizeEvent* event)
{
    QLabel::resizeEvent(event);
    elide();
}

void ElidedLabel::elide()
{
    const QString line = full_.simplified();
    const QString shown = fontMetrics().elidedText(line, Qt::ElideRight, width());
    setText(shown);
    setToolTip(shown == line ? QString() : line.toHtmlEscaped());
    setAccessibleName(line);
}

QPushButton* makeButton(const QString& text, ButtonKind kind)
{
    auto* button = new QPushButton(text);
    setKind(button, kind);
    button->setCheckable(kind == ButtonKind::Chip);
    button->setCursor(Qt::PointingHandCursor);
    button->setFont(fontOf(kind == ButtonKind::Chip ? Size::Small : Size::Text));
    button->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
    button->setAutoDefault(false);
    return button;
}

void setKind(QPushButton* button, ButtonKind kind)
{
    static constexpr const char* names[] = {"primary", "plain", "link", "chip"};
    setLook(button, "kind", QString::fromLatin1(names[static_cast<int>(kind)]));
}

QIcon makeIcon(const QString& name, const QColor& colour)
{
    QFile file(QStringLiteral(":/icons/%1.svg").arg(name));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const QByteArray drawing = file.readAll().replace("currentColor", colour.name().toLatin1());
    QSvgRenderer renderer(drawing);
    QIcon icon;
    for (const int scale : {1, 2, 3}) {
        QPixmap pixmap(metrics::icon * scale, metrics::icon * scale);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        renderer.render(&painter);
        painter.end();
        icon.addPixmap(pixmap);
    }
    return icon;
}

namespace {

// Draws its icon in the tone of the moment, so a change of theme needs nothing.
class IconButton : public QToolButton {
public:
    explicit IconButton(const QString& iconName) : iconName_(iconName) { recolour(); }

protected:
    void changeEvent(QEvent* event) override
    {
        QToolButton::changeEvent(event);
        if (event->type() == QEvent::PaletteChange || event->type() == QEvent::StyleChange)
            recolour();
    }

private:
    void recolour()
    {
        const QColor colour = tokens().mute;
        if (colour == colour_)
            return;
        colour_ = colour;
        setIcon(makeIcon(iconName_, colour));
    }

    QString iconName_;
    QColor colour_;
};

} // namespace

QToolButton* makeIconButton(const QString& iconName, const QString& name)
{
    auto* button = new IconButton(iconName);
    button->setIconSize({metrics::icon, metrics::icon});
    button->setAccessibleName(name);
    button->setToolTip(name);
    button->setFocusPolicy(Qt::TabFocus);
    button->setCursor(Qt::PointingHandCursor);
    return button;
}

Pill::Pill(const QString& text, Tone tone, QWidget* parent) : QLabel(parent)
{
    setTextFormat(Qt::PlainText);
    setFont(fontOf(Size::Caption, Weight::Strong));
    setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
    set(text, tone);
}

void Pill::set(const QString& text, Tone tone)
{
    setText(text);
    setLook(this, "pill", toneName(tone));
}

int pillWidth(const QString& text)
{
    return QFontMetrics(fontOf(Size::Caption, Weight::Strong)).horizontalAdvance(text) + 2 * pillPadding;
}

int paintPill(QPainter* painter, const QPoint& topRight, const PillPaint& pill)
{
    if (pill.text.isEmpty())
        return 0;
    const int width = pillWidth(pill.text);
    const QRect rect(topRight.x() - width, topRight.y(), width, pillHeight);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(Qt::NoPen);
    painter->setBrush(ground(pill.tone));
    painter->drawRoundedRect(rect, metrics::radiusPill, metrics::radiusPill);
    painter->setPen(ink(pill.tone));
    painter->setFont(fontOf(Size::Caption, Weight::Strong));
    painter->drawText(rect, Qt::AlignCenter, pill.text);
    painter->restore();
    return width;
}

namespace {

constexpr int avatarsMax = 3; // of one row of them
constexpr int avatarStep = grid(1);

int avatarsWidth(int side, const QStringList& names)
{
    return side + (std::clamp(int(names.size()), 1, avatarsMax) - 1) * avatarStep;
}

void paintLetters(QPainter* painter, const QRect& rect, const QString& letters, const QString& name, qreal radius,
                  int pixels)
{
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(Qt::NoPen);
    painter->setBrush(nameColour(name));
    painter->drawRoundedRect(rect, radius, radius);
    QFont letterFont = fontOf(Size::Text, Weight::Title);
    letterFont.setPixelSize(pixels);
    painter->setFont(letterFont);
    painter->setPen(Qt::white);
    painter->drawText(rect, Qt::AlignCenter, letters);
    painter->restore();
}

} // namespace

void paintBadge(QPainter* painter, const QRect& rect, const QString& name)
{
    const qreal radius = rect.height() > grid(6) ? metrics::radius : metrics::radiusPill;
    paintLetters(painter, rect, initials(name).left(name.size() && name.at(0).isHighSurrogate() ? 2 : 1), name, radius,
                 rect.height() * 10 / 18);
}

void paintAvatar(QPainter* painter, const QRect& rect, const QString& name)
{
    paintLetters(painter, rect, initials(name), name, rect.height() / 2.0, rect.height() * 9 / 22);
}

int paintAvatars(QPainter* painter, const QRect& rect, const QStringList& names)
{
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(Qt::NoPen);
    for (int i = std::min(int(names.size()), avatarsMax); i-- > 1;) {
        QPainterPath seen, before;
        seen.addEllipse(rect.translated(i * avatarStep, 0));
        before.addEllipse(QRectF(rect.translated((i - 1) * avatarStep, 0)).adjusted(-1, -1, 1, 1));
        painter->setBrush(nameColour(names[i]));
        painter->drawPath(seen.subtracted(before));
    }
    painter->restore();
    paintAvatar(painter, rect, names.value(0));
    return avatarsWidth(rect.width(), names);
}

Badge::Badge(const QString& name, int side, QWidget* parent) : QWidget(parent), name_(name), side_(side)
{
    setFixedSize(side, side);
}

void Badge::setName(const QString& name)
{
    name_ = name;
    update();
}

void Badge::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    paintBadge(&painter, rect(), name_);
}

Avatar::Avatar(const QString& name, int side, QWidget* parent) : QWidget(parent), side_(side)
{
    setName(name);
}

void Avatar::setNames(const QStringList& names)
{
    names_ = names;
    setFixedSize(avatarsWidth(side_, names_), side_);
    update();
}

void Avatar::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    paintAvatars(&painter, QRect(0, 0, side_, side_), names_);
}

Card::Card(const QString& caption, QWidget* parent) : QFrame(parent)
{
    setProperty("card", true);
    setAttribute(Qt::WA_StyledBackground);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(grid(4), grid(4), grid(4), grid(4));
    layout->setSpacing(grid(2));
    QFont captionFont = fontOf(Size::Caption, Weight::Strong);
    captionFont.setLetterSpacing(QFont::AbsoluteSpacing, 0.5);
    captionFont.setCapitalization(QFont::AllUppercase);
    caption_ = makeLabel({}, Size::Caption, Tone::Faint, Weight::Strong);
    caption_->setFont(captionFont);
    layout->addWidget(caption_);
    body_ = new QVBoxLayout;
    body_->setSpacing(grid(1));
    layout->addLayout(body_, 1);
    setCaption(caption);
}

void Card::setCaption(const QString& caption)
{
    caption_->setText(caption);
    caption_->setVisible(!caption.isEmpty());
    setAccessibleName(caption);
}

void Card::clear()
{
    clearLayout(body_);
}

QWidget* makeFigure(const QString& figure, const QString& meaning)
{
    auto* widget = new QWidget;
    auto* layout = new QVBoxLayout(widget);
    layout->setContentsMargins({});
    layout->setSpacing(0);
    layout->addWidget(makeLabel(figure, Size::Title, Tone::Text, Weight::Title));
    layout->addWidget(makeLabel(meaning, Size::Small, Tone::Mute));
    widget->setAccessibleName(QStringLiteral("%1 %2").arg(figure, meaning));
    return widget;
}

QWidget* makeLine()
{
    auto* line = new QFrame;
    line->setProperty("rule", QStringLiteral("true"));
    line->setFixedHeight(1);
    return line;
}

SearchField::SearchField(const QString& placeholder, const QString& keyHint, QWidget* parent)
    : QLineEdit(parent), keyHint_(keyHint)
{
    setPlaceholderText(placeholder);
    setAccessibleName(placeholder);
    setMaxLength(1000);
}

void SearchField::paintEvent(QPaintEvent* event)
{
    QLineEdit::paintEvent(event);
    if (keyHint_.isEmpty() || !text().isEmpty() || hasFocus())
        return;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Tokens& t = tokens();
    const int side = height() - grid(3);
    const QRectF key(width() - side * 3 / 4 - grid(2) + 0.5, (height() - side) / 2 + 0.5, side * 3 / 4, side - 1);
    painter.setPen(t.line);
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(key, metrics::radiusPill, metrics::radiusPill);
    painter.setPen(t.faint);
    painter.setFont(fontOf(Size::Caption));
    painter.drawText(key, Qt::AlignCenter, keyHint_);
}

EmptyState::EmptyState(const QString& title, const QString& text, QWidget* parent) : QWidget(parent)
{
    title_ = makeLabel({}, Size::Heading, Tone::Text, Weight::Title);
    text_ = makeWrappedLabel({}, Size::Text, Tone::Mute);
    text_->setAlignment(Qt::AlignHCenter);
    text_->setMaximumWidth(grid(110));
    buttons_ = new QHBoxLayout;
    buttons_->setSpacing(grid(2));
    auto* layout = new QVBoxLayout(this);
    layout->setSpacing(grid(2));
    layout->addStretch(2);
    layout->addWidget(title_, 0, Qt::AlignHCenter);
    // In a row with stretches, not with an alignment: only so does it get the height that its width needs.
    auto* row = new QHBoxLayout;
    row->addStretch(1);
    row->addWidget(text_, 100);
    row->addStretch(1);
    layout->addLayout(row);
    layout->addSpacing(grid(1));
    layout->addLayout(buttons_);
    layout->setAlignment(buttons_, Qt::AlignHCenter);
    layout->addStretch(3);
    set(title, text);
}

void EmptyState::set(const QString& title, const QString& text)
{
    title_->setText(title);
    text_->setText(text);
    text_->setVisible(!text.isEmpty());
}

QPushButton* EmptyState::addButton(const QString& text, ButtonKind kind)
{
    QPushButton* button = makeButton(text, kind);
    buttons_->addWidget(button);
    return button;
}

namespace {

// Leaves its keys to a field that is written into.
class ColumnArea : public QScrollArea {
protected:
    bool event(QEvent* event) override
    {
        const QWidget* focus = QApplication::focusWidget();
        if (event->type() == QEvent::ShortcutOverride && focus && focus->testAttribute(Qt::WA_InputMethodEnabled)) {
            event->accept();
            return true;
        }
        return QScrollArea::event(event);
    }
};

} // namespace

QScrollArea* makeScroll(QWidget* content, int widthMax)
{
    auto* column = new QWidget;
    auto* layout = new QHBoxLayout(column);
    layout->setContentsMargins({});
    layout->setSpacing(0);
    content->setMaximumWidth(widthMax);
    layout->addStretch(0);
    layout->addWidget(content, 1);
    layout->addStretch(0);
    auto* area = new ColumnArea;
    area->setWidgetResizable(true);
    area->setFrameShape(QFrame::NoFrame);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    area->setFocusPolicy(Qt::NoFocus);
    area->setWidget(column);
    const auto scrollBy = [area](const QKeySequence& keys, QAbstractSlider::SliderAction action) {
        auto* shortcut = new QShortcut(keys, area);
        shortcut->setContext(Qt::WidgetWithChildrenShortcut);
        QObject::connect(shortcut, &QShortcut::activated, area,
                         [area, action] { area->verticalScrollBar()->triggerAction(action); });
    };
    scrollBy(Qt::Key_PageUp, QAbstractSlider::SliderPageStepSub);
    scrollBy(Qt::Key_PageDown, QAbstractSlider::SliderPageStepAdd);
    scrollBy(Qt::CTRL | Qt::Key_Home, QAbstractSlider::SliderToMinimum);
    scrollBy(Qt::CTRL | Qt::Key_End, QAbstractSlider::SliderToMaximum);
    return area;
}

void clearLayout(QLayout* layout)
{
    while (QLayoutItem* item = layout->takeAt(0)) {
        if (QLayout* inner = item->layout())
            clearLayout(inner);
        if (QWidget* widget = item->widget()) {
            widget->hide();
            widget->deleteLater();
        }
        delete item;
    }
}

} // namespace stoa
