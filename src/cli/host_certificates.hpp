#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace regtool::cli {

/// What a certs.d folder holds for one registry (containers-certs.d(5), docker's certs.d).
struct HostCertificates {
    std::string ca_pem;                ///< all *.crt: trusted besides the system's roots (TLS-04)
    std::string cert_file;             ///< *.cert
    std::string key_file;              ///< the *.key of the same stem
    std::vector<std::string> ignored;  ///< further pairs: only the first by name is used (TLS-06)
};

/// The folders that are looked in, first match wins: `named` alone when given (TLS-02).
[[nodiscard]] std::vector<std::string> certificate_roots(
    const std::string& named,
    const std::function<std::optional<std::string>(const char*)>& environment);

/// `host` as the user wrote it: `registry.example` and `registry.example:443` are two folders
/// (TLS-03). Throws UsageError for a certificate without its key or the reverse (TLS-05), IoError.
[[nodiscard]] HostCertificates find_host_certificates(const std::vector<std::string>& roots,
                                                      const std::string& host);

}  // namespace regtool::cli
