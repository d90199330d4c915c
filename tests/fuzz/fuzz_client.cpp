#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include "fuzz/fuzz.hpp"
#include "regtool/auth/authenticating_client.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "regtool/http/curl_client.hpp"
#include "regtool/http/retry.hpp"
#include "regtool/http/warnings.hpp"
#include "regtool/registry/registry_client.hpp"
#include "support/manual_clock.hpp"
#include "support/memory_network.hpp"

using namespace regtool;
using namespace regtool::fuzz;

namespace {

constexpr std::size_t kMaxOperations = 4;
constexpr std::size_t kMaxConnections = 200;
constexpr const char* kRegistry = "reg.test";
constexpr const char* kPassword = "canary-password";
const std::string kBlob = "a layer, as it were";
const std::string kManifest =
    R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{)"
    R"("mediaType":"application/vnd.oci.empty.v1+json","digest":)"
    R"("sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},"layers":[]})";

class OneUser final : public auth::CredentialStore {
  public:
    auth::Credentials get(const model::Repository&, std::stop_token) override { return user(); }

    auth::Credentials get(const model::RegistryHost&, std::stop_token) override { return user(); }

  private:
    static auth::Credentials user() {
        auth::Credentials credentials;
        credentials.username = "canary-user";
        credentials.password = base::Secret(kPassword);
        return credentials;
    }
};

/// Everything from the registry's verbs down to the sockets, with nothing replaced but time.
class Client {
  public:
    Client()
        : transport_(http::make_curl_client(http_options(), log_)),
          retrying_(http::make_retrying_client(*transport_, retries(), clock_, random_, log_)),
          warning_(http::make_warning_client(*retrying_, log_)),
          authenticating_(
              auth::make_authenticating_client(*warning_, users_, auth_options(), clock_, log_)),
          registry_(*authenticating_, endpoints_, clock_, random_, log_) {
        registry_.use_retries(2);
    }

    /// One verb for each letter; a letter without one does nothing.
    void run(char operation);

  private:
    static http::ClientOptions http_options() {
        http::ClientOptions options;
        options.user_agent = "fuzz";
        return options;
    }

    static http::RetryLimits retries() {
        http::RetryLimits limits;
        limits.max_retries = 2;
        return limits;
    }

    static auth::AuthOptions auth_options() {
        return {[](std::string_view origin) {
                    return origin == "http://reg.test:80"
                               ? std::optional(model::RegistryHost::parse(kRegistry))
                               : std::nullopt;
                },
                {},
                {}};
    }

    void read(char operation);
    void write(char operation);

    base::NullLog log_;
    test::ManualClock clock_;
    test::FixedRandom random_{0.0};
    OneUser users_;
    registry::Endpoints endpoints_{
        [](const model::RegistryHost& host) {
            return host == model::RegistryHost::parse(kRegistry);
        },
        [](std::string_view, std::string_view, std::stop_token) { return http::Scheme::https; }};
    std::unique_ptr<http::HttpClient> transport_;
    std::unique_ptr<http::HttpClient> retrying_;
    std::unique_ptr<http::HttpClient> warning_;
    std::unique_ptr<http::HttpClient> authenticating_;
    registry::RegistryClient registry_;
    model::Repository repository_ = model::Repository::parse("reg.test/r");
    model::Digest blob_ = model::Digest::sha256_of(kBlob);
    model::Digest manifest_ = model::Digest::sha256_of(kManifest);
};

void Client::read(char operation) {
    const auto tagged = model::Reference::parse("reg.test/r:t");
    switch (operation) {
        case 'r':
            (void)registry_.resolve(tagged, {});
            break;
        case 'm':
            (void)registry_.manifest(tagged, {});
            break;
        case 'd': {
            const auto named = model::Reference::parse("reg.test/r@" + manifest_.str());
            require(registry_.manifest(named, {}).bytes() == kManifest);
            break;
        }
        case 'b': {
            stream::StringSink sink(std::size_t{1} << 20);
            (void)registry_.fetch_blob(repository_, {blob_, std::nullopt}, sink, {});
            require(sink.text() == kBlob);
            break;
        }
        case 'h':
            (void)registry_.blob_heads(repository_, std::array{blob_, manifest_}, {});
            break;
        case 't':
            registry_.tags(repository_, {}, [](const std::vector<std::string>&) { return true; },
                           {});
            break;
        case 'f':
            (void)registry_.referrers(repository_, blob_, "", {});
            break;
        default:
            break;
    }
}

void Client::write(char operation) {
    switch (operation) {
        case 'u':
            registry_.put_blob(repository_, blob_, kBlob.size(),
                               [](std::uint64_t first) {
                                   return std::make_unique<stream::StringSource>(
                                       kBlob.substr(std::min<std::size_t>(first, kBlob.size())));
                               },
                               {});
            break;
        case 'p':
            registry_.put_manifest(model::Reference::parse("reg.test/r:t"),
                                   model::Manifest::parse(kManifest, ""), {});
            break;
        case 'o':
            (void)registry_.mount_blob(model::Repository::parse("reg.test/s"), repository_, blob_,
                                       {});
            break;
        case 'x':
            registry_.delete_manifest(model::Reference::parse("reg.test/r@" + manifest_.str()), {});
            break;
        default:
            break;
    }
}

void Client::run(char operation) {
    try {
        read(operation);
        write(operation);
    } catch (const base::Error&) {
        return;
    }
}

/// Without its port; empty when nothing was sent.
std::string host_named_in(const std::string& sent) {
    constexpr std::string_view kHost = "\r\nHost: ";
    const std::size_t begin = sent.find(kHost);
    if (begin == std::string::npos) {
        return {};
    }
    const std::string line =
        sent.substr(begin + kHost.size(), sent.find("\r\n", begin + 2) - begin - kHost.size());
    return line.substr(0, line.find(':'));
}

/// The password goes, in whatever form, to the registry and to token servers of its own site.
void check(const test::MemoryNetwork::Connection& connection) {
    const bool secret =
        connection.sent.find(kPassword) != std::string::npos ||
        connection.sent.find(base::base64_encode(std::string("canary-user:") + kPassword)) !=
            std::string::npos;
    if (!secret) {
        return;
    }
    const std::string host = host_named_in(connection.sent);
    require(host == kRegistry || host.ends_with(std::string(".") + kRegistry));
    require(connection.address == test::MemoryNetwork::address_of(host));
}

/// The operations in the first line, then what each connection says, "%%" on a line between two.
std::vector<std::string> scripts_of(std::string_view text) {
    std::vector<std::string> scripts;
    constexpr std::string_view kBetween = "\n%%\n";
    while (scripts.size() < kMaxConnections) {
        const std::size_t end = text.find(kBetween);
        scripts.emplace_back(text.substr(0, end));
        if (end == std::string_view::npos) {
            break;
        }
        text.remove_prefix(end + kBetween.size());
    }
    return scripts;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // FZ-30: whatever bytes come, it ends, what is taken is right, and secrets stay at home.
    static const bool kNoProxy = [] {
        for (const char* name : {"http_proxy", "https_proxy", "all_proxy", "ALL_PROXY"}) {
            (void)unsetenv(name);
        }
        return true;
    }();
    const std::string_view text = text_of(data, size);
    const std::size_t first_line = text.find('\n');
    if (!kNoProxy || first_line == std::string_view::npos || first_line > kMaxOperations) {
        return 0;
    }
    test::MemoryNetwork network(scripts_of(text.substr(first_line + 1)));
    {
        Client client;
        for (const char operation : text.substr(0, first_line)) {
            client.run(operation);
        }
    }
    for (const auto& connection : network.connections()) {
        check(connection);
    }
    return 0;
}
