#include "client/ui/editor/speller.h"

#include <algorithm>

#include <QFile>
#include <QFileInfo>
#include <QLocale>
#include <QSaveFile>
#include <QSettings>

namespace stoa {

namespace {

constexpr qsizetype knownMax = 20'000;
constexpr qsizetype wantedMax = 2'000; // of one look at the screen
constexpr qsizetype ownWordsMax = 5'000;
constexpr size_t ignoredMax = 10'000;
constexpr qint64 ownBytesMax = 1 << 20;
constexpr int suggestionsMax = 5;

QString settingsPath(const QString& profileDir)
{
    return profileDir + QStringLiteral("/spelling.ini");
}

QString wordsPath(const QString& profileDir)
{
    return profileDir + QStringLiteral("/words.txt");
}

} // namespace

Speller& Speller::of(const Desk& desk)
{
    if (auto* known = desk.worker->findChild<Speller*>(QString(), Qt::FindDirectChildrenOnly))
        return *known;
    return *new Speller({dictionaryFolders(), QFileInfo(desk.worker->replicaPath()).path(), QLocale::system().name()},
                        desk.worker);
}

Speller::Speller(const Settings& settings, QObject* parent)
    : QObject(parent),
      settings_(settings),
      dictionaries_(dictionariesIn(settings.folders)),
      bench_(new QObject),
      book_(std::make_shared<std::unique_ptr<SpellBook>>())
{
    soon_.setSingleShot(true);
    soon_.setInterval(0);
    connect(&soon_, &QTimer::timeout, this, &Speller::ask);
    thread_.setObjectName(QStringLiteral("stoa spelling"));
    bench_->moveToThread(&thread_);
    connect(&thread_, &QThread::finished, bench_, &QObject::deleteLater);
    readOwnWords();
    const QSettings file(settingsPath(settings_.profileDir), QSettings::IniFormat);
    const QVariant remembered = file.value(QStringLiteral("language"));
    const auto isHere = [this](const QString& name) {
        return std::any_of(dictionaries_.cbegin(), dictionaries_.cend(),
                           [&](const Dictionary& each) { return each.name == name; });
    };
    const QString name = remembered.toString();
    chosen_ = remembered.isValid() && (name.isEmpty() || isHere(name)) ? name
                                                                       : dictionaryFor(settings_.locale, dictionaries_);
}

Speller::~Speller()
{
    if (thread_.isRunning()) {
        thread_.quit(); // deletes it
        thread_.wait();
    } else { // nothing was ever asked for
        delete bench_;
    }
}

void Speller::choose(const QString& name)
{
    QSettings file(settingsPath(settings_.profileDir), QSettings::IniFormat);
    file.setValue(QStringLiteral("language"), name);
    if (name == chosen_)
        return;
    chosen_ = name;
    if (opened_)
        open();
    Q_EMIT checked();
}

void Speller::open()
{
    opened_ = true;
    if (!thread_.isRunning())
        thread_.start(QThread::LowPriority);
    ++turn_;
    known_.clear();
    wanted_.clear();
    asking_ = unreadable_ = false;
    const auto found = std::find_if(dictionaries_.cbegin(), dictionaries_.cend(),
                                    [this](const Dictionary& each) { return each.name == chosen_; });
    const Dictionary dictionary = found == dictionaries_.cend() ? Dictionary() : *found;
    QMetaObject::invokeMethod(bench_, [this, dictionary, book = book_, turn = turn_] {
        book->reset();
        if (!dictionary.name.isEmpty())
            *book = SpellBook::open(dictionary);
        const bool failed = !dictionary.name.isEmpty() && !*book;
        QMetaObject::invokeMethod(this, [this, failed, turn] {
            if (turn == turn_)
                unreadable_ = failed;
        });
    });
}

QString Speller::problem() const
{
    if (dictionaries_.isEmpty())
        return tr("This computer has no dictionary for spelling. Packages with one are called hunspell-… or "
                  "myspell-….");
    if (unreadable_)
        return tr("This dictionary cannot be read.");
    return {};
}

Speller::Verdict Speller::verdict(const QString& word)
{
    if (chosen_.isEmpty() || unreadable_ || word.size() > spelledMax || own_.contains(word) ||
        own_.contains(word.toLower()))
        return Verdict::Right;
    const auto found = known_.constFind(word);
    if (found != known_.constEnd())
        return *found ? Verdict::Right : Verdict::Wrong;
    askSoon(word);
    return Verdict::Unknown;
}

void Speller::askSoon(const QString& word)
{
    if (!opened_)
        open();
    if (wanted_.size() >= wantedMax || asking_)
        return; // whoever wants it asks again when checked() tells
    wanted_.append(word);
    if (!soon_.isActive())
        soon_.start();
}

void Speller::ask()
{
    if (wanted_.isEmpty() || asking_)
        return;
    asking_ = true;
    wanted_.removeDuplicates();
    QMetaObject::invokeMethod(bench_, [this, words = std::exchange(wanted_, {}), book = book_, turn = turn_] {
        QHash<QString, bool> verdicts;
        for (const QString& word : words)
            verdicts.insert(word, !*book || (*book)->isRight(word));
        QMetaObject::invokeMethod(this, [this, verdicts, turn] {
            if (turn != turn_)
                return;
            asking_ = false;
            if (known_.size() + verdicts.size() > knownMax)
                known_.clear();
            known_.insert(verdicts);
            Q_EMIT checked();
        });
    });
}

void Speller::suggest(const QString& word)
{
    lastAsked_ = word;
    if (!opened_)
        open();
    QMetaObject::invokeMethod(bench_, [this, word, book = book_, turn = turn_] {
        const QStringList words = *book ? (*book)->suggestions(word, suggestionsMax) : QStringList();
        QMetaObject::invokeMethod(this, [this, word, words, turn] {
            if (turn == turn_ && word == lastAsked_)
                Q_EMIT suggested(word, words);
        });
    });
}

void Speller::readOwnWords()
{
    QFile file(wordsPath(settings_.profileDir));
    if (!file.open(QIODevice::ReadOnly))
        return;
    for (const QString& line : QString::fromUtf8(file.read(ownBytesMax)).split(QLatin1Char('\n'))) {
        const QString word = line.trimmed();
        if (!word.isEmpty() && word.size() <= spelledMax && own_.size() < ownWordsMax)
            own_.insert(word);
    }
}

void Speller::ignore(const Id& text, const QString& word)
{
    if (ignored_.size() >= ignoredMax)
        ignored_.clear();
    ignored_.insert({text, word});
}

bool Speller::isIgnored(const Id& text, const QString& word) const
{
    return ignored_.contains({text, word});
}

bool Speller::learn(const QString& word)
{
    if (word.isEmpty() || word.size() > spelledMax || own_.size() >= ownWordsMax)
        return false;
    QSet<QString> all = own_;
    all.insert(word);
    QStringList sorted(all.cbegin(), all.cend());
    sorted.sort();
    QSaveFile file(wordsPath(settings_.profileDir));
    const QByteArray bytes = sorted.join(QLatin1Char('\n')).toUtf8() + '\n';
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit())
        return false;
    own_ = all;
    Q_EMIT checked();
    return true;
}

} // namespace stoa
