// What people type is theirs: it is there again after a crash, after another place and after a refusal, and
// gone only when it was sent.

#include <QLineEdit>

#include "client/ui/questions/composer.h"
#include "client/ui/questions/questions_view.h"
#include "tests/support/catch.h"
#include "tests/ui/questions/workplace.h"

using namespace stoa;
using namespace stoa::test;

namespace {

struct Form {
    explicit Form(const Program& program) : form(program.desk)
    {
        shown(form);
        title = named<QLineEdit>(form, QStringLiteral("The question in one line"));
        body = named<QPlainTextEdit>(form, QStringLiteral("The question's text"));
        REQUIRE(title);
        REQUIRE(body);
    }

    AskForm form;
    QLineEdit* title = nullptr;
    QPlainTextEdit* body = nullptr;
};

bool isKept(const Program& program, const QString& place, const QString& title, const QString& text)
{
    const auto kept = draft(*program.reading, place);
    return kept && kept->title == title && kept->text == text;
}

// The profile's files as they are this moment: what a killed program leaves behind.
struct Remains {
    explicit Remains(const Content& content)
    {
        for (const char* suffix : {"", "-wal"})
            std::filesystem::copy(content.path() + suffix, path() + suffix);
        reading = std::make_unique<Reading>(QString::fromStdString(path()));
    }
    std::string path() const { return directory.path() / "replica.db"; }

    TemporaryDirectory directory;
    std::unique_ptr<Reading> reading;
};

std::unique_ptr<Composer> answerTo(const Program& program, const Content& content, const Id& question)
{
    return std::make_unique<Composer>(
        program.desk, Composer::Words{{}, QStringLiteral("Answer"), QStringLiteral("Your answer")},
        answerPlace(question), [desk = program.desk, space = content.spaceId, question](const QString& text) {
            return answerQuestion(desk.pen, space, question, text);
        });
}

QPlainTextEdit* editorOf(const Composer& composer)
{
    return composer.findChild<QPlainTextEdit*>();
}

} // namespace

TEST_CASE("a question that is being written survives a killed program")
{
    Content content;
    Program program(content);
    Form form(program);
    form.form.setSpace(content.spaceId, QStringLiteral("Lab"));
    QTest::keyClicks(form.title, QStringLiteral("Why so?"));
    QTest::keyClicks(form.body, QStringLiteral("I tried."));
    REQUIRE(eventually([&] {
        return isKept(program, askPlace(content.spaceId), QStringLiteral("Why so?"), QStringLiteral("I tried."));
    }));

    const auto left = draft(*Remains(content).reading, askPlace(content.spaceId));
    REQUIRE(left);
    CHECK(left->title == QStringLiteral("Why so?"));
    CHECK(left->text == QStringLiteral("I tried."));
}

TEST_CASE("a question that is being written is there again when the form is opened anew")
{
    Content content;
    Program program(content);
    {
        Form form(program);
        form.form.setSpace(content.spaceId, QStringLiteral("Lab"));
        QTest::keyClicks(form.title, QStringLiteral("Why so?"));
    }
    SECTION("at once, before anything was written")
    {
        Form again(program);
        again.form.setSpace(content.spaceId, QStringLiteral("Lab"));
        CHECK(again.title->text() == QStringLiteral("Why so?"));
    }
    SECTION("by the next start of the program")
    {
        program.worker.reset();
        Program next(content);
        Form again(next);
        again.form.setSpace(content.spaceId, QStringLiteral("Lab"));
        CHECK(again.title->text() == QStringLiteral("Why so?"));
    }
}

TEST_CASE("asking in another space leaves the first question as it was")
{
    Content content;
    const Id other = deriveId(1, "test", "other");
    Program program(content);
    Form form(program);
    form.form.setSpace(content.spaceId, QStringLiteral("Lab"));
    QTest::keyClicks(form.title, QStringLiteral("For the lab"));
    form.form.setSpace(other, QStringLiteral("Other"));
    CHECK(form.title->text().isEmpty());
    QTest::keyClicks(form.title, QStringLiteral("For others"));

    form.form.setSpace(content.spaceId, QStringLiteral("Lab"));
    CHECK(form.title->text() == QStringLiteral("For the lab"));
    CHECK(eventually([&] { return isKept(program, askPlace(content.spaceId), QStringLiteral("For the lab"), {}); }));
    CHECK(eventually([&] { return isKept(program, askPlace(other), QStringLiteral("For others"), {}); }));
}

TEST_CASE("Ctrl+Enter asks, and the draft goes with it")
{
    Content content;
    Program program(content);
    Form form(program);
    form.form.setSpace(content.spaceId, QStringLiteral("Lab"));
    Id asked;
    QObject::connect(&form.form, &AskForm::asked, &form.form, [&](const Id& question) { asked = question; });
    QTest::keyClicks(form.title, QStringLiteral("Why so?"));
    REQUIRE(eventually([&] { return draft(*program.reading, askPlace(content.spaceId)).has_value(); }));
    QTest::keyClick(form.title, Qt::Key_Return, Qt::ControlModifier);
    REQUIRE(eventually([&] { return !asked.isNull(); }));
    CHECK(post(*program.reading, asked)->title == QStringLiteral("Why so?"));
    CHECK_FALSE(draft(*program.reading, askPlace(content.spaceId)));
    CHECK(form.title->text().isEmpty());
}

TEST_CASE("Esc leaves the form and keeps the draft")
{
    Content content;
    Program program(content);
    Form form(program);
    form.form.setSpace(content.spaceId, QStringLiteral("Lab"));
    int left = 0;
    QObject::connect(&form.form, &AskForm::left, &form.form, [&] { ++left; });
    QTest::keyClicks(form.title, QStringLiteral("Why so?"));
    QTest::keyClick(form.title, Qt::Key_Escape);
    CHECK(left == 1);
    CHECK(eventually([&] { return isKept(program, askPlace(content.spaceId), QStringLiteral("Why so?"), {}); }));
}

TEST_CASE("a form says what is missing until it is being mended")
{
    Content content;
    Program program(content);
    Form form(program);
    form.form.setSpace(content.spaceId, QStringLiteral("Lab"));
    const QString asksBack = QStringLiteral("A question needs its one line: others find it by that.");
    QTest::keyClick(form.body, Qt::Key_Return, Qt::ControlModifier);
    REQUIRE(labelled<QLabel>(form.form, asksBack));
    QTest::keyClicks(form.title, QStringLiteral("W"));
    CHECK_FALSE(labelled<QLabel>(form.form, asksBack));
}

TEST_CASE("an answer is kept while it is written and gone once it is sent")
{
    Content content;
    const Id question = content.hold(content.question("Why?"));
    Program program(content);
    auto composer = answerTo(program, content, question);
    shown(*composer);
    QPlainTextEdit* editor = editorOf(*composer);
    QTest::keyClicks(editor, QStringLiteral("Because"));
    REQUIRE(eventually([&] { return isKept(program, answerPlace(question), {}, QStringLiteral("Because")); }));

    int sent = 0;
    QObject::connect(composer.get(), &Composer::sent, composer.get(), [&] { ++sent; });
    QTest::keyClick(editor, Qt::Key_Return, Qt::ControlModifier);
    REQUIRE(eventually([&] { return sent == 1; }));
    CHECK(editor->toPlainText().isEmpty());
    CHECK_FALSE(draft(*program.reading, answerPlace(question)));
    CHECK(thread(*program.reading, question)->answers.size() == 1);
    composer.reset();
    CHECK(editorOf(*answerTo(program, content, question))->toPlainText().isEmpty());
}

TEST_CASE("what is refused stays in its field, and stays a draft")
{
    Content content;
    const Id question = content.hold(content.question("Why?"));
    content.setAside();
    Program program(content);
    auto composer = answerTo(program, content, question);
    shown(*composer);
    QPlainTextEdit* editor = editorOf(*composer);
    QTest::keyClicks(editor, QStringLiteral("Because"));
    bool refused = false;
    QObject::connect(program.worker.get(), &Worker::notSubmitted, composer.get(), [&] { refused = true; });
    QTest::keyClick(editor, Qt::Key_Return, Qt::ControlModifier);
    SECTION("where the form waits for the answer")
    {
        REQUIRE(eventually([&] { return refused; }));
        CHECK(editor->toPlainText() == QStringLiteral("Because"));
        CHECK_FALSE(editor->isReadOnly());
    }
    SECTION("where the form is gone by then")
    {
        composer.reset();
    }
    CHECK(eventually([&] { return isKept(program, answerPlace(question), {}, QStringLiteral("Because")); }));
}
