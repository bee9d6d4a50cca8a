#pragma once

// The TLS connection to a server: envelopes in, envelopes out. TLS 1.3 alone, ALPN "stoa/1", through the
// system's proxy where there is one. Owned by the worker and used on its thread; nothing blocks.
//
// With a pin, the server's public key must be exactly that one, whoever signed it and until when.
// Without, the certificate must be valid, for this host, and signed by an authority of this computer.

#include <functional>
#include <memory>

#include <QByteArray>
#include <QList>
#include <QSslCertificate>
#include <QString>

#include "stoa/v1/wire.pb.h"

namespace stoa {

struct ChannelAddress {
    QString host;
    quint16 port = 0;
    QByteArray pin;                     // SHA-256 of the SubjectPublicKeyInfo; empty: the authorities
    QList<QSslCertificate> authorities; // empty: the system's
};

// Why a channel ended, or never opened.
struct ChannelEnd {
    enum class Why {
        Network,     // unreachable, gone, nothing unusual
        Certificate, // trying again will not help: somebody has to look
        Protocol,    // what came cannot be understood
    };
    Why why = Why::Network;
    QString sentence;
};

class Channel {
public:
    // Called on the thread of the channel, never from within one of its functions. After `ended`
    // nothing more is called.
    struct Events {
        std::function<void()> opened;
        std::function<void(v1::Envelope&&)> received;
        std::function<void()> drained; // the queue has become empty
        std::function<void(const ChannelEnd&)> ended;
    };

    Channel(const ChannelAddress& address, Events events);
    ~Channel(); // closes at once, calls nothing

    // False, and the channel ends soon, where the peer takes nothing and too much waits already.
    bool send(const v1::Envelope& envelope);
    qint64 queuedBytes() const;
    // Sends what waits, then closes; `ended` follows.
    void close();

private:
    class Connection;
    std::unique_ptr<Connection> connection_;
};

// SHA-256 of the certificate's SubjectPublicKeyInfo.
QByteArray publicKeyPin(const QSslCertificate& certificate);

} // namespace stoa
