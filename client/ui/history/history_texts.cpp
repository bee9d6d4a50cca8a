// The texts of the history's right side.

#include <QLabel>
#include <QPushButton>
#include <QTextBrowser>

#include "client/commands/sentences.h"
#include "client/ui/history/history_view.h"
#include "client/ui/review/proposal_texts.h"
#include "client/ui/widgets/widgets.h"

namespace stoa {

namespace {

constexpr qsizetype shownLettersMax = 400'000; // of one text on the right: a text view lays out all that it is given

QTextCharFormat lookOf(Size size, const QColor& ink)
{
    QTextCharFormat look;
    look.setFont(fontOf(size));
    look.setForeground(ink);
    return look;
}

} // namespace

// Colour is never all that tells: what was removed is struck out, what was added underlined.
void HistoryPlace::writeChanges()
{
    const Tokens& t = tokens();
    changes_->clear();
    QTextCursor cursor(changes_->document());
    cursor.beginEditBlock();
    if (!shownTexts_.isKnown && selected() && !model_.isWhole())
        cursor.insertText(tr("What came before this is not here, so it cannot be told what changed."),
                          lookOf(Size::Text, t.mute));
    if (!source_ && shownTexts_.rendered && shownTexts_.rendered->isTooMuch) {
        cursor.insertText(tr("This text is too long to be compared as the page looks. This is its source."),
                          lookOf(Size::Text, t.mute));
        cursor.insertBlock();
    }
    qsizetype letters = 0;
    for (const DifferencePiece& piece : std::as_const(shownTexts_.pieces)) {
        QTextCharFormat look = lookOf(Size::Reading, t.text);
        switch (piece.kind) {
        case DifferencePiece::Kind::Kept:
            break;
        case DifferencePiece::Kind::Added:
            look.setForeground(t.ok);
            look.setBackground(t.okbg);
            look.setFontUnderline(true);
            break;
        case DifferencePiece::Kind::Removed:
            look.setForeground(t.bad);
            look.setBackground(t.badbg);
            look.setFontStrikeOut(true);
            break;
        case DifferencePiece::Kind::LeftOut:
            if (!cursor.atBlockStart())
                cursor.insertBlock();
            cursor.insertText(counted(piece.lines, tr("… %1 line as it was …"), tr("… %1 lines as they were …")),
                              lookOf(Size::Small, t.faint));
            cursor.insertBlock();
            continue;
        }
        letters += piece.text.size();
        if (letters > shownLettersMax) {
            cursor.insertText(tr("… and more than can be shown here"), lookOf(Size::Small, t.faint));
            break;
        }
        cursor.insertText(piece.text, look);
    }
    cursor.endEditBlock();
    changes_->moveCursor(QTextCursor::Start);
}

void HistoryPlace::writeWriters()
{
    const Tokens& t = tokens();
    writers_->clear();
    QTextCursor cursor(writers_->document());
    cursor.beginEditBlock();
    qsizetype letters = 0;
    for (const auto& [text, by] : std::as_const(shownTexts_.written)) {
        letters += text.size();
        if (letters > shownLettersMax || by >= model_.revisions()->size()) {
            cursor.insertText(tr("… and more than can be shown here"), lookOf(Size::Small, t.faint));
            break;
        }
        const v1::Revision& revision = (*model_.revisions())[by];
        const auto author = Id::from(revision.author());
        const auto known = author ? person(*desk().reading, *author) : std::nullopt;
        const QString name = authorText(author.value_or(Id{}), !known                  ? QString()
                                                               : known->name.isEmpty() ? known->login
                                                                                       : known->name);
        QTextBlockFormat head;
        head.setTopMargin(grid(3));
        if (cursor.atStart())
            cursor.setBlockFormat(QTextBlockFormat());
        else
            cursor.insertBlock(head);
        cursor.insertText(tr("%1, %2").arg(isolated(name), timeText(revision.time_ms(), desk().pen.now())),
                          lookOf(Size::Small, nameColour(name)));
        cursor.insertBlock(QTextBlockFormat());
        cursor.insertText(text.endsWith(QLatin1Char('\n')) ? text.chopped(1) : text, lookOf(Size::Reading, t.text));
    }
    cursor.endEditBlock();
    writers_->moveCursor(QTextCursor::Start);
}

// Whose approval the change took, where the page asks for review.
void HistoryPlace::showProposal(const HistoryRow& row)
{
    const auto& revisions = *model_.revisions();
    const v1::Revision* last =
        row.sinceRead || row.end == 0 || row.end > revisions.size() ? nullptr : &revisions[row.end - 1];
    const auto proposal = last ? Id::from(last->proposal()) : std::nullopt;
    approved_->setVisible(proposal.has_value());
    proposal_->setVisible(proposal && post(*desk().reading, *proposal));
    if (!proposal)
        return;
    QList<Id> people;
    for (const std::string& id : last->approvers())
        if (const auto person = Id::from(id))
            people.append(*person);
    approved_->setText(
        people.isEmpty()
            ? tr("Proposed by %1").arg(isolated(rowName(row)))
            : tr("Proposed by %1, approved by %2").arg(isolated(rowName(row)), namesText(*desk().reading, people)));
    proposal_->disconnect(this);
    connect(proposal_, &QPushButton::clicked, this,
            [this, id = *proposal] { Q_EMIT wanted(reviewLocation(location_.space, id)); });
}

} // namespace stoa
