#pragma once

// The server's own certificate: P-256, self-signed, for ten years. Clients do not trust an authority
// but the public key itself, whose hash the invite link carries. A company that has its own authority
// puts its files in the place of these. Files: PEM, the key readable by the owner only.
// Everything here throws std::runtime_error with a sentence for the admin.

#include <cstdint>
#include <filesystem>
#include <string>

namespace stoa {

struct CertificateFiles {
    std::filesystem::path certificate;
    std::filesystem::path key;
};

// `certificate.pem` and `key.pem` in the data directory.
CertificateFiles certificateFiles(const std::filesystem::path& data);

// Makes both files for `host` (a name or an address); never over existing ones.
void makeCertificate(const CertificateFiles& files, const std::string& host, int64_t nowMs);

// SHA-256 of the certificate's SubjectPublicKeyInfo, 32 bytes.
std::string publicKeyPin(const std::filesystem::path& certificate);

} // namespace stoa
