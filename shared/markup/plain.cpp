#include "shared/markup/plain.h"

namespace stoa {

std::string plainText(const Spans& spans)
{
    std::string out;
    for (const Span& span : spans)
        out += span.text;
    return out;
}

std::string plainText(const Document& document)
{
    std::string out;
    const auto endLine = [&] {
        if (!out.empty() && out.back() != '\n')
            out.push_back('\n');
    };
    for (const Block& block : document.blocks) {
        endLine();
        switch (block.kind) {
        case BlockKind::Code:
            out += block.code;
            break;
        case BlockKind::Table:
            for (const auto& row : block.table.rows) {
                endLine();
                for (size_t i = 0; i < row.size(); ++i) {
                    if (i > 0)
                        out.push_back('\t');
                    out += plainText(row[i]);
                }
            }
            break;
        default:
            out += plainText(block.spans);
        }
    }
    while (out.ends_with('\n'))
        out.pop_back();
    return out;
}

std::string plainText(std::string_view markdown)
{
    return plainText(parseMarkdown(markdown));
}

std::vector<std::string> links(const Document& document)
{
    std::vector<std::string> out;
    const auto collect = [&](const Spans& spans) {
        const Span* last = nullptr;
        for (const Span& span : spans) {
            // A link of several looks is several spans.
            const bool goesOn = last && last->target == span.target && last->image == span.image && !span.image;
            if (!span.target.empty() && !goesOn)
                out.push_back(span.target);
            last = &span;
        }
    };
    for (const Block& block : document.blocks) {
        collect(block.spans);
        for (const auto& row : block.table.rows) {
            for (const Spans& cell : row)
                collect(cell);
        }
    }
    return out;
}

std::vector<std::string> links(std::string_view markdown)
{
    return links(parseMarkdown(markdown));
}

} // namespace stoa
