#include "server/net/certificate.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <memory>
#include <stdexcept>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

namespace stoa {

namespace {

constexpr int64_t validForSeconds = int64_t{3653} * 24 * 3600;
constexpr int64_t validBeforeSeconds = int64_t{24} * 3600; // for desktops whose clock is behind

struct Free {
    void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
    void operator()(X509* p) const { X509_free(p); }
    void operator()(X509_EXTENSION* p) const { X509_EXTENSION_free(p); }
    void operator()(BIO* p) const { BIO_free_all(p); }
    void operator()(unsigned char* p) const { OPENSSL_free(p); }
};

template <class T>
using Owned = std::unique_ptr<T, Free>;

[[noreturn]] void failed(const std::string& what)
{
    char reason[256] = "";
    ERR_error_string_n(ERR_get_error(), reason, sizeof reason);
    throw std::runtime_error(what + " (" + reason + ").");
}

void require(bool fine, const char* what)
{
    if (!fine)
        failed(what);
}

void writeNewFile(const std::filesystem::path& path, BIO* content, mode_t mode)
{
    char* bytes = nullptr;
    const auto size = static_cast<size_t>(BIO_get_mem_data(content, &bytes));
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (file < 0)
        throw std::runtime_error("The file " + path.string() + " cannot be made: " + std::strerror(errno) + ".");
    const bool whole = ::write(file, bytes, size) == static_cast<ssize_t>(size) && ::fsync(file) == 0;
    const int why = errno;
    ::close(file);
    if (!whole)
        throw std::runtime_error("The file " + path.string() + " cannot be written: " + std::strerror(why) + ".");
}

void addExtension(X509* certificate, int nid, const std::string& value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    const Owned<X509_EXTENSION> extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
    require(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "The certificate cannot be made");
}

bool isAddress(const std::string& host)
{
    const std::unique_ptr<ASN1_OCTET_STRING, void (*)(ASN1_OCTET_STRING*)> address(a2i_IPADDRESS(host.c_str()),
                                                                                   ASN1_OCTET_STRING_free);
    ERR_clear_error();
    return address != nullptr;
}

} // namespace

CertificateFiles certificateFiles(const std::filesystem::path& data)
{
    return {data / "certificate.pem", data / "key.pem"};
}

void makeCertificate(const CertificateFiles& files, const std::string& host, int64_t nowMs)
{
    const Owned<EVP_PKEY> key(EVP_EC_gen("P-256"));
    require(key != nullptr, "The server's key cannot be made");
    const Owned<X509> certificate(X509_new());
    require(certificate != nullptr, "The certificate cannot be made");
    X509_set_version(certificate.get(), 2);

    unsigned char serial[16];
    require(RAND_bytes(serial, sizeof serial) == 1, "The system gives no random bytes");
    serial[0] &= 0x7f;
    const std::unique_ptr<BIGNUM, void (*)(BIGNUM*)> number(BN_bin2bn(serial, sizeof serial, nullptr), BN_free);
    BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate.get()));

    const time_t now = nowMs / 1000;
    ASN1_TIME_set(X509_getm_notBefore(certificate.get()), now - validBeforeSeconds);
    ASN1_TIME_set(X509_getm_notAfter(certificate.get()), now + validForSeconds);

    // A common name holds 64 bytes; the name that counts is the alternative one.
    X509_NAME* name = X509_get_subject_name(certificate.get());
    const std::string commonName = host.substr(0, 64);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(commonName.data()),
                               static_cast<int>(commonName.size()), -1, 0);
    X509_set_issuer_name(certificate.get(), name);
    X509_set_pubkey(certificate.get(), key.get());
    addExtension(certificate.get(), NID_subject_alt_name, (isAddress(host) ? "IP:" : "DNS:") + host);
    addExtension(certificate.get(), NID_basic_constraints, "critical,CA:FALSE");
    addExtension(certificate.get(), NID_key_usage, "critical,digitalSignature");
    addExtension(certificate.get(), NID_ext_key_usage, "serverAuth");
    require(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0, "The certificate cannot be signed");

    const Owned<BIO> keyText(BIO_new(BIO_s_mem()));
    const Owned<BIO> certificateText(BIO_new(BIO_s_mem()));
    require(PEM_write_bio_PrivateKey(keyText.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1 &&
                PEM_write_bio_X509(certificateText.get(), certificate.get()) == 1,
            "The certificate cannot be written");
    writeNewFile(files.key, keyText.get(), 0600);
    writeNewFile(files.certificate, certificateText.get(), 0644);
}

std::string publicKeyPin(const std::filesystem::path& path)
{
    const Owned<BIO> file(BIO_new_file(path.c_str(), "r"));
    const Owned<X509> certificate(file ? PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr) : nullptr);
    if (!certificate)
        failed("The certificate " + path.string() + " cannot be read");
    unsigned char* encoded = nullptr;
    const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate.get()), &encoded);
    const Owned<unsigned char> holder(encoded);
    std::string pin(32, '\0');
    unsigned pinSize = 0;
    require(size > 0 && EVP_Digest(encoded, static_cast<size_t>(size), reinterpret_cast<unsigned char*>(pin.data()),
                                   &pinSize, EVP_sha256(), nullptr) == 1,
            "The certificate's key cannot be hashed");
    return pin;
}

} // namespace stoa
