#include "client/models/palette_model.h"

#include <algorithm>

namespace stoa {

namespace {

constexpr int peopleMax = 8;

} // namespace

PaletteModel::PaletteModel(const Reading& reading, QObject* parent) : RowModel(parent), reading_(reading) {}

void PaletteModel::setCommands(const QList<PaletteCommand>& commands)
{
    commands_ = commands;
    setQuery(query_);
}

void PaletteModel::open()
{
    spaces_ = spaces(reading_);
    setQuery({});
}

void PaletteModel::setQuery(const QString& query)
{
    query_ = query.trimmed();
    here_.clear();
    found_.clear();
    for (const SpaceRow& row : std::as_const(spaces_)) {
        if (const auto fit = matchName(query_, row.name))
            here_.append({PaletteItem::Kind::Space, row.id, row.id, {}, row.name, tr("Space"), fit->marks, fit->score});
    }
    for (const PaletteCommand& command : std::as_const(commands_)) {
        if (const auto fit = matchName(query_, command.title)) {
            here_.append({PaletteItem::Kind::Command,
                          {},
                          {},
                          command.name,
                          command.title,
                          command.shortcut,
                          fit->marks,
                          fit->score});
        }
    }
    if (!query_.isEmpty()) {
        for (const PersonRow& row : findPeople(reading_, query_, peopleMax)) {
            const auto fit = matchName(query_, row.name);
            here_.append({PaletteItem::Kind::Person,
                          row.id,
                          {},
                          {},
                          row.name,
                          row.login.isEmpty() ? tr("Person") : row.login,
                          fit ? fit->marks : QList<QPair<int, int>>(),
                          fit ? fit->score : 1000});
        }
    }
    rank();
}

void PaletteModel::addHits(const QList<SearchHit>& hits)
{
    found_.clear();
    for (const SearchHit& hit : hits) {
        // The search has ranked them by their text; a fitting title counts for more here.
        const auto fit = matchName(query_, hit.post.title);
        found_.append({PaletteItem::Kind::Post,
                       hit.post.id,
                       hit.post.space,
                       {},
                       hit.post.title,
                       hit.spaceName,
                       fit ? fit->marks : hit.titleMarks,
                       fit ? fit->score : 500});
    }
    rank();
}

void PaletteModel::rank()
{
    QList<PaletteItem> items = here_ + found_;
    std::stable_sort(items.begin(), items.end(),
                     [](const PaletteItem& a, const PaletteItem& b) { return a.score > b.score; });
    if (items.size() > itemsMax)
        items.resize(itemsMax);
    become(std::move(items));
}

Id PaletteModel::idOf(const PaletteItem& item) const
{
    return item.kind == PaletteItem::Kind::Command ? deriveId(0, "command", item.command.toStdString()) : item.id;
}

QVariant PaletteModel::textOf(const PaletteItem& item, int role) const
{
    switch (role) {
    case Qt::DisplayRole:
        return item.title;
    case Qt::AccessibleTextRole:
        return item.detail.isEmpty() ? item.title : tr("%1, %2").arg(item.title, item.detail);
    default:
        return {};
    }
}

} // namespace stoa
