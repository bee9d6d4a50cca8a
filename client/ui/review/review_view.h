#pragma once

// The widgets of proposals. Used within this folder only. GUI thread.

#include <QStyledItemDelegate>

#include "client/models/proposal_model.h"
#include "client/ui/document/difference_view.h"
#include "client/ui/place.h"
#include "client/ui/review/line_places.h"
#include "client/ui/widgets/draft_keeper.h"
#include "client/ui/widgets/refresher.h"

class QHBoxLayout;
class QLabel;
class QLineEdit;
class QListView;
class QPushButton;
class QScrollArea;
class QShortcut;
class QStackedWidget;
class QVBoxLayout;

namespace stoa {

class Avatar;
class BodyEditor;
class Card;
class CommentBlock;
class Composer;
class DateField;
class DocumentView;
class ElidedLabel;
class EmptyState;
class LineNote;
class PageComments;
class Pill;

class ProposalDelegate : public QStyledItemDelegate {
    Q_OBJECT

public:
    explicit ProposalDelegate(WallClock now, QObject* parent = nullptr);
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

private:
    WallClock now_;
};

// Who, why, where it stands, and what this person may do about it.
class ProposalHead : public QWidget {
    Q_OBJECT

public:
    explicit ProposalHead(const Desk& desk, QWidget* parent = nullptr);
    void set(const ProposalRow& proposal);
    // Nothing is said of a text before it is shown.
    void setReadable(bool readable);

Q_SIGNALS:
    void wanted(const stoa::Location& location, bool newTab = false);
    void commentWanted(); // about what has to be different

private:
    struct Act {
        QPushButton* button;
        v1::Change (*make)(const Pen&, const v1::Record&);
    };

    void showActs();
    void showApprovals();

    Desk desk_;
    ProposalRow shown_;
    bool isReadable_ = true;
    QPushButton* page_;
    QLabel* reason_;
    Avatar* avatar_;
    ElidedLabel* who_;
    Pill* state_;
    Card* card_;
    QLabel* standing_;
    QLabel* effect_;
    QLabel* notice_;
    QVBoxLayout* approvals_;
    QList<Approval> shownApprovals_;
    QList<Act> acts_;
    QPushButton* edit_;
};

// What people said of one line, below it, and the field to say more.
class LineNote : public QFrame {
    Q_OBJECT

public:
    explicit LineNote(const Desk& desk, QWidget* parent = nullptr);
    void set(const QList<PostText>& comments);
    // Below what was said; null: none.
    void setComposer(Composer* composer);
    QWidget* commentBlock(const Id& comment) const;

Q_SIGNALS:
    void wanted(const stoa::Location& location, bool newTab = false);
    void said(const QString& sentence);
    void answerWanted();

private:
    Desk desk_;
    QVBoxLayout* comments_;
    QHash<Id, CommentBlock*> blocks_;
    QVBoxLayout* writing_;
    QPushButton* answer_;
    Composer* composer_ = nullptr;
};

// One proposal, to be read and judged.
class ProposalView : public QWidget {
    Q_OBJECT

public:
    explicit ProposalView(const Desk& desk, QWidget* parent = nullptr);
    ~ProposalView() override;

    // Where N, P, C and E are heard while it is shown; within the view where nothing else is said.
    void setKeysIn(QWidget* place);
    void open(const Id& proposal, const Id& comment = {});
    // What of it is here may be another one by now.
    void refresh();
    const Id& proposal() const { return proposal_; }
    void takeFocus();

Q_SIGNALS:
    void wanted(const stoa::Location& location, bool newTab = false);
    void said(const QString& sentence);

private:
    QWidget* makeSwitch();
    // What the two texts come to, and where the lines are that comments speak of; made away from here for long texts.
    struct Compared {
        QString page;
        QString draft;
        std::shared_ptr<const DocumentDifference> difference;
        std::shared_ptr<const ShownLines> lines;
        QHash<QString, std::optional<size_t>> places; // of the quotes, among the blocks
    };
    static Compared compared(Compared known, const std::map<Id, LineAnchor>& anchors);
    void compare();
    bool isPlaced() const;
    void take(const Compared& made);
    std::optional<size_t> blockWith(const QString& line) const;
    void showComments();
    void writeComment(size_t block, const QString& shownLine);
    void closeComposer();
    void reach();

    Desk desk_;
    Id proposal_;
    ProposalRow row_;
    QScrollArea* scroll_;
    ProposalHead* head_;
    QPushButton* asChanges_;
    QPushButton* asDraft_;
    ElidedLabel* hint_;
    DifferenceView* changes_;
    QLabel* tooMuch_;
    DocumentView* draft_;
    PageComments* thread_;
    QShortcut* edit_ = nullptr;
    QList<PostText> comments_;
    std::map<Id, LineAnchor> anchors_;
    Compared compared_;
    std::map<size_t, LineNote*> notes_;
    std::optional<size_t> writingAt_; // the block that is being commented on
    QString writingQuote_;
    int writingLine_ = 0;
    Composer* composer_ = nullptr;
    QString pageText_; // that is shown, or compared now
    QString draftText_;
    bool isComparing_ = false;
    quint64 generation_ = 0; // of what is compared
    Id wantedComment_;
};

// A draft being written: of a new proposal, which is made when the person says so, or of one that is there, which is
// stored as it is typed.
class ProposalEditor : public QWidget {
    Q_OBJECT

public:
    explicit ProposalEditor(const Desk& desk, QWidget* parent = nullptr);
    ~ProposalEditor() override;

    void propose(const Id& page);
    void edit(const Id& proposal);
    void drop();
    void refresh(const Touched& touched);
    void takeFocus();

Q_SIGNALS:
    void done();
    void made(const stoa::Id& proposal);
    void wanted(const stoa::Location& location, bool newTab = false);
    void said(const QString& sentence);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    QWidget* makeFields();
    void fill(const QString& reason, qint64 effectiveMs);
    qint64 effectiveMs() const;
    void typedField();
    bool takeDate();
    void dateTaken();
    void sayNotADate(const QString& typed);
    void sayNext();
    void keepFields();
    void keepBase();
    void make();
    void leave();
    void setBusy(bool busy);

    Desk desk_;
    Id page_;     // of a new one
    Id proposal_; // or the one that is there
    Id new_;
    std::string base_; // the page's text that a new draft was made of
    bool baseKept_ = false;
    bool filling_ = false;
    bool fieldsChanged_ = false;
    qint64 filledMs_ = 0; // the date as it came
    ElidedLabel* title_;
    QLineEdit* reason_;
    QPushButton* atOnce_;
    QPushButton* onDate_;
    QWidget* day_; // the field for a date, and what belongs to it
    DateField* date_;
    BodyEditor* body_;
    QPushButton* later_;
    QPushButton* done_;
    QTimer soon_;
    DraftKeeper keeper_; // of a new one
};

class ReviewPlace : public Place {
    Q_OBJECT

public:
    ReviewPlace(const Desk& desk, QWidget* parent);

    void open(const Location& location) override;
    Location location() const override { return location_; }
    QString title() const override { return title_; }
    void refresh(const Touched& touched) override;
    void takeFocus() override;
    bool stepBack() override;

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    QWidget* makeList();
    bool isNarrow() const;
    bool isListShown() const;
    void backToList();
    void readList();
    void showRight();
    void showEmpty();
    void arrange();
    void go(const Location& to);
    Id pageShown() const;

    Location location_;
    QString title_;
    ProposalModel model_;
    Refresher reading_;
    QWidget* side_;
    QWidget* read_; // what stands beside the list, or in its place
    QPushButton* all_;
    bool isListed_ = false;
    QPushButton* page_;
    QLabel* heading_;
    ElidedLabel* summary_;
    QListView* list_;
    QStackedWidget* right_;
    EmptyState* empty_;
    QPushButton* propose_;
    ProposalView* view_;
    ProposalEditor* editor_;
    bool moving_ = false;
};

} // namespace stoa
