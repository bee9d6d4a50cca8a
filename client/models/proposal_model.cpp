#include "client/models/proposal_model.h"

namespace stoa {

ProposalModel::ProposalModel(const Reading& reading, QObject* parent) : RowModel(parent), reading_(reading) {}

void ProposalModel::load(const Id& page)
{
    become(page.isNull() ? proposalsAwaitingMe(reading_, rowsMax) + myProposals(reading_, rowsMax)
                         : proposalsOf(reading_, page, rowsMax));
}

QVariant ProposalModel::textOf(const ProposalRow& row, int role) const
{
    const QString who = row.row.authorName.isEmpty() ? tr("Somebody who left") : row.row.authorName;
    switch (role) {
    case Qt::DisplayRole:
        return row.reason.isEmpty() ? row.row.title : row.reason;
    case Qt::AccessibleTextRole:
        return tr("%1, proposed by %2 for %3").arg(row.reason, who, row.row.title);
    default:
        return {};
    }
}

} // namespace stoa
