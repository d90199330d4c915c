#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "registry/upload_body.hpp"
#include "regtool/base/clock.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/log.hpp"
#include "regtool/http/client.hpp"
#include "regtool/registry/registry_client.hpp"

namespace regtool::registry {

/// One blob from the first session to the registry's 201 (UPL-02…25). Sent in one PUT; when the
/// registry finds that too much, or the connection broke, in chunks of one session that is asked
/// how far it came. Whatever happens to an answer, the registry is asked before anything is sent
/// again. Used once, by one thread.
class BlobUpload {
  public:
    struct Context {
        http::HttpClient& http;
        base::Clock& clock;
        base::Random& random;
        base::Log& log;
        int retries = 4;  ///< in a row, of what failed without much gained
    };

    struct Job {
        std::string base;  ///< Endpoints::base_url
        model::Repository repository;
        model::Digest digest;
        std::uint64_t size = 0;
        const BlobReader& read;
        const BytesArrived& arrived;
        /// Whether the registry has the blob, whole: what a lost answer is settled by.
        std::function<bool(const std::stop_token&)> is_there;
    };

    BlobUpload(Context context, Job job, std::optional<UploadSession> session);
    ~BlobUpload() = default;
    BlobUpload(const BlobUpload&) = delete;
    BlobUpload& operator=(const BlobUpload&) = delete;
    BlobUpload(BlobUpload&&) = delete;
    BlobUpload& operator=(BlobUpload&&) = delete;

    /// Throws IntegrityError, AccessDenied, RegistryError, TransportError, and what `read` throws;
    /// the session is then cancelled.
    void run(const std::stop_token& stop);

  private:
    enum class Round { done, again };

    void open_session(const std::stop_token& stop);
    Round put_whole(const std::stop_token& stop);
    Round settle_whole(const http::HttpResponse& response, const std::stop_token& stop);
    Round patch_chunk(const std::stop_token& stop);
    Round settle_chunk(const http::HttpResponse& response,
                       std::uint64_t end,
                       const std::stop_token& stop);
    Round close(const std::stop_token& stop);
    Round settle_close(const http::HttpResponse& response, const std::stop_token& stop);

    Round ask_state(const std::stop_token& stop);
    Round continue_at(std::optional<std::uint64_t> stored, std::uint64_t sent);
    Round stored_or(const std::stop_token& stop, const std::function<Round()>& otherwise);
    Round confirm(const http::HttpResponse& response, const std::stop_token& stop);
    Round anew(const std::string& why);
    Round smaller_chunks(const http::HttpResponse& response);
    [[nodiscard]] bool may_chunk() const;

    void wait_after(const http::HttpResponse& response, const std::stop_token& stop);
    void wait_after(const base::TransportError& error, const std::stop_token& stop);
    void pause(std::chrono::milliseconds wait, const std::string& why, const std::stop_token& stop);
    [[noreturn]] void refuse(http::Method method, const http::HttpResponse& response) const;
    void report(std::uint64_t up_to);
    [[nodiscard]] http::HttpRequest body_request(http::Method method) const;

    Context context_;
    Job job_;
    std::string what_;
    UploadBody body_;
    std::optional<UploadSession> session_;
    int renewals_ = 0;
    std::uint64_t chunk_ = 0;  ///< bytes of a chunk; 0 while the blob is sent as a whole
    bool whole_refused_ = false;
    bool chunks_refused_ = false;
    std::uint64_t offset_ = 0;  ///< bytes that the session has
    std::uint64_t reported_ = 0;
    int failures_ = 0;  ///< in a row, with little gained
    int resumes_ = 0;
};

}  // namespace regtool::registry
