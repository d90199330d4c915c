#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>

#include "regtool/base/clock.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/log.hpp"
#include "regtool/http/client.hpp"
#include "regtool/registry/registry_client.hpp"
#include "regtool/stream/verify.hpp"

namespace regtool::registry {

/// One blob from its first to its last byte, however often the connection breaks: the hash goes on
/// where it stopped, and the rest is asked for with Range from the registry anew (BLB-03…09). Reads
/// over several connections where it was told to, or finds out that one is the limit. Used once, by
/// one thread.
class BlobDownload {
  public:
    struct Context {
        http::HttpClient& http;
        base::Clock& clock;
        base::Random& random;
        base::Log& log;
        int retries;
    };

    /// `request` is the plain GET; `connections` as RegistryClient::use_parallel_ranges. Borrows
    /// the context, `sink` and `arrived`.
    BlobDownload(Context context,
                 http::HttpRequest request,
                 std::string what,
                 stream::Expectation expected,
                 int connections,
                 stream::Sink& sink,
                 const BytesArrived& arrived);

    /// The beginning of the blob, held from an earlier run: hashed, not written again. Before
    /// run().
    void absorb(stream::Source& held);
    /// Returns the number of bytes. Throws IntegrityError, NotFound, TransportError …
    std::uint64_t run(const std::stop_token& stop);

  private:
    class Receiver;
    class Arrivals;

    enum class Round { done, again };

    Round one_round(const std::stop_token& stop);
    Round stream(std::uint64_t offset, const std::stop_token& stop);
    Round by_ranges(std::uint64_t offset, const std::stop_token& stop);
    [[nodiscard]] bool wants_ranges(std::uint64_t offset) const noexcept;
    Round settle_refusal(const http::HttpResponse& response);
    void back_off(const base::TransportError& error,
                  std::uint64_t moved,
                  const std::stop_token& stop);

    Context context_;
    http::HttpRequest request_;
    std::string what_;
    std::optional<std::uint64_t> expected_size_;
    stream::VerifyingSink verified_;
    const BytesArrived& arrived_;
    int connections_;
    int resumes_ = 0;
    int fruitless_ = 0;
    bool parts_refused_ = false;
};

}  // namespace regtool::registry
