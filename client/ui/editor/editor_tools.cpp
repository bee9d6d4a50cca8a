#include "client/ui/editor/editor_tools.h"

#include <algorithm>
#include <vector>

#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLocale>
#include <QMenu>
#include <QStyle>
#include <QVBoxLayout>

#include "client/ui/editor/markdown_editor.h"
#include "client/ui/editor/plain_text.h"
#include "client/ui/widgets/widgets.h"

namespace stoa {

namespace {

constexpr qsizetype foundMax = 10'000;
constexpr qsizetype markedMax = 500;

class ActsBar : public QWidget {
public:
    using Act = MarkdownEditor::Act;

    ActsBar(MarkdownEditor* editor, QMenu* more) : editor_(editor), hasMore_(more != nullptr)
    {
        setAccessibleName(FindBar::tr("What can be done to the text"));
        setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
        add(Act::Strong, "bold");
        add(Act::Emphasis, "italic");
        add(Act::Code, "code");
        add(Act::Link, "link");
        add(Act::Heading, "heading", true);
        add(Act::Bullets, "list");
        add(Act::Numbers, "numbers");
        add(Act::Tasks, "tasks");
        add(Act::Quote, "quote");
        add(Act::Table, "table");
        add(Act::Undo, "undo", true);
        add(Act::Redo, "redo");
        more_ = makeIconButton(QStringLiteral("more"), FindBar::tr("More"));
        more_->setParent(this);
        more_->setMenu(menu_);
        more_->setPopupMode(QToolButton::InstantPopup);
        if (more) {
            apart_ = menu_->addSeparator();
            menu_->addMenu(more);
        }
        connect(editor, &MarkdownEditor::historyChanged, this, &ActsBar::enable);
        enable();
        arrange();
    }

    QSize sizeHint() const override
    {
        const Tool& last = tools_.back();
        const int end = last.left + last.button->sizeHint().width();
        return {end + (hasMore_ ? grid(1) + more_->sizeHint().width() : 0), more_->sizeHint().height()};
    }
    QSize minimumSizeHint() const override { return more_->sizeHint(); }

protected:
    void resizeEvent(QResizeEvent* event) override
    {
        QWidget::resizeEvent(event);
        arrange();
    }
    void changeEvent(QEvent* event) override
    {
        QWidget::changeEvent(event);
        if (event->type() == QEvent::StyleChange || event->type() == QEvent::LayoutDirectionChange)
            arrange();
    }

private:
    struct Tool {
        Act act;
        QToolButton* button;
        QAction* row; // in the menu
        bool apart;   // from what stands before it
        int left = 0;
    };

    void add(Act act, const char* icon, bool apart = false)
    {
        const QString name = MarkdownEditor::nameOf(act);
        const QString key = MarkdownEditor::keyOf(act).toString(QKeySequence::NativeText);
        QToolButton* button = makeIconButton(QLatin1String(icon), name);
        button->setToolTip(QStringLiteral("%1 (%2)").arg(name, key));
        button->setParent(this);
        // The key is shown there: it is the editor's own.
        QAction* row = menu_->addAction(name + QLatin1Char('\t') + key);
        const auto run = [this, act] {
            editor_->run(act);
            editor_->setFocus(Qt::OtherFocusReason);
        };
        connect(button, &QToolButton::clicked, this, run);
        connect(row, &QAction::triggered, this, run);
        tools_.push_back({act, button, row, apart});
    }

    void enable()
    {
        for (const Tool& tool : tools_) {
            tool.button->setEnabled(editor_->canRun(tool.act));
            tool.row->setEnabled(editor_->canRun(tool.act));
        }
    }

    void arrange()
    {
        int left = 0;
        for (Tool& tool : tools_) {
            tool.left = left + (tool.apart ? grid(3) : 0);
            left = tool.left + tool.button->sizeHint().width() + grid(1);
        }
        const int rest = width() - more_->sizeHint().width() - grid(1);
        const bool all = left - grid(1) <= (hasMore_ ? rest : width());
        const int room = all ? width() : rest;
        const auto put = [this](QToolButton* button, int at) {
            const QSize size(button->sizeHint().width(), height());
            button->setGeometry(QStyle::visualRect(layoutDirection(), rect(), {{at, 0}, size}));
        };
        int end = 0;
        for (const Tool& tool : tools_) {
            const int right = tool.left + tool.button->sizeHint().width();
            const bool fits = right <= room;
            put(tool.button, tool.left);
            tool.button->setVisible(fits);
            tool.row->setVisible(!fits);
            end = fits ? right + grid(1) : end;
        }
        put(more_, end);
        more_->setVisible(!all || hasMore_);
        if (apart_)
            apart_->setVisible(!all);
    }

    MarkdownEditor* editor_;
    QMenu* menu_ = new QMenu(this);
    std::vector<Tool> tools_;
    QToolButton* more_;
    bool hasMore_; // also where all acts have room
    QAction* apart_ = nullptr;
};

} // namespace

QWidget* makeEditorToolbar(MarkdownEditor* editor, QMenu* more)
{
    return new ActsBar(editor, more);
}

FindBar::FindBar(MarkdownEditor* editor, QWidget* parent) : QWidget(parent), editor_(editor)
{
    const auto field = [this](const QString& name) {
        auto* made = new QLineEdit;
        made->setPlaceholderText(name);
        made->setAccessibleName(name);
        made->setMaxLength(1000);
        made->installEventFilter(this);
        return made;
    };
    words_ = field(tr("Find"));
    by_ = field(tr("Replace by"));
    count_ = makeLabel({}, Size::Small, Tone::Mute);
    count_->setMinimumWidth(grid(22));
    exact_ = makeButton(tr("Match case"), ButtonKind::Chip);
    QToolButton* previous = makeIconButton(QStringLiteral("up"), tr("Previous match (Shift+Enter)"));
    QToolButton* next = makeIconButton(QStringLiteral("down"), tr("Next match (Enter)"));
    QToolButton* close = makeIconButton(QStringLiteral("close"), tr("Close (Esc)"));
    QPushButton* one = makeButton(tr("Replace"));
    QPushButton* all = makeButton(tr("Replace all"));

    auto* finding = new QHBoxLayout;
    finding->setSpacing(grid(2));
    finding->addWidget(words_, 1);
    finding->addWidget(count_);
    finding->addWidget(exact_);
    finding->addWidget(previous);
    finding->addWidget(next);
    finding->addWidget(close);
    replacing_ = new QWidget;
    auto* replacing = new QHBoxLayout(replacing_);
    replacing->setContentsMargins({});
    replacing->setSpacing(grid(2));
    replacing->addWidget(by_, 1);
    replacing->addWidget(one);
    replacing->addWidget(all);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(grid(3), grid(2), grid(3), grid(2));
    layout->setSpacing(grid(2));
    layout->addLayout(finding);
    layout->addWidget(replacing_);
    // From what is looked for to what takes its place, then to what can be done.
    QWidget* last = words_;
    for (QWidget* each : {static_cast<QWidget*>(by_), static_cast<QWidget*>(one), static_cast<QWidget*>(all),
                          static_cast<QWidget*>(exact_), static_cast<QWidget*>(previous), static_cast<QWidget*>(next),
                          static_cast<QWidget*>(close)}) {
        setTabOrder(last, each);
        last = each;
    }
    setProperty("ground", QStringLiteral("side"));
    setAttribute(Qt::WA_StyledBackground);
    setAccessibleName(tr("Find and replace"));
    hide();

    connect(words_, &QLineEdit::textEdited, this, [this] { look(true); });
    connect(exact_, &QPushButton::toggled, this, [this] { look(true); });
    connect(previous, &QToolButton::clicked, this, [this] { go(-1); });
    connect(next, &QToolButton::clicked, this, [this] { go(1); });
    connect(close, &QToolButton::clicked, this, &FindBar::leave);
    connect(one, &QPushButton::clicked, this, &FindBar::replaceOne);
    connect(all, &QPushButton::clicked, this, &FindBar::replaceAll);
    connect(editor_, &QPlainTextEdit::textChanged, this, [this] {
        if (isVisible() && !replacingNow_)
            look(false);
    });
}

void FindBar::open(bool replace)
{
    replacing_->setVisible(replace);
    const QString chosen = editor_->textCursor().selectedText();
    if (!chosen.isEmpty() && !chosen.contains(QChar::ParagraphSeparator))
        words_->setText(chosen);
    show();
    if (parentWidget() && parentWidget()->layout())
        parentWidget()->layout()->activate(); // what is found is then in what is left of the text
    words_->setFocus(Qt::OtherFocusReason);
    words_->selectAll();
    look(true);
}

// `fromHere`: the present match becomes the first one from the cursor on.
void FindBar::look(bool fromHere)
{
    const QString words = words_->text();
    editor_->fill();
    found_.clear();
    if (!words.isEmpty()) {
        const Qt::CaseSensitivity exact = exact_->isChecked() ? Qt::CaseSensitive : Qt::CaseInsensitive;
        for (qsizetype at = 0; found_.size() < foundMax && (at = editor_->text().indexOf(words, at, exact)) >= 0;
             at += words.size())
            found_.append(int(at));
    }
    const int here = editor_->textCursor().selectionStart();
    const auto next = std::lower_bound(found_.begin(), found_.end(), here);
    if (fromHere || present_ >= found_.size())
        present_ = found_.isEmpty() ? -1 : next == found_.end() ? 0 : int(next - found_.begin());
    showPresent(fromHere);
}

void FindBar::go(int by)
{
    if (found_.isEmpty())
        return;
    present_ = (present_ + by + int(found_.size())) % int(found_.size());
    showPresent(true);
}

void FindBar::showPresent(bool select)
{
    const int length = int(words_->text().size());
    QList<QTextCursor> near; // each costs something at every key
    const qsizetype first = std::max<qsizetype>(0, present_ - markedMax / 2);
    for (qsizetype i = first; i < std::min(found_.size(), first + markedMax); ++i) {
        QTextCursor cursor(editor_->document());
        cursor.setPosition(found_[i]);
        cursor.setPosition(found_[i] + length, QTextCursor::KeepAnchor);
        near.append(cursor);
    }
    if (select && present_ >= 0) {
        editor_->setTextCursor(near[present_ - first]);
        editor_->showCursor();
    }
    editor_->setFound(near, int(present_ - first));
    const QLocale locale;
    const QString all =
        found_.size() == foundMax ? tr("%1 and more").arg(locale.toString(foundMax)) : locale.toString(found_.size());
    count_->setText(words_->text().isEmpty() ? QString()
                    : found_.isEmpty()       ? tr("Not found")
                                             : tr("%1 of %2").arg(locale.toString(present_ + 1), all));
    setTone(count_, found_.isEmpty() ? Tone::Warn : Tone::Mute);
}

void FindBar::replaceOne()
{
    if (present_ < 0)
        return;
    const int at = found_[present_];
    replacingNow_ = true;
    editor_->replaceText(at, words_->text().size(), by_->text());
    replacingNow_ = false;
    look(true);
}

void FindBar::replaceAll()
{
    if (found_.isEmpty())
        return;
    // One change, so that it is one step to take back; what lies between stays what it was.
    const qsizetype length = words_->text().size();
    const std::string by = by_->text().toStdString();
    TextChange change;
    const QStringView all(editor_->text());
    qsizetype done = 0;
    for (const int each : std::as_const(found_)) {
        change.retain(codePointsIn(all.mid(done, each - done)));
        change.insert(by).erase(codePointsIn(all.mid(each, length)));
        done = each + length;
    }
    replacingNow_ = true;
    editor_->changeText(change);
    replacingNow_ = false;
    const qsizetype count = found_.size();
    look(true);
    count_->setText(counted(count, tr("%1 replaced"), tr("%1 replaced")));
    setTone(count_, Tone::Ok);
}

void FindBar::drop()
{
    hide();
    editor_->setFound({}, -1);
}

void FindBar::leave()
{
    drop();
    editor_->setFocus(Qt::OtherFocusReason);
}

void FindBar::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Escape)
        return leave();
    QWidget::keyPressEvent(event);
}

bool FindBar::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        const bool enter = key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
        if (key->key() == Qt::Key_Escape) {
            leave();
            return true;
        }
        if (enter && watched == by_) {
            replaceOne();
            return true;
        }
        if (enter) {
            go(key->modifiers() & Qt::ShiftModifier ? -1 : 1);
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace stoa
