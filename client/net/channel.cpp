#include "client/net/channel.h"

#include <QCoreApplication>
#include <QCryptographicHash>
#include <QDateTime>
#include <QLocale>
#include <QNetworkProxyFactory>
#include <QSslConfiguration>
#include <QSslKey>
#include <QSslSocket>
#include <QTimer>

#include <openssl/crypto.h>

#include "shared/base/limits.h"
#include "shared/wire/frame.h"

namespace stoa {

namespace {

constexpr int openMsMax = 15'000;
constexpr qint64 readBytesMax = 8 << 20;   // what the socket takes in before it is read
constexpr qint64 queueBytesMax = 16 << 20; // what may wait to be sent
const char* const alpn = "stoa/1";

struct ChannelTexts {
    Q_DECLARE_TR_FUNCTIONS(Channel)
};

QString certificateSentence(const QList<QSslError>& errors, const QSslCertificate& certificate, const QString& host)
{
    const auto has = [&](std::initializer_list<QSslError::SslError> wanted) {
        for (const QSslError& error : errors)
            for (const QSslError::SslError one : wanted)
                if (error.error() == one)
                    return true;
        return false;
    };
    if (has({QSslError::CertificateExpired}))
        return ChannelTexts::tr("The certificate of %1 expired on %2. Tell your admin; nothing was sent.")
            .arg(host, QLocale().toString(certificate.expiryDate().date(), QLocale::ShortFormat));
    if (has({QSslError::CertificateNotYetValid}))
        return ChannelTexts::tr(
                   "The certificate of %1 is not valid before %2. Check this computer's clock, or tell your admin; "
                   "nothing was sent.")
            .arg(host, QLocale().toString(certificate.effectiveDate().date(), QLocale::ShortFormat));
    if (has({QSslError::CertificateRevoked, QSslError::CertificateBlacklisted}))
        return ChannelTexts::tr("The certificate of %1 was revoked. Tell your admin; nothing was sent.").arg(host);
    if (has({QSslError::HostNameMismatch}) && errors.size() == 1)
        return ChannelTexts::tr(
                   "The certificate was not made for %1. Check the address, or tell your admin; nothing was sent.")
            .arg(host);
    return ChannelTexts::tr(
               "The certificate of %1 comes from nobody that this computer trusts. Use the invite link of your "
               "admin, which names the server's key, also one that you used before; nothing was sent.")
        .arg(host);
}

QString networkSentence(QAbstractSocket::SocketError error, const QString& host, quint16 port, bool opened)
{
    switch (error) {
    case QAbstractSocket::HostNotFoundError:
        return ChannelTexts::tr("No computer called %1 was found. Check the address and the network.").arg(host);
    case QAbstractSocket::ConnectionRefusedError:
        return ChannelTexts::tr("No server answers at %1, port %2.").arg(host).arg(port);
    case QAbstractSocket::SocketTimeoutError:
        return ChannelTexts::tr("The server at %1 does not answer.").arg(host);
    case QAbstractSocket::ProxyAuthenticationRequiredError:
    case QAbstractSocket::ProxyConnectionRefusedError:
    case QAbstractSocket::ProxyConnectionClosedError:
    case QAbstractSocket::ProxyConnectionTimeoutError:
    case QAbstractSocket::ProxyNotFoundError:
    case QAbstractSocket::ProxyProtocolError:
        return ChannelTexts::tr("The network's proxy does not let this program through to %1. Ask your admin.")
            .arg(host);
    case QAbstractSocket::SslHandshakeFailedError:
        return ChannelTexts::tr(
                   "No secure connection could be made to %1: what answers there is no Stoa server, or one of another "
                   "age.")
            .arg(host);
    default:
        break;
    }
    return opened ? ChannelTexts::tr("The connection to %1 was lost.").arg(host)
                  : ChannelTexts::tr("%1 cannot be reached.").arg(host);
}

} // namespace

QByteArray publicKeyPin(const QSslCertificate& certificate)
{
    return QCryptographicHash::hash(certificate.publicKey().toDer(), QCryptographicHash::Sha256);
}

class Channel::Connection : public QObject {
public:
    Connection(const ChannelAddress& address, Events events)
        : address_(address), events_(std::move(events)), decoder_(limits::frameBytesMax)
    {
        QSslConfiguration tls = QSslConfiguration::defaultConfiguration();
        tls.setProtocol(QSsl::TlsV1_3OrLater);
        tls.setAllowedNextProtocols({alpn});
        tls.setPeerVerifyMode(address.pin.isEmpty() ? QSslSocket::VerifyPeer : QSslSocket::VerifyNone);
        // Where a key is pinned nobody's word is asked, and reading the system's authorities takes a while.
        if (!address.pin.isEmpty() || !address.authorities.isEmpty())
            tls.setCaCertificates(address.authorities);
        socket_.setSslConfiguration(tls);
        socket_.setReadBufferSize(readBytesMax);
        socket_.setProxy(proxy());
        timer_.setSingleShot(true);

        connect(&timer_, &QTimer::timeout, this, [this] {
            end({ChannelEnd::Why::Network, ChannelTexts::tr("The server at %1 does not answer.").arg(address_.host)});
        });
        connect(&socket_, &QSslSocket::sslErrors, this,
                [this](const QList<QSslError>& errors) { tlsErrors_ = errors; });
        connect(&socket_, &QSslSocket::encrypted, this, [this] { checkPeer(); });
        connect(&socket_, &QSslSocket::readyRead, this, [this] { read(); });
        connect(&socket_, &QSslSocket::encryptedBytesWritten, this, [this] {
            if (open_ && queuedBytes() == 0 && events_.drained)
                events_.drained();
        });
        connect(&socket_, &QSslSocket::errorOccurred, this,
                [this](QAbstractSocket::SocketError error) { failed(error); });
        connect(&socket_, &QSslSocket::disconnected, this, [this] {
            end({ChannelEnd::Why::Network, ChannelTexts::tr("The connection to %1 was closed.").arg(address_.host)});
        });

        // Later, so that nobody is called from within the constructor.
        QMetaObject::invokeMethod(
            this,
            [this] {
                timer_.start(openMsMax);
                socket_.connectToHostEncrypted(address_.host, address_.port);
            },
            Qt::QueuedConnection);
    }

    // Closes at once and calls nobody from now on.
    void silence()
    {
        ended_ = true;
        timer_.stop();
        socket_.disconnect(this);
        socket_.abort();
    }

    bool send(const v1::Envelope& envelope)
    {
        if (!open_ || ended_)
            return false;
        if (queuedBytes() > queueBytesMax) {
            endLater({ChannelEnd::Why::Network,
                      ChannelTexts::tr("The server at %1 takes nothing more.").arg(address_.host)});
            return false;
        }
        const std::string frame = encodeFrame(envelope);
        socket_.write(frame.data(), qint64(frame.size()));
        return true;
    }

    qint64 queuedBytes() const { return socket_.bytesToWrite() + socket_.encryptedBytesToWrite(); }

    void close()
    {
        if (open_)
            socket_.disconnectFromHost();
        else
            endLater({ChannelEnd::Why::Network, QString()});
    }

private:
    QNetworkProxy proxy() const
    {
        const QNetworkProxyQuery query(address_.host, address_.port, QStringLiteral("https"),
                                       QNetworkProxyQuery::TcpSocket);
        for (const QNetworkProxy& one : QNetworkProxyFactory::systemProxyForQuery(query))
            if (one.type() == QNetworkProxy::NoProxy || (one.capabilities() & QNetworkProxy::TunnelingCapability))
                return one.type() == QNetworkProxy::DefaultProxy ? QNetworkProxy(QNetworkProxy::NoProxy) : one;
        return QNetworkProxy(QNetworkProxy::NoProxy);
    }

    void checkPeer()
    {
        if (!address_.pin.isEmpty() && publicKeyPin(socket_.peerCertificate()) != address_.pin) {
            end({ChannelEnd::Why::Certificate,
                 ChannelTexts::tr(
                     "The server at %1 shows another key than the one that you joined with. Somebody may be listening "
                     "in: tell your admin; nothing was sent.")
                     .arg(address_.host)});
            return;
        }
        if (socket_.sslConfiguration().nextNegotiatedProtocol() != alpn) {
            end({ChannelEnd::Why::Protocol,
                 ChannelTexts::tr("What answers at %1 is no Stoa server.").arg(address_.host)});
            return;
        }
        timer_.stop();
        socket_.setSocketOption(QAbstractSocket::LowDelayOption, 1);
        open_ = true;
        events_.opened();
    }

    void read()
    {
        // Until the peer is checked nothing of what it says is looked at.
        while (open_ && !ended_ && socket_.bytesAvailable() > 0) {
            const QByteArray bytes = socket_.read(1 << 20);
            decoder_.append({bytes.constData(), size_t(bytes.size())});
            while (!ended_) {
                auto next = decoder_.next();
                if (!next) {
                    end({ChannelEnd::Why::Protocol,
                         ChannelTexts::tr("The server at %1 sent something that this program does not "
                                          "understand. An update may help.")
                             .arg(address_.host)});
                    return;
                }
                if (!next.value())
                    break;
                events_.received(std::move(**next));
            }
        }
    }

    void failed(QAbstractSocket::SocketError error)
    {
        if (!tlsErrors_.isEmpty() && address_.pin.isEmpty()) {
            end({ChannelEnd::Why::Certificate,
                 certificateSentence(tlsErrors_, socket_.peerCertificate(), address_.host)});
            return;
        }
        // What came before the end is still worth reading: a goodbye for example.
        read();
        end({ChannelEnd::Why::Network, networkSentence(error, address_.host, address_.port, open_)});
    }

    void end(const ChannelEnd& why)
    {
        if (ended_)
            return;
        ended_ = true;
        timer_.stop();
        socket_.disconnect(this);
        socket_.abort();
        // The owner may destroy this channel in its answer.
        const auto ended = events_.ended;
        ended(why);
    }

    void endLater(const ChannelEnd& why)
    {
        QMetaObject::invokeMethod(
            this, [this, why] { end(why); }, Qt::QueuedConnection);
    }

    ChannelAddress address_;
    Events events_;
    FrameDecoder decoder_;
    QSslSocket socket_;
    QTimer timer_;
    QList<QSslError> tlsErrors_;
    bool open_ = false;
    bool ended_ = false;
};

Channel::Channel(const ChannelAddress& address, Events events)
{
    // OpenSSL is not to be taken down at the process's end: a thread may still be leaving it then, as
    // QThread::wait returns before the thread is gone, and both would free the same memory.
    OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr);
    connection_ = std::make_unique<Connection>(address, std::move(events));
}

// The channel may be destroyed from within one of its own calls.
Channel::~Channel()
{
    Connection* connection = connection_.release();
    connection->deleteLater();
    connection->silence();
}

bool Channel::send(const v1::Envelope& envelope)
{
    return connection_->send(envelope);
}

qint64 Channel::queuedBytes() const
{
    return connection_->queuedBytes();
}

void Channel::close()
{
    connection_->close();
}

} // namespace stoa
