#include "client/ui/editor/spelling.h"

#include <algorithm>

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QLocale>
#include <QStandardPaths>
#include <QStringDecoder>
#include <QStringEncoder>

#include <hunspell.hxx>

namespace stoa {

namespace {

constexpr qsizetype dictionariesMax = 300;
constexpr qint64 fileBytesMax = 64 << 20;
constexpr qsizetype spelledLineMax = 10'000; // longer lines are looked at up to there

bool isQuoteWithin(QChar c)
{
    return c == QLatin1Char('\'') || c == QChar(0x2019);
}

// What words of a dictionary are written in. Unknown: another one, of which the book says nothing.
QChar::Script scriptOf(const QString& name)
{
    switch (QLocale(name).script()) {
    case QLocale::LatinScript:
        return QChar::Script_Latin;
    case QLocale::CyrillicScript:
        return QChar::Script_Cyrillic;
    case QLocale::GreekScript:
        return QChar::Script_Greek;
    case QLocale::HebrewScript:
        return QChar::Script_Hebrew;
    case QLocale::ArabicScript:
        return QChar::Script_Arabic;
    case QLocale::ArmenianScript:
        return QChar::Script_Armenian;
    case QLocale::DevanagariScript:
        return QChar::Script_Devanagari;
    case QLocale::KoreanScript:
        return QChar::Script_Hangul;
    default:
        return QLocale(name).language() == QLocale::C ? QChar::Script_Latin : QChar::Script_Unknown;
    }
}

} // namespace

QStringList dictionaryFolders()
{
    QStringList folders = QStandardPaths::locateAll(QStandardPaths::GenericDataLocation, QStringLiteral("hunspell"),
                                                    QStandardPaths::LocateDirectory);
    folders << QStringLiteral("/usr/share/hunspell") << QStringLiteral("/usr/share/myspell/dicts");
    folders.removeDuplicates();
    return folders;
}

QList<Dictionary> dictionariesIn(const QStringList& folders)
{
    QList<Dictionary> found;
    const auto isKnown = [&](const QString& name) {
        return std::any_of(found.cbegin(), found.cend(), [&](const Dictionary& each) { return each.name == name; });
    };
    for (const QString& folder : folders) {
        const QFileInfoList files = QDir(folder).entryInfoList({QStringLiteral("*.dic")}, QDir::Files, QDir::Name);
        for (const QFileInfo& file : files) {
            const QString name = file.completeBaseName();
            const QString aff = QDir(folder).filePath(name + QStringLiteral(".aff"));
            if (found.size() < dictionariesMax && QFileInfo::exists(aff) && !isKnown(name))
                found.append({name, aff, file.filePath()});
        }
    }
    std::sort(found.begin(), found.end(), [](const Dictionary& a, const Dictionary& b) { return a.name < b.name; });
    return found;
}

QString dictionaryTitle(const QString& name)
{
    const QLocale locale(name);
    if (locale.language() == QLocale::C)
        return name;
    const QString language = locale.nativeLanguageName();
    // "en_GB" says all; of "en_medical" the rest has to be told.
    const bool isPlain = name == locale.name() || name == locale.name().section(QLatin1Char('_'), 0, 0);
    return isPlain && !language.isEmpty() ? language : QStringLiteral("%1 (%2)").arg(language, name);
}

QString dictionaryFor(const QString& locale, const QList<Dictionary>& among)
{
    const QString language = locale.section(QLatin1Char('_'), 0, 0);
    QString other;
    for (const Dictionary& each : among) {
        if (each.name == locale)
            return each.name;
        if (other.isEmpty() && each.name.section(QLatin1Char('_'), 0, 0) == language)
            other = each.name;
    }
    return other;
}

struct SpellBook::Opened {
    Opened(const QByteArray& aff, const QByteArray& dic) : book(aff.constData(), dic.constData()) {}

    Hunspell book;
    QStringEncoder encode;
    QStringDecoder decode;
    QChar::Script script = QChar::Script_Unknown;
};

SpellBook::SpellBook(std::unique_ptr<Opened> opened) : opened_(std::move(opened)) {}
SpellBook::~SpellBook() = default;

std::unique_ptr<SpellBook> SpellBook::open(const Dictionary& dictionary)
{
    for (const QString& path : {dictionary.aff, dictionary.dic}) {
        QFile file(path);
        if (file.size() > fileBytesMax || !file.open(QIODevice::ReadOnly))
            return nullptr;
    }
    auto opened = std::make_unique<Opened>(QFile::encodeName(dictionary.aff), QFile::encodeName(dictionary.dic));
    const char* encoding = opened->book.get_dict_encoding().c_str();
    opened->encode = QStringEncoder(encoding);
    opened->decode = QStringDecoder(encoding);
    if (!opened->encode.isValid() || !opened->decode.isValid())
        return nullptr;
    opened->script = scriptOf(dictionary.name);
    return std::unique_ptr<SpellBook>(new SpellBook(std::move(opened)));
}

bool SpellBook::isRight(const QString& word)
{
    if (word.isEmpty() || word.size() > spelledMax)
        return true;
    const bool isOurs = std::all_of(word.cbegin(), word.cend(), [this](QChar c) {
        return isQuoteWithin(c) || c.isMark() || (c.isLetter() && c.script() == opened_->script);
    });
    if (!isOurs)
        return true;
    QString plain = word;
    plain.replace(QChar(0x2019), QLatin1Char('\''));
    opened_->encode.resetState();
    const QByteArray bytes = opened_->encode.encode(plain);
    if (opened_->encode.hasError())
        return true;
    return opened_->book.spell(bytes.toStdString());
}

QStringList SpellBook::suggestions(const QString& word, int most)
{
    if (word.isEmpty() || word.size() > spelledMax)
        return {};
    QString plain = word;
    plain.replace(QChar(0x2019), QLatin1Char('\''));
    opened_->encode.resetState();
    const QByteArray bytes = opened_->encode.encode(plain);
    if (opened_->encode.hasError())
        return {};
    QStringList made;
    for (const std::string& each : opened_->book.suggest(bytes.toStdString())) {
        opened_->decode.resetState();
        const QString text = opened_->decode.decode(QByteArrayView(each.data(), qsizetype(each.size())));
        if (made.size() < most && !opened_->decode.hasError() && !text.isEmpty())
            made.append(text);
    }
    return made;
}

namespace {

bool isWordSign(QChar c)
{
    return c.isLetterOrNumber() || c.isMark() || c.isSurrogate();
}

qsizetype wordEnd(QStringView line, qsizetype at)
{
    while (at < line.size() && (isWordSign(line.at(at)) ||
                                (isQuoteWithin(line.at(at)) && at + 1 < line.size() && line.at(at + 1).isLetter())))
        ++at;
    return at;
}

// Finds the ends of what is no prose. What was looked for in vain once is not looked for again: linear in the line.
class Others {
public:
    explicit Others(QStringView line) : line_(line) {}

    // Behind what is no prose and begins at `at`; `at` itself where none does.
    qsizetype behind(qsizetype at)
    {
        const QChar c = line_.at(at), next = at + 1 < line_.size() ? line_.at(at + 1) : QChar();
        if (c == QLatin1Char('`')) {
            qsizetype run = 1;
            while (at + run < line_.size() && line_.at(at + run) == c)
                ++run;
            const qsizetype end = find(Code + std::min<qsizetype>(run, 3) - 1, QString(run, c), at + run);
            return end < 0 ? at + run : end;
        }
        qsizetype end = -1;
        if (c == QLatin1Char('[') && next == c)
            end = find(Page, QStringLiteral("]]"), at + 2);
        else if (c == QLatin1Char(']') && next == QLatin1Char('('))
            end = find(Address, QStringLiteral(")"), at + 2);
        else if (c == QLatin1Char('<') && (next.isLetter() || next == QLatin1Char('/')))
            end = find(Tag, QStringLiteral(">"), at + 2);
        else if (c == QLatin1Char('&') && next.isLetter())
            end = entity(at + 1);
        return end < 0 ? at : end;
    }

private:
    enum Kind { Page, Address, Tag, Code, Kinds = Code + 3 };

    qsizetype find(qsizetype kind, const QString& sign, qsizetype from)
    {
        const qsizetype found = none_[kind] ? -1 : line_.indexOf(sign, from);
        none_[kind] = found < 0;
        return found < 0 ? -1 : found + sign.size();
    }

    qsizetype entity(qsizetype at) const
    {
        constexpr qsizetype most = 32;
        qsizetype end = at;
        while (end < line_.size() && end - at < most && line_.at(end).isLetterOrNumber())
            ++end;
        return end < line_.size() && line_.at(end) == QLatin1Char(';') ? end + 1 : -1;
    }

    QStringView line_;
    bool none_[Kinds] = {};
};

// Part of a name of a file, a site, a person, a tag: what stands beside it says so.
bool isJoined(QStringView line, qsizetype from, qsizetype to)
{
    const auto at = [&](qsizetype i) { return i >= 0 && i < line.size() ? line.at(i) : QChar(); };
    const QChar before = at(from - 1), after = at(to);
    const auto always = [](QChar c) {
        return c == QLatin1Char('/') || c == QLatin1Char('\\') || c == QLatin1Char('@') || c == QLatin1Char('=');
    };
    const auto between = [](QChar c) {
        return c == QLatin1Char('.') || c == QLatin1Char('_') || c == QLatin1Char(':');
    };
    if (always(before) || always(after) || before == QLatin1Char('#'))
        return true;
    if ((between(before) && isWordSign(at(from - 2))) || (between(after) && isWordSign(at(to + 1))))
        return true;
    return after == QLatin1Char(':') && at(to + 1) == QLatin1Char('/');
}

bool isProse(QStringView word)
{
    if (word.size() < 2 || word.size() > spelledMax)
        return false;
    bool hasSmall = false;
    for (qsizetype i = 0; i < word.size(); ++i) {
        const QChar c = word.at(i);
        if (c.isSurrogate() || c.isNumber())
            return false;
        if (c.isUpper() && hasSmall) // aName
            return false;
        hasSmall = hasSmall || (c.isLetter() && !c.isUpper());
    }
    return hasSmall; // else an abbreviation
}

} // namespace

std::vector<SpelledWord> wordsToSpell(QStringView line)
{
    line = line.left(spelledLineMax);
    std::vector<SpelledWord> words;
    Others others(line);
    bool isName = false; // of a person, a tag, a site: all that is not apart from it
    for (qsizetype at = 0; at < line.size();) {
        const QChar c = line.at(at);
        if (c.isSpace())
            isName = false;
        if (const qsizetype behind = others.behind(at); behind > at) {
            at = behind;
            continue;
        }
        if ((c == QLatin1Char('@') || c == QLatin1Char('#') || line.mid(at).startsWith(QLatin1String("://"))))
            isName = true;
        if (!isWordSign(c)) {
            ++at;
            continue;
        }
        const qsizetype to = wordEnd(line, at);
        if (line.mid(to).startsWith(QLatin1String("://")))
            isName = true;
        if (!isName && !isJoined(line, at, to) && isProse(line.mid(at, to - at)))
            words.push_back({int(at), int(to - at)});
        at = to;
    }
    return words;
}

} // namespace stoa
