#pragma once

// Tells which words are spelled rightly, away from the GUI thread: what is not known yet is looked up, and checked()
// tells when it is. Holds the chosen dictionary and the person's own words, which the profile keeps. All editors over
// one worker share one. GUI thread.

#include <memory>
#include <set>

#include <QHash>
#include <QObject>
#include <QSet>
#include <QThread>
#include <QTimer>

#include "client/ui/editor/spelling.h"
#include "client/ui/place.h"

namespace stoa {

class Speller : public QObject {
    Q_OBJECT

public:
    struct Settings {
        QStringList folders; // of dictionaries
        QString profileDir;  // for words.txt and spelling.ini
        QString locale;      // "en_GB": while nothing was chosen
    };
    explicit Speller(const Settings& settings, QObject* parent = nullptr);
    ~Speller() override;
    static Speller& of(const Desk& desk);

    const QList<Dictionary>& dictionaries() const { return dictionaries_; }
    // Which of them is used. Empty: none.
    const QString& chosen() const { return chosen_; }
    void choose(const QString& name);
    // A sentence where nothing can be checked, else empty.
    QString problem() const;

    enum class Verdict { Right, Wrong, Unknown };
    Verdict verdict(const QString& word);
    // Answered by suggested(); a newer one makes an older one moot.
    void suggest(const QString& word);
    // In this text, as long as the program runs.
    void ignore(const Id& text, const QString& word);
    bool isIgnored(const Id& text, const QString& word) const;
    // For all texts from now on. False where the list is full or cannot be written.
    bool learn(const QString& word);

Q_SIGNALS:
    void checked(); // verdicts may be others now
    void suggested(const QString& word, const QStringList& words);

private:
    void open();
    void askSoon(const QString& word);
    void ask();
    void readOwnWords();

    Settings settings_;
    QList<Dictionary> dictionaries_;
    QString chosen_;
    QSet<QString> own_;
    std::set<std::pair<Id, QString>> ignored_;
    QHash<QString, bool> known_;
    QStringList wanted_;
    bool opened_ = false; // or being opened: the first word that is asked for does it
    bool asking_ = false;
    bool unreadable_ = false; // the chosen one
    quint64 turn_ = 0;        // of the dictionary: answers by another one are moot
    QString lastAsked_;       // for suggestions
    QTimer soon_;
    QThread thread_;
    QObject* bench_;                                   // lives on that thread
    std::shared_ptr<std::unique_ptr<SpellBook>> book_; // used there alone
};

} // namespace stoa
