// A list that takes over what was read again: always the rows that were read, with whatever a view holds on
// to (selection, current row) still on the same thing.

#include <QAbstractItemModelTester>
#include <QPersistentModelIndex>

#include <random>

#include "client/models/row_model.h"
#include "tests/support/catch.h"

using namespace stoa;

namespace {

class Letters : public RowModel<QChar> {
public:
    void read(const QString& letters) { become(QList<QChar>(letters.begin(), letters.end())); }
    QString shown() const { return QString(rows().constData(), rows().size()); }

protected:
    Id idOf(const QChar& letter) const override { return deriveId(0, "letter", std::string(1, letter.toLatin1())); }
    QVariant textOf(const QChar& letter, int role) const override
    {
        return role == Qt::DisplayRole ? QVariant(QString(letter)) : QVariant();
    }
};

QString shuffledPart(std::mt19937& random)
{
    QString letters = QStringLiteral("abcdefghijklmnop");
    std::shuffle(letters.begin(), letters.end(), random);
    return letters.first(static_cast<int>(random() % 17));
}

} // namespace

TEST_CASE("Rows become those that were read, whatever they were before")
{
    std::mt19937 random(7);
    Letters letters;
    QAbstractItemModelTester tester(&letters, QAbstractItemModelTester::FailureReportingMode::Fatal);
    for (int i = 0; i < 500; ++i) {
        const QString next = shuffledPart(random);
        letters.read(next);
        REQUIRE(letters.shown() == next);
    }
}

TEST_CASE("A selected row stays selected where it moves, and is lost only when it goes")
{
    Letters letters;
    letters.read(QStringLiteral("abcdef"));
    const QPersistentModelIndex selected = letters.index(2, 0);

    letters.read(QStringLiteral("xyfcab"));
    REQUIRE(selected.isValid());
    CHECK(selected.row() == 3);
    CHECK(selected.data().toString() == QStringLiteral("c"));

    letters.read(QStringLiteral("xya"));
    CHECK_FALSE(selected.isValid());
}

TEST_CASE("A row that was read twice is shown once")
{
    Letters letters;
    letters.read(QStringLiteral("abca"));
    CHECK(letters.shown() == QStringLiteral("abc"));
}
