#pragma once

// The widgets of the history. Used within this folder only. GUI thread.

#include <QStyledItemDelegate>

#include "client/models/history_model.h"
#include "client/ui/document/difference_view.h"
#include "client/ui/history/difference.h"
#include "client/ui/place.h"
#include "client/ui/widgets/refresher.h"

class QBoxLayout;
class QLabel;
class QListView;
class QPushButton;
class QScrollArea;
class QStackedWidget;
class QTextBrowser;

namespace stoa {

class Avatar;
class DocumentView;
class ElidedLabel;
class EmptyState;

constexpr int historyAvatar = 24;

// Whose work it is.
QString rowName(const HistoryRow& row);
// Of each of them the name, for a line with other texts.
QStringList isolatedNames(const HistoryRow& row);

class HistoryDelegate : public QStyledItemDelegate {
    Q_OBJECT

public:
    explicit HistoryDelegate(WallClock now, QObject* parent = nullptr);
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

private:
    WallClock now_;
};

// All that is shown of one stretch of work; worked out on another thread.
struct StretchTexts {
    bool isKnown = false; // else what came before it is not here, or does not fit
    std::shared_ptr<const DocumentDifference> rendered;
    QList<DifferencePiece> pieces; // of the source
    int wordsAdded = 0;
    int wordsRemoved = 0;
    std::string body; // after it
    // Its lines, put together where one person wrote neighbours in one stretch: text and index of the newest revision.
    QList<QPair<QString, size_t>> written;
};
StretchTexts textsOf(std::span<const v1::Revision> revisions, size_t begin, size_t end);

class HistoryPlace : public Place {
    Q_OBJECT

public:
    HistoryPlace(const Desk& desk, QWidget* parent);

    void open(const Location& location) override;
    Location location() const override { return location_; }
    QString title() const override { return title_; }
    void refresh(const Touched& touched) override;
    void takeFocus() override;
    bool stepBack() override;

protected:
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    enum class View { Changes, Text, Writers };

    QWidget* makeList();
    QWidget* makeStretch();
    void readRows();
    void select(const QModelIndex& index);
    void showRows();
    void showSummary();
    void showSelected();
    void showAuthors(const HistoryRow& row);
    void showFacts(const HistoryRow& row);
    void showProposal(const HistoryRow& row);
    QWidget* makeChoices();
    void setSource(bool source);
    void showChanges();
    void writeChanges();
    void writeWriters();
    void setView(View view);
    void restore();
    std::optional<HistoryRow> selected() const;

    Location location_;
    QString title_;
    HistoryModel model_;
    Refresher reading_;
    QWidget* left_;
    QListView* list_;
    QPushButton* page_;
    ElidedLabel* summary_;
    QStackedWidget* right_;
    EmptyState* empty_;
    Avatar* avatar_;
    ElidedLabel* who_;
    ElidedLabel* when_;
    QLabel* all_; // who wrote, where the heading does not name all
    QLabel* why_;
    QLabel* approved_;
    QPushButton* proposal_;
    QPushButton* restore_;
    QList<QPushButton*> views_;
    QBoxLayout* choices_;
    QWidget* sides_; // as the page looks, or its source
    QPushButton* asPage_;
    QPushButton* asSource_;
    QStackedWidget* texts_;
    DifferenceView* rendered_;
    QScrollArea* renderedArea_;
    QTextBrowser* changes_;
    DocumentView* document_;
    QTextBrowser* writers_;
    View view_ = View::Changes;
    bool source_ = false;
    Id shown_; // the row on the right
    size_t shownEnd_ = 0;
    StretchTexts shownTexts_;
    quint64 generation_ = 0; // of what is worked out
    Id restoring_;           // the change
    // The newest is shown until the person chose another one, or what is new was fetched.
    bool showsNewest_ = false;
    bool isFetched_ = false;
    bool selecting_ = false; // not the person
};

} // namespace stoa
