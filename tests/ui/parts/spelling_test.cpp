// Spelling: which words of a line are looked at, what a dictionary says of them, and what is seen of it in the editor.

#include <QFile>
#include <QMenu>
#include <QTemporaryDir>
#include <QTest>

#include "client/ui/editor/markdown_editor.h"
#include "client/ui/editor/spell_marks.h"
#include "tests/support/catch.h"
#include "tests/ui/parts/screen.h"

using namespace stoa;

namespace {

// A folder with tiny dictionaries, and a profile.
struct Bookshelf {
    Bookshelf()
    {
        write("en_GB", "SET UTF-8\nTRY aeimnoprtsu\n", "6\nthe\nfan\nmotor\nis\nold\npump\n");
        write("de_DE", "SET ISO8859-1\nTRY aeimnoprtsu\n",
              "2\nGr\xfc\xdf"
              "e\nder\n");
    }
    void write(const char* name, const QByteArray& aff, const QByteArray& dic) const
    {
        for (const auto& [end, bytes] : {std::pair(".aff", aff), std::pair(".dic", dic)}) {
            QFile file(folder.filePath(QLatin1String(name) + QLatin1String(end)));
            REQUIRE(file.open(QIODevice::WriteOnly));
            file.write(bytes);
        }
    }
    Speller::Settings settings(const char* locale = "en_GB") const
    {
        return {{folder.path()}, profile.path(), QString::fromLatin1(locale)};
    }
    Dictionary dictionary(const char* name) const
    {
        for (const Dictionary& each : dictionariesIn({folder.path()}))
            if (each.name == QLatin1String(name))
                return each;
        return {};
    }

    QTemporaryDir folder;
    QTemporaryDir profile;
};

struct Spelled {
    explicit Spelled(const Bookshelf& shelf, const char* text) : speller(shelf.settings())
    {
        editor.resize(700, 300);
        editor.setText(QString::fromUtf8(text));
        editor.show();
        editor.activateWindow();
        editor.setFocus();
        REQUIRE(eventually([this] { return editor.hasFocus(); }));
    }
    QStringList wrong() const
    {
        QStringList words;
        for (const QTextCursor& each : marks.wrong())
            words << each.selectedText();
        return words;
    }
    bool becomes(const QStringList& words)
    {
        return eventually([&] { return wrong() == words; });
    }

    Application& application = screen(); // before any widget
    Speller speller;
    MarkdownEditor editor;
    SpellMarks marks{speller, &editor};
};

std::string spelled(const char* line)
{
    const QString text = QString::fromUtf8(line);
    QStringList found;
    for (const SpelledWord& each : wordsToSpell(text))
        found << text.mid(each.from, each.length);
    return found.join(QLatin1Char(' ')).toStdString();
}

} // namespace

TEST_CASE("of a line its prose is spelled, and nothing that is a name, code or an address")
{
    CHECK(spelled("## The **old** fan, _very_ old") == "The old fan very old");
    CHECK(spelled("- [ ] don't, or don’t") == "don't or don’t");
    CHECK(spelled("see [the pump](https://a.example/pmp \"x\") now") == "see the pump now");
    CHECK(spelled("run `ls -l foo` and ``a ` b`` now") == "run and now");
    CHECK(spelled("[[Some page]] by @bea about #fans") == "by about");
    CHECK(spelled("at https://a.example/b?c=d or ada@a.example") == "at or");
    CHECK(spelled("/usr/share/dict, file_name, cloud.gov, aName, TTS, H2O, 3rd, x").empty());
    CHECK(spelled("a &nbsp; <b>bold</b> one") == "bold one");
    CHECK(spelled("well-known | cell") == "well known cell");
    const QString broken = QStringLiteral("on") + QChar(0xD800) + QStringLiteral("ly this");
    REQUIRE(wordsToSpell(broken).size() == 1);
    CHECK(wordsToSpell(QString(500, QLatin1Char('a'))).empty());
}

TEST_CASE("a dictionary knows its words, says what may be meant, and nothing of other scripts")
{
    const Bookshelf shelf;
    CHECK(dictionariesIn({shelf.folder.path()}).size() == 2);
    const auto book = SpellBook::open(shelf.dictionary("en_GB"));
    REQUIRE(book);
    CHECK(book->isRight(QStringLiteral("Motor")));
    CHECK_FALSE(book->isRight(QStringLiteral("motr")));
    CHECK(book->suggestions(QStringLiteral("motr"), 5) == QStringList{QStringLiteral("motor")});
    CHECK(book->isRight(QStringLiteral("мотр")));
    CHECK(book->isRight(QString(1'000, QLatin1Char('a'))));
    CHECK(book->suggestions(QString(100'000, QLatin1Char('a')), 5).isEmpty());
    CHECK(book->isRight(QString(QChar(0xDC00))));

    const auto german = SpellBook::open(shelf.dictionary("de_DE"));
    REQUIRE(german);
    CHECK(german->isRight(QStringLiteral("Grüße")));
    CHECK_FALSE(german->isRight(QStringLiteral("Grüsse")));
    CHECK(german->suggestions(QStringLiteral("Grüsse"), 5).contains(QStringLiteral("Grüße")));
}

TEST_CASE("a dictionary that cannot be read is none")
{
    const Bookshelf shelf;
    shelf.write("en_US", "SET NO-SUCH-ENCODING\n", "1\nfan\n");
    CHECK_FALSE(SpellBook::open(shelf.dictionary("en_US")));
    CHECK_FALSE(SpellBook::open({QStringLiteral("en_US"), QStringLiteral("/none.aff"), QStringLiteral("/none.dic")}));
}

TEST_CASE("the language is that of the system, until another one is chosen, which is remembered")
{
    const Bookshelf shelf;
    CHECK(Speller(shelf.settings("de_DE")).chosen() == QStringLiteral("de_DE"));
    CHECK(Speller(shelf.settings("en_US")).chosen() == QStringLiteral("en_GB"));
    CHECK(Speller(shelf.settings("fr_FR")).chosen().isEmpty());
    Speller(shelf.settings("de_DE")).choose(QStringLiteral("en_GB"));
    CHECK(Speller(shelf.settings("de_DE")).chosen() == QStringLiteral("en_GB"));
    Speller(shelf.settings("de_DE")).choose({});
    CHECK(Speller(shelf.settings("de_DE")).chosen().isEmpty());
}

TEST_CASE("without a dictionary nothing is marked, and the menu says why")
{
    const Bookshelf shelf;
    screen();
    Speller none({{}, shelf.profile.path(), QStringLiteral("en_GB")});
    CHECK(none.verdict(QStringLiteral("motr")) == Speller::Verdict::Right);
    QMenu menu;
    addSpellingTo(&menu, none);
    Q_EMIT menu.aboutToShow();
    REQUIRE(menu.actions().size() == 1);
    CHECK(menu.actions().first()->text() == none.problem());
    CHECK_FALSE(none.problem().isEmpty());

    Speller some(shelf.settings());
    CHECK(some.problem().isEmpty());
    QMenu languages;
    addSpellingTo(&languages, some);
    Q_EMIT languages.aboutToShow();
    REQUIRE(languages.actions().size() == 3);
    CHECK(languages.actions()[2]->isChecked());
    languages.actions()[0]->trigger();
    CHECK(some.chosen().isEmpty());
}

TEST_CASE("wrong words are marked where they are seen, but not the one that is being typed, nor in code")
{
    const Bookshelf shelf;
    Spelled on(shelf, "The fann is old\n\n```\nmotr\n```\n");
    CHECK(on.becomes({QStringLiteral("fann")}));
    on.editor.moveCursor(QTextCursor::End);
    QTest::keyClicks(&on.editor, QStringLiteral("pumpp"));
    REQUIRE(eventually([&] { return on.speller.verdict(QStringLiteral("pumpp")) == Speller::Verdict::Wrong; }));
    CHECK(on.wrong() == QStringList{QStringLiteral("fann")});
    QTest::keyClicks(&on.editor, QStringLiteral(" is"));
    CHECK(on.becomes({QStringLiteral("fann"), QStringLiteral("pumpp")}));
    on.speller.choose({});
    CHECK(on.wrong().isEmpty());
}

TEST_CASE("a word is ignored in one text, and learned for all that follow")
{
    const Bookshelf shelf;
    {
        Spelled on(shelf, "The fann and the motr");
        REQUIRE(on.becomes({QStringLiteral("fann"), QStringLiteral("and"), QStringLiteral("motr")}));
        CHECK(on.speller.learn(QStringLiteral("and")));
        CHECK(on.wrong() == QStringList{QStringLiteral("fann"), QStringLiteral("motr")});
        CHECK_FALSE(on.speller.learn(QString(61, QLatin1Char('a'))));
    }
    Spelled again(shelf, "The fann And the fan");
    CHECK(again.becomes({QStringLiteral("fann")}));
}

TEST_CASE("the menu at a wrong word offers what may be meant, and puts it in its place")
{
    const Bookshelf shelf;
    Spelled on(shelf, "The motr is old");
    REQUIRE(on.becomes({QStringLiteral("motr")}));
    CHECK_FALSE(on.marks.wrongAt(1).hasSelection());
    CHECK(on.marks.wrongAt(6).selectedText() == QStringLiteral("motr"));
    QTextCursor cursor(on.editor.document());
    cursor.setPosition(6);
    on.editor.setTextCursor(cursor);
    const auto inMenu = [&](const char* name, auto act) { // while it is open
        bool done = false;
        QTimer look;
        QObject::connect(&look, &QTimer::timeout, &on.editor, [&] {
            auto* menu = qobject_cast<QMenu*>(QApplication::activePopupWidget());
            bool isWaiting = false;
            for (QAction* each : menu ? menu->actions() : QList<QAction*>()) {
                isWaiting = isWaiting || each->text().startsWith(QLatin1String("Looking"));
                if (!done && each->text() == QLatin1String(name)) {
                    done = true;
                    act(each);
                }
            }
            if (menu && (done || !isWaiting))
                menu->close();
        });
        look.start(1);
        QTest::keyClick(&on.editor, Qt::Key_Period, Qt::ControlModifier);
        return done;
    };
    CHECK(inMenu("motor", [](QAction* each) { each->trigger(); }));
    CHECK(on.editor.text() == QStringLiteral("The motor is old"));
    on.editor.run(MarkdownEditor::Act::Undo);
    CHECK(on.editor.text() == QStringLiteral("The motr is old"));
    CHECK(inMenu("Ignore here", [](QAction* each) { each->trigger(); }));
    CHECK(on.wrong().isEmpty());
    on.marks.open({});
    CHECK(on.wrong() == QStringList{QStringLiteral("motr")});

    // In the text of a post as long as the program runs, also where another one was open meanwhile; in no other.
    const Id post = deriveId(1, "test", "one"), other = deriveId(1, "test", "other");
    on.marks.open(post);
    CHECK(inMenu("Ignore here", [](QAction* each) { each->trigger(); }));
    on.marks.open(other);
    CHECK(on.wrong() == QStringList{QStringLiteral("motr")});
    on.marks.open(post);
    CHECK(on.wrong().isEmpty());
}
