#include "client/ui/editor/kept_bar.h"

#include <QApplication>
#include <QClipboard>
#include <QPushButton>

#include "client/ui/widgets/keeping_acts.h"
#include "client/ui/widgets/widgets.h"

namespace stoa {

namespace {

constexpr int settledRowsMax = 1'000; // of the outbox, that are looked through for what goes with the words

} // namespace

KeptBar::KeptBar(const Desk& desk, BodyKeeper* keeper, QWidget* editor, QWidget* parent)
    : NoticeBar(tr("What becomes of what you wrote"), parent), desk_(desk), keeper_(keeper)
{
    acts_ = new KeepingActs(
        desk,
        [this, editor] {
            editor->setFocus(Qt::OtherFocusReason); // for whoever types on at once
            return found();
        },
        this);
    goOn_ = addButton(tr("Continue editing"), true);
    goOn_->setToolTip(tr("Stores what you wrote in this text, and all that you type from now on"));
    for (QPushButton* button : {acts_->asProposal(), acts_->asComment(), acts_->asPage()})
        addButton(button);
    copy_ = addButton(tr("Copy"));
    copy_->setToolTip(tr("Copies all of the text"));
    discard_ = addButton(tr("Discard…"));
    connect(goOn_, &QPushButton::clicked, this, [this, editor] {
        editor->setFocus(Qt::OtherFocusReason);
        keeper_->goOn();
    });
    connect(copy_, &QPushButton::clicked, this, [this] {
        if (const auto row = keeper_->kept())
            QApplication::clipboard()->setText(row->text);
        Q_EMIT said(tr("Copied."));
    });
    connect(discard_, &QPushButton::clicked, this, [this, editor] {
        askToDiscard(this, tr("Discard what you wrote?"),
                     tr("It is stored nowhere else. Copy it first if you want to keep it."), [this, editor] {
                         editor->setFocus(Qt::OtherFocusReason);
                         discard();
                     });
    });
    connect(acts_, &KeepingActs::made, this, [this](const Id& post) {
        // The person may be elsewhere by now, or write on.
        if (keeper_->letGo(taken_.post, taken_.words))
            Q_EMIT made(post);
        else
            Q_EMIT said(tr("Your text has a place of its own now."));
    });
    connect(acts_, &KeepingActs::failed, this, &KeptBar::said);
    connect(keeper, &BodyKeeper::stateChanged, this, &KeptBar::read);
}

std::optional<Keeping> KeptBar::found()
{
    const auto row = keeper_->kept();
    taken_ = {keeper_->post(), row ? row->text : QString()};
    auto kept = row ? keeping(*desk_.reading, desk_.pen, *row, outbox(*desk_.reading, settledRowsMax)) : std::nullopt;
    if (kept)
        kept->settles.removeOne(row->change); // the keeper lets go of its draft, where there is one
    return kept;
}

std::optional<Keeping> KeptBar::possible() const
{
    const auto row = keeper_->kept();
    return row ? keeping(*desk_.reading, desk_.pen, withoutWords(*row), {}) : std::nullopt;
}

void KeptBar::read()
{
    using State = BodyKeeper::State;
    const State state = keeper_->state();
    if (!keeper_->isStranded() || keeper_->post().isNull())
        return hide();
    const auto kept = possible();
    const auto post = stoa::post(*desk_.reading, keeper_->post());
    QString sentence = kept                 ? kept->happened
                     : state == State::Gone ? tr("This was deleted meanwhile.")
                     : state == State::Held ? tr("You may write here again.")
                                            : tr("You may not write here any more.");
    if ((kept && state != State::Held) || (post && post->refused))
        sentence += QLatin1Char(' ') + tr("What you wrote is kept in the outbox.");
    setText(sentence);
    acts_->set(kept);
    goOn_->setVisible(state == State::Held);
    copy_->setVisible(kept.has_value());
    discard_->setVisible(kept.has_value());
    show();
}

void KeptBar::discard()
{
    if (const auto kept = found())
        for (const Id& each : kept->settles)
            desk_.worker->discard(each);
    keeper_->letGo(taken_.post, taken_.words);
    Q_EMIT discarded();
}

} // namespace stoa
