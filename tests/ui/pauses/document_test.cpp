// How long the window waits for a text, as it is shipped: without what looks for other faults.

#include <algorithm>

#include <QScrollArea>

#include "client/ui/document/difference_view.h"
#include "client/ui/document/document_view.h"
#include "tests/support/catch.h"
#include "tests/support/cost.h"
#include "tests/ui/parts/screen.h"

namespace stoa {

namespace {

constexpr double patienceMs = 60'000;

// The longest that the window was busy at once, from the first piece of work until all of it is shown; negative where
// it never was.
template <class View, class Work>
double longestTurnMs(View& view, Work first)
{
    double longest = costMs(first), all = longest;
    while (!view.isComplete()) {
        const double turn = costMs([] { QCoreApplication::processEvents(QEventLoop::AllEvents); });
        longest = std::max(longest, turn);
        if ((all += turn) > patienceMs)
            return -1;
    }
    return longest;
}

void show(QScrollArea& column, QWidget* view)
{
    column.setWidget(view);
    column.setWidgetResizable(true);
    column.resize(700, 500);
    column.show();
    QCoreApplication::processEvents();
}

double longestPauseMs(const QString& markdown, DocumentView::Fit fit)
{
    screen();
    QScrollArea column;
    auto* view = new DocumentView(Desk{}, fit);
    show(column, view);
    return longestTurnMs(*view, [&] { view->setMarkdown(markdown); });
}

// The same while what became of a text is shown.
double longestPauseMs(const std::string& before, const std::string& after)
{
    screen();
    QScrollArea column;
    auto* view = new DifferenceView(Desk{});
    show(column, view);
    const auto difference = renderedDifference(before, after); // away from the GUI thread
    return longestTurnMs(*view, [&] { view->set(difference); });
}

QString repeated(const QString& text, qsizetype sizeMin)
{
    return text.repeated(sizeMin / text.size() + 1);
}

} // namespace

TEST_CASE("Big and hostile texts never hold the window up", "[slow]")
{
    const auto fit = GENERATE(DocumentView::Fit::Scrolls, DocumentView::Fit::Grows);
    const std::pair<const char*, QString> texts[] = {
        {"paragraphs", repeated(QStringLiteral("Lorem ipsum dolor sit amet, consectetur.\n\n"), 1 << 20)},
        {"one line", repeated(QStringLiteral("word "), 1 << 20)},
        {"one word", QString(1 << 20, QLatin1Char('x'))},
        {"list", repeated(QStringLiteral("1. item\n"), 1 << 19)},
        {"quotes", QString(1 << 18, QLatin1Char('>'))},
        {"table", QStringLiteral("| a | b | c |\n|---|---|---|\n") +
                      repeated(QStringLiteral("| one | two words | three |\n"), 1 << 18)},
        {"wide table", repeated(QStringLiteral("| a "), 1 << 14) + QLatin1Char('\n') +
                           repeated(QStringLiteral("|---"), 1 << 14) + QLatin1Char('\n')},
        {"code", QStringLiteral("```\n") + repeated(QStringLiteral("int main() { return 0; }\n"), 1 << 20)},
        {"links", repeated(QStringLiteral("[a](b) "), 1 << 18)},
        {"combining", repeated(QStringLiteral("e\u0301\u0301\u0301"), 1 << 16)},
        {"right to left", repeated(QStringLiteral("שלום abc "), 1 << 18)},
    };
    for (const auto& [name, text] : texts) {
        INFO(name << (fit == DocumentView::Fit::Grows ? ", grows" : ", scrolls"));
        const double pause = longestPauseMs(text, fit);
        CAPTURE(pause);
        CHECK(pause >= 0);
        // A frame or two on a machine that does nothing else.
        CHECK(pause < 400);
    }
}

TEST_CASE("What became of a page of a megabyte never holds the window up", "[slow]")
{
    std::string before;
    for (int i = 0; before.size() < (1 << 20); ++i)
        before += "Paragraph number " + std::to_string(i) + " of a long page, with some words in it.\n\n";
    std::string one = before, many = before;
    one.replace(one.find("number 5000"), 6, "figure");
    for (size_t at = 0; (at = many.find("0 of a long", at)) != std::string::npos; ++at)
        many.replace(at, 11, "0 of a short");
    for (const std::string& after : {one, many, std::string()}) {
        const double pause = longestPauseMs(before, after);
        CAPTURE(pause, after.size());
        CHECK(pause >= 0);
        CHECK(pause < 400);
    }
}

} // namespace stoa
