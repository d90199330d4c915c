#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>

#include "regtool/base/clock.hpp"
#include "regtool/base/log.hpp"
#include "serve/contents.hpp"
#include "serve/exchange.hpp"
#include "serve/storage.hpp"
#include "serve/target.hpp"
#include "serve/uploads.hpp"

namespace regtool::serve {

struct HandlerOptions {
    std::string default_repository;  ///< of manifests whose names in the layout say none
    bool read_only = false;
    std::uint64_t max_blob_bytes = 0;
};

/// The distribution specification, version 1.1, over a layout: a request's head comes in, an answer
/// or a taker of its body goes out. Knows nothing of sockets. Thread-safe.
class Handler {
  public:
    /// Borrows storage, clock and log.
    Handler(Storage& storage,
            HandlerOptions options,
            const base::Clock& clock,
            std::stop_token stop,
            base::Log& log);

    /// Never throws: what goes wrong is an answer.
    [[nodiscard]] Outcome begin(const RequestHead& head) noexcept;
    /// The same for the calls of a BodyTaker.
    [[nodiscard]] Reply reply_to_failure() const noexcept;

  private:
    [[nodiscard]] Outcome route(const RequestHead& head);

    Storage& storage_;
    HandlerOptions options_;
    base::Log& log_;
    Contents contents_;
    Uploads uploads_;
};

/// What the endpoints' functions work with.
struct Context {
    const RequestHead& head;
    const Target& target;
    Storage& storage;
    Contents& contents;
    Uploads& uploads;
};

// One for each group of endpoints (distribution-spec, "Endpoints"). All throw Refusal.

[[nodiscard]] Outcome blob_request(const Context& context);      ///< end-2, end-10
[[nodiscard]] Outcome uploads_request(const Context& context);   ///< end-4a, end-4b, end-11
[[nodiscard]] Outcome upload_request(const Context& context);    ///< end-5, end-6, end-13
[[nodiscard]] Outcome manifest_request(const Context& context);  ///< end-3, end-7, end-9
[[nodiscard]] Reply tags_request(const Context& context);        ///< end-8a, end-8b
[[nodiscard]] Reply catalog_request(const Context& context);     ///< Docker's /v2/_catalog
[[nodiscard]] Reply referrers_request(const Context& context);   ///< end-12a, end-12b

/// 405 with the methods that there are, e.g. "GET, HEAD".
[[noreturn]] void throw_method_not_allowed(std::string_view allowed);

[[nodiscard]] bool is_read(std::string_view method) noexcept;

/// A digest from a path or query. Throws Refusal (400 DIGEST_INVALID).
[[nodiscard]] model::Digest require_digest(std::string_view text);

}  // namespace regtool::serve
