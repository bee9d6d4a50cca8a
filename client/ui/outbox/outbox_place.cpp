#include "client/ui/outbox/outbox_place.h"

#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QListView>
#include <QMessageBox>
#include <QPainter>
#include <QPlainTextEdit>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "client/commands/sentences.h"
#include "client/ui/outbox/outbox_view.h"
#include "client/ui/widgets/chooser.h"
#include "client/ui/widgets/widgets.h"

namespace stoa {

namespace {

constexpr int textLinesMin = 4;
constexpr int textLinesMax = 20;

Tone toneOf(ChangeState state)
{
    switch (state) {
    case ChangeState::Refused:
        return Tone::Bad;
    case ChangeState::Accepted:
        return Tone::Ok;
    case ChangeState::Sent:
        return Tone::Accent;
    case ChangeState::Waiting:
    case ChangeState::Blocked:
        return Tone::Warn;
    }
    return Tone::Mute;
}

} // namespace

OutboxDelegate::OutboxDelegate(WallClock now, QObject* parent) : QStyledItemDelegate(parent), now_(std::move(now)) {}

QSize OutboxDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const
{
    return {grid(50), metrics::rowTwo};
}

void OutboxDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const auto row = index.data(OutboxModel::RowRole).value<OutboxRow>();
    const Tokens& t = tokens();
    painter->save();
    if (option.state & QStyle::State_Selected)
        painter->fillRect(option.rect, t.sel);
    else if (option.state & QStyle::State_MouseOver)
        painter->fillRect(option.rect, t.hover);
    painter->fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1), t.line);
    const QRect inner = option.rect.adjusted(grid(4), grid(2), -grid(4), -grid(2));
    const int pill = paintPill(painter, inner.topRight() + QPoint(1, 0), {stateText(row.state), toneOf(row.state)});
    const QFontMetrics titleMetrics(fontOf(Size::Text, Weight::Strong));
    painter->setFont(fontOf(Size::Text, Weight::Strong));
    painter->setPen(t.text);
    const QRect first(inner.left(), inner.top(), inner.width() - pill - grid(2), titleMetrics.height());
    painter->drawText(first, Qt::AlignLeft | Qt::AlignVCenter,
                      titleMetrics.elidedText(changeText(row), Qt::ElideRight, first.width()));
    painter->setFont(fontOf(Size::Small));
    painter->setPen(t.mute);
    QStringList parts{timeText(row.madeMs, now_())};
    if (!row.spaceName.isEmpty())
        parts << isolated(row.spaceName);
    const QRect last(inner.left(), inner.bottom() + 1 - painter->fontMetrics().height(), inner.width(),
                     painter->fontMetrics().height());
    painter->drawText(
        last, Qt::AlignLeft | Qt::AlignVCenter,
        painter->fontMetrics().elidedText(parts.join(QStringLiteral(" · ")), Qt::ElideRight, last.width()));
    painter->restore();
}

OutboxPlace::OutboxPlace(const Desk& desk, QWidget* parent)
    : Place(desk, parent), model_(*desk.reading), reading_(this, {[this] { readRows(); }})
{
    summary_ = makeWrappedLabel({}, Size::Small, Tone::Mute);
    list_ = new QListView;
    list_->setAccessibleName(tr("Changes that are not settled"));
    list_->setModel(&model_);
    list_->setItemDelegate(new OutboxDelegate(desk.pen.now, list_));
    list_->setUniformItemSizes(true);
    list_->setMouseTracking(true);
    list_->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);

    auto* left = new QWidget;
    left->setProperty("ground", QStringLiteral("pane"));
    left->setAttribute(Qt::WA_StyledBackground);
    left->setFixedWidth(metrics::list);
    auto* leftLayout = new QVBoxLayout(left);
    leftLayout->setContentsMargins(0, grid(4), 0, 0);
    leftLayout->setSpacing(0);
    auto* head = new QVBoxLayout;
    head->setContentsMargins(grid(4), 0, grid(4), grid(2));
    head->setSpacing(grid(1));
    head->addWidget(makeLabel(tr("Outbox"), Size::Heading, Tone::Text, Weight::Title));
    head->addWidget(summary_);
    leftLayout->addLayout(head);
    leftLayout->addWidget(makeLine());
    leftLayout->addWidget(list_, 1);

    what_ = makeWrappedLabel({}, Size::Heading, Tone::Text, Weight::Title);
    state_ = new Pill;
    when_ = makeElidedLabel({}, Size::Small, Tone::Mute);
    sentence_ = makeWrappedLabel({}, Size::Text, Tone::Text);
    text_ = new QPlainTextEdit;
    text_->setReadOnly(true);
    text_->setAccessibleName(tr("What you wrote"));
    sendAgain_ = makeButton(tr("Send again"));
    copy_ = makeButton(tr("Copy text"));
    discard_ = makeButton(tr("Discard"));
    show_ = makeButton(tr("Show where it belongs"), ButtonKind::Link);
    asPage_ = makeButton(tr("Save as a new page"));
    asPage_->setToolTip(tr("Makes a page of your text, and lets go of this change"));
    asComment_ = makeButton(tr("Add as a comment"));
    asComment_->setToolTip(tr("Puts your text below the page, and lets go of this change"));
    asProposal_ = makeButton(tr("Propose it"), ButtonKind::Primary);
    asProposal_->setToolTip(tr("Makes a proposal of your text, to be approved, and lets go of this change"));
    note_ = makeWrappedLabel({}, Size::Small, Tone::Mute);

    auto* stateLine = new QHBoxLayout;
    stateLine->setSpacing(grid(2));
    stateLine->addWidget(state_);
    stateLine->addWidget(when_);
    stateLine->addStretch(1);
    // In rows that are no wider than the narrowest window leaves room for.
    const auto rowOf = [](const QList<QPushButton*>& buttons) {
        auto* row = new QHBoxLayout;
        row->setSpacing(grid(2));
        for (QPushButton* button : buttons)
            row->addWidget(button);
        row->addStretch(1);
        return row;
    };
    for (QPushButton* button : {asProposal_, asComment_, asPage_, show_})
        button->hide();
    auto* detail = new QWidget;
    auto* detailLayout = new QVBoxLayout(detail);
    detailLayout->setContentsMargins(grid(8), grid(6), grid(8), grid(6));
    detailLayout->setSpacing(grid(3));
    detailLayout->addWidget(what_);
    detailLayout->addLayout(stateLine);
    detailLayout->addWidget(sentence_);
    detailLayout->addWidget(text_);
    detailLayout->addLayout(rowOf({asProposal_, asComment_}));
    detailLayout->addLayout(rowOf({asPage_}));
    detailLayout->addLayout(rowOf({sendAgain_, copy_, discard_}));
    detailLayout->addLayout(rowOf({show_}));
    detailLayout->addWidget(note_);
    detailLayout->addStretch(1);

    empty_ = new EmptyState(tr("Everything is settled"),
                            tr("What you write is kept here until the server has it. Nothing is waiting now."));
    right_ = new QStackedWidget;
    right_->addWidget(empty_);
    right_->addWidget(detail);

    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins({});
    layout->setSpacing(0);
    layout->addWidget(left);
    auto* edge = makeLine();
    edge->setProperty("rule", QStringLiteral("vertical"));
    edge->setMaximumHeight(QWIDGETSIZE_MAX);
    edge->setMinimumHeight(0);
    edge->setFixedWidth(1);
    layout->addWidget(edge);
    layout->addWidget(right_, 1);

    connect(list_->selectionModel(), &QItemSelectionModel::currentChanged, this, [this] { showSelected(); });
    connect(list_, &QListView::activated, this, [this] { show_->click(); });
    connect(sendAgain_, &QPushButton::clicked, this, [this] {
        if (const auto row = selected()) {
            this->desk().worker->sendAgain(row->change);
            note_->setText(tr("On its way again."));
        }
    });
    connect(copy_, &QPushButton::clicked, this, [this] {
        if (const auto row = selected()) {
            QApplication::clipboard()->setText(row->text);
            note_->setText(tr("Copied."));
        }
    });
    connect(discard_, &QPushButton::clicked, this, &OutboxPlace::askToDiscard);
    connect(asPage_, &QPushButton::clicked, this, &OutboxPlace::saveAsPage);
    connect(asComment_, &QPushButton::clicked, this, [this] {
        if (const auto found = kept())
            saveAs(found->asComment, found->settles);
    });
    connect(asProposal_, &QPushButton::clicked, this, [this] {
        if (const auto found = kept())
            saveAs(found->asProposal, found->settles);
    });
    // Only what is stored elsewhere is let go of.
    connect(desk.worker, &Worker::submitted, this, [this](const Id& change) {
        if (change != saving_ || saving_.isNull())
            return;
        saving_ = {};
        for (const Id& each : std::exchange(saved_, {}))
            this->desk().worker->discard(each);
        Q_EMIT said(tr("Your text has a place of its own now."));
        if (const auto to = locationOf(*this->desk().reading, std::exchange(made_, {})))
            Q_EMIT wanted(*to);
    });
    connect(desk.worker, &Worker::notSubmitted, this, [this](const Id& change, const Refusal& why) {
        if (change != saving_ || saving_.isNull())
            return;
        saving_ = made_ = {};
        saved_.clear();
        note_->setText(refusalSentence(why));
    });
    connect(show_, &QPushButton::clicked, this, [this] {
        const auto row = selected();
        if (!row || row->post.isNull())
            return;
        if (const auto target = locationOf(*this->desk().reading, row->post))
            Q_EMIT wanted(*target, QApplication::keyboardModifiers() & Qt::ControlModifier);
    });
}

void OutboxPlace::askToDiscard()
{
    const auto row = selected();
    if (!row)
        return;
    auto* box = new QMessageBox(QMessageBox::NoIcon, tr("Discard this change?"),
                                row->text.isEmpty()
                                    ? tr("It has not taken effect and will be forgotten.")
                                    : tr("It has not taken effect. What you wrote will be forgotten; copy it first if "
                                         "you want to keep it."),
                                QMessageBox::NoButton, this);
    box->setAttribute(Qt::WA_DeleteOnClose);
    QPushButton* yes = box->addButton(tr("Discard"), QMessageBox::DestructiveRole);
    box->setDefaultButton(box->addButton(tr("Keep"), QMessageBox::RejectRole));
    connect(box, &QDialog::finished, this, [this, box, yes, change = row->change] {
        if (box->clickedButton() == yes)
            desk().worker->discard(change);
    });
    box->open();
}

std::optional<Keeping> OutboxPlace::kept() const
{
    const auto row = selected();
    return row ? keeping(*desk().reading, desk().pen, *row, model_.rows()) : std::nullopt;
}

void OutboxPlace::saveAs(const std::optional<v1::Change>& made, const QList<Id>& settles)
{
    if (!made || !saving_.isNull())
        return;
    saving_ = *Id::from(made->id());
    made_ = *Id::from(made->target());
    saved_ = settles;
    desk().worker->submit({*made});
}

// In the space that it was written in or, where that is closed, in one that is chosen.
void OutboxPlace::saveAsPage()
{
    const auto found = kept();
    if (!found)
        return;
    if (found->asPage)
        return saveAs(found->asPage, found->settles);
    QList<Choice> choices;
    for (const SpaceRow& row : spacesForPages(*desk().reading, desk().pen))
        choices.append({row.id, row.name, {}});
    auto* chooser = new Chooser(tr("Save your text as a page"), tr("The space that it is to be in"), window());
    connect(chooser, &Chooser::chosen, this,
            [this, found = *found](const Id& space) { saveAs(keepAsPage(desk().pen, found, space), found.settles); });
    chooser->popUp(choices);
}

void OutboxPlace::open(const Location&)
{
    model_.load();
    if (!list_->currentIndex().isValid() && !model_.isEmpty()) {
        // What needs the person comes first.
        int first = 0;
        for (int i = 0; i < model_.rowCount(); ++i)
            if (model_.at(i).state == ChangeState::Refused) {
                first = i;
                break;
            }
        list_->setCurrentIndex(model_.index(first));
    }
    reading_.now();
}

QString OutboxPlace::title() const
{
    return tr("Outbox");
}

void OutboxPlace::refresh(const Touched& touched)
{
    if (touched.outbox || touched.bulk)
        reading_.soon();
}

void OutboxPlace::readRows()
{
    model_.readAgain();
    if (!list_->currentIndex().isValid() && !model_.isEmpty())
        list_->setCurrentIndex(model_.index(0));
    showSummary();
    showSelected();
}

void OutboxPlace::takeFocus()
{
    list_->setFocus(Qt::OtherFocusReason);
}

std::optional<OutboxRow> OutboxPlace::selected() const
{
    const QModelIndex index = list_->currentIndex();
    if (!index.isValid())
        return std::nullopt;
    return model_.at(index.row());
}

void OutboxPlace::showSummary()
{
    const int all = outboxCount(*desk().reading);
    int refused = 0;
    for (const OutboxRow& row : model_.rows())
        refused += row.state == ChangeState::Refused;
    QString text = all == 0 ? tr("Nothing is waiting.")
                            : counted(all, tr("%1 change is not settled."), tr("%1 changes are not settled."));
    if (refused > 0)
        text += QLatin1Char(' ') + counted(refused, tr("%1 needs you."), tr("%1 need you."));
    summary_->setText(text);
}

void OutboxPlace::showSelected()
{
    const auto row = selected();
    right_->setCurrentIndex(row ? 1 : 0);
    // What was just done about a change is said until another one is looked at.
    if (const Id now = row ? row->change : Id{}; std::exchange(shown_, now) != now)
        note_->clear();
    if (!row)
        return;
    what_->setText(changeText(*row));
    state_->set(stateText(row->state), toneOf(row->state));
    when_->setFullText(row->spaceName.isEmpty()
                           ? timeText(row->madeMs, desk().pen.now())
                           : tr("%1 · %2").arg(timeText(row->madeMs, desk().pen.now()), isolated(row->spaceName)));
    const auto found = keeping(*desk().reading, desk().pen, *row, model_.rows());
    sentence_->setText(found ? found->happened : stateSentence(*row));
    const QString text = found ? found->text : row->text;
    text_->setVisible(!text.isEmpty());
    if (text_->toPlainText() != text)
        text_->setPlainText(text);
    const int lines = qBound(textLinesMin, text_->document()->blockCount() + 1, textLinesMax);
    text_->setFixedHeight(lines * text_->fontMetrics().lineSpacing() + grid(6));
    const bool refused = row->state == ChangeState::Refused;
    // Where it was to go there is nothing any more that could take it.
    sendAgain_->setVisible(refused && !(found && row->act == v1::Change::kEditText && row->post.isNull()));
    copy_->setVisible(!row->text.isEmpty());
    // What has left this device can only be undone by another change.
    discard_->setVisible(refused || row->state == ChangeState::Waiting || row->state == ChangeState::Blocked);
    show_->setVisible(!row->post.isNull());
    // What others took away under one's hands can be kept elsewhere.
    asProposal_->setVisible(found && found->asProposal);
    asPage_->setText(found && found->asPage ? tr("Save as a new page") : tr("Save as a new page…"));
    asPage_->setVisible(found && (found->asPage || !spacesForPages(*desk().reading, desk().pen).isEmpty()));
    asComment_->setVisible(found && found->asComment);
}

Place* makeOutboxPlace(const Desk& desk, QWidget* parent)
{
    return new OutboxPlace(desk, parent);
}

} // namespace stoa
