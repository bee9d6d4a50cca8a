#include "client/ui/editor/shared_text.h"

#include <algorithm>

#include <QLocale>

#include "client/ui/theme/theme.h"

namespace stoa {

namespace {

constexpr qsizetype readersMax = 100; // of whom something is shown

SharedText::Door doorOf(Worker* worker)
{
    return {[worker](const Id& post) { worker->openText(post); }, [worker](const Id& post) { worker->closeText(post); },
            [worker](const Id& post, const SharedText::Place& place, bool writing) {
                worker->setPresence(post, place.from, place.to, writing);
            }};
}

QStringList namesOf(const QList<PresentReader>& readers, bool writing)
{
    QList<Id> people;
    QStringList names;
    for (const PresentReader& each : readers) {
        if ((writing && !each.writing) || people.contains(each.person))
            continue;
        people.append(each.person);
        names.append(isolated(each.name));
    }
    return names;
}

} // namespace

QString presenceSentence(const QList<PresentReader>& readers)
{
    const QStringList all = namesOf(readers, false), writers = namesOf(readers, true);
    const QLocale locale;
    if (all.isEmpty())
        return {};
    const QString here = all.size() == 1 ? SharedText::tr("%1 is here").arg(all[0])
                       : all.size() == 2
                           ? SharedText::tr("%1 and %2 are here").arg(all[0], all[1])
                           : SharedText::tr("%1 and %2 others are here").arg(all[0], locale.toString(all.size() - 1));
    if (writers.isEmpty())
        return here;
    const QString writing =
        writers.size() == 1 ? SharedText::tr("%1 is writing").arg(writers[0])
        : writers.size() == 2
            ? SharedText::tr("%1 and %2 are writing").arg(writers[0], writers[1])
            : SharedText::tr("%1 and %2 others are writing").arg(writers[0], locale.toString(writers.size() - 1));
    return SharedText::tr("%1; %2").arg(here, writing);
}

SharedText::SharedText(const Desk& desk, QObject* parent) : SharedText(desk, doorOf(desk.worker), {}, parent) {}

SharedText::SharedText(const Desk& desk, Door door, Pauses pauses, QObject* parent)
    : QObject(parent), desk_(desk), door_(std::move(door)), pauses_(pauses)
{
    soon_.setSingleShot(true);
    quiet_.setSingleShot(true);
    connect(&soon_, &QTimer::timeout, this, &SharedText::tell);
    connect(&quiet_, &QTimer::timeout, this, [this] {
        writing_ = false;
        tellSoon();
    });
    connect(desk.worker, &Worker::present, this, [this](const Id& post, const QList<TextReader>& readers) {
        if (post_.isNull() || post != post_)
            return;
        QList<PresentReader> now;
        for (const TextReader& each : readers.first(std::min(readers.size(), readersMax))) {
            const auto row = person(*desk_.reading, each.person);
            now.append({each.person, each.session, row ? row->name.simplified() : tr("Somebody"), each.from, each.to,
                        each.placed, each.writing});
        }
        readers_ = std::move(now);
        Q_EMIT changed();
    });
}

SharedText::~SharedText()
{
    if (!post_.isNull())
        door_.close(post_);
}

void SharedText::open(const Id& post)
{
    if (post == post_)
        return;
    if (!post_.isNull())
        door_.close(post_);
    soon_.stop();
    quiet_.stop();
    writing_ = false;
    post_ = post;
    readers_.clear();
    if (!post_.isNull())
        door_.open(post_);
    Q_EMIT changed();
}

void SharedText::moved()
{
    tellSoon();
}

void SharedText::wrote()
{
    if (post_.isNull())
        return;
    writing_ = true;
    quiet_.start(pauses_.quietMs);
    tellSoon();
}

// The first word at once, after what led to it.
void SharedText::tellSoon()
{
    if (post_.isNull() || !place_ || soon_.isActive())
        return;
    const qint64 since = sinceLast_.isValid() ? sinceLast_.elapsed() : pauses_.betweenMs;
    soon_.start(int(std::clamp<qint64>(pauses_.betweenMs - since, 0, pauses_.betweenMs)));
}

void SharedText::tell()
{
    if (post_.isNull())
        return;
    sinceLast_.start();
    door_.place(post_, place_(), writing_);
}

} // namespace stoa
