#include "client/ui/editor/body_keeper.h"

#include <algorithm>
#include <memory>

#include "client/ui/editor/markdown_editor.h"
#include "client/worker/refusals.h"
#include "shared/base/ids.h"
#include "shared/base/limits.h"
#include "shared/domain/body.h"
#include "shared/text/compose.h"
#include "shared/text/diff.h"

namespace stoa {

namespace {

constexpr int storePauseMs = 1'000;
constexpr int latestMs = 1'000;             // while somebody types without a pause
constexpr qsizetype quickSaveMax = 100'000; // letters that are saved each time; longer, that many times less often
constexpr qsizetype slowestSave = 9;
constexpr size_t rowMax = 200; // changes that are kept one by one
constexpr size_t settledMax = 50;

// And nothing is being caught up with.
bool isConnected(const SyncStatus& status)
{
    return status.state == SyncStatus::State::UpToDate || status.state == SyncStatus::State::Sending;
}

} // namespace

BodyKeeper::BodyKeeper(const Desk& desk, MarkdownEditor* editor) : desk_(desk), editor_(editor)
{
    BodiesOnTheirWay& onTheirWay = BodiesOnTheirWay::of(desk);
    soon_.setSingleShot(true);
    connect(&soon_, &QTimer::timeout, this, &BodyKeeper::keep);
    connect(editor, &MarkdownEditor::did, this, &BodyKeeper::did);
    connect(editor, &MarkdownEditor::typed, this, &BodyKeeper::typed);
    connect(editor, &MarkdownEditor::besideTaken, this, &BodyKeeper::takeBeside);
    isLive_ = isConnected(desk.worker->status());
    connect(desk.worker, &Worker::statusChanged, this,
            [this](const SyncStatus& status) { isLive_ = isConnected(status); });
    connect(desk.worker, &Worker::textShown, this, &BodyKeeper::follow);
    connect(&onTheirWay, &BodiesOnTheirWay::stored, this, [this](const Id& post) {
        if (post_.isNull() || post != post_ || !sending_)
            return;
        sending_ = false;
        base_ = textAfter(base_, std::exchange(handed_, {}));
        become(changed_ ? State::Typed : State::Stored);
        refresh();
        if (const auto wanted = std::exchange(toSettle_, std::nullopt))
            settle({editor_->toCodePoints(wanted->from.position()), editor_->toCodePoints(wanted->to.position())},
                   wanted->text);
        else if (changed_ && isLive_)
            keep();
    });
    connect(&onTheirWay, &BodiesOnTheirWay::draftChanged, this, &BodyKeeper::draftChanged);
    connect(&onTheirWay, &BodiesOnTheirWay::refused, this, [this](const Id& post, const Refusal& why, bool beside) {
        if (post_.isNull() || post != post_ || !sending_)
            return;
        sending_ = false;
        mine_.insert(mine_.begin(), std::exchange(handed_, {}));
        hasDraft_ = !beside;
        toSettle_.reset();
        names_.why = why;
        become(State::Refused, refusalSentence(why));
        readAt_ = 0;
        refresh(); // it may be gone, or barred
    });
}

BodyKeeper::~BodyKeeper()
{
    keep();
}

void BodyKeeper::open(const Id& post)
{
    keep();
    post_ = {};
    soon_.stop();
    changed_ = sending_ = written_ = false;
    summary_.clear();
    told_.clear();
    contested_.clear();
    settled_.clear();
    takenBack_.clear();
    toSettle_.reset();
    mine_.clear();
    handed_ = {};
    readAt_ = 0;
    names_ = {};
    auto record = post.isNull() ? std::nullopt : stoa::record(*desk_.reading, post);
    if (!record || !record->has_post() || record->deleted()) {
        editor_->setText({});
        become(post.isNull() ? State::Same : State::Gone);
        return;
    }
    base_ = record->post().body();
    std::string text = base_;
    const auto draft = bodyDraft(desk_, post);
    hasDraft_ = draft.has_value();
    if (draft)
        text = movedOnto(base_, draft->before, draft->after);
    editor_->setText(QString::fromStdString(text));
    if (const std::string open = editor_->text().toStdString(); open != base_) // or its lines end otherwise
        mine_.push_back(diffByWords(base_, open));
    post_ = post;
    if (const auto row = stoa::post(*desk_.reading, post))
        noteNames(*row);
    const Refusal barrier = readBarrier(*record);
    if (draft && text == base_ && draft->before != draft->after) {
        hasDraft_ = false;
        BodiesOnTheirWay::of(desk_).dropDraft(post, this); // all of it is there
    }
    names_.why = draft && barrier.code == v1::CODE_NONE ? draft->why : barrier;
    become(barrier.code != v1::CODE_NONE ? State::Barred
           : draft && text != base_      ? State::Held
                                         : State::Same,
           refusalSentence(names_.why));
    markPassages(*record);
    Q_EMIT stateChanged();
}

void BodyKeeper::did(const TextChange& change)
{
    if (post_.isNull())
        return;
    mine_.push_back(change);
    if (mine_.size() > rowMax)
        mine_ = {mine()};
}

// Of what is handed over, or of base_ where nothing is.
TextChange BodyKeeper::mine() const
{
    return compose(mine_);
}

void BodyKeeper::typed()
{
    if (post_.isNull())
        return;
    // The document lets a passage grow with whatever is typed at its end: a new line is none of it.
    const bool isLine = !mine_.empty() && mine_.back().inserted().find('\n') != std::string_view::npos;
    if (takenBack().size() != takenBack_.size() || (isLine && !contested_.empty()))
        showPassages();
    if (!changed_)
        since_.start();
    changed_ = true;
    if (!isStranded())
        become(State::Typed);
    if (isStranded())
        saveSoon();
    else if (!isLive_)
        soon_.start(std::clamp(latestMs - int(std::min<qint64>(since_.elapsed(), latestMs)), 0, storePauseMs));
    else if (!sending_)
        soon_.start(
            0); // as soon as the key is on the screen; what comes while one is on its way goes when that is stored
}

// All of the text each time, and what it was made of.
void BodyKeeper::saveSoon()
{
    const int times = 1 + int(std::min<qsizetype>(editor_->text().size() / quickSaveMax, slowestSave));
    const qint64 leftMs = std::max<qint64>(0, qint64(times) * latestMs - since_.elapsed());
    soon_.start(int(std::min<qint64>(leftMs, qint64(times) * storePauseMs)));
}

void BodyKeeper::keep()
{
    soon_.stop();
    if (post_.isNull() || (!changed_ && !isToTell()))
        return;
    if (!isStranded())
        return send({});
    if (std::exchange(changed_, false))
        keepDraft();
}

// That could be lost. (In the open text lines have one end.)
bool BodyKeeper::hasWords() const
{
    QString stored = QString::fromStdString(base_);
    return (state_ == State::Gone && written_) ||
           editor_->text() != stored.replace(QStringLiteral("\r\n"), QStringLiteral("\n"));
}

// Where the post is gone all of its text is kept: also what was stored in it went.
void BodyKeeper::keepDraft()
{
    std::string text = editor_->text().toStdString();
    if (!hasWords() || (state_ == State::Gone && isInOutbox(*desk_.reading, post_, text))) {
        if (std::exchange(hasDraft_, false))
            BodiesOnTheirWay::of(desk_).dropDraft(post_, this);
        if (state_ == State::Held)
            become(State::Same);
        return Q_EMIT stateChanged();
    }
    if (const auto another = hasDraft_ ? std::nullopt : bodyDraft(desk_, post_)) {
        takeWordsOf(*another);
        text = editor_->text().toStdString();
    }
    hasDraft_ = true;
    BodyDraft draft = names_;
    draft.before = base_;
    draft.after = text;
    BodiesOnTheirWay::of(desk_).keepDraft(post_, draft, this);
    Q_EMIT stateChanged();
}

// There is one draft of a post: what was written in it elsewhere, and is kept already, comes into this text.
void BodyKeeper::takeWordsOf(const BodyDraft& another)
{
    const std::string text = editor_->text().toStdString();
    if (another.after == text)
        return;
    const TextChange words = diffByWords(text, movedOnto(text, another.before, another.after));
    editor_->applyOthers(words);
    mine_.push_back(words);
}

// Whoever has the same post open shows what is kept of it now; what is being typed waits until it is kept itself.
void BodyKeeper::draftChanged(const Id& post, const QObject* by)
{
    if (post_.isNull() || post != post_ || by == this || !isStranded() || !hasDraft_)
        return;
    hasDraft_ = false;
    if (changed_ || state_ == State::Gone)
        return;
    mine_.clear();
    written_ = false;
    reopen();
}

std::optional<OutboxRow> BodyKeeper::kept() const
{
    if (post_.isNull() || !isStranded() || !hasWords())
        return std::nullopt;
    BodyDraft draft = names_;
    draft.before = base_;
    draft.after = editor_->text().toStdString();
    return outboxRowOf(*desk_.reading, post_, draft, 0);
}

void BodyKeeper::goOn()
{
    if (state_ != State::Held)
        return;
    become(State::Typed);
    changed_ = true;
    keep();
}

bool BodyKeeper::letGo(const Id& post, const QString& words)
{
    if (post != post_) {
        if (const auto draft = bodyDraft(desk_, post); draft && QString::fromStdString(draft->after) == words)
            BodiesOnTheirWay::of(desk_).dropDraft(post, this);
        return false;
    }
    if (editor_->text() != words)
        return false;
    soon_.stop();
    changed_ = written_ = false;
    mine_.clear();
    if (std::exchange(hasDraft_, false))
        BodiesOnTheirWay::of(desk_).dropDraft(post_, this);
    if (state_ != State::Gone)
        reopen();
    return true;
}

// The person's words about it still stand beside the text.
void BodyKeeper::reopen()
{
    const std::string summary = summary_;
    open(Id(post_));
    summary_ = summary;
}

void BodyKeeper::setNames(const QString& title, const QStringList& tags)
{
    names_.title = title;
    names_.tags = tags;
}

// While it is here.
void BodyKeeper::noteNames(const PostRow& row)
{
    names_.title = row.title;
    names_.tags = row.tags;
    names_.kind = row.kind;
    names_.space = row.space;
    BodiesOnTheirWay::of(desk_).know(post_, names_);
}

// The post went, or the right to write in it, or both came back.
void BodyKeeper::strand(State state, const Refusal& why)
{
    const bool isNew = state_ != state;
    changed_ =
        changed_ || (isNew && (state_ == State::Refused || (state == State::Gone && written_) || !mine().isEmpty()));
    if (why.code != v1::CODE_NONE)
        names_.why = why;
    become(state, refusalSentence(why));
    keep();
    Q_EMIT stateChanged();
}

void BodyKeeper::send(const std::vector<TextRange>& settled)
{
    const TextChange change = mine();
    const bool toTell = isToTell();
    mine_.clear();
    changed_ = false;
    if (change.isEmpty() && settled.empty() && !toTell) {
        if (std::exchange(hasDraft_, false))
            BodiesOnTheirWay::of(desk_).dropDraft(post_, this);
        become(sending_ ? State::Typed : State::Same);
        return;
    }
    BodiesOnTheirWay::of(desk_).submit(post_, sending_ ? textAfter(base_, handed_) : base_, change, settled, summary_,
                                       std::exchange(hasDraft_, false));
    handed_ = sending_ ? compose(handed_, change) : change;
    sending_ = written_ = true;
    told_ = summary_;
}

// It was written after the text that it is of.
bool BodyKeeper::isToTell() const
{
    return written_ && !summary_.empty() && summary_ != told_;
}

void BodyKeeper::setSummary(const QString& summary)
{
    QString line = summary.simplified();
    while (line.toUtf8().size() > qsizetype(limits::titleBytesMax))
        line.chop(1);
    summary_ = line.toStdString();
}

void BodyKeeper::become(State state, const QString& why)
{
    if (state_ == state && why_ == why)
        return;
    state_ = state;
    why_ = why;
    Q_EMIT stateChanged();
}

void BodyKeeper::refresh()
{
    if (post_.isNull() || sending_)
        return;
    // What was just read is told once more, and a long body takes its time.
    if (const qint64 version = desk_.reading->version(); std::exchange(readAt_, version) == version)
        return Q_EMIT stateChanged();
    auto record = stoa::record(*desk_.reading, post_);
    const auto row = stoa::post(*desk_.reading, post_);
    barrier_ = v1::NOT_FOUND;
    if (!record || record->deleted() || !row)
        return strand(State::Gone, {.code = v1::NOT_FOUND});
    noteNames(*row);
    const Refusal barrier = readBarrier(*record);
    const bool another = record->post().body() != base_;
    if (another)
        takeOver(record->post().body());
    if (another || contested_ != rangesOf(record->post().contested()))
        markPassages(*record);
    if (barrier.code != v1::CODE_NONE)
        return strand(State::Barred, barrier);
    if (isStranded()) {
        if (hasWords())
            return strand(State::Held, {});
        if (std::exchange(hasDraft_, false))
            BodiesOnTheirWay::of(desk_).dropDraft(post_, this);
        become(State::Same);
    }
    Q_EMIT stateChanged(); // whether the server has it
}

void BodyKeeper::refreshRights()
{
    if (!post_.isNull() && !sending_ && barrierOf(*desk_.reading, post_, &known_).code != barrier_)
        refresh();
}

// Of the texts nothing is asked, and a long one is not copied.
Refusal BodyKeeper::readBarrier(v1::Record& record)
{
    std::unique_ptr<std::string> body(record.mutable_post()->release_body());
    known_ = record;
    record.mutable_post()->set_allocated_body(body.release());
    const Refusal barrier = barrierOf(*desk_.reading, post_, &known_);
    barrier_ = barrier.code;
    return barrier;
}

// Step by step as the replica shows it; what is handed over and not stored yet is moved as it is there.
void BodyKeeper::follow(const ShownStep& step)
{
    if (post_.isNull() || step.post != post_ || state_ == State::Gone || hash128(base_).str() != step.before)
        return;
    std::string body = textAfter(base_, step.change);
    const bool isMarked = !contested_.empty() || !takenBack_.empty();
    contested_ = moveRanges(contested_, step.change);
    if (sending_ && step.submitted && step.change == handed_) {
        handed_ = {};
        base_ = std::move(body);
        return;
    }
    Transformed over = transform(step.change, handed_);
    handed_ = std::move(over.later);
    takeIn(over.first, std::move(body));
    if (isMarked)
        showPassages();
}

// What others made of the same text goes into the open one. As they type, in as few steps as they made: each is small.
// After an absence by whole words: parts of words that are only written alike would be kept, and one's own moved there.
void BodyKeeper::takeOver(const std::string& body)
{
    takeIn(isLive_ ? diff(base_, body) : diffByWords(base_, body), body);
}

// `theirs` is of the open text without mine_, `body` the one that shows now.
void BodyKeeper::takeIn(const TextChange& theirs, std::string body)
{
    Transformed both = transform(theirs, mine());
    editor_->applyOthers(both.first);
    base_ = std::move(body);
    mine_ = {std::move(both.later)};
    if (both.first.inserted().find("\r\n") != std::string_view::npos) // one end of a line in the open text
        mine_ = {diffByWords(textAfter(base_, handed_), editor_->text().toStdString())};
}

void BodyKeeper::markPassages(const v1::Record& record)
{
    if (contested_.empty() && record.post().contested_size() == 0 && editor_->contested().empty())
        return;
    contested_ = rangesOf(record.post().contested());
    showPassages();
}

void BodyKeeper::showPassages()
{
    takenBack_ = takenBack();
    std::vector<TextRange> shown = takenBack_;
    for (const TextRange& each : moveRanges(contested_, sending_ ? compose(handed_, mine()) : mine()))
        if (std::none_of(takenBack_.begin(), takenBack_.end(),
                         [&](const TextRange& there) { return each.from < there.to && there.from < each.to; }))
            shown.push_back(each);
    std::sort(shown.begin(), shown.end(), [](const TextRange& a, const TextRange& b) { return a.from < b.from; });
    editor_->setContested(shown);
    Q_EMIT passagesChanged();
}

// Those of which both versions stand where they stood.
std::vector<TextRange> BodyKeeper::takenBack() const
{
    std::vector<TextRange> ranges;
    for (const Settled& each : settled_) {
        const qsizetype from = each.at.position();
        if (each.isBoth && each.back == 0)
            continue; // they never went
        if (QStringView(editor_->text()).mid(from).startsWith(each.versions)) {
            const size_t first = editor_->toCodePoints(from), second = editor_->toCodePoints(from + each.second);
            if (first < second)
                ranges.push_back({first, second});
            ranges.push_back({second, editor_->toCodePoints(from + each.versions.size())});
        }
    }
    return ranges;
}

// A passage that is settled by `text`, where both versions of it are known, or both are kept. Whether it was one.
bool BodyKeeper::remember(const TextRange& passage, const QString& text)
{
    const qsizetype from = editor_->toUtf16(passage.from), to = editor_->toUtf16(passage.to);
    std::erase_if(settled_, [&](const Settled& each) { return each.at.position() >= from && each.at.position() < to; });
    bool isOne = false;
    for (const TwoVersions& each : versionsIn(editor_->contested())) {
        const QString versions = editor_->text().mid(from, to - from);
        const bool isBoth = text == versions;
        if (each.whole != passage || (!each.second && !isBoth))
            continue;
        Settled settled{.at = QTextCursor(editor_->document()),
                        .versions = versions,
                        .second = each.second ? editor_->toUtf16(*each.second) - from : 0,
                        .isBoth = isBoth};
        settled.at.setPosition(int(from));
        settled.at.setKeepPositionOnInsert(true);
        settled_.push_back(settled);
        isOne = true;
    }
    if (settled_.size() > settledMax)
        settled_.erase(settled_.begin());
    return isOne;
}

// The last one that both versions were kept of, or the one that this was taken back of last.
void BodyKeeper::takeBeside(bool back)
{
    if (back) {
        const auto last = std::find_if(settled_.rbegin(), settled_.rend(),
                                       [](const Settled& each) { return each.isBoth && each.back == 0; });
        if (last != settled_.rend())
            last->back = ++takenBackCount_;
    } else {
        const auto last = std::max_element(settled_.begin(), settled_.end(),
                                           [](const Settled& a, const Settled& b) { return a.back < b.back; });
        if (last != settled_.end())
            last->back = 0;
    }
    showPassages();
}

void BodyKeeper::settle(const TextRange& range, const QString& text)
{
    if (post_.isNull() || isStranded())
        return;
    editor_->fill();
    if (sending_) {
        toSettle_ = {QTextCursor(editor_->document()), QTextCursor(editor_->document()), text};
        toSettle_->from.setPosition(int(editor_->toUtf16(range.from)));
        toSettle_->to.setPosition(int(editor_->toUtf16(range.to)));
        toSettle_->to.setKeepPositionOnInsert(true);
        return;
    }
    const bool isRemembered = remember(range, text);
    const TextChange mine = this->mine();
    std::vector<TextRange> settled;
    for (const TextRange& each : contested_) {
        const std::vector<TextRange> here = moveRanges({each}, mine);
        if (!here.empty() && here.front().from < range.to && range.from < here.front().to)
            settled.push_back(each);
    }
    QString after = editor_->text();
    const qsizetype from = editor_->toUtf16(range.from);
    after.replace(from, editor_->toUtf16(range.to) - from, text);
    if (after != editor_->text())
        editor_->changeText(diff(editor_->text().toStdString(), after.toStdString())); // what is kept stays
    else if (isRemembered)
        editor_->noteBeside();
    soon_.stop();
    become(State::Typed);
    send(settled);
    if (settled.empty()) // nobody else tells of it
        showPassages();
}

} // namespace stoa
