#include <QFormLayout>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QPlainTextEdit>

#include "client/ui/space/space_view.h"
#include "client/ui/widgets/widgets.h"

namespace stoa {

CharterForm::CharterForm(QWidget* parent) : QWidget(parent)
{
    auto* layout = new QFormLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(grid(2));
    layout->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    layout->setRowWrapPolicy(QFormLayout::WrapAllRows);
    const auto line = [&](const QString& name, const QString& hint) {
        auto* edit = new QLineEdit;
        edit->setPlaceholderText(hint);
        edit->setAccessibleName(name);
        layout->addRow(name, edit);
        return edit;
    };
    const auto text = [&](const QString& name, const QString& hint) {
        auto* edit = new QPlainTextEdit;
        edit->setPlaceholderText(hint);
        edit->setAccessibleName(name);
        edit->setTabChangesFocus(true);
        edit->setFixedHeight(grid(20));
        layout->addRow(name, edit);
        return edit;
    };
    problem_ = text(tr("The problem"), tr("What goes wrong today, in a sentence or two"));
    audience_ = line(tr("For whom"), tr("Who learns here"));
    sponsor_ = line(tr("Sponsor"), tr("Who stands for it in the management"));
    target_ = line(tr("The business target"), tr("What is measured, for example: repeat visits within 30 days"));
    figure_ = line(tr("Its figure"), tr("For example: under 8 %"));
    date_ = line(tr("By"), tr("A date, for example 2027-06-30"));
    belongs_ = text(tr("What belongs here"), tr("Markdown"));
    excluded_ = text(tr("What explicitly does not"), tr("Markdown; say where it belongs instead"));
    auto* buttons = new QHBoxLayout;
    QPushButton* saving = makeButton(tr("Save"), ButtonKind::Primary);
    QPushButton* cancelling = makeButton(tr("Cancel"));
    saving->setToolTip(tr("Ctrl+Enter"));
    buttons->addWidget(saving);
    buttons->addWidget(cancelling);
    buttons->addStretch(1);
    layout->addRow(buttons);
    connect(saving, &QPushButton::clicked, this, &CharterForm::saved);
    connect(cancelling, &QPushButton::clicked, this, &CharterForm::cancelled);
}

void CharterForm::set(const v1::Charter& charter)
{
    problem_->setPlainText(QString::fromStdString(charter.problem()));
    audience_->setText(QString::fromStdString(charter.audience()));
    sponsor_->setText(QString::fromStdString(charter.sponsor()));
    target_->setText(QString::fromStdString(charter.target()));
    figure_->setText(QString::fromStdString(charter.target_figure()));
    date_->setText(QString::fromStdString(charter.target_date()));
    belongs_->setPlainText(QString::fromStdString(charter.belongs()));
    excluded_->setPlainText(QString::fromStdString(charter.excluded()));
}

v1::Charter CharterForm::charter() const
{
    v1::Charter charter;
    charter.set_problem(problem_->toPlainText().trimmed().toStdString());
    charter.set_audience(audience_->text().trimmed().toStdString());
    charter.set_sponsor(sponsor_->text().trimmed().toStdString());
    charter.set_target(target_->text().trimmed().toStdString());
    charter.set_target_figure(figure_->text().trimmed().toStdString());
    charter.set_target_date(date_->text().trimmed().toStdString());
    charter.set_belongs(belongs_->toPlainText().trimmed().toStdString());
    charter.set_excluded(excluded_->toPlainText().trimmed().toStdString());
    return charter;
}

void CharterForm::keyPressEvent(QKeyEvent* event)
{
    const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (enter && event->modifiers() & Qt::ControlModifier)
        Q_EMIT saved();
    else if (event->key() == Qt::Key_Escape)
        Q_EMIT cancelled();
    else
        QWidget::keyPressEvent(event);
}

} // namespace stoa
