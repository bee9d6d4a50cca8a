#pragma once

// The overview's widget; space_place.h makes it.

#include "client/ui/place.h"

class QLineEdit;
class QPlainTextEdit;
class QPushButton;
class QVBoxLayout;

namespace stoa {

class Card;
class SpaceHead;

// The fields of a charter, to be edited.
class CharterForm : public QWidget {
    Q_OBJECT

public:
    explicit CharterForm(QWidget* parent = nullptr);
    void set(const v1::Charter& charter);
    v1::Charter charter() const;

Q_SIGNALS:
    void saved();
    void cancelled();

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    QPlainTextEdit* problem_;
    QLineEdit* audience_;
    QLineEdit* sponsor_;
    QLineEdit* target_;
    QLineEdit* figure_;
    QLineEdit* date_;
    QPlainTextEdit* belongs_;
    QPlainTextEdit* excluded_;
};

class SpacePlace : public Place {
    Q_OBJECT

public:
    SpacePlace(const Desk& desk, QWidget* parent);

    void open(const Location& location) override;
    Location location() const override;
    QString title() const override { return name_; }
    void refresh(const Touched& touched) override;

private:
    void read();
    void readCharter(const SpaceRow& space);
    void fill(Card* card, const QList<PostRow>& rows, const QString& nothing, bool changed);
    void edit(bool editing);
    void save();

    Id space_;
    QString name_;
    bool editing_ = false;
    std::optional<v1::Record> edited_; // as it was when editing began: what others change meanwhile stays
    SpaceHead* head_;
    QPushButton* editButton_;
    Card* charter_;
    Card* bounds_;
    CharterForm* form_;
    Card* formCard_;
    Card* fresh_;
    Card* unanswered_;
    Card* people_;
};

} // namespace stoa
