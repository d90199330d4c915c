#pragma once

#include <string>

#include "regtool/http/client.hpp"
#include "regtool/registry/registry_client.hpp"
#include "regtool/stream/source.hpp"

namespace regtool::registry {

/// Hands on the bytes of a partial answer and refuses every other 2xx with RegistryError.
class RangeReceiver final : public http::BodyReceiver {
  public:
    /// `what` is for messages. Borrows `sink`.
    RangeReceiver(ByteRange range, std::string what, stream::Sink& sink);
    void on_head(const http::HttpResponse& head) override;
    void on_body(std::span<const std::byte> bytes) override;

  private:
    ByteRange range_;
    std::string what_;
    stream::Sink& sink_;
    std::uint64_t left_ = 0;
};

/// Asks for one range of what `request` (a plain GET) names.
void fetch_range(http::HttpClient& http,
                 http::HttpRequest request,
                 const std::string& what,
                 ByteRange range,
                 stream::Sink& sink,
                 const std::stop_token& stop);

}  // namespace regtool::registry
