#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "unit/registry/registry_lab.hpp"

namespace regtool::test {

inline const std::string kSmall = "some bytes";
inline const std::string kLarge(3U << 20, 'x');

/// A registry that takes uploads as Debian's docker-registry does, in memory. A test may answer
/// instead of it, break a request before or after it is carried out, or limit what it takes.
class UploadRegistry {
  public:
    /// Asked before each request; an answer is sent instead of the registry's own. May throw.
    std::function<std::optional<http::HttpResponse>(const http::HttpRequest&)> before;
    /// Asked after each request was carried out; may throw: the answer is lost.
    std::function<void(const http::HttpRequest&)> after;
    std::uint64_t min_chunk = 0;
    std::size_t largest_body = SIZE_MAX;
    /// A session is known by its newest Location alone, as one whose state is in it.
    bool newest_location_only = false;
    std::string location_prefix = "/v2/r/blobs/uploads/";

    std::map<std::string, std::string> blobs;
    std::map<std::string, std::string> sessions;

    http::HttpResponse operator()(const http::HttpRequest& request) {
        if (before) {
            if (auto answer = before(request)) {
                return *answer;
            }
        }
        http::HttpResponse response = answer(request);
        if (after) {
            after(request);
        }
        return response;
    }

  private:
    static std::string digest_in(const std::string& url) {
        const std::size_t at = url.find("digest=sha256%3A");
        return at == std::string::npos ? "" : "sha256:" + url.substr(at + 16, 64);
    }

    http::HttpResponse answer(const http::HttpRequest& request) {
        const std::size_t at = request.url.find("/blobs/uploads/");
        if (at == std::string::npos) {
            const auto blob = blobs.find(request.url.substr(request.url.rfind('/') + 1));
            return blob == blobs.end()
                       ? respond(404)
                       : respond(200, {{"Content-Length", std::to_string(blob->second.size())}});
        }
        if (request.method == http::Method::post) {
            return at_session(202, "s" + std::to_string(++last_session_), true);
        }
        const std::string rest = request.url.substr(at + 15);
        const std::string id = rest.substr(0, rest.find('?'));
        if (!sessions.contains(id)) {
            return respond(404, {}, R"({"errors":[{"code":"BLOB_UPLOAD_UNKNOWN"}]})");
        }
        const std::string state = "_state=a%2Bb=" + std::to_string(states_[id]);
        const std::size_t at_state = request.url.find(state);
        if (newest_location_only &&
            (at_state == std::string::npos ||
             std::string("&").find(request.url.substr(at_state + state.size(), 1)) != 0)) {
            return respond(404, {}, R"({"errors":[{"code":"BLOB_UPLOAD_UNKNOWN"}]})");
        }
        if (request.body.size() > largest_body) {
            return respond(413);
        }
        if (request.method == http::Method::get) {
            return at_session(204, id, false);
        }
        if (request.method == http::Method::patch) {
            return patch(request, id);
        }
        if (request.method == http::Method::put) {
            return put(request, id);
        }
        sessions.erase(id);
        return respond(204);
    }

    http::HttpResponse patch(const http::HttpRequest& request, const std::string& id) {
        const std::string range(request.headers.get("Content-Range").value_or(""));
        if (range.substr(0, range.find('-')) != std::to_string(sessions[id].size())) {
            return respond(416);
        }
        sessions[id] += request.body;
        return at_session(202, id, false);
    }

    http::HttpResponse put(const http::HttpRequest& request, const std::string& id) {
        const std::string bytes = sessions[id] + request.body;
        if (model::Digest::sha256_of(bytes).str() != digest_in(request.url)) {
            return respond(400, {}, R"({"errors":[{"code":"DIGEST_INVALID"}]})");
        }
        sessions.erase(id);
        blobs[digest_in(request.url)] = bytes;
        return respond(201, {{"Docker-Content-Digest", digest_in(request.url)}});
    }

    http::HttpResponse at_session(int status, const std::string& id, bool fresh) {
        const std::size_t size = sessions[id].size();
        states_[id] = ++state_;
        auto response = respond(
            status, {{"Location", location_prefix + id + "?_state=a%2Bb=" + std::to_string(state_)},
                     {"Range", "0-" + std::to_string(size == 0 ? 0 : size - 1)}});
        if (fresh && min_chunk > 0) {
            response.headers.set("OCI-Chunk-Min-Length", std::to_string(min_chunk));
        }
        return response;
    }

    int last_session_ = 0;
    int state_ = 0;
    std::map<std::string, int> states_;  ///< of the newest Location of each session
};

/// A RegistryClient that uploads to an UploadRegistry.
struct UploadLab {
    UploadRegistry registry;
    RegistryLab lab{[this](const http::HttpRequest& request) { return registry(request); }};
    model::Repository repository = model::Repository::parse("h.test/r");
    std::uint64_t arrived = 0;
    std::vector<std::uint64_t> opened_at;

    /// Reads as stores do: the end is reported only when the bytes from 0 on are right.
    registry::BlobReader reader(const std::string& bytes, const model::Digest& digest) {
        return [this, bytes, digest](std::uint64_t first) -> std::unique_ptr<stream::Source> {
            opened_at.push_back(first);
            auto source = std::make_unique<stream::StringSource>(bytes.substr(first));
            if (first > 0) {
                return source;
            }
            return std::make_unique<stream::VerifyingSource>(
                std::move(source), stream::Expectation{digest, std::nullopt});
        };
    }

    void put(const std::string& bytes,
             std::optional<registry::UploadSession> session = std::nullopt) {
        const model::Digest digest = model::Digest::sha256_of(bytes);
        lab.client.put_blob(
            repository, digest, bytes.size(), reader(bytes, digest), {},
            [this](std::uint64_t more) { arrived += more; }, std::move(session));
    }

    [[nodiscard]] bool has(const std::string& bytes) const {
        return registry.blobs.contains(model::Digest::sha256_of(bytes).str());
    }

    [[nodiscard]] std::string methods() const {
        std::string text;
        for (const http::HttpRequest& request : lab.fake.requests()) {
            text += (text.empty() ? "" : " ") + std::string(http::to_string(request.method));
        }
        return text;
    }

    [[nodiscard]] int count(http::Method method) const {
        int number = 0;
        for (const http::HttpRequest& request : lab.fake.requests()) {
            number += request.method == method ? 1 : 0;
        }
        return number;
    }
};

inline base::TransportError broken() {
    return {base::TransportPhase::send, true, "the test broke it"};
}

/// Answers the n-th request of a method (counted from 1) in another way.
template <class Answer>
auto on_nth(http::Method method, int n, Answer answer) {
    return [=, seen = 0](
               const http::HttpRequest& request) mutable -> std::optional<http::HttpResponse> {
        if (request.method == method && ++seen == n) {
            return answer(request);
        }
        return std::nullopt;
    };
}

inline std::optional<http::HttpResponse> break_it(const http::HttpRequest& /*request*/) {
    throw broken();
}

/// Makes the registry take chunks only, as a proxy with a limit does.
inline void chunk_only(UploadLab& lab) {
    lab.registry.largest_body = 1U << 20;
}

}  // namespace regtool::test
