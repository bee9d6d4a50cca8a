#include <algorithm>

#include <QHBoxLayout>
#include <QVBoxLayout>

#include "client/ui/review/proposal_texts.h"
#include "client/ui/review/review_view.h"
#include "client/ui/rights.h"
#include "client/ui/widgets/widgets.h"
#include "shared/domain/fields.h"

namespace stoa {

namespace {

constexpr int proposerSide = 24;

v1::Change takeBack(const Pen& pen, const v1::Record& proposal)
{
    return takeBackApproval(pen, Id::from(proposal.id()).value_or(Id{}));
}

bool isSame(const Approval& a, const Approval& b)
{
    return a.person == b.person && a.name == b.name && a.approves == b.approves && a.counts == b.counts &&
           a.atMs == b.atMs;
}

} // namespace

ProposalHead::ProposalHead(const Desk& desk, QWidget* parent) : QWidget(parent), desk_(desk)
{
    page_ = makeButton({}, ButtonKind::Link);
    page_->setToolTip(tr("To the page"));
    reason_ = makeWrappedLabel({}, Size::Title, Tone::Text, Weight::Title);
    avatar_ = new Avatar({}, proposerSide);
    who_ = makeElidedLabel({}, Size::Small, Tone::Mute);
    state_ = new Pill;
    standing_ = makeWrappedLabel({}, Size::Text, Tone::Text, Weight::Strong);
    effect_ = makeWrappedLabel({}, Size::Small, Tone::Mute);
    notice_ = makeWrappedLabel({}, Size::Small, Tone::Warn);
    approvals_ = new QVBoxLayout;
    approvals_->setSpacing(grid(1));
    auto* about = new QHBoxLayout;
    about->setSpacing(grid(2));
    about->addWidget(avatar_);
    about->addWidget(who_);
    about->addWidget(state_);
    about->addStretch(1);
    auto* acts = new QHBoxLayout;
    acts->setSpacing(grid(2));
    const auto addAct = [&](const QString& name, const QString& what, ButtonKind kind,
                            v1::Change (*make)(const Pen&, const v1::Record&)) {
        QPushButton* button = makeButton(name, kind);
        button->setToolTip(what);
        connect(button, &QPushButton::clicked, this, [this, make] {
            // Of a text that came in this moment nothing is said before it is shown.
            const auto proposal = record(*desk_.reading, shown_.row.id);
            if (!proposal || proposal->post().body_version().revision() != shown_.revision)
                return;
            desk_.worker->submit({make(desk_.pen, *proposal)});
            if (make == askForChanges)
                Q_EMIT commentWanted();
        });
        acts->addWidget(button);
        acts_.append({button, make});
    };
    addAct(tr("Approve"), tr("Exactly this text may become the page's"), ButtonKind::Primary, approve);
    addAct(tr("Take back what I said"), tr("As if you had neither approved nor asked for changes"), ButtonKind::Plain,
           takeBack);
    addAct(tr("Ask for changes"), tr("Its author is told that something has to be different first"), ButtonKind::Plain,
           askForChanges);
    addAct(tr("Decline"), tr("Closes this proposal; the draft stays to be read"), ButtonKind::Plain, decline);
    edit_ = makeButton(tr("Edit the draft"), ButtonKind::Primary);
    edit_->setToolTip(tr("What was approved so far is then asked for again (E)"));
    connect(edit_, &QPushButton::clicked, this, [this] {
        Location to = reviewLocation(shown_.row.space, shown_.row.id);
        to.write = true;
        Q_EMIT wanted(to);
    });
    acts->addWidget(edit_);
    addAct(tr("Withdraw"), tr("Closes this proposal; you can open it again"), ButtonKind::Plain, withdraw);
    addAct(tr("Open it again"), tr("It is then to be approved as before"), ButtonKind::Plain, reopen);
    acts->addStretch(1);

    card_ = new Card;
    card_->body()->setSpacing(grid(2));
    card_->body()->addWidget(standing_);
    card_->body()->addWidget(effect_);
    card_->body()->addLayout(approvals_);
    card_->body()->addWidget(notice_);
    card_->body()->addLayout(acts);
    auto* above = new QHBoxLayout;
    above->addWidget(page_);
    above->addStretch(1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins({});
    layout->setSpacing(grid(2));
    layout->addLayout(above);
    layout->addWidget(reason_);
    layout->addLayout(about);
    layout->addWidget(card_);
    connect(page_, &QPushButton::clicked, this,
            [this] { Q_EMIT wanted(pagesLocation(shown_.row.space, shown_.row.parent)); });
}

void ProposalHead::set(const ProposalRow& proposal)
{
    shown_ = proposal;
    const qint64 now = desk_.pen.now();
    page_->setText(QStringLiteral("‹ ") +
                   page_->fontMetrics().elidedText(proposal.row.title.simplified(), Qt::ElideRight, grid(100)));
    page_->setAccessibleName(tr("Back to %1").arg(proposal.row.title));
    reason_->setText(proposal.reason.isEmpty() ? tr("A change of %1").arg(proposal.row.title) : proposal.reason);
    const QString who = proposal.row.authorName.isEmpty() ? tr("Somebody who left") : proposal.row.authorName;
    avatar_->setName(who);
    QStringList about{proposal.mine
                          ? tr("Proposed by you, %1").arg(ageText(proposal.row.createdMs, now))
                          : tr("Proposed by %1, %2").arg(isolated(who), ageText(proposal.row.createdMs, now))};
    const auto draft = record(*desk_.reading, proposal.row.id);
    const v1::Writer* last = draft ? writerOf(*draft, v1::POST_BODY) : nullptr;
    if (last && last->author().empty())
        about << tr("was moved onto the page's newest text");
    if (proposal.row.refused)
        about << tr("refused: see the outbox");
    else if (proposal.row.pending)
        about << tr("waits to be sent");
    who_->setFullText(about.join(QStringLiteral(" · ")));
    const PillPaint pill = proposalPill(proposal);
    state_->set(pill.text, pill.tone);
    standing_->setText(standingText(proposal));
    standing_->setVisible(!standing_->text().isEmpty());
    effect_->setText(effectText(proposal, now));
    effect_->setVisible(!effect_->text().isEmpty());
    const bool isOpen = proposal.state == v1::PROPOSAL_OPEN;
    QString notice;
    if (isOpen && proposal.isContested)
        notice =
            proposal.mine
                ? tr("The page was changed where your draft was: both texts stand in it. Edit the draft and say which "
                     "is to stay, then it can be approved.")
                : tr("The page was changed where this draft was: both texts stand in it. Once its author has said "
                     "which is to stay it can be approved.");
    else if (isOpen && !proposal.isCurrent)
        notice = tr("The page has changed since. The server moves this draft onto the page's newest text, then it can "
                    "be approved.");
    notice_->setText(notice);
    notice_->setVisible(!notice.isEmpty());
    showApprovals();
    showActs();
}

void ProposalHead::showApprovals()
{
    if (shownApprovals_.size() == shown_.approvals.size() &&
        std::equal(shownApprovals_.begin(), shownApprovals_.end(), shown_.approvals.begin(), isSame))
        return;
    shownApprovals_ = shown_.approvals;
    clearLayout(approvals_);
    for (const Approval& approval : std::as_const(shownApprovals_)) {
        const QString name = approval.name.isEmpty() ? tr("Somebody who left") : approval.name;
        auto* line = new QHBoxLayout;
        line->setSpacing(grid(2));
        line->addWidget(new Avatar(name));
        line->addWidget(makeElidedLabel(name));
        line->addWidget(approval.approves && approval.counts ? new Pill(tr("Approved"), Tone::Ok)
                        : approval.approves                  ? new Pill(tr("Approved an earlier version"), Tone::Mute)
                        : approval.counts                    ? new Pill(tr("Asks for changes"), Tone::Warn)
                                          : new Pill(tr("Asked for changes of an earlier version"), Tone::Mute));
        line->addWidget(makeLabel(ageText(approval.atMs, desk_.pen.now()), Size::Small, Tone::Mute));
        line->addStretch(1);
        approvals_->addLayout(line);
    }
}

void ProposalHead::setReadable(bool readable)
{
    isReadable_ = readable;
    showActs();
}

void ProposalHead::showActs()
{
    const auto proposal = record(*desk_.reading, shown_.row.id);
    const auto space = stoa::space(*desk_.reading, shown_.row.space);
    const bool isOpen = shown_.state == v1::PROPOSAL_OPEN;
    const bool isAlive = isOpen || shown_.state == v1::PROPOSAL_WAITING;
    const auto fits = [&](const Act& act) {
        if (act.make == approve)
            return isOpen && shown_.mayApprove && shown_.isCurrent && !shown_.isContested && shown_.myApproval != 1;
        if (act.make == takeBack)
            return isAlive && shown_.myApproval != 0;
        if (act.make == askForChanges)
            return isOpen && shown_.mayApprove && shown_.myApproval != -1;
        if (act.make == decline)
            return isAlive && !shown_.mine;
        if (act.make == withdraw)
            return isAlive && shown_.mine;
        return shown_.state == v1::PROPOSAL_WITHDRAWN || (shown_.state == v1::PROPOSAL_DECLINED && !shown_.isTooOld);
    };
    bool leaves = false; // the button that has the keyboard
    QPushButton* next = nullptr;
    for (const Act& act : std::as_const(acts_)) {
        const bool shows =
            proposal && space && !space->setAside && fits(act) && allowed(desk_, act.make(desk_.pen, *proposal));
        leaves = leaves || (!shows && act.button->hasFocus());
        act.button->setVisible(shows);
        act.button->setEnabled(isReadable_ || (act.make != approve && act.make != askForChanges));
        if (shows && !next && act.button->isEnabled() && act.make != decline && act.make != approve)
            next = act.button;
    }
    // The keyboard goes on to what is there now, and not to what cannot be taken back.
    if (leaves && next)
        next->setFocus(Qt::OtherFocusReason);
    else if (leaves)
        page_->setFocus(Qt::OtherFocusReason);
    edit_->setVisible(isOpen && shown_.mine && space && !space->setAside);
}

} // namespace stoa
