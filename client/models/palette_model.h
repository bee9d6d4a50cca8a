#pragma once

// What the palette (Ctrl+P) offers for the letters typed so far: commands, spaces, people, and pages and
// questions as the search finds them. Never more than `itemsMax`. GUI thread; `reading` outlives the model.

#include "client/models/match.h"
#include "client/models/row_model.h"
#include "client/replica/queries.h"
#include "client/search/search.h"

namespace stoa {

struct PaletteItem {
    enum class Kind { Command, Space, Post, Person };
    Kind kind = Kind::Command;
    Id id;           // of the space, post or person
    Id space;        // that a post is in
    QString command; // which command
    QString title;
    QString detail;               // a shortcut, a space, a login
    QList<QPair<int, int>> marks; // in the title
    int score = 0;
};

// Something the program can do, as the palette lists it.
struct PaletteCommand {
    QString name;  // for the program
    QString title; // for people
    QString shortcut;
};

class PaletteModel : public RowModel<PaletteItem> {
    Q_OBJECT

public:
    static constexpr int itemsMax = 40;

    explicit PaletteModel(const Reading& reading, QObject* parent = nullptr);

    void setCommands(const QList<PaletteCommand>& commands);
    // From the start, with the spaces of now.
    void open();
    // Shows at once what needs no search.
    void setQuery(const QString& query);
    const QString& query() const { return query_; }
    // Hits for the present query, as they arrive.
    void addHits(const QList<SearchHit>& hits);

protected:
    Id idOf(const PaletteItem& item) const override;
    QVariant textOf(const PaletteItem& item, int role) const override;

private:
    void rank();

    const Reading& reading_;
    QString query_;
    QList<PaletteCommand> commands_;
    QList<SpaceRow> spaces_;
    QList<PaletteItem> here_;
    QList<PaletteItem> found_;
};

} // namespace stoa
