#include "client/models/post_list_model.h"

#include <algorithm>

#include "client/commands/sentences.h"

namespace stoa {

PostListModel::PostListModel(const Reading& reading, QObject* parent) : RowModel(parent), reading_(reading)
{
    slices_.setSingleShot(true);
    slices_.setInterval(0);
    connect(&slices_, &QTimer::timeout, this, &PostListModel::readSlice);
}

void PostListModel::setFilter(const PostFilter& filter)
{
    filter_ = filter;
    slices_.stop();
    PostPage page = posts(reading_, filter_, {}, pageRows);
    next_ = page.next;
    reset(std::move(page.rows));
}

bool PostListModel::canFetchMore(const QModelIndex& parent) const
{
    return !parent.isValid() && next_ && !isBecoming();
}

void PostListModel::fetchMore(const QModelIndex& parent)
{
    if (!canFetchMore(parent))
        return;
    PostPage page = posts(reading_, filter_, next_, pageRows);
    next_ = page.next;
    // A row that has moved down since it was read may come a second time.
    QSet<Id> present;
    for (const PostRow& row : rows())
        present.insert(row.id);
    page.rows.removeIf([&](const PostRow& row) { return present.contains(row.id); });
    append(page.rows);
}

void PostListModel::refresh(const Touched& touched)
{
    if (!concerns(touched))
        return;
    const int read = std::clamp(static_cast<int>(rows().size()), pageRows, refreshRows);
    PostPage top = posts(reading_, filter_, {}, read);
    // A reading in slices that is going on begins anew: it would miss this.
    const bool bySlices = touched.bulk || slices_.isActive();
    slices_.stop();
    if (rows().size() <= read || !top.next) {
        next_ = top.next;
        become(std::move(top.rows));
        return;
    }

    if (bySlices) {
        again_ = top.rows;
        againNext_ = top.next;
        slices_.start();
    }

    // Rows below the top stay where they are; those that were pushed down or touched are looked at again.
    QSet<Id> inTop;
    for (const PostRow& row : std::as_const(top.rows))
        inTop.insert(row.id);
    const QSet<Id> changed(touched.posts.begin(), touched.posts.end());
    QList<Id> doubtful;
    for (int i = 0; i < rows().size(); ++i) {
        const PostRow& row = at(i);
        if (!inTop.contains(row.id) && (i < read || changed.contains(row.id)))
            doubtful.append(row.id);
    }
    QHash<Id, PostRow> again;
    for (const PostRow& row : postsByIds(reading_, doubtful))
        again.insert(row.id, row);
    const QSet<Id> asked(doubtful.begin(), doubtful.end());

    QList<PostRow> next = std::move(top.rows);
    for (const PostRow& row : rows()) {
        if (inTop.contains(row.id))
            continue;
        if (!asked.contains(row.id))
            next.append(row);
        else if (const auto found = again.constFind(row.id); found != again.cend() && matches(*found))
            next.append(*found);
    }
    become(std::move(next));
}

void PostListModel::readSlice()
{
    PostPage page = posts(reading_, filter_, againNext_, sliceRows);
    again_ += page.rows;
    againNext_ = page.next;
    if (againNext_ && again_.size() < rows().size()) {
        slices_.start();
        return;
    }
    next_ = againNext_;
    become(std::exchange(again_, {}));
}

bool PostListModel::concerns(const Touched& touched) const
{
    if (touched.directory || (filter_.bookmarked && touched.personal))
        return true;
    if (!filter_.space)
        return !touched.spaces.isEmpty() || !touched.posts.isEmpty();
    if (touched.spaces.contains(*filter_.space))
        return true;
    // A vote names the post alone.
    const QSet<Id> posts(touched.posts.begin(), touched.posts.end());
    return std::any_of(rows().begin(), rows().end(), [&](const PostRow& row) { return posts.contains(row.id); });
}

bool PostListModel::matches(const PostRow& row) const
{
    return (!filter_.space || row.space == *filter_.space) &&
           (filter_.tag.isEmpty() || row.tags.contains(filter_.tag)) && (!filter_.unanswered || row.answers == 0) &&
           (!filter_.bookmarked || row.bookmarked);
}

QVariant PostListModel::textOf(const PostRow& row, int role) const
{
    switch (role) {
    case Qt::DisplayRole:
        return row.title;
    case Qt::AccessibleTextRole:
        if (row.kind == v1::QUESTION)
            return tr("%1, asked by %2, %n answers", nullptr, row.answers)
                .arg(row.title, authorText(row.author, row.authorName));
        return tr("%1, by %2").arg(row.title, authorText(row.author, row.authorName));
    default:
        return {};
    }
}

} // namespace stoa
