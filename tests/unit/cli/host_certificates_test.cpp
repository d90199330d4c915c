#include "cli/host_certificates.hpp"

#include <filesystem>
#include <fstream>

#include "regtool/base/error.hpp"
#include "support/catch.hpp"

using namespace regtool;
using namespace regtool::cli;
namespace fs = std::filesystem;

namespace {

class CertsD {
  public:
    CertsD() {
        std::string pattern = (fs::temp_directory_path() / "regtool-certs-XXXXXX").string();
        root_ = mkdtemp(pattern.data());
    }

    ~CertsD() { fs::remove_all(root_); }

    CertsD(const CertsD&) = delete;
    CertsD& operator=(const CertsD&) = delete;
    CertsD(CertsD&&) = delete;
    CertsD& operator=(CertsD&&) = delete;

    void put(const std::string& host,
             const std::string& file,
             const std::string& text = "x") const {
        fs::create_directories(root_ / host);
        std::ofstream(root_ / host / file) << text;
    }

    [[nodiscard]] HostCertificates find(const std::string& host) const {
        return find_host_certificates({root_.string()}, host);
    }

  private:
    fs::path root_;
};

}  // namespace

TEST_CASE("TLS-03 TLS-04 a folder belongs to one spelling of a host") {
    const CertsD certs;
    certs.put("reg.test:5000", "b.crt", "B");
    certs.put("reg.test:5000", "a.crt", "A");
    certs.put("reg.test:5000", "readme.txt", "no");
    CHECK(certs.find("reg.test:5000").ca_pem == "A\nB\n");
    CHECK(certs.find("reg.test").ca_pem.empty());
    CHECK(certs.find("reg.test:443").ca_pem.empty());
}

TEST_CASE("TLS-05 TLS-06 client certificates come in pairs, the first by name is used") {
    const CertsD certs;
    for (const char* file : {"b.cert", "b.key", "a.cert", "a.key"}) {
        certs.put("h", file);
    }
    CHECK(certs.find("h").cert_file.ends_with("/a.cert"));
    CHECK(certs.find("h").key_file.ends_with("/a.key"));
    CHECK(certs.find("h").ignored.size() == 1);
    certs.put("no-key", "x.cert");
    CHECK_THROWS_AS(certs.find("no-key"), base::UsageError);
    certs.put("no-cert", "x.key");
    CHECK_THROWS_AS(certs.find("no-cert"), base::UsageError);
}

TEST_CASE("TLS-02 where certificates are looked for") {
    const auto environment = [](const char* name) -> std::optional<std::string> {
        return std::string_view(name) == "HOME" ? std::optional<std::string>("/h") : std::nullopt;
    };
    CHECK(certificate_roots("", environment) ==
          std::vector<std::string>{"/h/.config/containers/certs.d", "/h/.config/docker/certs.d",
                                   "/etc/containers/certs.d", "/etc/docker/certs.d"});
    CHECK(certificate_roots("/named", environment) == std::vector<std::string>{"/named"});
}
