#include "client/search/words.h"

#include <array>

#include <QList>
#include <QString>

namespace stoa {

namespace {

struct Range {
    char32_t first, last;
};

template <size_t N>
bool within(const Range (&ranges)[N], char32_t c)
{
    for (const Range& range : ranges)
        if (c >= range.first && c <= range.last)
            return true;
    return false;
}

// Each character is a word of its own.
bool standsAlone(char32_t c)
{
    static constexpr Range ranges[] = {
        {0x0e01, 0x0eff},   // Thai, Lao
        {0x1000, 0x109f},   // Myanmar
        {0x1780, 0x17ff},   // Khmer
        {0x2e80, 0x2fdf},   // radicals
        {0x3005, 0x3007},   // ideographic marks that count as letters
        {0x3040, 0x30ff},   // Hiragana, Katakana
        {0x3100, 0x312f},   // Bopomofo
        {0x31f0, 0x31ff},   // Katakana extensions
        {0x3400, 0x4dbf},   // Han
        {0x4e00, 0x9fff},   // Han
        {0xac00, 0xd7af},   // Hangul
        {0xf900, 0xfaff},   // Han, compatibility
        {0x20000, 0x3ffff}, // Han, further planes
    };
    return c >= 0x0e01 && within(ranges, c);
}

// Marks on top of a letter that make no other word of it.
bool isAccent(char32_t c)
{
    static constexpr Range ranges[] = {{0x0300, 0x036f}, {0x064b, 0x065f}, {0x1ab0, 0x1aff},
                                       {0x1dc0, 0x1dff}, {0x20d0, 0x20ff}, {0xfe20, 0xfe2f}};
    return c >= 0x0300 && within(ranges, c);
}

bool isLetter(char32_t c)
{
    return QChar::isLetterOrNumber(c) || QChar::isMark(c);
}

// Letters that Unicode does not take apart.
const char* spelling(char32_t c)
{
    switch (c) {
    case 0x00df:
    case 0x1e9e:
        return "ss";
    case 0x00c6:
    case 0x00e6:
        return "ae";
    case 0x0152:
    case 0x0153:
        return "oe";
    case 0x00d8:
    case 0x00f8:
        return "o";
    case 0x0110:
    case 0x0111:
    case 0x00d0:
    case 0x00f0:
        return "d";
    case 0x0141:
    case 0x0142:
        return "l";
    case 0x00de:
    case 0x00fe:
        return "th";
    case 0x0131:
        return "i";
    default:
        return nullptr;
    }
}

// Empty for accents and for what is no part of a word.
std::string foldSlowly(char32_t c)
{
    if (isAccent(c) || !isLetter(c))
        return {};
    if (const char* letters = spelling(c))
        return letters;
    QString folded = QString::fromUcs4(&c, 1);
    if (c < 0xac00 || c > 0xd7af)
        folded = folded.normalized(QString::NormalizationForm_KD).toCaseFolded();
    std::string result;
    for (const char32_t part : folded.toUcs4()) {
        if (isAccent(part) || !isLetter(part))
            continue;
        result += QString::fromUcs4(&part, 1).toStdString();
    }
    // Voiced kana come apart into two: put them together again.
    if (standsAlone(c))
        result = folded.normalized(QString::NormalizationForm_KC).toStdString();
    return result;
}

// What most alphabets need, made once.
const std::string& folded(char32_t c, std::string& room)
{
    constexpr char32_t tableSize = 0x600;
    static const std::array<std::string, tableSize> table = [] {
        std::array<std::string, tableSize> made;
        for (char32_t i = 0; i < tableSize; ++i)
            made[i] = foldSlowly(i);
        return made;
    }();
    if (c < tableSize)
        return table[c];
    room = foldSlowly(c);
    return room;
}

// 0: no part of a word; else the folded character.
constexpr std::array<char, 128> makeAscii()
{
    std::array<char, 128> table{};
    for (char c = '0'; c <= '9'; ++c)
        table[size_t(c)] = c;
    for (char c = 'a'; c <= 'z'; ++c) {
        table[size_t(c)] = c;
        table[size_t(c - 'a' + 'A')] = c;
    }
    return table;
}
constexpr std::array<char, 128> ascii = makeAscii();

} // namespace

bool Words::next(Word& word)
{
    word.folded.clear();
    std::string room;
    qsizetype start = -1;
    const char16_t* text = text_.utf16();
    const qsizetype size = text_.size();
    while (at_ < size) {
        const char16_t unit = text[at_];
        if (unit < 128) {
            const char c = ascii[unit];
            if (c == 0) {
                if (start >= 0)
                    break;
                ++at_;
                continue;
            }
            if (start < 0)
                start = at_;
            if (word.folded.size() < foldedBytesMax)
                word.folded += c;
            ++at_;
            continue;
        }
        char32_t c = unit;
        qsizetype units = 1;
        if (QChar::isHighSurrogate(unit) && at_ + 1 < size && QChar::isLowSurrogate(text[at_ + 1])) {
            c = QChar::surrogateToUcs4(unit, text[at_ + 1]);
            units = 2;
        }
        const bool alone = standsAlone(c);
        const std::string& letters = folded(c, room);
        if (letters.empty()) {
            // An accent belongs to the letter before it; anything else ends the word.
            if (start >= 0 && !isAccent(c))
                break;
            at_ += units;
            continue;
        }
        if (alone && start >= 0)
            break;
        if (start < 0)
            start = at_;
        if (word.folded.size() + letters.size() <= foldedBytesMax)
            word.folded += letters;
        at_ += units;
        if (alone)
            break;
    }
    if (start < 0)
        return false;
    word.start = start;
    word.length = at_ - start;
    return true;
}

std::string foldText(QStringView text)
{
    std::string result;
    Word word;
    for (Words words(text); words.next(word);) {
        if (!result.empty())
            result += ' ';
        result += word.folded;
    }
    return result;
}

} // namespace stoa
