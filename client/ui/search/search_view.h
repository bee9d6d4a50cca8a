#pragma once

// The search place's widget; search_place.h makes it.

#include <QTimer>

#include "client/models/search_model.h"
#include "client/ui/place.h"

class QHBoxLayout;
class QLabel;
class QListView;
class QStackedWidget;

namespace stoa {

class EmptyState;

class SearchPlace : public Place {
    Q_OBJECT

public:
    SearchPlace(const Desk& desk, QWidget* parent);

    void open(const Location& location) override;
    Location location() const override { return searchLocation(words_); }
    QString title() const override { return words_.isEmpty() ? tr("Search") : tr("Search: %1").arg(words_); }
    void refresh(const Touched& touched) override;
    void takeFocus() override;
    void openFirst() override;

protected:
    void hideEvent(QHideEvent* event) override;

private:
    // A filter to click.
    struct Chip {
        QString text;
        QString filter;
        bool on = false;

        friend bool operator==(const Chip&, const Chip&) = default;
    };

    void ask();
    void go(const QModelIndex& index);
    void goOn();
    void show(const SearchResults& results);
    void showChips();
    void narrow(const QString& filter);

    SearchModel model_;
    QString words_;
    quint64 ticket_ = 0;
    bool isAnswered_ = false;
    bool goes_ = false; // to what is found first, as soon as that is known
    QTimer soon_;
    QLabel* heading_;
    QLabel* note_;
    QHBoxLayout* chips_;
    QList<Chip> shownChips_;
    std::optional<QStringList> spaces_; // by name; read when first needed and when they change
    QListView* list_;
    QStackedWidget* stack_;
    EmptyState* empty_;
};

} // namespace stoa
