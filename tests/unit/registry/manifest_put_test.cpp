#include <atomic>

#include "regtool/base/error.hpp"
#include "regtool/http/curl_client.hpp"
#include "support/catch.hpp"
#include "support/raw_server.hpp"
#include "unit/registry/registry_lab.hpp"

using namespace regtool;
using http::HttpRequest;
using http::Method;
using test::http_reply;
using test::RawServer;
using test::RegistryLab;
using test::respond;

namespace {

const std::string kType = "application/vnd.oci.image.index.v1+json";
const std::string kBody = R"({"schemaVersion":2,"mediaType":")" + kType + R"(","manifests":[]})";
const model::Manifest kManifest = model::Manifest::parse(kBody, kType);
const model::Reference kTag = model::Reference::parse("reg.test/r:t");
const std::string kOld = model::Digest::sha256_of("old").str();
const std::string kOther = model::Digest::sha256_of("another writer's").str();

/// A registry with one tag, "t", that stores what is put; what breaks is the test's.
struct Registry {
    std::string tag;          ///< the digest that "t" stands for
    bool has_digest = false;  ///< of kManifest
    /// What happens to the nth PUT, from 1 on: nothing, or a throw, before or after it is stored.
    std::function<void(int)> before_put = [](int) {};
    std::function<void(int)> after_put = [](int) {};
    int puts = 0;

    http::HttpResponse operator()(const HttpRequest& request) {
        const bool by_tag = request.url.ends_with("/t");
        if (request.method == Method::put) {
            before_put(++puts);
            has_digest = true;
            tag = by_tag ? kManifest.digest().str() : tag;
            after_put(puts);
            return respond(201);
        }
        const std::string digest = by_tag       ? tag
                                   : has_digest ? kManifest.digest().str()
                                                : std::string();
        return digest.empty() ? respond(404)
                              : respond(200, {{"Docker-Content-Digest", digest},
                                              {"Content-Type", kType},
                                              {"Content-Length", "1"}});
    }
};

struct Lab {
    Registry registry;
    RegistryLab lab{[this](const HttpRequest& request) { return registry(request); }};

    void put(const model::Reference& reference = kTag,
             const std::optional<registry::TagBefore>& before = std::nullopt) {
        lab.client.put_manifest(reference, kManifest, {}, before);
    }

    /// "PUT t, HEAD @, HEAD t"
    std::string asked() const {
        std::string line;
        for (const HttpRequest& request : lab.fake.requests()) {
            line += (line.empty() ? "" : ", ") + std::string(to_string(request.method)) +
                    (request.url.ends_with("/t") ? " t" : " @");
        }
        return line;
    }
};

[[noreturn]] void cut(base::TransportPhase phase = base::TransportPhase::receive) {
    throw base::TransportError(phase, true, "the test broke it");
}

void cut_first(int number) {
    if (number == 1) {
        cut();
    }
}

registry::TagBefore standing_for(const std::string& digest) {
    return {model::Digest::try_parse(digest)};
}

}  // namespace

TEST_CASE("PUT-11 stored, and the answer lost: asked by digest and by tag, and not put again") {
    Lab lab;
    lab.registry.after_put = cut_first;
    lab.put();
    CHECK(lab.asked() == "PUT t, HEAD @, HEAD t");
    Lab by_digest;
    by_digest.registry.after_put = cut_first;
    by_digest.put(kTag.with_digest(kManifest.digest()));
    CHECK(by_digest.registry.puts == 1);
}

TEST_CASE("PUT-11 not stored: asked, then put again") {
    Lab lab;
    lab.registry.tag = kOld;
    lab.registry.before_put = cut_first;
    lab.put(kTag, standing_for(kOld));
    CHECK(lab.asked() == "PUT t, HEAD @, HEAD t, PUT t");
    CHECK(lab.registry.tag == kManifest.digest().str());
}

TEST_CASE("PUT-11 stored under its digest alone: put again for the tag") {
    Lab lab;
    lab.registry.after_put = [&](int number) {
        if (number == 1) {
            lab.registry.tag = kOld;
            cut();
        }
    };
    lab.put(kTag, standing_for(kOld));
    CHECK(lab.registry.puts == 2);
    CHECK(lab.registry.tag == kManifest.digest().str());
}

TEST_CASE("PUT-11 a tag that another writer has moved meanwhile stays his") {
    for (const std::string& before : {kOld, std::string()}) {
        CAPTURE(before);
        Lab lab;
        lab.registry.tag = before;
        lab.registry.after_put = [&](int) {
            lab.registry.tag = kOther;
            cut();
        };
        try {
            lab.put(kTag, standing_for(before));
            FAIL("nothing was thrown");
        } catch (const base::PreconditionError& error) {
            CHECK(error.message().find(kOther) != std::string::npos);
        }
        CHECK(lab.registry.puts == 1);
        CHECK(lab.registry.tag == kOther);
    }
}

TEST_CASE("PUT-11 where nobody said what the tag stood for, the first look says it") {
    Lab lab;
    lab.registry.tag = kOld;
    lab.registry.before_put = [&](int number) {
        lab.registry.tag = number == 2 ? kOther : kOld;
        cut();
    };
    CHECK_THROWS_AS(lab.put(), base::PreconditionError);
    CHECK(lab.registry.puts == 2);
}

TEST_CASE("PUT-11 F-12 repeated as often as is wanted, and asked at the end, too") {
    for (const int retries : {0, 1, 3}) {
        CAPTURE(retries);
        Lab lab;
        lab.lab.client.use_retries(retries);
        lab.registry.before_put = [](int) { cut(); };
        CHECK_THROWS_AS(lab.put(), base::TransportError);
        CHECK(lab.registry.puts == retries + 1);
        CHECK(lab.lab.clock.sleeps().size() == static_cast<std::size_t>(retries));
        Lab stored;
        stored.lab.client.use_retries(retries);
        stored.registry.before_put = [&](int number) {
            if (number <= retries) {
                cut();
            }
        };
        stored.registry.after_put = [](int) { cut(); };
        CHECK_NOTHROW(stored.put());
        CHECK(stored.registry.puts == retries + 1);
    }
}

TEST_CASE("PUT-11 a gateway that has lost the answer is no answer; a refusal is") {
    for (const int status : {500, 502, 504}) {
        CAPTURE(status);
        Lab lab;
        Registry& registry = lab.registry;
        RegistryLab behind([&](const HttpRequest& request) {
            const http::HttpResponse response = registry(request);
            return request.method == Method::put ? respond(status) : response;
        });
        behind.client.put_manifest(kTag, kManifest, {});
        CHECK(registry.puts == 1);
    }
    for (const int status : {400, 403, 413, 429, 501, 503}) {
        CAPTURE(status);
        RegistryLab refusing([&](const HttpRequest&) { return respond(status); });
        CHECK_THROWS_AS(refusing.client.put_manifest(kTag, kManifest, {}), base::Error);
        CHECK(refusing.fake.requests().size() == 1);
    }
}

TEST_CASE("PUT-11 what was never sent is not asked about") {
    Lab lab;
    lab.registry.before_put = [](int) { cut(base::TransportPhase::connect); };
    CHECK_THROWS_AS(lab.put(), base::TransportError);
    CHECK(lab.asked() == "PUT t");
}

TEST_CASE("PUT-11 where nothing can be asked the put's own failure is told") {
    int puts = 0;
    RegistryLab deaf([&](const HttpRequest& request) -> http::HttpResponse {
        puts += request.method == Method::put ? 1 : 0;
        throw base::TransportError(base::TransportPhase::receive, true,
                                   std::string(to_string(request.method)) + " broke");
    });
    try {
        deaf.client.put_manifest(kTag, kManifest, {});
        FAIL("nothing was thrown");
    } catch (const base::TransportError& error) {
        CHECK(error.message().find("PUT broke") != std::string::npos);
    }
    CHECK(puts == 1);
    // Who may write and not read puts again.
    puts = 0;
    RegistryLab secretive([&](const HttpRequest& request) {
        if (request.method != Method::put) {
            return respond(403);
        }
        cut_first(++puts);
        return respond(201);
    });
    CHECK_NOTHROW(secretive.client.put_manifest(kTag, kManifest, {}));
    CHECK(puts == 2);
}

TEST_CASE("PUT-11 RFR-07 the list of referrers where the answer that would tell of it was lost") {
    const model::Digest subject = model::Digest::sha256_of("subject");
    const model::Manifest referrer =
        model::Manifest::parse(R"({"schemaVersion":2,"mediaType":")" + kType +
                                   R"(","manifests":[],"subject":{"mediaType":")" + kType +
                                   R"(","digest":")" + subject.str() + R"(","size":7}})",
                               kType);
    const model::Reference place = kTag.with_digest(referrer.digest());
    for (const bool has_api : {true, false}) {
        CAPTURE(has_api);
        std::map<std::string, std::string> stored;
        RegistryLab lab([&](const HttpRequest& request) -> http::HttpResponse {
            const std::string name = request.url.substr(request.url.rfind('/') + 1);
            if (request.url.find("/referrers/") != std::string::npos) {
                return has_api ? respond(200, {{"Content-Type", kType}}, kBody) : respond(404);
            }
            if (request.method == Method::put) {
                const bool first = stored.empty();
                stored[name] = request.body;
                return first
                           ? throw base::TransportError(base::TransportPhase::receive, true, "cut")
                           : respond(201);
            }
            const auto found = stored.find(name);
            return found == stored.end()
                       ? respond(404)
                       : respond(200,
                                 {{"Content-Type", kType},
                                  {"Docker-Content-Digest",
                                   model::Digest::sha256_of(found->second).str()}},
                                 request.method == Method::head ? "" : found->second);
        });
        lab.client.put_manifest(place, referrer, {});
        CHECK(stored.size() == (has_api ? 1 : 2));
    }
}

TEST_CASE("PUT-11 over a connection that is cut after the request was taken") {
    const std::string digest = kManifest.digest().str();
    for (const bool is_stored : {true, false}) {
        for (const bool reset : {true, false}) {
            CAPTURE(is_stored, reset);
            std::atomic<int> puts = 0;  // each connection has a thread of the server's
            std::atomic<bool> stored = false;
            RawServer server([&](const std::string& request) {
                if (!request.starts_with("PUT ")) {
                    return RawServer::Reply{
                        request.starts_with("HEAD ") && stored
                            ? "HTTP/1.1 200 OK\r\nDocker-Content-Digest: " + digest +
                                  "\r\nContent-Type: " + kType + "\r\nContent-Length: 9\r\n\r\n"
                            : "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
                        false};
                }
                const bool is_cut = ++puts == 1;
                stored = is_stored || !is_cut;
                RawServer::Reply reply{is_cut ? "" : http_reply(201, {}, ""), is_cut};
                reply.reset = is_cut && reset;
                return reply;
            });
            base::NullLog log;
            const auto curl = http::make_curl_client({}, log);
            test::ManualClock clock;
            test::FixedRandom random{0.0};
            const auto http = http::make_retrying_client(*curl, {}, clock, random, log);
            registry::Endpoints plain{[](const model::RegistryHost&) { return true; },
                                      [](std::string_view, std::string_view, std::stop_token) {
                                          return http::Scheme::http;
                                      }};
            registry::RegistryClient client{*http, plain, clock, random, log};
            const auto place =
                model::Reference::parse("127.0.0.1:" + std::to_string(server.port()) + "/r:t");
            // On an idle connection libcurl itself would send it twice.
            CHECK_FALSE(client.current(place, {}));
            client.put_manifest(place, kManifest, {});
            CHECK(puts == (is_stored ? 1 : 2));
        }
    }
}
