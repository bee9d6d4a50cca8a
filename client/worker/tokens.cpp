#include "client/worker/worker.h"

#include <QDir>
#include <QEventLoop>
#include <QFile>
#include <QFileInfo>
#include <QTimer>

#include <qt6keychain/keychain.h>

namespace stoa {

namespace {

constexpr int keyringMsMax = 5'000; // a keyring that asks the person meanwhile gets its time, not for ever

QString tokenPath(const QString& profileDir)
{
    return QDir(profileDir).filePath(QStringLiteral("token"));
}

QString keyOf(const QString& profileDir)
{
    return QFileInfo(profileDir).absoluteFilePath();
}

// Scripts and computers without a session have no keyring that could answer.
bool keyringWanted()
{
    if (qEnvironmentVariableIntValue("STOA_TOKEN_FILE") == 1)
        return false;
#if defined(Q_OS_LINUX)
    return qEnvironmentVariableIsSet("DBUS_SESSION_BUS_ADDRESS");
#else
    return true;
#endif
}

template <class J>
bool finish(J& job)
{
    job.setAutoDelete(false);
    job.setInsecureFallback(false);
    QEventLoop loop;
    bool done = false;
    QObject::connect(&job, &QKeychain::Job::finished, &loop, [&] {
        done = true;
        loop.quit();
    });
    QTimer::singleShot(keyringMsMax, &loop, [&] { loop.quit(); });
    job.start();
    if (!done)
        loop.exec();
    return done && job.error() == QKeychain::NoError;
}

QString service()
{
    return QStringLiteral("stoa");
}

QByteArray load(const QString& profileDir)
{
    QFile file(tokenPath(profileDir));
    if (file.open(QIODevice::ReadOnly))
        return QByteArray::fromHex(file.read(1024).trimmed());
    if (!keyringWanted())
        return {};
    QKeychain::ReadPasswordJob job(service());
    job.setKey(keyOf(profileDir));
    return finish(job) ? job.binaryData() : QByteArray();
}

void save(const QString& profileDir, const QByteArray& token)
{
    if (keyringWanted()) {
        QKeychain::WritePasswordJob job(service());
        job.setKey(keyOf(profileDir));
        job.setBinaryData(token);
        if (finish(job)) {
            QFile::remove(tokenPath(profileDir));
            return;
        }
    }
    // Readable by nobody else from its first byte on.
    const QString path = tokenPath(profileDir);
    QFile::remove(path);
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly | QIODevice::NewOnly, QFileDevice::ReadOwner | QFileDevice::WriteOwner) ||
        file.write(token.toHex()) < 0 || !file.flush())
        throw std::runtime_error("The token of this device could not be stored: " + file.errorString().toStdString());
}

void forget(const QString& profileDir)
{
    QFile::remove(tokenPath(profileDir));
    if (!keyringWanted())
        return;
    QKeychain::DeletePasswordJob job(service());
    job.setKey(keyOf(profileDir));
    finish(job);
}

} // namespace

TokenStore systemTokenStore()
{
    return {load, save, forget};
}

} // namespace stoa
