#pragma once

#include <set>
#include <stop_token>
#include <string>

#include "http/exchange.hpp"
#include "http/handle_pool.hpp"
#include "http/redirect.hpp"
#include "regtool/base/guarded.hpp"
#include "regtool/base/log.hpp"
#include "regtool/http/client.hpp"
#include "regtool/http/host_settings.hpp"

namespace regtool::http {

/// What both lanes share: options, and which origins turned out to be on a private address.
/// Thread-safe.
class Transport {
  public:
    Transport(ClientOptions options, base::Log& log) : options_(std::move(options)), log_(log) {}

    [[nodiscard]] const ClientOptions& options() const noexcept { return options_; }

    /// The context of the next hop: proxy and address policy filled in.
    [[nodiscard]] ExchangeContext context_for(const HttpRequest& request,
                                              std::stop_token stop) const;
    /// Remembers where an exchange ended up.
    void learn(const HttpRequest& request, const Exchange& exchange);

  private:
    ClientOptions options_;
    base::Log& log_;
    base::Guarded<std::set<std::string>> local_origins_;
};

/// Metadata lane for many requests: one multi handle on the calling thread (HttpClient::send_many).
void send_many(Transport& transport,
               const RequestProducer& next,
               const CompletionHandler& done,
               std::stop_token stop);

}  // namespace regtool::http
