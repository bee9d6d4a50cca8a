#include "client/cli/texts.h"

#include <cstdio>
#include <iostream>

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryFile>

#include "shared/base/limits.h"
#include "shared/base/text.h"

#ifdef Q_OS_UNIX
#include <termios.h>
#include <unistd.h>
#endif

namespace stoa::cli {

namespace {

QByteArray readAll(QFile& file, const QString& name, qint64 bytesMax)
{
    const QByteArray bytes = file.read(bytesMax + 1);
    if (bytes.size() > bytesMax)
        throw Stop{QStringLiteral("%1 is too long: %2 bytes at most.").arg(name).arg(bytesMax), 2};
    if (const qsizetype zero = bytes.indexOf('\0'); zero >= 0)
        throw Stop{
            QStringLiteral("%1 is no text: its byte %2 is zero. Give a text file in UTF-8.").arg(name).arg(zero + 1),
            2};
    if (!isCleanUtf8({bytes.constData(), size_t(bytes.size())}))
        throw Stop{QStringLiteral("%1 is not text in UTF-8. Save it in that encoding first.").arg(name), 2};
    return bytes;
}

bool hasTerminal()
{
#ifdef Q_OS_UNIX
    return isatty(STDIN_FILENO) != 0;
#else
    return true;
#endif
}

// What the person makes of a text in their own editor. The file stays; `path` says where.
std::string fromEditor(const std::string& before, QString& path)
{
    QString editor = qEnvironmentVariable("VISUAL");
    if (editor.isEmpty())
        editor = qEnvironmentVariable("EDITOR");
    QStringList words = QProcess::splitCommand(editor);
    if (words.isEmpty())
        throw Stop{QStringLiteral("Which editor? Set EDITOR, or give the new text with --file FILE."), 2};
    QTemporaryFile file(QDir::temp().filePath(QStringLiteral("stoa-XXXXXX.md")));
    file.setAutoRemove(false);
    // Many an editor ends a text with a line's end, whether it was there or not.
    const bool ended = before.empty() || before.back() == '\n';
    const QByteArray bytes = QByteArray::fromStdString(ended ? before : before + '\n');
    if (!file.open() || file.write(bytes) != bytes.size() || !file.flush())
        throw Stop{QStringLiteral("A file for the editor cannot be made: %1.").arg(file.errorString())};
    path = file.fileName();
    file.close();
    QProcess process;
    process.setProcessChannelMode(QProcess::ForwardedChannels);
    process.setInputChannelMode(QProcess::ForwardedInputChannel);
    const QString program = words.takeFirst();
    process.start(program, words << path);
    if (!process.waitForStarted() || !process.waitForFinished(-1) || process.exitStatus() != QProcess::NormalExit ||
        process.exitCode() != 0)
        throw Stop{QStringLiteral("The editor %1 ended with an error. Nothing was changed.").arg(program)};
    QFile written(path);
    if (!written.open(QIODevice::ReadOnly))
        throw Stop{QStringLiteral("The file %1 cannot be read: %2.").arg(path, written.errorString())};
    std::string after = readAll(written, path, qint64(limits::bodyBytesMax) + 1).toStdString();
    if (!ended && !after.empty() && after.back() == '\n')
        after.pop_back();
    return after;
}

} // namespace

QString textOf(const std::string& given)
{
    QFile file;
    if (given == "-") {
        if (!file.open(stdin, QIODevice::ReadOnly))
            throw Stop{QStringLiteral("Standard input cannot be read."), 2};
        return QString::fromUtf8(readAll(file, QStringLiteral("Standard input"), qint64(limits::bodyBytesMax)));
    }
    if (!given.empty() && given.front() == '@') {
        file.setFileName(QString::fromStdString(given.substr(1)));
        if (!file.open(QIODevice::ReadOnly))
            throw Stop{QStringLiteral("The file %1 cannot be read: %2.").arg(file.fileName(), file.errorString()), 2};
        return QString::fromUtf8(readAll(file, file.fileName(), qint64(limits::bodyBytesMax)));
    }
    if (!isCleanUtf8(given))
        throw Stop{QStringLiteral("The text is not UTF-8."), 2};
    return QString::fromStdString(given);
}

int editFrom(const Place& place, const std::string& file, Edit wanted)
{
    if (file.empty() && !wanted.resolved && !hasTerminal())
        throw Stop{QStringLiteral("Give the new text: --file FILE, or --file - for standard input."), 2};
    QString kept;
    wanted.write = [&](const std::string& before) {
        if (file.empty())
            return hasTerminal() && !wanted.resolved ? fromEditor(before, kept) : before;
        return textOf(file == "-" ? file : '@' + file).toStdString();
    };
    try {
        const int code = cli::edit(place, wanted);
        if (!kept.isEmpty())
            QFile::remove(kept);
        return code;
    } catch (Stop& stop) {
        if (!kept.isEmpty())
            stop.sentence += QStringLiteral(" Your text is kept in %1.").arg(kept);
        throw;
    }
}

QString readPassword(const std::string& path)
{
    QFile file;
    if (!path.empty()) {
        file.setFileName(QString::fromStdString(path));
        if (!file.open(QIODevice::ReadOnly))
            throw Stop{
                QStringLiteral("The password's file %1 cannot be read: %2.").arg(file.fileName(), file.errorString()),
                2};
        return QString::fromUtf8(file.readLine(4096)).remove(QLatin1Char('\n')).remove(QLatin1Char('\r'));
    }
    std::string line;
#ifdef Q_OS_UNIX
    termios before{};
    const bool terminal = isatty(STDIN_FILENO) != 0 && tcgetattr(STDIN_FILENO, &before) == 0;
    if (terminal) {
        std::fputs("Password: ", stderr);
        termios silent = before;
        silent.c_lflag &= tcflag_t(~ECHO);
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    }
    std::getline(std::cin, line);
    if (terminal) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
        std::fputs("\n", stderr);
    }
#else
    std::getline(std::cin, line);
#endif
    return QString::fromStdString(line);
}

} // namespace stoa::cli
