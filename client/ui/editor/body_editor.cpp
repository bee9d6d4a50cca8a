#include "client/ui/editor/body_editor.h"

#include <algorithm>

#include <QCoreApplication>
#include <QHBoxLayout>
#include <QLocale>
#include <QMenu>
#include <QVBoxLayout>

#include "client/ui/editor/completion.h"
#include "client/ui/editor/editor_tools.h"
#include "client/ui/editor/kept_bar.h"
#include "client/ui/editor/markdown_editor.h"
#include "client/ui/editor/reader_marks.h"
#include "client/ui/editor/shared_text.h"
#include "client/ui/editor/side_preview.h"
#include "client/ui/editor/spell_marks.h"
#include "client/ui/editor/versions_bar.h"
#include "client/ui/editor/who_is_here.h"
#include "client/ui/keys.h"
#include "client/ui/widgets/widgets.h"
#include "shared/domain/body.h"

namespace stoa {

namespace {

constexpr int besideMin = grid(190); // narrower, the preview takes the text's place
constexpr int countMs = 300;
constexpr int longCountMs = 1'000; // after the last key, where counting takes longer than a key may
constexpr qsizetype quickCountMax = 200'000;
constexpr int smallLines = 14;
constexpr int calmMs = 700;

} // namespace

BodyEditor::BodyEditor(const Desk& desk, Kind kind, QWidget* parent) : QWidget(parent), desk_(desk), kind_(kind)
{
    editor_ = new MarkdownEditor;
    if (kind == Kind::Whole) { // its ground is the place's
        editor_->setStyleSheet(QStringLiteral("QPlainTextEdit { border: none; border-radius: 0; padding: 0; }"));
    } else {
        editor_->setTextSize(Size::Text);
        editor_->setFixedHeight(smallLines * editor_->fontMetrics().lineSpacing() + grid(4));
    }
    keeper_ = new BodyKeeper(desk, editor_);
    keeper_->setParent(this);
    completion_ = new Completion(desk, editor_);
    editor_->setCompleter(completion_);
    Speller& speller = Speller::of(desk);
    spelling_ = new SpellMarks(speller, editor_);
    marks_ = new ReaderMarks(editor_);
    together_ = new SharedText(desk, this);
    here_ = new WhoIsHere;
    find_ = new FindBar(editor_);
    versions_ = new VersionsBar;
    kept_ = new KeptBar(desk, keeper_, editor_);
    preview_ = new SidePreview(desk, editor_);
    preview_->hide();
    edge_ = makeLine();
    edge_->setProperty("rule", QStringLiteral("vertical"));
    edge_->setMinimumHeight(0);
    edge_->setMaximumHeight(QWIDGETSIZE_MAX);
    edge_->setFixedWidth(1);
    edge_->hide();
    previewing_ = makeButton(tr("Preview"), ButtonKind::Chip);
    previewing_->setToolTip(withKey(tr("As people will read it"), Key::Preview));
    previewing_->setShortcut(keyOf(Key::Preview));
    state_ = makeElidedLabel({}, Size::Small, Tone::Mute);
    state_->setAccessibleDescription(tr("How far what you typed has come"));
    problem_ = makeWrappedLabel({}, Size::Small, Tone::Bad);
    problem_->hide();
    words_ = makeLabel({}, Size::Small, Tone::Faint);

    const int side = kind == Kind::Whole ? grid(6) : 0;
    for (const QWidget* bar :
         {static_cast<QWidget*>(find_), static_cast<QWidget*>(versions_), static_cast<QWidget*>(kept_)})
        bar->layout()->setContentsMargins(std::max(side, grid(3)), grid(2), std::max(side, grid(3)), grid(2));
    auto* tools = new QHBoxLayout;
    tools->setContentsMargins(side, grid(1), side, grid(1));
    auto* languages = new QMenu(tr("Spelling"), this);
    addSpellingTo(languages, speller);
    tools->addWidget(makeEditorToolbar(editor_, languages), 1);
    tools->addWidget(here_);
    tools->addWidget(previewing_);
    auto* texts = new QHBoxLayout;
    texts->setSpacing(0);
    texts->addWidget(editor_, 1);
    texts->addWidget(edge_);
    texts->addWidget(preview_, 1);
    footer_ = new QHBoxLayout;
    footer_->setContentsMargins(side, grid(2), side, grid(2));
    footer_->setSpacing(grid(3));
    footer_->addWidget(state_, 1);
    footer_->addWidget(words_);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins({});
    layout->setSpacing(0);
    layout->addLayout(tools);
    layout->addWidget(makeLine());
    layout->addWidget(kept_);
    layout->addWidget(find_);
    layout->addWidget(versions_);
    layout->addLayout(texts, 1);
    layout->addWidget(makeLine());
    auto* problem = new QHBoxLayout; // a frame forgets margins of its own when the style changes
    problem->setContentsMargins(side, grid(2), side, 0);
    problem->addWidget(problem_);
    layout->addLayout(problem);
    layout->addLayout(footer_);

    counting_.setSingleShot(true);
    connect(&counting_, &QTimer::timeout, this, &BodyEditor::showWords);
    const auto countSoon = [this] {
        const bool isLong = editor_->text().size() > quickCountMax;
        if (isLong || !counting_.isActive())
            counting_.start(isLong ? longCountMs : countMs);
    };
    connect(editor_, &QPlainTextEdit::textChanged, this, countSoon);
    connect(editor_, &QPlainTextEdit::selectionChanged, this, countSoon);
    connect(editor_, &MarkdownEditor::typed, this, [this] {
        say({});
        showPassages();
        Q_EMIT typed();
    });
    connect(editor_, &MarkdownEditor::findWanted, this, &BodyEditor::find);
    connect(editor_, &MarkdownEditor::leaveWanted, this, [this](bool byEscape) {
        if (byEscape && !find_->isHidden())
            find_->leave();
        else
            Q_EMIT leaveWanted();
    });
    connect(editor_, &MarkdownEditor::pasteCut, this,
            [this] { Q_EMIT said(tr("What you pasted is too long for one text: its end was left out.")); });
    connect(previewing_, &QPushButton::toggled, this, [this] {
        arrange();
        (editor_->isHidden() ? static_cast<QWidget*>(preview_) : editor_)->setFocus(Qt::OtherFocusReason);
    });
    connect(preview_, &SidePreview::wanted, this, &BodyEditor::wanted);
    connect(preview_, &SidePreview::said, this, &BodyEditor::said);
    calm_.setSingleShot(true);
    connect(&calm_, &QTimer::timeout, this, &BodyEditor::showState);
    connect(keeper_, &BodyKeeper::stateChanged, this, &BodyEditor::showStateSoon);
    connect(keeper_, &BodyKeeper::stateChanged, this, [this] {
        const bool now = keeper_->isStranded();
        if (std::exchange(isStranded_, now) != now)
            showPassages(); // they are settled in what is stored
    });
    const auto read = [this](const SyncStatus& status) { isAllSent_ = status.waiting == status.accepted; };
    read(desk.worker->status());
    connect(desk.worker, &Worker::statusChanged, this, [this, read](const SyncStatus& status) {
        read(status);
        if (!keeper_->post().isNull())
            showStateSoon();
    });
    connect(spelling_, &SpellMarks::said, this, &BodyEditor::said);
    connect(kept_, &KeptBar::said, this, &BodyEditor::said);
    connect(kept_, &KeptBar::made, this, [this](const Id& post) {
        Q_EMIT said(tr("Your text has a place of its own now."));
        if (const auto to = locationOf(*desk_.reading, post))
            Q_EMIT wanted(*to);
    });
    connect(kept_, &KeptBar::discarded, this, [this] {
        if (keeper_->state() == BodyKeeper::State::Gone || keeper_->state() == BodyKeeper::State::Barred)
            Q_EMIT leaveWanted();
    });
    connectReaders();
    connect(keeper_, &BodyKeeper::passagesChanged, this, &BodyEditor::showPassages);
    connect(versions_, &VersionsBar::settled, this, [this](int which, const QString& text) {
        const QList<VersionsBar::Versions> now = shownVersions();
        // Nobody settles what they did not see.
        if (which < now.size() && now[which] == versions_->versions().value(which))
            keeper_->settle(versionsIn(editor_->contested())[size_t(which)].whole, text);
        else
            versions_->set(now);
        (editor_->isHidden() ? static_cast<QWidget*>(preview_) : editor_)->setFocus(Qt::OtherFocusReason);
    });
    connect(versions_, &VersionsBar::showWanted, this, [this](int which) {
        const std::vector<TwoVersions> versions = versionsIn(editor_->contested());
        if (size_t(which) >= versions.size())
            return;
        focusText();
        QTextCursor cursor(editor_->document());
        cursor.setPosition(int(editor_->toUtf16(versions[size_t(which)].whole.from)));
        cursor.setPosition(int(editor_->toUtf16(versions[size_t(which)].whole.to)), QTextCursor::KeepAnchor);
        editor_->setTextCursor(cursor);
        editor_->centerCursor();
    });
    setFocusProxy(editor_);
}

void BodyEditor::connectReaders()
{
    together_->setPlace([this] {
        const QTextCursor cursor = editor_->textCursor();
        return SharedText::Place{editor_->toCodePoints(cursor.anchor()), editor_->toCodePoints(cursor.position())};
    });
    connect(together_, &SharedText::changed, this, [this] {
        marks_->set(together_->readers());
        here_->set(together_->readers());
    });
    // Where others' changes move it everybody knows by themselves.
    connect(editor_, &MarkdownEditor::othersWrite, this, [this](bool begins) { othersWrite_ = begins; });
    const auto moved = [this] {
        if (!othersWrite_)
            together_->moved();
    };
    connect(editor_, &QPlainTextEdit::cursorPositionChanged, this, moved);
    connect(editor_, &QPlainTextEdit::selectionChanged, this, moved);
    connect(editor_, &MarkdownEditor::typed, together_, &SharedText::wrote);
    connect(here_, &WhoIsHere::wanted, this, [this](const PresentReader& reader) {
        QTextCursor there = marks_->cursorOf(reader.person, reader.session);
        if (there.isNull())
            return;
        there.clearSelection();
        focusText();
        editor_->setTextCursor(there);
        editor_->centerCursor();
    });
}

void BodyEditor::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    together_->open(keeper_->post());
}

void BodyEditor::hideEvent(QHideEvent* event)
{
    QWidget::hideEvent(event);
    together_->open({});
}

// While the text is there to be stored.
BodyEditor::~BodyEditor()
{
    delete keeper_;
}

void BodyEditor::open(const Id& post)
{
    showText();
    if (!find_->isHidden())
        find_->drop();
    sentence_.clear();
    keeper_->open(post);
    spelling_->open(post);
    together_->open(isVisible() ? keeper_->post() : Id{});
    if (const auto row = post.isNull() ? std::nullopt : stoa::post(*desk_.reading, post))
        completion_->setSpace(row->space);
    showState();
    showWords();
    showPassages();
}

void BodyEditor::write(const Id& space, const QString& text)
{
    showText();
    completion_->setSpace(space);
    spelling_->open({});
    editor_->setText(text);
    showWords();
}

const QString& BodyEditor::text() const
{
    return editor_->text();
}

// Who comes to write sees what they write: a preview that is in its place goes.
void BodyEditor::showText()
{
    if (editor_->isHidden())
        previewing_->setChecked(false);
}

void BodyEditor::focusText()
{
    showText();
    editor_->setFocus(Qt::OtherFocusReason);
}

void BodyEditor::find(bool replace)
{
    showText();
    find_->open(replace);
}

void BodyEditor::say(const QString& sentence, bool bad)
{
    if (sentence_ == sentence && isBad_ == bad)
        return;
    sentence_ = sentence;
    isBad_ = bad;
    showState();
}

// What is stored key by key is said when there is a pause, that somebody writes and what went wrong at once.
void BodyEditor::showStateSoon()
{
    const bool isCalm = keeper_->state() == BodyKeeper::State::Same || keeper_->state() == BodyKeeper::State::Stored;
    if (isCalm && keeper_->isLive())
        calm_.start(calmMs);
    else
        showState();
}

void BodyEditor::showState()
{
    calm_.stop();
    Tone tone = isBad_ ? Tone::Bad : Tone::Mute;
    QString text = sentence_;
    const auto row = keeper_->post().isNull() ? std::nullopt : post(*desk_.reading, keeper_->post());
    if (text.isEmpty()) {
        switch (keeper_->state()) {
        case BodyKeeper::State::Refused:
            text = tr("Kept as your draft: %1").arg(keeper_->why());
            tone = Tone::Bad;
            break;
        case BodyKeeper::State::Gone:
        case BodyKeeper::State::Barred:
        case BodyKeeper::State::Held:
            text = tr("What you type is kept on this computer alone");
            break;
        case BodyKeeper::State::Typed:
            text = tr("Writing…");
            break;
        default:
            if (row && row->refused) {
                text = tr("Refused: the outbox says why. Your text is kept there.");
                tone = Tone::Bad;
            } else if (row && row->pending && !isAllSent_) {
                text = tr("Stored on this computer");
            } else if (keeper_->state() == BodyKeeper::State::Stored || (row && row->pending)) {
                text = tr("Sent");
                tone = Tone::Ok;
            } else if (row) {
                text = tr("What you type is stored by itself");
                tone = Tone::Faint;
            }
        }
    }
    const bool isProblem = tone == Tone::Bad || tone == Tone::Warn;
    setTone(problem_, tone);
    problem_->setText(isProblem ? text : QString());
    problem_->setVisible(isProblem);
    setTone(state_, tone);
    state_->setFullText(isProblem ? QString() : text);
}

void BodyEditor::showWords()
{
    const auto words = [](QStringView text) { return counted(countWords(text), tr("%1 word"), tr("%1 words")); };
    const QTextCursor cursor = editor_->textCursor();
    const int from = cursor.selectionStart(), to = cursor.selectionEnd();
    if (from == to)
        return words_->setText(editor_->text().isEmpty() ? QString() : words(editor_->text()));
    const auto letters = qint64(editor_->toCodePoints(to) - editor_->toCodePoints(from));
    words_->setText(tr("Selected: %1, %2")
                        .arg(words(QStringView(editor_->text()).mid(from, to - from)),
                             counted(letters, tr("%1 character"), tr("%1 characters"))));
}

QList<VersionsBar::Versions> BodyEditor::shownVersions() const
{
    QList<VersionsBar::Versions> shown;
    if (keeper_->isStranded())
        return shown;
    for (const TwoVersions& each : versionsIn(editor_->contested())) {
        const qsizetype from = editor_->toUtf16(each.whole.from), to = editor_->toUtf16(each.whole.to);
        VersionsBar::Versions versions{editor_->text().mid(from, to - from), {}, {}};
        if (each.second) {
            const qsizetype middle = editor_->toUtf16(*each.second);
            versions.first = editor_->text().mid(from, middle - from);
            versions.second = editor_->text().mid(middle, to - middle);
        }
        shown.append(versions);
    }
    return shown;
}

void BodyEditor::showPassages()
{
    // A bar that comes or goes above the text leaves the line that one is at where it is on the screen.
    const bool wasShown = !versions_->isHidden();
    const QRect cursor = editor_->cursorRect();
    const bool isSeen = editor_->isVisible() && editor_->viewport()->rect().intersects(cursor);
    const int y = editor_->viewport()->mapTo(this, cursor.topLeft()).y();
    versions_->set(shownVersions());
    if (!isSeen || wasShown == !versions_->isHidden())
        return;
    for (int pass = 0; pass < 2; ++pass) { // in a narrow place the bar has two lines as soon as it is that wide
        QCoreApplication::sendPostedEvents(versions_, QEvent::LayoutRequest);
        layout()->activate();
    }
    editor_->putCursorAt(editor_->viewport()->mapFrom(this, QPoint(0, y)).y());
}

void BodyEditor::arrange()
{
    const bool on = previewing_->isChecked();
    const bool beside = kind_ == Kind::Whole && width() >= besideMin;
    const bool writes = editor_->hasFocus();
    preview_->setVisible(on);
    edge_->setVisible(on && beside);
    editor_->setVisible(!on || beside);
    if (writes && editor_->isHidden())
        preview_->setFocus(Qt::OtherFocusReason);
    if (kind_ == Kind::Small)
        preview_->setFixedHeight(editor_->height());
}

void BodyEditor::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    if (previewing_->isChecked())
        arrange();
}

} // namespace stoa
