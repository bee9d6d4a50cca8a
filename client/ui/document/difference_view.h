#pragma once

// Two versions of a page as one that shows what became of the first, as a page looks: what was added underlined, what
// was removed struck out, and rows of unchanged blocks folded. As high as its text. Beside any line there may stand
// what others said of it. GUI thread.

#include <map>
#include <memory>
#include <optional>

#include <QHash>
#include <QSet>
#include <QWidget>

#include "client/ui/place.h"
#include "shared/markup/difference.h"

class QLabel;
class QShortcut;
class QToolButton;
class QVBoxLayout;

namespace stoa {

class DocumentView;

// Both as Markdown. Takes a moment for long ones: away from the GUI thread.
std::shared_ptr<const DocumentDifference> renderedDifference(std::string_view before, std::string_view after);

class DifferenceView : public QWidget {
    Q_OBJECT

public:
    explicit DifferenceView(const Desk& desk, QWidget* parent = nullptr);

    // The same one again does nothing. Nothing: none.
    void set(std::shared_ptr<const DocumentDifference> difference);
    const std::shared_ptr<const DocumentDifference>& difference() const { return difference_; }
    // Whether everything that is not folded is laid out.
    bool isComplete() const;
    // What stands below the block with that number; its owner is this widget for as long.
    void setNotes(const std::map<size_t, QWidget*>& notes);
    // Whether lines offer to be commented on: by the mouse beside them, by the key C at the cursor.
    void setCommentable(bool commentable);
    // Its keys (C comments, N and P go from change to change) work wherever in `place` the keyboard is; without a call,
    // within this widget.
    void setKeysIn(QWidget* place);
    // To the next change, or the one before.
    void go(int by);
    int changes() const;
    // The keyboard goes to that block, where it is shown.
    void focusBlock(size_t block);

Q_SIGNALS:
    void wanted(const stoa::Location& location, bool newTab = false);
    void linkFailed(const QString& sentence);
    // `line`: what it says, as plain text.
    void commentWanted(size_t block, const QString& line);
    void completed();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void leaveEvent(QEvent* event) override;

private:
    struct Piece {
        size_t from = 0;
        size_t count = 0;
        bool isFold = false;

        friend auto operator<=>(const Piece&, const Piece&) = default;
    };

    // A place in the text.
    struct Spot {
        size_t block = 0;
        int letter = 0; // of it
    };

    std::optional<Spot> spot() const;
    DocumentView* putCursor(const Spot& spot);
    std::vector<Piece> cut() const;
    void arrange();
    QWidget* makeFold(const Piece& piece);
    DocumentView* makeText(const Piece& piece, bool later);
    void unfold(size_t from);
    void offer(DocumentView* text, const QPoint* at);
    void comment();
    DocumentView* textWith(size_t block) const;
    void bringIntoSight(const QWidget* of, const QRect& rect);

    Desk desk_;
    std::shared_ptr<const DocumentDifference> difference_;
    QSet<size_t> opened_; // folds, by their first block
    std::map<Piece, QWidget*> shown_;
    std::map<size_t, QWidget*> notes_;
    QVBoxLayout* layout_;
    QLabel* same_;
    QToolButton* comment_;
    QList<QShortcut*> keys_;
    bool commentable_ = false;
    size_t offered_ = 0; // the block whose line is offered to be commented on
    QString offeredLine_;
};

} // namespace stoa
