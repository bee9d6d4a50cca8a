#pragma once

// The editor with all that belongs to it: its acts, find and replace, a preview, spelling, who else is in the text,
// what is contested, and how far what was typed has come. Of a post that is there it keeps the body by itself
// (body_keeper.h); a text that is not a post yet is its owner's to keep. GUI thread.

#include <QWidget>

#include "client/ui/editor/body_keeper.h"
#include "client/ui/editor/versions_bar.h"

class QHBoxLayout;
class QLabel;
class QPushButton;
class QVBoxLayout;

namespace stoa {

class Completion;
class ElidedLabel;
class FindBar;
class KeptBar;
class MarkdownEditor;
class ReaderMarks;
class SidePreview;
class SpellMarks;
class SharedText;
class WhoIsHere;

class BodyEditor : public QWidget {
    Q_OBJECT

public:
    enum class Kind {
        Whole, // fills a place: the preview may stand beside the text
        Small, // among other things, some lines high: the preview stands in its place
    };
    BodyEditor(const Desk& desk, Kind kind, QWidget* parent = nullptr);
    ~BodyEditor() override;

    // Null: none.
    void open(const Id& post);
    // A new one, for this space.
    void write(const Id& space, const QString& text);
    const QString& text() const;
    // The post may be another one by now.
    void refresh() { keeper_->refresh(); }
    void refreshRights() { keeper_->refreshRights(); }
    void keep() { keeper_->keep(); }
    void setSummary(const QString& summary) { keeper_->setSummary(summary); }
    // What the fields beside it say: kept with the text where that cannot be stored.
    void setNames(const QString& title, const QStringList& tags) { keeper_->setNames(title, tags); }
    void focusText();
    MarkdownEditor* editor() const { return editor_; }
    BodyKeeper::State state() const { return keeper_->state(); }

    // For the fields and buttons of whoever shows it, at the right end of the last line.
    QHBoxLayout* footer() const { return footer_; }
    // In the place of how far it has come; empty: that again.
    void say(const QString& sentence, bool bad = false);
    void find(bool replace);

Q_SIGNALS:
    void typed();
    void leaveWanted();
    void wanted(const stoa::Location& location, bool newTab = false);
    void said(const QString& sentence);

protected:
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    void connectReaders();
    void showStateSoon();
    void showState();
    void showWords();
    QList<VersionsBar::Versions> shownVersions() const;
    void showPassages();
    void arrange();
    void showText();

    Desk desk_;
    Kind kind_;
    MarkdownEditor* editor_;
    BodyKeeper* keeper_;
    Completion* completion_;
    SpellMarks* spelling_;
    SharedText* together_; // while the text is seen
    ReaderMarks* marks_;
    WhoIsHere* here_;
    FindBar* find_;
    VersionsBar* versions_;
    KeptBar* kept_;
    SidePreview* preview_;
    QWidget* edge_; // between the text and its preview
    QPushButton* previewing_;
    ElidedLabel* state_;
    QLabel* problem_; // said in full, above that line
    QLabel* words_;
    QHBoxLayout* footer_;
    QString sentence_;
    bool isBad_ = false;
    bool othersWrite_ = false; // right now
    bool isStranded_ = false;
    bool isAllSent_ = false; // the server has all that is on its way, and its record is still to come
    QTimer counting_;
    QTimer calm_; // until it is said that all is stored: not after each key
};

} // namespace stoa
