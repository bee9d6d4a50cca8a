// The page that is read.

#include <QCoreApplication>
#include <QLabel>
#include <QMenu>
#include <QScrollArea>
#include <QScrollBar>
#include <QStackedWidget>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>

#include "client/commands/sentences.h"
#include "client/ui/document/document_view.h"
#include "client/ui/editor/versions_bar.h"
#include "client/ui/editor/who_is_here.h"
#include "client/ui/keys.h"
#include "client/ui/pages/page_bars.h"
#include "client/ui/pages/page_comments.h"
#include "client/ui/pages/page_editor.h"
#include "client/ui/pages/pages_view.h"
#include "client/ui/pages/reading_place.h"
#include "client/ui/pages/unread_bar.h"
#include "client/ui/widgets/notice_bar.h"
#include "client/ui/widgets/widgets.h"

namespace stoa {

QWidget* PagesPlace::makePage()
{
    treeShown_ = makeIconButton(QStringLiteral("list"), {});
    crumbs_ = new QHBoxLayout;
    crumbs_->setSpacing(grid(1));
    auto* crumbs = new QHBoxLayout;
    crumbs->setSpacing(grid(1));
    crumbs->addWidget(treeShown_);
    crumbs->addLayout(crumbs_, 1);
    heading_ = makeWrappedLabel({}, Size::Title, Tone::Text, Weight::Title);
    meta_ = makeElidedLabel({}, Size::Small, Tone::Mute);
    bookmark_ = makeButton({}, ButtonKind::Link);
    review_ = new Pill(tr("Asks for review"), Tone::Accent);
    review_->setToolTip(tr("This page changes by proposals that are approved first"));
    auto* facts = new QHBoxLayout;
    facts->setSpacing(grid(3));
    facts->addWidget(review_);
    facts->addWidget(meta_);
    facts->addWidget(bookmark_);
    auto* acts = new QHBoxLayout;
    acts->setSpacing(grid(3));
    edit_ = makeButton(tr("Edit"), ButtonKind::Link);
    edit_->setToolTip(withKey(tr("Edit this page"), Key::Edit));
    acts->addWidget(edit_);
    history_ = makeButton(tr("History"), ButtonKind::Link);
    history_->setToolTip(withKey(tr("Who changed what"), Key::History));
    acts->addWidget(history_);
    more_ = makeIconButton(QStringLiteral("more"), tr("More to do with this page"));
    more_->setPopupMode(QToolButton::InstantPopup);
    more_->setMenu(new QMenu(more_));
    acts->addWidget(more_);
    acts->addStretch(1);
    here_ = new ReadersHere(desk());
    acts->addWidget(here_);
    about_ = new QBoxLayout(QBoxLayout::LeftToRight);
    about_->addLayout(facts);
    about_->addLayout(acts, 1);
    document_ = new DocumentView(desk());
    document_->setAccessibleName(tr("The page's text"));
    comments_ = new PageComments(desk());
    auto* page = new QWidget;
    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(grid(8), grid(6), grid(8), grid(8));
    layout->setSpacing(grid(1));
    layout->addLayout(crumbs);
    layout->addWidget(heading_);
    layout->addLayout(about_);
    layout->addWidget(makeRemoval());
    versions_ = new VersionsBar;
    layout->addWidget(versions_);
    unread_ = new UnreadBar(desk(), this);
    layout->addWidget(unread_);
    bars_ = new PageBars(desk());
    layout->addWidget(bars_);
    layout->addSpacing(grid(2));
    layout->addWidget(document_);
    layout->addSpacing(grid(4));
    layout->addWidget(comments_);
    layout->addStretch(1);
    scroll_ = makeScroll(page, metrics::reading + grid(16));
    reader_ = new ReadingPlace(scroll_, document_);
    return scroll_;
}

void PagesPlace::showPage()
{
    pageStale_ = false;
    if (location_.write)
        return;
    editor_->drop();
    const auto page = location_.post.isNull() ? std::nullopt : post(*desk().reading, location_.post);
    right_->setCurrentIndex(page ? 0 : 1);
    here_->setPost(page && page->kind == v1::PAGE ? page->id : Id{});
    if (!page) {
        if (!location_.post.isNull())
            empty_->set(tr("This page is not here"), tr("It was removed, or it has not arrived yet."));
        Q_EMIT moved();
        return;
    }
    title_ = page->title;
    if (removal_->post() != page->id)
        removal_->drop();
    showCrumbs(*page);
    heading_->setText(page->title);
    QStringList meta;
    meta << isolated(authorText(page->author, page->authorName))
         << tr("changed %1").arg(ageText(page->changedMs, desk().pen.now()));
    for (const QString& tag : page->tags)
        meta << QLatin1Char('#') + tag;
    meta_->setFullText(meta.join(QStringLiteral(" · ")));
    bookmarked_ = page->bookmarked;
    bookmark_->setText(bookmarked_ ? tr("Remove bookmark") : tr("Bookmark"));
    showReview(*page);
    history_->setVisible(page->kind == v1::PAGE);
    showVersions(*page);
    unread_->refresh(false);
    comments_->setPage(*page);
    const QString text = page->kind == v1::SECTION ? listBelow(*page) : body(*desk().reading, page->id);
    if (shownOf_ != page->id)
        reader_->drop();
    else if (text != shownText_)
        reader_->hold();
    if (text != shownText_)
        laidOut_ = false;
    shownOf_ = page->id;
    shownText_ = text;
    document_->setTickable(mayEdit(page->id));
    document_->setMarkdown(text);
    Q_EMIT moved();
}

void PagesPlace::showCrumbs(const PostRow& page)
{
    QList<Crumb> crumbs;
    if (const auto space = stoa::space(*desk().reading, page.space))
        crumbs.append({space->name, spaceLocation(page.space)});
    for (const PostRow& above : ancestors(*desk().reading, page.id))
        crumbs.append({above.title, pagesLocation(page.space, above.id)});
    if (crumbs == shownCrumbs_)
        return;
    shownCrumbs_ = crumbs;
    clearLayout(crumbs_);
    QWidget* before = treeShown_;
    for (const Crumb& crumb : std::as_const(crumbs)) {
        QPushButton* button = makeButton({}, ButtonKind::Link);
        button->setText(button->fontMetrics().elidedText(crumb.name.simplified(), Qt::ElideRight, grid(45)));
        button->setAccessibleName(crumb.name);
        button->setMinimumWidth(grid(8));
        connect(button, &QPushButton::clicked, this, [this, to = crumb.location] { Q_EMIT wanted(to); });
        crumbs_->addWidget(button);
        setTabOrder(before, button);
        before = button;
        crumbs_->addWidget(makeLabel(QStringLiteral("›"), Size::Small, Tone::Faint));
    }
    crumbs_->addStretch(1);
}

// A section has no text of its own: it lists what lies below it.
QString PagesPlace::listBelow(const PostRow& page)
{
    QString list;
    for (const PostRow& below : pagesBelow(*desk().reading, page.space, page.id)) {
        QString name = below.title;
        name.replace(QLatin1Char('\\'), QStringLiteral("\\\\")).replace(QLatin1Char('['), QStringLiteral("\\["));
        name.replace(QLatin1Char(']'), QStringLiteral("\\]"));
        list += QStringLiteral("- [%1](stoa:post/%2)\n").arg(name, QString::fromStdString(below.id.hex()));
    }
    return list;
}

void PagesPlace::reachSoon()
{
    if (!wantedComment_.isNull() || !wantedAnchor_.isEmpty() || !wantedWords_.isEmpty())
        QTimer::singleShot(0, this, &PagesPlace::reach);
}

void PagesPlace::reach()
{
    if (!isVisible() || !laidOut_)
        return;
    QWidget* block = wantedComment_.isNull() ? nullptr : comments_->commentBlock(std::exchange(wantedComment_, {}));
    // A column can be scrolled only as far as it is laid out: now, not when the event loop comes to it.
    QCoreApplication::sendPostedEvents(nullptr, QEvent::LayoutRequest);
    if (!wantedAnchor_.isEmpty())
        document_->scrollToAnchor(std::exchange(wantedAnchor_, {}));
    // With something around it.
    const int around = scroll_->viewport()->height() / 3;
    const QRect words = document_->select(std::exchange(wantedWords_, {}), location_.asked);
    if (words.isValid())
        scroll_->ensureVisible(0, document_->mapTo(scroll_->widget(), words.center()).y(), 0, around);
    if (block)
        scroll_->ensureWidgetVisible(block, 0, around);
}

} // namespace stoa
