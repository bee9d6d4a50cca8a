// What a person types into the search field: nothing of it is ever syntax to the index.

#include <QString>

#include "client/search/index.h"
#include "client/search/matcher.h"
#include "client/search/snippet.h"
#include "shared/base/assert.h"
#include "shared/base/limits.h"
#include "tests/fuzz/input.h"
#include "tests/support/temporary_directory.h"

using namespace stoa;

namespace {

const QString text = QStringLiteral("How do I re-open the Straße \u4e2d\u6587 e-mail?");

// An index over two posts.
class Library {
public:
    Library()
    {
        const auto post = [](qint64 row) {
            IndexText made;
            made.row = row;
            made.stamp = row;
            made.post.bytes[15] = uint8_t(row);
            made.kind = v1::QUESTION;
            made.title = QStringLiteral("Opening hours %1").arg(row);
            made.body = text;
            return made;
        };
        const IndexSource source{
            [](qint64 after, int) {
                QList<IndexStamp> stamps;
                for (qint64 row = after + 1; row <= 2; ++row)
                    if (row > 0)
                        stamps.append({row, row});
                return stamps;
            },
            [post](const QList<qint64>& rows) {
                QList<IndexText> texts;
                for (const qint64 row : rows)
                    texts.append(post(row));
                return texts;
            },
            [](const QList<Id>&) { return QList<qint64>(); },
        };
        const QString path = QString::fromStdString(directory_.path() / "search.db");
        SearchIndex index(path, source);
        index.lookAtAll();
        while (index.work(1'000)) {}
        STOA_ASSERT(index.indexed() == 2);
        matcher_ = std::make_unique<Matcher>(path);
    }
    Matcher& matcher() { return *matcher_; }

private:
    test::TemporaryDirectory directory_;
    std::unique_ptr<Matcher> matcher_;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    static Library library;
    const QString typed = QString::fromUtf8(reinterpret_cast<const char*>(data), qsizetype(size));
    const Query query = parseQuery(typed);
    STOA_ASSERT(size_t(query.terms.size() + query.filters.size()) <= limits::queryTermsMax);
    for (const QueryTerm& term : query.terms) {
        STOA_ASSERT(!term.words.empty());
        for (const std::string& word : term.words)
            for (const QChar unit : QString::fromStdString(word))
                STOA_ASSERT(unit.isLetterOrNumber() || unit.isMark() || unit.isSurrogate());
    }
    (void)library.matcher().match(query.terms, {}, 10);
    for (const QString& shown : {text, typed}) {
        const Snippet snippet = makeSnippet(shown, query.terms);
        for (const auto& [start, length] : snippet.marks)
            STOA_ASSERT(start >= 0 && length > 0 && start + length <= snippet.text.size());
        for (const auto& [start, length] : findMarks(shown, query.terms))
            STOA_ASSERT(start >= 0 && length > 0 && start + length <= shown.size());
    }
    return 0;
}
