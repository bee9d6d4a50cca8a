#pragma once

// A list of posts by a filter: questions of a space, bookmarks, what is mine. Reads 60 rows at a time by
// key, so a list of a million rows opens as fast as one of ten. GUI thread; `reading` outlives the model.

#include <QTimer>

#include "client/models/row_model.h"
#include "client/replica/queries.h"
#include "client/replica/touched.h"

namespace stoa {

class PostListModel : public RowModel<PostRow> {
    Q_OBJECT

public:
    static constexpr int pageRows = 60;
    // What a refresh reads again from the top. Rows further down are brought up to date where they are; after
    // a bulk, which names no posts, all of them are read again in slices.
    static constexpr int refreshRows = 240;
    static constexpr int sliceRows = 120;

    explicit PostListModel(const Reading& reading, QObject* parent = nullptr);

    // Reads the first page.
    void setFilter(const PostFilter& filter);
    const PostFilter& filter() const { return filter_; }

    bool canFetchMore(const QModelIndex& parent) const override;
    void fetchMore(const QModelIndex& parent) override;

    void refresh(const Touched& touched);

protected:
    Id idOf(const PostRow& row) const override { return row.id; }
    QVariant textOf(const PostRow& row, int role) const override;

private:
    void readSlice();
    bool concerns(const Touched& touched) const;
    bool matches(const PostRow& row) const;

    const Reading& reading_;
    PostFilter filter_;
    std::optional<PageKey> next_;
    // What was read again so far, and where to go on.
    QList<PostRow> again_;
    std::optional<PageKey> againNext_;
    QTimer slices_;
};

} // namespace stoa
