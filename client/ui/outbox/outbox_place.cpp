#include "client/ui/outbox/outbox_place.h"

#include <algorithm>

#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QListView>
#include <QPainter>
#include <QPlainTextEdit>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "client/commands/sentences.h"
#include "client/ui/outbox/outbox_view.h"
#include "client/ui/widgets/keeping_acts.h"
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

// The place that shows it can open it to be edited at once.
bool isEditedThere(const OutboxRow& row)
{
    return row.kind == v1::PAGE || row.kind == v1::PROPOSAL;
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
    const int pill = paintPill(painter, inner.topRight() + QPoint(1, 0), {stateText(row), toneOf(row.state)});
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
    goOn_ = makeButton(tr("Continue editing"), ButtonKind::Primary);
    show_ = makeButton(tr("Show where it belongs"), ButtonKind::Link);
    acts_ = new KeepingActs(
        desk, [this] { return kept(); }, this);
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
    show_->hide();
    auto* detail = new QWidget;
    auto* detailLayout = new QVBoxLayout(detail);
    detailLayout->setContentsMargins(grid(8), grid(6), grid(8), grid(6));
    detailLayout->setSpacing(grid(3));
    detailLayout->addWidget(what_);
    detailLayout->addLayout(stateLine);
    detailLayout->addWidget(sentence_);
    detailLayout->addWidget(text_);
    detailLayout->addLayout(rowOf({goOn_}));
    detailLayout->addLayout(rowOf({acts_->asProposal(), acts_->asComment()}));
    detailLayout->addLayout(rowOf({acts_->asPage()}));
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
    connect(list_, &QListView::activated, this, &OutboxPlace::showPlace);
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
    connect(acts_, &KeepingActs::made, this, [this](const Id& post) {
        Q_EMIT said(tr("Your text has a place of its own now."));
        if (const auto to = locationOf(*this->desk().reading, post))
            Q_EMIT wanted(*to);
    });
    connect(acts_, &KeepingActs::failed, note_, &QLabel::setText);
    connect(goOn_, &QPushButton::clicked, this, &OutboxPlace::showPlace);
    connect(show_, &QPushButton::clicked, this, &OutboxPlace::showPlace);
}

// Words that may be stored by now are gone on with where they were written.
void OutboxPlace::showPlace()
{
    const auto row = selected();
    if (!row || row->post.isNull())
        return;
    auto target = locationOf(*desk().reading, row->post);
    if (!target)
        return;
    const auto found = kept();
    target->write = found && found->mayContinue && isEditedThere(*row);
    Q_EMIT wanted(*target, QApplication::keyboardModifiers() & Qt::ControlModifier);
}

void OutboxPlace::askToDiscard()
{
    const auto row = selected();
    if (!row)
        return;
    stoa::askToDiscard(this, row->isDraft ? tr("Discard what you wrote?") : tr("Discard this change?"),
                       row->text.isEmpty() ? tr("It has not taken effect and will be forgotten.")
                                           : tr("It has not taken effect. What you wrote will be forgotten; copy it "
                                                "first if you want to keep it."),
                       [this, change = row->change] { desk().worker->discard(change); });
}

std::optional<Keeping> OutboxPlace::kept() const
{
    const auto row = selected();
    return row ? keeping(*desk().reading, desk().pen, *row, model_.rows()) : std::nullopt;
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
    // What became of the text that kept words are of.
    const QList<OutboxRow>& rows = model_.rows();
    const bool isOfDraft = std::any_of(rows.begin(), rows.end(), [&](const OutboxRow& row) {
        return row.isDraft &&
               (touched.feeds || touched.spaces.contains(row.space) || touched.posts.contains(row.target));
    });
    if (touched.outbox || touched.bulk || isOfDraft)
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
    QString text = all == 0 ? (model_.isEmpty() ? tr("Nothing is waiting.") : tr("Nothing that you wrote is waiting."))
                            : counted(all, tr("%1 entry is not settled."), tr("%1 entries are not settled."));
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
    state_->set(stateText(*row), toneOf(row->state));
    when_->setFullText(row->spaceName.isEmpty()
                           ? timeText(row->madeMs, desk().pen.now())
                           : tr("%1 · %2").arg(timeText(row->madeMs, desk().pen.now()), isolated(row->spaceName)));
    const auto found = keeping(*desk().reading, desk().pen, row->isDraft ? withoutWords(*row) : *row, model_.rows());
    sentence_->setText(found ? found->happened : stateSentence(*row));
    const QString text = found && !row->isDraft ? found->text : row->text;
    text_->setVisible(!text.isEmpty());
    if (text_->toPlainText() != text)
        text_->setPlainText(text);
    const int lines = qBound(textLinesMin, text_->document()->blockCount() + 1, textLinesMax);
    text_->setFixedHeight(lines * text_->fontMetrics().lineSpacing() + grid(6));
    const bool refused = row->state == ChangeState::Refused;
    // Where it was to go there is nothing any more that could take it.
    sendAgain_->setVisible(refused && !row->isDraft &&
                           !(found && row->act == v1::Change::kEditText && row->post.isNull()));
    copy_->setVisible(!row->text.isEmpty());
    // What has left this device can only be undone by another change.
    discard_->setVisible(refused || row->state == ChangeState::Waiting || row->state == ChangeState::Blocked);
    const bool mayGoOn = found && found->mayContinue && isEditedThere(*row);
    goOn_->setVisible(mayGoOn);
    show_->setVisible(!row->post.isNull() && !mayGoOn);
    // What others took away under one's hands can be kept elsewhere.
    acts_->set(found);
}

Place* makeOutboxPlace(const Desk& desk, QWidget* parent)
{
    return new OutboxPlace(desk, parent);
}

} // namespace stoa
