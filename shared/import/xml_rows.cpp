#include "shared/import/xml_rows.h"

#include <algorithm>
#include <exception>
#include <fstream>
#include <memory>
#include <type_traits>

#include <expat.h>

#include "shared/base/limits.h"

namespace stoa {

namespace {

constexpr size_t chunkBytes = limits::kMiB;
constexpr int64_t rowBytesMax = 16 * limits::kMiB;
constexpr int brokenRowsMax = 1000;

using Parser = std::unique_ptr<std::remove_pointer_t<XML_Parser>, decltype(&XML_ParserFree)>;

// What the parser's callbacks see.
struct Reading {
    XML_Parser parser = nullptr;
    const OnRow* onRow = nullptr;
    int64_t lineBefore = 0;     // of the file, before this parser's first line
    int64_t lastElementEnd = 0; // bytes of this parser
    int64_t rows = 0;
    bool declaresEntities = false;
    std::exception_ptr thrown; // must not pass through the parser, which is C

    void stop() { XML_StopParser(parser, XML_FALSE); }
};

void onElement(void* data, const XML_Char* name, const XML_Char** attributes)
{
    auto& reading = *static_cast<Reading*>(data);
    reading.lastElementEnd = XML_GetCurrentByteIndex(reading.parser) + XML_GetCurrentByteCount(reading.parser);
    if (std::string_view(name) != "row")
        return;
    try {
        XmlRow row;
        row.line = reading.lineBefore + static_cast<int64_t>(XML_GetCurrentLineNumber(reading.parser));
        for (; *attributes; attributes += 2)
            row.attributes.emplace(attributes[0], attributes[1]);
        ++reading.rows;
        (*reading.onRow)(row);
    } catch (...) {
        reading.thrown = std::current_exception();
        reading.stop();
    }
}

void onEntity(void* data, const XML_Char*, int, const XML_Char*, int, const XML_Char*, const XML_Char*, const XML_Char*,
              const XML_Char*)
{
    auto& reading = *static_cast<Reading*>(data);
    reading.declaresEntities = true;
    reading.stop();
}

// How one parser ended.
struct Ended {
    bool atEnd = false;
    int64_t rows = 0;     // that were handed out
    std::string sentence; // what is broken; empty: nothing, or the file is refused
    std::string refusal;  // of the file
    int64_t line = 0;     // of the file
    int64_t brokenAt = 0; // byte of the file
};

class RowReader {
public:
    RowReader(const std::filesystem::path& file, const OnRow& onRow) : in_(file, std::ios::binary), onRow_(onRow) {}

    bool isOpen() const { return in_.is_open() && in_.good(); }

    // From a byte that begins a row, or the file, to the end or to what is broken.
    Ended parse(int64_t from, int64_t lineBefore)
    {
        Parser parser(XML_ParserCreate(nullptr), &XML_ParserFree);
        Reading reading{.parser = parser.get(), .onRow = &onRow_, .lineBefore = lineBefore};
        XML_SetUserData(parser.get(), &reading);
        XML_SetStartElementHandler(parser.get(), onElement);
        XML_SetEntityDeclHandler(parser.get(), onEntity);
        int64_t fed = 0;
        int64_t prefix = 0;
        if (from > 0) {
            constexpr std::string_view root = "<rows>";
            prefix = static_cast<int64_t>(root.size());
            XML_Parse(parser.get(), root.data(), static_cast<int>(root.size()), XML_FALSE);
            fed = prefix;
        }
        in_.clear();
        in_.seekg(from);
        Ended ended;
        while (true) {
            in_.read(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
            const auto got = static_cast<int>(in_.gcount());
            const bool last = !in_;
            fed += got;
            const auto status = XML_Parse(parser.get(), buffer_.data(), got, last ? XML_TRUE : XML_FALSE);
            if (reading.thrown)
                std::rethrow_exception(reading.thrown);
            ended.rows = reading.rows;
            if (reading.declaresEntities) {
                ended.refusal = "it declares entities of its own, which are not read, as they can be made to fill "
                                "the memory. Remove the <!ENTITY ...> lines";
                return ended;
            }
            const bool tooLong = !last && fed - reading.lastElementEnd > rowBytesMax;
            if (status == XML_STATUS_ERROR || tooLong) {
                ended.line = lineBefore + static_cast<int64_t>(XML_GetCurrentLineNumber(parser.get()));
                ended.brokenAt = from + std::max<int64_t>(0, XML_GetCurrentByteIndex(parser.get()) - prefix);
                ended.sentence = tooLong ? "a row is longer than 16 MiB"
                                         : std::string(XML_ErrorString(XML_GetErrorCode(parser.get())));
                ended.atEnd = last && XML_GetErrorCode(parser.get()) == XML_ERROR_NO_ELEMENTS;
                return ended;
            }
            if (last) {
                ended.atEnd = true;
                return ended;
            }
        }
    }

    // The next line after the byte that begins with a row; -1: there is none. Counts the lines passed.
    int64_t nextRow(int64_t after, int64_t& lines)
    {
        in_.clear();
        in_.seekg(after);
        int64_t at = after;
        bool lineStart = false; // only blanks since the line's beginning
        std::string_view wanted;
        int64_t rowAt = -1;
        while (in_) {
            in_.read(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
            const auto got = static_cast<size_t>(in_.gcount());
            for (size_t i = 0; i < got; ++i, ++at) {
                const char c = buffer_[i];
                if (c == '\n') {
                    ++lines;
                    lineStart = true;
                    wanted = {};
                } else if (!wanted.empty()) {
                    if (c != wanted.front()) {
                        wanted = {};
                    } else {
                        wanted.remove_prefix(1);
                        if (wanted.empty())
                            return rowAt;
                    }
                } else if (lineStart && c == '<') {
                    rowAt = at;
                    wanted = "row ";
                    lineStart = false;
                } else if (c != ' ' && c != '\t' && c != '\r') {
                    lineStart = false;
                }
            }
        }
        return -1;
    }

private:
    std::ifstream in_;
    const OnRow& onRow_;
    std::string buffer_ = std::string(chunkBytes, '\0');
};

} // namespace

const std::string& XmlRow::operator[](const std::string& name) const
{
    static const std::string nothing;
    const auto found = attributes.find(name);
    return found == attributes.end() ? nothing : found->second;
}

std::string readXmlRows(const std::filesystem::path& file, const OnRow& onRow, const OnBrokenRow& onBroken)
{
    RowReader reader(file, onRow);
    if (!reader.isOpen())
        return "it cannot be opened; check that it is there and that its permissions allow it";
    int64_t from = 0;
    int64_t lineBefore = 0;
    for (int broken = 0;; ++broken) {
        const Ended ended = reader.parse(from, lineBefore);
        if (!ended.refusal.empty())
            return ended.refusal;
        if (ended.sentence.empty())
            return {};
        int64_t lines = ended.line - 1;
        const int64_t next = reader.nextRow(ended.brokenAt, lines);
        if (from == 0 && next < 0 && ended.rows == 0 && ended.line <= 1)
            return "it is not XML: " + ended.sentence;
        if (ended.atEnd || next < 0) {
            onBroken(ended.line, "The file breaks off here (" + ended.sentence + "); what stands before was read.");
            return {};
        }
        onBroken(ended.line, "This row is broken and was left out (" + ended.sentence + ").");
        if (broken == brokenRowsMax) {
            onBroken(ended.line, "Too many rows are broken; the rest of the file was left out.");
            return {};
        }
        from = next;
        lineBefore = lines;
    }
}

} // namespace stoa
