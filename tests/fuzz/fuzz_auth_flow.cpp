#include <charconv>
#include <string>
#include <vector>

#include "fuzz/fuzz.hpp"
#include "regtool/auth/authenticating_client.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "support/fake_http.hpp"
#include "support/manual_clock.hpp"

using namespace regtool;
using namespace regtool::fuzz;

namespace {

auth::Credentials credentials_of(char kind) {
    auth::Credentials credentials;
    credentials.source = "fuzz";
    if (kind == 'p') {
        credentials.username = "canary-user";
        credentials.password = base::Secret("canary-password");
    } else if (kind == 'i') {
        credentials.identity_token = base::Secret("canary-identity");
    } else if (kind == 'r') {
        credentials.registry_token = base::Secret("canary-registry");
    }
    return credentials;
}

class OneUser final : public auth::CredentialStore {
  public:
    explicit OneUser(char kind) : credentials_(credentials_of(kind)) {}

    auth::Credentials get(const model::Repository&, std::stop_token) override {
        return credentials_;
    }

    auth::Credentials get(const model::RegistryHost&, std::stop_token) override {
        return credentials_;
    }

  private:
    auth::Credentials credentials_;
};

std::string host_of(const std::string& url) {
    const std::string origin = http::origin_of(url);
    return origin.substr(0, origin.rfind(':'));
}

/// Passwords and identity tokens to the registry's own site, tokens to the registry alone.
void check(const http::HttpRequest& request) {
    const std::string host = host_of(request.url);
    const bool same_site =
        host == "https://reg.test" || (host.starts_with("https://") && host.ends_with(".reg.test"));
    const bool is_registry = http::origin_of(request.url) == "https://reg.test:443" &&
                             request.url.starts_with("https://reg.test/v2/r/");
    const std::string shown = request.authorization ? request.authorization->reveal() : "";
    require(shown.empty() || same_site);
    require(!shown.starts_with("Bearer ") || is_registry);
    require(shown.find(base::base64_encode("canary-identity")) == std::string::npos);
    require(request.body.find("canary") == std::string::npos || same_site);
    require(request.url.find("canary-password") == std::string::npos &&
            request.url.find("canary-identity") == std::string::npos);
}

/// One answer: "STATUS CHALLENGE"; an empty line is 200.
http::HttpResponse answer_of(std::string_view line) {
    int status = 200;
    (void)std::from_chars(line.data(), line.data() + line.size(), status);
    const std::size_t blank = line.find(' ');
    http::HttpResponse response = test::respond(status < 200 || status > 599 ? 401 : status);
    if (blank != std::string_view::npos) {
        response.headers.add("WWW-Authenticate", std::string(line.substr(blank + 1)));
    }
    return response;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // FZ-29: whatever a registry asks for, secrets stay with their origins, and it ends.
    const std::string_view text = text_of(data, size);
    if (text.empty() || text.find("canary") != std::string_view::npos) {
        return 0;  // what the registry says itself is no secret that leaked
    }
    const std::vector<std::string_view> lines = base::split(text.substr(1), '\n');
    std::size_t next = 0;
    int token_requests = 0;
    test::FakeHttp fake([&](const http::HttpRequest& request) {
        check(request);
        if (request.scopes.empty()) {
            ++token_requests;
            return test::respond(200, {}, R"({"token":"t","refresh_token":"canary-identity-2"})");
        }
        return answer_of(lines[next++ % lines.size()]);
    });
    OneUser store(text.front());
    test::ManualClock clock;
    base::NullLog log;
    const auto client = auth::make_authenticating_client(
        fake, store,
        {[](std::string_view origin) {
             return origin == "https://reg.test:443"
                        ? std::optional(model::RegistryHost::parse("reg.test"))
                        : std::nullopt;
         },
         {},
         {}},
        clock, log);
    for (int i = 0; i < 3; ++i) {
        token_requests = 0;
        http::HttpRequest request;
        request.url = "https://reg.test/v2/r/manifests/t";
        request.scopes = {"repository:r:pull"};
        try {
            (void)client->send(request, {});
        } catch (const base::Error&) {  // an unusable realm, say
            continue;
        }
        require(token_requests <= 3);  // one ahead, one for a refusal, one for more scope
    }
    return 0;
}
