#include "client/ui/pages/page_editor.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QVBoxLayout>

#include "client/ui/editor/body_editor.h"
#include "client/ui/editor/markdown_editor.h"
#include "client/ui/rights.h"
#include "client/ui/tags.h"
#include "client/ui/widgets/tags_field.h"
#include "client/ui/widgets/widgets.h"
#include "shared/base/limits.h"

namespace stoa {

namespace {

constexpr int pauseMs = 1'000;

} // namespace

PageEditor::PageEditor(const Desk& desk, QWidget* parent)
    : QWidget(parent), desk_(desk), keeper_(desk, [this] {
          Draft draft;
          draft.title = title_->text();
          draft.text = body_->text();
          draft.tags = tagsIn(tags_->text());
          return draft;
      })
{
    title_ = new QLineEdit;
    title_->setFont(fontOf(Size::Title, Weight::Title));
    title_->setPlaceholderText(tr("Title of the page"));
    title_->setAccessibleName(tr("Title"));
    title_->setFrame(false);
    title_->setMinimumHeight(metrics::control + grid(3));
    tags_ = new TagsField(*desk.reading);
    body_ = new BodyEditor(desk, BodyEditor::Kind::Whole);
    body_->editor()->setPlaceholderText(tr("What should people know? Markdown is welcome."));
    body_->editor()->setAccessibleName(tr("The page's source"));
    later_ = makeButton(tr("Later"));
    later_->setToolTip(tr("The draft is kept (Esc)"));
    done_ = makeButton({}, ButtonKind::Primary);
    summary_ = new QLineEdit;
    summary_->setPlaceholderText(tr("What did you change? (optional)"));
    summary_->setAccessibleName(tr("What did you change?"));
    summary_->setToolTip(tr("Others read it in the history of the page"));
    summary_->setFont(fontOf(Size::Small));
    summary_->setMaxLength(int(limits::titleBytesMax));
    summary_->setMinimumWidth(grid(52));
    summary_->setMaximumWidth(grid(70));
    summary_->hide();
    body_->footer()->addWidget(summary_, 1);
    body_->footer()->addWidget(later_);
    body_->footer()->addWidget(done_);
    for (QWidget* field : {static_cast<QWidget*>(title_), static_cast<QWidget*>(tags_), static_cast<QWidget*>(summary_),
                           static_cast<QWidget*>(body_->editor())})
        field->installEventFilter(this);

    auto* head = new QVBoxLayout;
    head->setContentsMargins(grid(6), grid(5), grid(6), grid(1));
    head->setSpacing(grid(2));
    head->addWidget(title_);
    head->addWidget(tags_);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins({});
    layout->setSpacing(0);
    layout->addLayout(head);
    layout->addWidget(body_, 1);

    soon_.setSingleShot(true);
    connect(&soon_, &QTimer::timeout, this, &PageEditor::keepFields);
    for (QLineEdit* field : {title_, static_cast<QLineEdit*>(tags_)})
        connect(field, &QLineEdit::textEdited, this, &PageEditor::typedField);
    connect(body_, &BodyEditor::typed, this, [this] {
        if (page_.isNull() && !filling_)
            keeper_.touch();
        summary_->setVisible(!page_.isNull());
    });
    connect(summary_, &QLineEdit::editingFinished, this, [this] { body_->setSummary(summary_->text()); });
    connect(body_, &BodyEditor::leaveWanted, this, &PageEditor::leave);
    connect(body_, &BodyEditor::wanted, this, &PageEditor::wanted);
    connect(body_, &BodyEditor::said, this, &PageEditor::said);
    connect(later_, &QPushButton::clicked, this, &PageEditor::leave);
    connect(done_, &QPushButton::clicked, this, [this] { page_.isNull() ? make() : leave(); });
    connect(&keeper_, &DraftKeeper::sent, this, [this] {
        setBusy(false);
        Q_EMIT made(std::exchange(new_, {}));
    });
    connect(&keeper_, &DraftKeeper::refused, this, [this](const QString& sentence) {
        setBusy(false);
        body_->say(sentence, true);
    });
}

PageEditor::~PageEditor()
{
    keepFields();
}

void PageEditor::edit(const Id& page)
{
    if (page == page_ && !page.isNull())
        return;
    drop();
    page_ = page;
    const auto row = page.isNull() ? std::nullopt : post(*desk_.reading, page);
    tags_->setSpace(row ? row->space : Id{});
    body_->open(page);
    later_->hide();
    done_->setText(tr("Done"));
    done_->setToolTip(tr("Everything is kept (Esc)"));
    readFields();
    home_ = row ? row->space : Id{};
}

void PageEditor::write(const Id& space, const Id& parent)
{
    if (page_.isNull() && space == space_ && parent == parent_)
        return;
    drop();
    space_ = space;
    parent_ = parent;
    tags_->setSpace(space);
    const QString place = QStringLiteral("page/") + QString::fromStdString(space.hex()) + QLatin1Char('/') +
                          QString::fromStdString(parent.hex());
    const Draft draft = keeper_.open(place);
    fill(draft.title, draft.tags);
    filling_ = true;
    body_->write(space, draft.text);
    filling_ = false;
    body_->say(tr("Ctrl+Enter makes the page, Esc keeps the draft. No network is needed."));
    later_->show();
    done_->setText(tr("Make the page"));
    done_->setToolTip(tr("Ctrl+Enter"));
    setBusy(false);
}

void PageEditor::drop()
{
    if (page_.isNull() && space_.isNull())
        return;
    keepFields();
    keeper_.open({});
    page_ = space_ = parent_ = home_ = {};
    body_->open({});
    fill({}, {});
    summary_->clear();
    summary_->hide();
}

void PageEditor::fill(const QString& title, const QStringList& tags)
{
    filling_ = true;
    fieldsChanged_ = false;
    title_->setText(title);
    tags_->setText(tags.join(QLatin1Char(' ')));
    filling_ = false;
}

// What others changed of title and tags, unless they are being written here.
void PageEditor::readFields()
{
    const auto row = page_.isNull() || fieldsChanged_ ? std::nullopt : post(*desk_.reading, page_);
    if (!row)
        return;
    if (title_->text().simplified() != row->title || tagsIn(tags_->text()) != row->tags)
        fill(row->title, row->tags);
}

void PageEditor::typedField()
{
    if (filling_)
        return;
    if (page_.isNull())
        return keeper_.touch();
    fieldsChanged_ = true;
    body_->setNames(title_->text().simplified(), tagsIn(tags_->text()));
    body_->say({});
    soon_.start(pauseMs);
}

void PageEditor::keepFields()
{
    soon_.stop();
    if (!page_.isNull())
        body_->setSummary(summary_->text());
    if (page_.isNull() || !fieldsChanged_)
        return;
    if (title_->text().trimmed().isEmpty())
        return body_->say(tr("A page needs a title: until then it keeps the one it had."), true);
    fieldsChanged_ = false;
    const auto record = stoa::record(*desk_.reading, page_);
    if (!record)
        return;
    const v1::Change change = editPost(desk_.pen, *record, title_->text(), tagsIn(tags_->text()));
    if (change.edit().fields_size() > 0)
        desk_.worker->submit({change});
}

void PageEditor::refresh(const Touched& touched)
{
    if (page_.isNull())
        return;
    if (touched.bulk || touched.feeds || touched.posts.contains(page_)) {
        body_->refresh();
        readFields();
    } else if (touched.spaces.contains(home_)) {
        body_->refreshRights();
    }
}

void PageEditor::takeFocus()
{
    if (page_.isNull() && title_->text().isEmpty())
        title_->setFocus(Qt::OtherFocusReason);
    else
        body_->focusText();
}

void PageEditor::make()
{
    if (keeper_.isSending())
        return;
    if (title_->text().trimmed().isEmpty()) {
        body_->say(tr("A page needs a title: others find it by that."), true);
        title_->setFocus(Qt::OtherFocusReason);
        return;
    }
    const v1::Change change =
        createPage(desk_.pen, space_, parent_, title_->text(), body_->text(), tagsIn(tags_->text()));
    new_ = *Id::from(change.target());
    keeper_.send(change);
    setBusy(true);
}

void PageEditor::leave()
{
    keepFields();
    body_->keep();
    keeper_.keep();
    Q_EMIT done();
}

// Read-only, not disabled: the keyboard stays where it is.
void PageEditor::setBusy(bool busy)
{
    title_->setReadOnly(busy);
    tags_->setReadOnly(busy);
    body_->editor()->setReadOnly(busy);
}

bool PageEditor::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        const bool enter = key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
        if (enter && key->modifiers() & Qt::ControlModifier) {
            page_.isNull() ? make() : leave();
            return true;
        }
        if (key->key() == Qt::Key_Escape && watched != body_->editor()) {
            leave();
            return true;
        }
        if (enter && watched == summary_) {
            leave();
            return true;
        }
        if (enter && watched != body_->editor()) {
            body_->focusText();
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace stoa
