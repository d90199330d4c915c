#include "cli/host_rules.hpp"

#include "regtool/base/error.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace regtool;
using namespace regtool::cli;
using model::RegistryHost;

namespace {

struct Lab {
    GlobalOptions options;
    ConfigFile config;
    RegistriesConf registries;
    base::NullLog log;

    [[nodiscard]] HostRules rules() {
        options.certs_dir = "/nonexistent";
        return {options, config, registries, [](const char*) { return std::nullopt; }, log};
    }
};

}  // namespace

TEST_CASE("INS-01 plain http is for the hosts that are named, by flag or by the file") {
    Lab lab;
    lab.options.plain_http = {"a.test", "b.test:5000"};
    lab.config.hosts["c.test:5000"].plain_http = true;
    const HostRules rules = lab.rules();
    CHECK(rules.speaks_plain_http(RegistryHost::parse("a.test")));
    CHECK(rules.speaks_plain_http(RegistryHost::parse("A.test:8080")));
    CHECK(rules.speaks_plain_http(RegistryHost::parse("b.test:5000")));
    CHECK_FALSE(rules.speaks_plain_http(RegistryHost::parse("b.test")));
    CHECK(rules.speaks_plain_http(RegistryHost::parse("c.test:5000")));
    CHECK_FALSE(rules.speaks_plain_http(RegistryHost::parse("c.test")));
    CHECK_FALSE(rules.speaks_plain_http(RegistryHost::parse("x.a.test")));
}

TEST_CASE("TLS-07 certificates go to registries that were named, not to strangers") {
    const test::TempDir dir;
    Lab lab;
    lab.options.cacert = dir.put("flag-ca", "");
    lab.config.hosts["a.test"].cacert = dir.put("file-ca", "");
    lab.config.hosts["a.test"].cert = dir.put("cert", "");
    lab.config.hosts["a.test"].key = dir.put("key", "");
    const HostRules rules = lab.rules();
    const auto named = rules.tls("a.test:443", RegistryHost::parse("a.test"));
    CHECK(named.ca_file == lab.options.cacert);
    CHECK(named.client_cert_file == lab.config.hosts["a.test"].cert);
    CHECK(named.client_key_file == lab.config.hosts["a.test"].key);
    const auto stranger = rules.tls("a.test:443", std::nullopt);
    CHECK(stranger.ca_file.empty());
    CHECK(stranger.client_cert_file.empty());
}

TEST_CASE("TLS-08 a host's own table beats what the file says of all, and a flag beats both") {
    const test::TempDir dir;
    Lab lab;
    lab.options.cacert = dir.put("all-ca", "");
    lab.options.cert = dir.put("all-cert", "");
    lab.options.key = dir.put("all-key", "");
    lab.config.hosts["a.test"].cacert = dir.put("own-ca", "");
    lab.config.hosts["a.test"].cert = dir.put("own-cert", "");
    lab.config.hosts["a.test"].key = dir.put("own-key", "");
    const auto host = RegistryHost::parse("a.test");
    CHECK(lab.rules().tls("a.test:443", host).client_cert_file == lab.options.cert);
    lab.config.options = {
        {"cacert", {lab.options.cacert}}, {"cert", {lab.options.cert}}, {"key", {lab.options.key}}};
    const auto settings = lab.rules().tls("a.test:443", host);
    CHECK(settings.ca_file == lab.config.hosts["a.test"].cacert);
    CHECK(settings.client_cert_file == lab.config.hosts["a.test"].cert);
    CHECK(settings.client_key_file == lab.config.hosts["a.test"].key);
    CHECK(lab.rules().tls("b.test:443", RegistryHost::parse("b.test")).ca_file ==
          lab.options.cacert);
}

TEST_CASE("TLS-08 a certificate file that is not there is named") {
    Lab lab;
    lab.options.cacert = "/nonexistent/ca.pem";
    const HostRules rules = lab.rules();
    const auto host = RegistryHost::parse("a.test");
    CHECK_THROWS_AS(rules.tls("a.test:443", host), base::IoError);
}

TEST_CASE("TLS-09 INS-04 credentials for an unverified host need a word of their own") {
    const test::TempDir dir;
    Lab lab;
    lab.options.insecure_tls = {"a.test", "127.0.0.1:5000", "b.test"};
    lab.options.insecure_credentials = {"b.test"};
    lab.registries.add_file(
        dir.put("r.conf", "[[registry]]\nlocation = \"c.test\"\ninsecure = true\n"));
    HostRules rules = lab.rules();
    CHECK_FALSE(rules.tls("c.test:443", std::nullopt).insecure_tls);
    CHECK(rules.allows_credentials(RegistryHost::parse("c.test")));
    rules.accept_unverified("c.test:443");
    CHECK_FALSE(rules.allows_credentials(RegistryHost::parse("a.test")));
    CHECK(rules.allows_credentials(RegistryHost::parse("127.0.0.1:5000")));
    CHECK(rules.allows_credentials(RegistryHost::parse("b.test")));
    CHECK_FALSE(rules.allows_credentials(RegistryHost::parse("c.test")));
    CHECK(rules.allows_credentials(RegistryHost::parse("d.test")));
    CHECK(rules.tls("c.test:443", std::nullopt).insecure_tls);
    CHECK(rules.may_speak_plain_http(RegistryHost::parse("c.test")));
    CHECK_FALSE(rules.may_speak_plain_http(RegistryHost::parse("a.test")));
}

TEST_CASE("ATH-07 T-08 realms and private places are allowed for one host at a time") {
    Lab lab;
    lab.config.hosts["a.test"].realms = {"auth.other"};
    lab.config.hosts["inner.test"].allow_private = true;
    const HostRules rules = lab.rules();
    CHECK(rules.allows_realm(RegistryHost::parse("a.test"), "auth.other"));
    CHECK_FALSE(rules.allows_realm(RegistryHost::parse("b.test"), "auth.other"));
    CHECK_FALSE(rules.allows_realm(RegistryHost::parse("a.test"), "evil.other"));
    CHECK(rules.allows_private("inner.test:443"));
    CHECK_FALSE(rules.allows_private("a.test:443"));
}
