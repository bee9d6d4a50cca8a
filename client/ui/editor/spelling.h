#pragma once

// What spelling is made of: the dictionaries that this computer has (Hunspell's form: NAME.aff and NAME.dic), one of
// them opened, and the words of a line of Markdown that are worth a look. Values and plain functions; a book belongs to
// one thread.

#include <memory>
#include <vector>

#include <QString>
#include <QStringList>

namespace stoa {

struct Dictionary {
    QString name; // "en_GB", as its files are called
    QString aff;
    QString dic;

    friend bool operator==(const Dictionary&, const Dictionary&) = default;
};

// Where this system keeps them.
QStringList dictionaryFolders();
// By name; of two of one name the one in the earlier folder.
QList<Dictionary> dictionariesIn(const QStringList& folders);
// "British English" of en_GB, as its speakers say it.
QString dictionaryTitle(const QString& name);
// The one for somebody who has their system in this language ("en_GB"): that one, or another of the same language.
// Empty: none.
QString dictionaryFor(const QString& locale, const QList<Dictionary>& among);

// Longer ones are passed over.
constexpr qsizetype spelledMax = 60;

// An opened dictionary. Opening takes some tens of milliseconds, a suggestion up to some hundred.
class SpellBook {
public:
    // Nothing where the files cannot be read or are in an encoding that nobody here knows.
    static std::unique_ptr<SpellBook> open(const Dictionary& dictionary);
    ~SpellBook();

    // Also of what this book cannot say anything about: another script, no word at all, a very long one.
    bool isRight(const QString& word);
    // The likeliest first; no more than `most`.
    QStringList suggestions(const QString& word, int most);

private:
    struct Opened;
    explicit SpellBook(std::unique_ptr<Opened> opened);

    std::unique_ptr<Opened> opened_;
};

struct SpelledWord {
    int from = 0; // in the line, UTF-16
    int length = 0;

    friend bool operator==(const SpelledWord&, const SpelledWord&) = default;
};
// The words of a line of Markdown that is none of a block of code: not what stands within ticks, addresses of links,
// "[[...]]", "@...", "#...", names of files and sites, and words with digits or with capitals alone.
std::vector<SpelledWord> wordsToSpell(QStringView line);

} // namespace stoa
