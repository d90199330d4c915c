#pragma once

#include <optional>

#include "regtool/http/message.hpp"

namespace regtool::http {

/// Follows one request from hop to hop. Pure: no network. Not thread-safe.
class RedirectChain {
  public:
    explicit RedirectChain(HttpRequest request);

    /// What to send now.
    [[nodiscard]] const HttpRequest& request() const noexcept { return current_; }

    [[nodiscard]] bool crossed_origin() const noexcept { return crossed_; }

    /// Looks at an answer to request(): true when another hop is due (request() is then that hop),
    /// false when this is the answer. Throws RegistryError for more than kMaxRedirects hops, a
    /// missing or contradictory Location, https to http, and URLs that origin_of() refuses.
    [[nodiscard]] bool follow(const HttpResponse& response);

  private:
    HttpRequest current_;
    int hops_ = 0;
    bool crossed_ = false;
};

}  // namespace regtool::http
