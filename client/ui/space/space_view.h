#pragma once

// The overview's widget; space_place.h makes it.

#include "client/ui/place.h"
#include "client/ui/widgets/draft_keeper.h"
#include "client/ui/widgets/refresher.h"

class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;
class QStackedWidget;

namespace stoa {

class Card;
class RowCard;
class SpaceHead;

// The fields of a charter, to be edited. What differs from the charter as it was when editing began is kept as a
// draft all the time; the form closes only when the change is stored, and says why where it is refused.
class CharterForm : public QWidget {
    Q_OBJECT

public:
    explicit CharterForm(const Desk& desk, QWidget* parent = nullptr);

    // With what was left unfinished there.
    void open(const v1::Record& space);
    // The draft is stored now, as another place is gone to.
    void keep() { keeper_.keep(); }
    v1::Charter charter() const;

Q_SIGNALS:
    void done(); // stored, left for later, or given up

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    // Of a charter, by its number there; one line or a text.
    struct Field {
        int number = 0;
        QLineEdit* line = nullptr;
        QPlainTextEdit* text = nullptr;
    };

    void fill(const v1::Charter& charter);
    void showHint(bool fromDraft);
    void typed();
    void save();
    void discard();
    void leave();
    Draft draft() const;

    Desk desk_;
    std::optional<v1::Record> space_; // as it was when editing began: what others change meanwhile stays
    QList<Field> fields_;
    QLineEdit* date_;
    QLabel* dateProblem_;
    QLabel* hint_;
    bool filling_ = false;
    DraftKeeper keeper_;
};

// A person as the overview lists them.
struct PersonLine {
    QString name;
    QString role;
    QString posts;

    friend bool operator==(const PersonLine&, const PersonLine&) = default;
};

class SpacePlace : public Place {
    Q_OBJECT

public:
    SpacePlace(const Desk& desk, QWidget* parent);

    void open(const Location& location) override;
    Location location() const override;
    QString title() const override { return name_; }
    void refresh(const Touched& touched) override;

protected:
    void hideEvent(QHideEvent* event) override;

private:
    void readSpace();
    void readFresh();
    void readUnanswered();
    void readPeople();
    void showCharter(const v1::Charter& charter);
    void edit(bool editing);
    void markShown();
    void go(const Id& post, bool newTab);

    Id space_;
    QString name_;
    bool editing_ = false;
    qint64 shownMs_ = 0;                      // up to when what is new was shown; 0: nothing new was
    std::optional<std::string> charterBytes_; // as they are shown
    QList<PersonLine> peopleLines_;
    QStackedWidget* stack_;
    SpaceHead* head_;
    QPushButton* editButton_;
    QPushButton* reviewButton_;
    Card* charter_;
    Card* bounds_;
    CharterForm* form_;
    Card* formCard_;
    RowCard* fresh_;
    RowCard* unanswered_;
    Card* people_;
    Refresher reading_;
};

} // namespace stoa
