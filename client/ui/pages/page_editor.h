#pragma once

// A page being edited, or a new one being written: its title, its tags and its text, and what was done to it in a few
// words, for its history. What is typed of a page that is there is stored by itself; a new one is a draft until it is
// made. GUI thread.

#include "client/ui/place.h"
#include "client/ui/widgets/draft_keeper.h"

class QLineEdit;
class QPushButton;

namespace stoa {

class BodyEditor;
class TagsField;

class PageEditor : public QWidget {
    Q_OBJECT

public:
    explicit PageEditor(const Desk& desk, QWidget* parent = nullptr);
    ~PageEditor() override;

    void edit(const Id& page);
    void write(const Id& space, const Id& parent);
    // Stores what is not stored yet; the editor is empty afterwards.
    void drop();
    void refresh(const Touched& touched);
    void takeFocus();
    const Id& page() const { return page_; }

Q_SIGNALS:
    void done(); // there is nothing more to do here
    void made(const stoa::Id& page);
    void wanted(const stoa::Location& location, bool newTab = false);
    void said(const QString& sentence);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void fill(const QString& title, const QStringList& tags);
    void readFields();
    void typedField();
    void keepFields();
    void make();
    void leave();
    void setBusy(bool busy);

    Desk desk_;
    Id page_;  // null: a new one
    Id home_;  // the space of that page
    Id space_; // of a new one
    Id parent_;
    Id new_;
    QLineEdit* title_;
    TagsField* tags_;
    BodyEditor* body_;
    QLineEdit* summary_; // as soon as something was written
    QPushButton* later_;
    QPushButton* done_;
    QTimer soon_;
    bool filling_ = false;
    bool fieldsChanged_ = false;
    DraftKeeper keeper_; // of a new one
};

} // namespace stoa
