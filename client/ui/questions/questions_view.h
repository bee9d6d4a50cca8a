#pragma once

// The questions' widget; questions_place.h makes it.

#include "client/models/post_list_model.h"
#include "client/ui/place.h"
#include "client/ui/widgets/draft_keeper.h"

class QBoxLayout;
class QComboBox;
class QLabel;
class QLineEdit;
class QListView;
class QPlainTextEdit;
class QPushButton;
class QStackedWidget;

namespace stoa {

class EmptyState;
class PostDelegate;
class SideSplit;
class SpaceHead;
class TagsField;
class ThreadView;

// The field for a new question; what is typed is kept as a draft all the time.
class AskForm : public QWidget {
    Q_OBJECT

public:
    explicit AskForm(const Desk& desk, QWidget* parent = nullptr);
    void setSpace(const Id& space, const QString& name);
    void focusTitle();

Q_SIGNALS:
    void asked(const stoa::Id& question);
    void left();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void fill(const Draft& draft);
    void send();
    void leave();
    void setBusy(bool busy);
    void showHint();

    Desk desk_;
    Id space_;
    QLabel* heading_;
    QLineEdit* title_;
    QPlainTextEdit* body_;
    TagsField* tags_;
    QLabel* hint_;
    Id question_;
    bool filling_ = false;
    DraftKeeper keeper_;
};

class QuestionsPlace : public Place {
    Q_OBJECT

public:
    QuestionsPlace(const Desk& desk, QWidget* parent);

    void open(const Location& location) override;
    Location location() const override { return location_; }
    QString title() const override;
    void refresh(const Touched& touched) override;
    void takeFocus() override;
    bool stepBack() override;

private:
    void filter();
    void narrow(const std::function<void(Location&)>& change);
    void showThread();
    void readControls();
    void offerToAsk(const std::optional<SpaceRow>& space);

    Location location_;
    std::optional<Location> listed_; // what the list was read for
    QString spaceName_;
    PostListModel model_;
    PostDelegate* delegate_;
    SpaceHead* head_;
    QLabel* allHead_;
    QComboBox* order_;
    QComboBox* tag_;
    SideSplit* split_;
    QBoxLayout* controls_;
    QPushButton* unanswered_;
    QPushButton* mine_;
    QPushButton* ask_;
    QListView* list_;
    QStackedWidget* left_;
    QStackedWidget* right_;
    EmptyState* noneFit_;
    EmptyState* nothing_;
    ThreadView* thread_;
    AskForm* form_;
    bool moving_ = false;
};

} // namespace stoa
