#include "client/ui/widgets/keeping_acts.h"

#include <QMessageBox>
#include <QPushButton>

#include "client/ui/widgets/chooser.h"
#include "client/ui/widgets/widgets.h"
#include "client/worker/refusals.h"

namespace stoa {

KeepingActs::KeepingActs(const Desk& desk, std::function<std::optional<Keeping>()> find, QWidget* parent)
    : QObject(parent), desk_(desk), parent_(parent), find_(std::move(find))
{
    asProposal_ = makeButton(tr("Propose it"), ButtonKind::Primary);
    asProposal_->setToolTip(tr("Makes a proposal of your text, to be approved, and lets go of this"));
    asComment_ = makeButton(tr("Add as a comment"));
    asComment_->setToolTip(tr("Puts your text below the page, and lets go of this"));
    asPage_ = makeButton(tr("Save as a new page"));
    asPage_->setToolTip(tr("Makes a page of your text, and lets go of this"));
    for (QPushButton* button : {asProposal_, asComment_, asPage_}) {
        button->setParent(parent);
        button->hide();
    }
    connect(asPage_, &QPushButton::clicked, this, &KeepingActs::savePage);
    connect(asComment_, &QPushButton::clicked, this, [this] {
        if (const auto found = find_())
            save(found->asComment, found->settles);
    });
    connect(asProposal_, &QPushButton::clicked, this, [this] {
        if (const auto found = find_())
            save(found->asProposal, found->settles);
    });
    // Only what is stored elsewhere is let go of.
    connect(desk.worker, &Worker::submitted, this, [this](const Id& change) {
        if (saving_.isNull() || change != saving_)
            return;
        saving_ = {};
        for (const Id& each : std::exchange(settles_, {}))
            desk_.worker->discard(each);
        Q_EMIT made(std::exchange(made_, {}));
    });
    connect(desk.worker, &Worker::notSubmitted, this, [this](const Id& change, const Refusal& why) {
        if (saving_.isNull() || change != saving_)
            return;
        saving_ = made_ = {};
        settles_.clear();
        Q_EMIT failed(refusalSentence(why));
    });
}

void KeepingActs::set(const std::optional<Keeping>& kept)
{
    setKind(asProposal_, kept && kept->mayContinue ? ButtonKind::Plain : ButtonKind::Primary);
    asProposal_->setVisible(kept && kept->asProposal);
    asComment_->setVisible(kept && kept->asComment);
    asPage_->setText(kept && !kept->asPage ? tr("Save as a new page…") : tr("Save as a new page"));
    asPage_->setVisible(kept && (kept->asPage || !spacesForPages(*desk_.reading, desk_.pen).isEmpty()));
}

void KeepingActs::save(const std::optional<v1::Change>& change, const QList<Id>& settles)
{
    if (!change || !saving_.isNull())
        return;
    saving_ = *Id::from(change->id());
    made_ = *Id::from(change->target());
    settles_ = settles;
    desk_.worker->submit({*change});
}

// In the space that it was written in or, where that is closed, in one that is chosen.
void KeepingActs::savePage()
{
    const auto kept = find_();
    if (!kept)
        return;
    if (kept->asPage)
        return save(kept->asPage, kept->settles);
    QList<Choice> choices;
    for (const SpaceRow& row : spacesForPages(*desk_.reading, desk_.pen))
        choices.append({row.id, row.name, {}});
    auto* chooser = new Chooser(tr("Save your text as a page"), tr("The space that it is to be in"), parent_->window());
    connect(chooser, &Chooser::chosen, this,
            [this, found = *kept](const Id& space) { save(keepAsPage(desk_.pen, found, space), found.settles); });
    chooser->popUp(choices);
}

void askToDiscard(QWidget* parent, const QString& question, const QString& sentence, const std::function<void()>& yes)
{
    auto* box = new QMessageBox(QMessageBox::NoIcon, question, sentence, QMessageBox::NoButton, parent);
    box->setAttribute(Qt::WA_DeleteOnClose);
    QPushButton* discard = box->addButton(KeepingActs::tr("Discard"), QMessageBox::DestructiveRole);
    box->setDefaultButton(box->addButton(KeepingActs::tr("Keep"), QMessageBox::RejectRole));
    QObject::connect(box, &QDialog::finished, parent, [box, discard, yes] {
        if (box->clickedButton() == discard)
            yes();
    });
    box->open();
}

} // namespace stoa
