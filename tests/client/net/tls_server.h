#pragma once

// A TLS server inside the test's own event loop, and certificates for it. One thread.

#include <memory>
#include <optional>
#include <vector>

#include <QCoreApplication>
#include <QCryptographicHash>
#include <QDeadlineTimer>
#include <QElapsedTimer>
#include <QSslConfiguration>
#include <QSslKey>
#include <QSslSocket>
#include <QTcpServer>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "client/net/channel.h"
#include "shared/wire/frame.h"

namespace stoa::test {

inline QCoreApplication& application()
{
    static int argc = 1;
    static char name[] = "test";
    static char* argv[] = {name, nullptr};
    static QCoreApplication app(argc, argv);
    return app;
}

// Turns the event loop until something holds; a test that waits in vain fails there.
template <class F>
bool until(F holds, int msMax = 10'000)
{
    application();
    QDeadlineTimer deadline(msMax);
    while (!holds()) {
        if (deadline.hasExpired())
            return false;
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents | QEventLoop::AllEvents, 20);
    }
    return true;
}

struct Identity {
    QSslKey key;
    QSslCertificate certificate;
    std::shared_ptr<EVP_PKEY> rawKey;
    std::shared_ptr<X509> raw;
};

// A P-256 certificate for localhost, signed by `signer` or by itself.
inline Identity makeIdentity(int fromDays, int toDays, const Identity* signer = nullptr, const char* host = "localhost")
{
    application();
    Identity made;
    made.rawKey.reset(EVP_EC_gen("P-256"), EVP_PKEY_free);
    made.raw.reset(X509_new(), X509_free);
    X509* x = made.raw.get();
    X509_set_version(x, 2);
    static long serial = 1;
    ASN1_INTEGER_set(X509_get_serialNumber(x), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(x), long(fromDays) * 86'400);
    X509_gmtime_adj(X509_getm_notAfter(x), long(toDays) * 86'400);
    X509_set_pubkey(x, made.rawKey.get());
    X509_NAME* name = X509_get_subject_name(x);
    const std::string title = std::string(signer ? "server " : "authority ") + std::to_string(serial);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(title.c_str()), -1, -1,
                               0);
    X509_set_issuer_name(x, signer ? X509_get_subject_name(signer->raw.get()) : name);
    const auto extend = [&](int nid, const std::string& value) {
        X509V3_CTX context;
        X509V3_set_ctx(&context, signer ? signer->raw.get() : x, x, nullptr, nullptr, 0);
        X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
        X509_add_ext(x, extension, -1);
        X509_EXTENSION_free(extension);
    };
    extend(NID_subject_alt_name, std::string("DNS:") + host);
    if (!signer)
        extend(NID_basic_constraints, "critical,CA:TRUE");
    X509_sign(x, signer ? signer->rawKey.get() : made.rawKey.get(), EVP_sha256());

    const auto pem = [](auto write) {
        BIO* bio = BIO_new(BIO_s_mem());
        write(bio);
        char* data = nullptr;
        const long size = BIO_get_mem_data(bio, &data);
        QByteArray bytes(data, int(size));
        BIO_free(bio);
        return bytes;
    };
    made.certificate = QSslCertificate(pem([&](BIO* bio) { PEM_write_bio_X509(bio, x); }));
    made.key = QSslKey(
        pem([&](BIO* bio) { PEM_write_bio_PrivateKey(bio, made.rawKey.get(), nullptr, nullptr, 0, nullptr, nullptr); }),
        QSsl::Ec);
    return made;
}

// A TLS server in the same event loop.
class Server : public QTcpServer {
public:
    explicit Server(const Identity& identity, QByteArray protocol = "stoa/1",
                    QSsl::SslProtocol version = QSsl::TlsV1_3OrLater)
        : QTcpServer((application(), nullptr)), identity_(identity), protocol_(std::move(protocol)), version_(version)
    {
        listen(QHostAddress::LocalHost);
    }

    QSslSocket* peer = nullptr;
    std::string bytes; // all that came

protected:
    void incomingConnection(qintptr descriptor) override
    {
        peer = new QSslSocket(this);
        QSslConfiguration tls = QSslConfiguration::defaultConfiguration();
        tls.setLocalCertificate(identity_.certificate);
        tls.setPrivateKey(identity_.key);
        tls.setProtocol(version_);
        tls.setPeerVerifyMode(QSslSocket::VerifyNone);
        if (!protocol_.isEmpty())
            tls.setAllowedNextProtocols({protocol_});
        peer->setSslConfiguration(tls);
        peer->setSocketDescriptor(descriptor);
        QObject::connect(peer, &QSslSocket::readyRead, this, [this] { bytes += peer->readAll().toStdString(); });
        peer->startServerEncryption();
    }

private:
    Identity identity_;
    QByteArray protocol_;
    QSsl::SslProtocol version_;
};

} // namespace stoa::test
