#include "http/curl_line.hpp"

#include "support/catch.hpp"

using namespace regtool;
using namespace regtool::http;

TEST_CASE("a request as a curl command") {
    HttpRequest request;
    request.url = "https://reg.test/v2/a/manifests/v1";
    request.headers.set("Accept", "application/json");
    CHECK(curl_line(request, {}, false) ==
          "curl -sSL -H 'Accept: application/json' https://reg.test/v2/a/manifests/v1");
    request.method = Method::head;
    request.follow_redirects = false;
    request.headers = {};
    CHECK(curl_line(request, {}, false) == "curl -sS --head https://reg.test/v2/a/manifests/v1");
    request.method = Method::put;
    request.url = "https://reg.test/v2/a/tags/list?n=1&last=it's";
    CHECK(
        curl_line(request, {}, true) ==
        R"(curl -sS -X PUT --data-binary "$BODY" 'https://reg.test/v2/a/tags/list?n=1&last=it'\''s')");
}

TEST_CASE("T-33 a curl command holds no secret") {
    HttpRequest request;
    request.url = "https://reg.test/v2/";
    request.authorization = base::Secret("Bearer s3cret");
    request.headers.set("X-Api-Key", "s3cret");
    const std::string bearer = curl_line(request, {}, false);
    CHECK(
        bearer ==
        R"(curl -sSL -H "Authorization: Bearer $TOKEN" -H "X-Api-Key: $X_API_KEY" https://reg.test/v2/)");
    request.authorization = base::Secret("Basic czNjcmV0");
    request.headers = {};
    CHECK(curl_line(request, {}, false) ==
          R"(curl -sSL -u "$REGISTRY_USER:$PASSWORD" https://reg.test/v2/)");
}

TEST_CASE("TLS settings of the host are part of a curl command") {
    HttpRequest request;
    request.url = "https://reg.test/v2/";
    HostSettings settings;
    settings.insecure_tls = true;
    settings.ca_file = "/etc/my ca.pem";
    settings.client_cert_file = "/c.pem";
    settings.client_key_file = "/k.pem";
    CHECK(curl_line(request, settings, false) ==
          "curl -sSL --insecure --cacert '/etc/my ca.pem' --cert /c.pem --key /k.pem "
          "https://reg.test/v2/");
}
