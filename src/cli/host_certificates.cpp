#include "cli/host_certificates.hpp"

#include <algorithm>
#include <filesystem>

#include "regtool/base/error.hpp"
#include "regtool/base/fd.hpp"

namespace regtool::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxCertificateBytes = std::size_t{1} << 20;

std::vector<fs::path> files_of(const fs::path& folder) {
    std::vector<fs::path> files;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
        files.push_back(entry.path());
    }
    if (error) {
        throw base::IoError(folder.string(), "cannot read", error.value());
    }
    std::sort(files.begin(), files.end());
    return files;
}

fs::path with_extension(fs::path path, const char* extension) {
    return path.replace_extension(extension);
}

HostCertificates read_folder(const fs::path& folder) {
    HostCertificates found;
    for (const fs::path& file : files_of(folder)) {
        const std::string kind = file.extension().string();
        if (kind == ".crt") {
            found.ca_pem += base::read_file(file, kMaxCertificateBytes) + "\n";
        } else if (kind == ".key" && !fs::exists(with_extension(file, ".cert"))) {
            throw base::UsageError(file.string() + " has no certificate " +
                                   with_extension(file, ".cert").filename().string() +
                                   " beside it");
        } else if (kind == ".cert") {
            const fs::path key = with_extension(file, ".key");
            if (!fs::exists(key)) {
                base::UsageError error(file.string() + " has no key " + key.filename().string() +
                                       " beside it");
                error.set_hint("certificates of authorities must end in .crt");
                throw error;
            }
            if (found.cert_file.empty()) {
                found.cert_file = file.string();
                found.key_file = key.string();
            } else {
                found.ignored.push_back(file.string());
            }
        }
    }
    return found;
}

}  // namespace

std::vector<std::string> certificate_roots(
    const std::string& named,
    const std::function<std::optional<std::string>(const char*)>& environment) {
    if (!named.empty()) {
        return {named};
    }
    const auto value = [&](const char* name) { return environment(name).value_or(""); };
    const std::string home = value("HOME");
    const std::string config = value("XDG_CONFIG_HOME").empty()
                                   ? (home.empty() ? "" : home + "/.config")
                                   : value("XDG_CONFIG_HOME");
    std::vector<std::string> roots;
    if (!config.empty()) {
        roots.push_back(config + "/containers/certs.d");
        roots.push_back(config + "/docker/certs.d");
    }
    roots.emplace_back("/etc/containers/certs.d");
    roots.emplace_back("/etc/docker/certs.d");
    return roots;
}

HostCertificates find_host_certificates(const std::vector<std::string>& roots,
                                        const std::string& host) {
    for (const std::string& root : roots) {
        const fs::path folder = fs::path(root) / host;
        std::error_code error;
        if (fs::is_directory(folder, error)) {
            return read_folder(folder);
        }
    }
    return {};
}

}  // namespace regtool::cli
