#include "client/ui/review/proposal_texts.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>

#include "client/commands/sentences.h"

namespace stoa {

namespace {

struct ProposalTexts {
    Q_DECLARE_TR_FUNCTIONS(Proposal)
};

QString approverName(const Approval& approval)
{
    return approval.name.isEmpty() ? ProposalTexts::tr("Somebody who left") : isolated(approval.name);
}

// Of those who said one thing: whose word counts, or counted for an earlier version.
QString whoSaid(const ProposalRow& proposal, bool approves, bool counts)
{
    QStringList names;
    for (const Approval& approval : proposal.approvals)
        if (approval.approves == approves && approval.counts == counts)
            names << approverName(approval);
    return namesText(names);
}

QString openText(const ProposalRow& proposal)
{
    QStringList parts;
    QStringList outstanding;
    for (const PersonRow& person : proposal.outstanding)
        outstanding << isolated(nameOf(person));
    const QString approved = whoSaid(proposal, true, true), asking = whoSaid(proposal, false, true),
                  before = whoSaid(proposal, true, false);
    if (!outstanding.isEmpty())
        parts << ProposalTexts::tr("Waits for %1").arg(namesText(outstanding));
    else if (proposal.anyModerator && !proposal.isComplete)
        parts << ProposalTexts::tr("Waits for a moderator or an owner");
    if (!asking.isEmpty())
        parts << ProposalTexts::tr("%1 asked for changes").arg(asking);
    if (!approved.isEmpty())
        parts << ProposalTexts::tr("%1 approved").arg(approved);
    if (!before.isEmpty())
        parts << ProposalTexts::tr("%1 approved an earlier version").arg(before);
    if (proposal.isComplete)
        parts << ProposalTexts::tr("all who are asked have approved");
    if (parts.isEmpty())
        return {};
    QString text = parts.join(QStringLiteral("; "));
    text[0] = text[0].toUpper();
    return text + QLatin1Char('.');
}

} // namespace

QString namesText(const QStringList& names)
{
    if (names.size() < 2)
        return names.value(0);
    return ProposalTexts::tr("%1 and %2").arg(names.mid(0, names.size() - 1).join(QStringLiteral(", ")), names.last());
}

QString nameOf(const PersonRow& person)
{
    return person.name.isEmpty() ? person.login : person.name;
}

QString namesText(const Reading& reading, const QList<Id>& people)
{
    QStringList names;
    for (const Id& id : people) {
        const auto known = person(reading, id);
        names << (known ? isolated(nameOf(*known)) : ProposalTexts::tr("somebody who left"));
    }
    return namesText(names);
}

PillPaint proposalPill(const ProposalRow& proposal)
{
    const QString state = proposalStateText(proposal.state);
    switch (proposal.state) {
    case v1::PROPOSAL_OPEN:
        if (std::any_of(proposal.approvals.begin(), proposal.approvals.end(),
                        [](const Approval& each) { return each.counts && !each.approves; }))
            return {ProposalTexts::tr("Changes asked for"), Tone::Warn};
        return {state, Tone::Accent};
    case v1::PROPOSAL_WAITING:
    case v1::PROPOSAL_EFFECTIVE:
        return {state, Tone::Ok};
    case v1::PROPOSAL_DECLINED:
        return proposal.isTooOld ? PillPaint{ProposalTexts::tr("Too old"), Tone::Mute} : PillPaint{state, Tone::Bad};
    default:
        return {state, Tone::Mute};
    }
}

QString standingText(const ProposalRow& proposal)
{
    const QString approved = whoSaid(proposal, true, true);
    switch (proposal.state) {
    case v1::PROPOSAL_OPEN:
        return openText(proposal);
    case v1::PROPOSAL_WAITING:
    case v1::PROPOSAL_EFFECTIVE:
        return approved.isEmpty() ? ProposalTexts::tr("Approved.") : ProposalTexts::tr("Approved by %1.").arg(approved);
    case v1::PROPOSAL_DECLINED:
        return proposal.isTooOld
                 ? ProposalTexts::tr(
                       "The server cannot work out any more which text of the page this was made of, so nobody "
                       "can see what it would change. The draft stays here: copy what is to be kept and propose "
                       "it anew.")
                 : ProposalTexts::tr("It was declined. The draft and what was said of it stay here.");
    default:
        return ProposalTexts::tr("It was withdrawn by its author. The draft stays here.");
    }
}

QString dayText(qint64 ms, qint64 nowMs)
{
    const QDateTime then = QDateTime::fromMSecsSinceEpoch(ms);
    if (then.time() != QTime(0, 0))
        return timeText(ms, nowMs);
    const QDate today = QDateTime::fromMSecsSinceEpoch(nowMs).date();
    return QLocale().toString(then.date(), then.date().year() == today.year() ? QStringLiteral("d MMMM")
                                                                              : QStringLiteral("d MMMM yyyy"));
}

QString effectText(const ProposalRow& proposal, qint64 nowMs)
{
    const bool isLater = proposal.effectiveMs > nowMs;
    switch (proposal.state) {
    case v1::PROPOSAL_OPEN:
        return isLater ? ProposalTexts::tr("Takes effect on %1, if it is approved by then")
                             .arg(dayText(proposal.effectiveMs, nowMs))
                       : ProposalTexts::tr("Takes effect as soon as it is approved");
    case v1::PROPOSAL_WAITING:
        return isLater ? ProposalTexts::tr("Takes effect on %1").arg(dayText(proposal.effectiveMs, nowMs))
                       : ProposalTexts::tr("Takes effect in a moment");
    case v1::PROPOSAL_EFFECTIVE:
        return ProposalTexts::tr("In effect since %1").arg(timeText(proposal.row.changedMs, nowMs));
    default:
        return {};
    }
}

} // namespace stoa
