#include "client/worker/refusals.h"

#include <algorithm>

#include <QCoreApplication>
#include <QLocale>

#include "shared/base/limits.h"

namespace stoa {

namespace {

struct RefusalsTexts {
    Q_DECLARE_TR_FUNCTIONS(Refusals)
};

// Limits are bytes; people think in characters, and most of what they write is one byte each.
QString characters(int64_t bytes)
{
    return QLocale().toString(static_cast<qlonglong>(bytes));
}

QString wait(int64_t ms)
{
    const qint64 seconds = std::max<qint64>(1, (ms + 999) / 1000);
    if (seconds < 90)
        return (seconds == 1 ? RefusalsTexts::tr("Try again in %1 second.")
                             : RefusalsTexts::tr("Try again in %1 seconds."))
            .arg(seconds);
    return RefusalsTexts::tr("Try again in %1 minutes.").arg((seconds + 59) / 60);
}

QString tooLong(const Refusal& refusal)
{
    QString what;
    switch (refusal.field) {
    case v1::POST_TITLE:
        what = RefusalsTexts::tr("The title is too long.");
        break;
    case v1::POST_BODY:
        what = RefusalsTexts::tr("The text is too long.");
        break;
    case v1::POST_TAGS:
        what = RefusalsTexts::tr("There are too many tags, or one is too long.");
        break;
    case v1::SPACE_NAME:
        what = RefusalsTexts::tr("The name of the space is too long.");
        break;
    case v1::PERSON_NAME:
        what = RefusalsTexts::tr("The name is too long.");
        break;
    default:
        what = RefusalsTexts::tr("A text is too long.");
        break;
    }
    if (refusal.field == v1::POST_TAGS || refusal.limit <= 0)
        return what + QLatin1Char(' ') + RefusalsTexts::tr("Shorten it and send it again.");
    return what + QLatin1Char(' ') +
           RefusalsTexts::tr("The limit is about %1 characters. Shorten it and send it again.")
               .arg(characters(refusal.limit));
}

QString empty(const Refusal& refusal)
{
    switch (refusal.field) {
    case v1::POST_TITLE:
        return RefusalsTexts::tr("The title is missing. Write one and send it again.");
    case v1::POST_BODY:
        return RefusalsTexts::tr("The text is missing. Write something and send it again.");
    case v1::PROPOSAL_REASON:
        return RefusalsTexts::tr("The reason is missing. Say in a line why the page should change.");
    case v1::SPACE_NAME:
        return RefusalsTexts::tr("The name of the space is missing.");
    case v1::PERSON_NAME:
        return RefusalsTexts::tr("The name is missing.");
    default:
        return RefusalsTexts::tr("A text that is needed is missing.");
    }
}

QString notAllowed(const Refusal& refusal)
{
    switch (refusal.field) {
    case v1::PROPOSAL_STATE:
        return RefusalsTexts::tr(
            "A proposal is approved or declined by those who may approve it, never by its author, and withdrawn by its "
            "author alone.");
    case v1::PROPOSAL_REASON:
    case v1::PROPOSAL_DATE:
        return RefusalsTexts::tr(
            "Reason and date of a proposal are its author's while it is open. Once it is approved its reason stays, "
            "and "
            "its date is altered by those who approve: to say something else its author withdraws it and opens it "
            "again.");
    default:
        return RefusalsTexts::tr(
            "Your role in this space does not allow this. Ask an owner of the space for the right to do it.");
    }
}

} // namespace

QString refusalSentence(const Refusal& refusal)
{
    switch (refusal.code) {
    case v1::CODE_NONE:
        break;
    case v1::NOT_FOUND:
        return RefusalsTexts::tr(
            "What this belongs to does not exist any more, or you may no longer see it. Copy your text to use it "
            "elsewhere.");
    case v1::NOT_ALLOWED:
        return notAllowed(refusal);
    case v1::TOO_LONG:
        return tooLong(refusal);
    case v1::EMPTY:
        return empty(refusal);
    case v1::INVALID:
        return RefusalsTexts::tr(
            "This does not fit what it belongs to: it may have changed meanwhile. Look at it again, then do it "
            "anew.");
    case v1::NEWER_THAN_SERVER:
        return RefusalsTexts::tr(
            "The server is older than this program and does not know this kind of change. It waits here; send it "
            "again after the server was upgraded.");
    case v1::ID_REUSED:
        return RefusalsTexts::tr(
            "The server already holds another change under this number. Copy your text and write it anew.");
    case v1::EXISTS:
        return RefusalsTexts::tr("This exists already.");
    case v1::DEPENDS:
        return RefusalsTexts::tr("It belongs to a change before it that was refused. Settle that one first.");
    case v1::BAD_TEXT:
        return RefusalsTexts::tr(
            "The text contains characters that cannot be stored. Copy it, remove them and send it again.");
    case v1::ALREADY_SENT:
        return RefusalsTexts::tr("This was sent already and cannot be withdrawn. Undo it by another change.");
    case v1::UNKNOWN_BASE:
        return RefusalsTexts::tr(
            "The text was changed meanwhile, and your change does not follow from what is there. Copy your text, "
            "look at it again and change it anew.");
    case v1::REVIEWED:
        return RefusalsTexts::tr("This page asks for review: propose the change.");
    case v1::CONTESTED:
        return RefusalsTexts::tr(
            "Two versions of a passage stand in this text. Its author makes one of them; then it can be approved.");
    case v1::TOO_MANY:
        return refusal.limit == int64_t{limits::openProposalsOfOneMax}
                 ? RefusalsTexts::tr(
                       "One person may have %1 open proposals for a page, and these are there. Go on with "
                       "one of them, or withdraw one first.")
                       .arg(refusal.limit)
                 : RefusalsTexts::tr("This page has as many open proposals as it may have. Some have to be settled "
                                     "before another one comes.");
    case v1::CLOSED:
        return RefusalsTexts::tr("This proposal is closed: it took effect, was declined or was withdrawn.");
    case v1::WRONG_CREDENTIALS:
        return RefusalsTexts::tr("The login or the password is wrong. Check both and try again.");
    case v1::TOO_MANY_ATTEMPTS:
        return RefusalsTexts::tr("Too many attempts to sign in.") + QLatin1Char(' ') +
               (refusal.retryAfterMs > 0 ? wait(refusal.retryAfterMs)
                                         : RefusalsTexts::tr("Try again in a few minutes."));
    case v1::INVITATION_USED:
        return RefusalsTexts::tr(
            "This invitation was used already, has expired or is unknown. Ask your admin for a new one, or sign "
            "in with your password.");
    case v1::TOKEN_UNKNOWN:
        return RefusalsTexts::tr("This device has to sign in again. Everything on it stays as it is.");
    case v1::PERSON_DISABLED_NOW:
        return RefusalsTexts::tr("This account is disabled. What you wrote stays on this device; ask your admin.");
    case v1::PROTOCOL:
        return RefusalsTexts::tr(
            "The server did not understand this program. Ask your admin whether both are up to date.");
    case v1::VERSION:
        return RefusalsTexts::tr(
            "This program and the server are of versions that do not work together. Ask your admin for an "
            "update.");
    case v1::BUSY:
        return RefusalsTexts::tr("The server is busy.") + QLatin1Char(' ') +
               (refusal.retryAfterMs > 0 ? wait(refusal.retryAfterMs) : RefusalsTexts::tr("Trying again soon."));
    case v1::SHUTTING_DOWN:
        return RefusalsTexts::tr("The server is being restarted. Trying again soon.");
    case v1::TOO_LARGE:
        return RefusalsTexts::tr("A message is larger than the server takes. Shorten the text and send it again.");
    case v1::TOO_SLOW:
        return RefusalsTexts::tr("The connection is too slow at the moment. Trying again soon.");
    case v1::WEAK_PASSWORD:
        return refusal.limit > 0 ? RefusalsTexts::tr("This password is too easy to guess. Use at least %1 characters.")
                                       .arg(characters(refusal.limit))
                                 : RefusalsTexts::tr("This password is too easy to guess. Use a longer one.");
    case v1::STORAGE:
        return RefusalsTexts::tr(
            "The server cannot store anything at the moment. Your changes wait here; tell your admin.");
    default:
        break;
    }
    return RefusalsTexts::tr(
        "The server refused this for a reason that this program does not know. An update may help.");
}

QString otherCopySentence()
{
    return RefusalsTexts::tr(
        "On this computer there is a copy of another person, or of another organisation, already. Sign in "
        "as that person, or have them sign out and remove their copy first.");
}

QString unreachableSentence()
{
    return RefusalsTexts::tr("The server cannot be reached.");
}

} // namespace stoa
