#include "registry/blob_download.hpp"

#include <algorithm>
#include <vector>

#include "registry/connection_gauge.hpp"
#include "registry/content_range.hpp"
#include "registry/range_receiver.hpp"
#include "registry/ranged_download.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "regtool/http/retry.hpp"
#include "regtool/registry/error_body.hpp"

namespace regtool::registry {

namespace {

constexpr int kPartialContent = 206;
constexpr int kRangeNotSatisfiable = 416;
/// An attempt that moved this much was worth it and does not count as a failure.
constexpr std::uint64_t kProgressBytes = std::uint64_t{1} << 20;
constexpr int kMaxResumes = 20;
/// What a download goes on with when one connection turns out to be the limit.
constexpr int kChosenConnections = 4;

/// Ends a transfer that is to go on over several connections.
class OneIsNotEnough final : public std::exception {
  public:
    [[nodiscard]] const char* what() const noexcept override { return "one connection is slow"; }
};

}  // namespace

/// Takes bytes in their order: verified, passed on, counted.
class BlobDownload::Arrivals final : public stream::Sink {
  public:
    explicit Arrivals(BlobDownload& download) : download_(download) {}

    void write(std::span<const std::byte> bytes) override {
        download_.verified_.write(bytes);
        if (download_.arrived_) {
            download_.arrived_(bytes.size());
        }
    }

  private:
    BlobDownload& download_;
};

/// Lets only those bytes through that continue what is already there.
class BlobDownload::Receiver final : public http::BodyReceiver {
  public:
    Receiver(BlobDownload& download, std::uint64_t offset)
        : download_(download), arrivals_(download), offset_(offset) {}

    void on_head(const http::HttpResponse& head) override {
        const auto length = base::parse_decimal(head.headers.get("Content-Length").value_or(""));
        open_ended_ = !length.has_value();
        if (head.status == kPartialContent) {
            require_continuation(head);
        } else {
            skip_ = offset_;  // the whole blob again: what is held is passed over (BLB-05)
            require_length(length);
            if (!download_.expected_size_) {
                download_.expected_size_ = length;
            }
        }
        const bool has_parts =
            head.status == kPartialContent ||
            base::equals_ignore_case(head.headers.get("Accept-Ranges").value_or(""), "bytes");
        if (has_parts && download_.expected_size_ &&
            download_.connections_ == RegistryClient::kDecideRanges) {
            gauge_.emplace(download_.context_.clock.monotonic());
        }
    }

    void on_body(std::span<const std::byte> bytes) override {
        if (skip_ > 0) {
            const auto passed =
                static_cast<std::size_t>(std::min<std::uint64_t>(skip_, bytes.size()));
            skip_ -= passed;
            bytes = bytes.subspan(passed);
        }
        if (!bytes.empty()) {
            take(bytes);
        }
    }

    /// The answer had neither length nor a last chunk, so its end may be a broken connection.
    [[nodiscard]] bool open_ended() const noexcept { return open_ended_; }

  private:
    void take(std::span<const std::byte> bytes) {
        if (!gauge_) {
            arrivals_.write(bytes);
            return;
        }
        const base::Clock& clock = download_.context_.clock;
        const auto before = clock.monotonic();
        arrivals_.write(bytes);
        gauge_->passed(bytes.size(), before, clock.monotonic());
        if (gauge_->holds_back(*download_.expected_size_ - download_.verified_.bytes())) {
            throw OneIsNotEnough();
        }
    }

    void require_continuation(const http::HttpResponse& head) const {
        const std::vector<std::string_view> lines = head.headers.get_all("Content-Range");
        const auto range = lines.size() == 1 ? parse_content_range(lines.front()) : std::nullopt;
        const bool fits = range && range->first == offset_ &&
                          (!download_.expected_size_ || !range->total ||
                           *range->total == *download_.expected_size_);
        if (!fits) {
            throw base::RegistryError(download_.what_ + ": asked to go on at byte " +
                                          std::to_string(offset_) + ", the registry sends '" +
                                          base::printable(lines.empty() ? "" : lines.front(), 100) +
                                          "'",
                                      head.status);
        }
    }

    /// A wrong length is known before the first byte is moved (DIG-05).
    void require_length(const std::optional<std::uint64_t>& length) const {
        if (!length || !download_.expected_size_ || *length == *download_.expected_size_) {
            return;
        }
        base::IntegrityError error(download_.what_ + ": the registry sends another size");
        error.add_context("expected " + std::to_string(*download_.expected_size_) + " bytes");
        error.add_context("received " + std::to_string(*length) + " bytes (Content-Length)");
        throw error;
    }

    BlobDownload& download_;
    Arrivals arrivals_;
    std::uint64_t offset_;
    std::uint64_t skip_ = 0;
    bool open_ended_ = false;
    std::optional<ConnectionGauge> gauge_;
};

BlobDownload::BlobDownload(Context context,
                           http::HttpRequest request,
                           std::string what,
                           stream::Expectation expected,
                           int connections,
                           stream::Sink& sink,
                           const BytesArrived& arrived)
    : context_(context),
      request_(std::move(request)),
      what_(std::move(what)),
      expected_size_(expected.size),
      verified_(sink, std::move(expected)),
      arrived_(arrived),
      connections_(connections) {}

void BlobDownload::absorb(stream::Source& held) {
    constexpr std::size_t kBlockBytes = std::size_t{256} << 10;
    std::vector<std::byte> block(kBlockBytes);
    for (std::size_t got = held.read(block); got != 0; got = held.read(block)) {
        verified_.absorb(std::span(block).first(got));
        if (arrived_) {
            arrived_(got);
        }
    }
}

std::uint64_t BlobDownload::run(const std::stop_token& stop) {
    while (one_round(stop) == Round::again) {
    }
    try {
        verified_.finish();
    } catch (base::Error& error) {
        error.prefix(what_);
        throw;
    }
    return verified_.bytes();
}

BlobDownload::Round BlobDownload::one_round(const std::stop_token& stop) {
    const std::uint64_t offset = verified_.bytes();
    if (offset > 0 && expected_size_ && offset == *expected_size_) {
        return Round::done;
    }
    try {
        return wants_ranges(offset) ? by_ranges(offset, stop) : stream(offset, stop);
    } catch (const OneIsNotEnough&) {
        connections_ = kChosenConnections;
        context_.log.info(what_ + ": one connection is the limit; going on over " +
                          std::to_string(connections_));
    } catch (const base::TransportError& error) {
        back_off(error, verified_.bytes() - offset, stop);
    }
    return Round::again;
}

bool BlobDownload::wants_ranges(std::uint64_t offset) const noexcept {
    return connections_ > 1 && expected_size_ && *expected_size_ - offset > 2 * kRangeBytes;
}

BlobDownload::Round BlobDownload::stream(std::uint64_t offset, const std::stop_token& stop) {
    request_.headers.remove("Range");
    if (offset > 0 && !parts_refused_) {
        request_.headers.set("Range", "bytes=" + std::to_string(offset) + "-");
    }
    Receiver receiver(*this, offset);
    const http::HttpResponse response = context_.http.download(request_, receiver, stop);
    if (!response.ok()) {
        return settle_refusal(response);
    }
    const bool cut = receiver.open_ended() && expected_size_ && verified_.bytes() < *expected_size_;
    if (cut) {
        throw base::TransportError(base::TransportPhase::receive, true,
                                   "the answer ended before the blob did");
    }
    return Round::done;
}

/// A registry that does not serve the parts gets the plain request.
BlobDownload::Round BlobDownload::by_ranges(std::uint64_t offset, const std::stop_token& stop) {
    Arrivals arrivals(*this);
    const auto fetch = [&](ByteRange range, stream::Sink& part, const std::stop_token& part_stop) {
        fetch_range(context_.http, request_, what_, range, part, part_stop);
    };
    const int connections = connections_;
    connections_ = 1;  // whatever goes wrong, the rest is read over one
    try {
        fetch_by_ranges(fetch, offset, *expected_size_, connections, context_.retries, arrivals,
                        stop);
        return Round::done;
    } catch (const base::RegistryError& error) {
        context_.log.info(error.message() + "; reading it over one connection");
        return Round::again;
    }
}

/// 416 to a resume: either all of it is here, or the blob is asked for once more as a whole, in
/// which what is held is passed over (BLB-06).
BlobDownload::Round BlobDownload::settle_refusal(const http::HttpResponse& response) {
    if (response.status == kRangeNotSatisfiable && verified_.bytes() > 0) {
        if (response.headers.get("Content-Range") ==
            "bytes */" + std::to_string(verified_.bytes())) {
            return Round::done;
        }
        if (!parts_refused_) {
            parts_refused_ = true;
            return Round::again;
        }
    }
    throw_for_response(request_.method, response, what_, what_.substr(what_.find(' ') + 1));
}

void BlobDownload::back_off(const base::TransportError& error,
                            std::uint64_t moved,
                            const std::stop_token& stop) {
    // Before the first byte the floor below has already tried again.
    const bool resumable = error.retryable() && verified_.bytes() > 0;
    fruitless_ = moved >= kProgressBytes ? 0 : fruitless_ + 1;
    http::Failure failure;
    failure.transport_retryable = resumable && ++resumes_ <= kMaxResumes;
    http::RetryLimits limits;
    limits.max_retries = context_.retries;
    const auto wait = http::next_wait(limits, fruitless_ == 0 ? 0 : fruitless_ - 1, failure,
                                      std::chrono::milliseconds(0), context_.random.uniform());
    if (!wait) {
        base::TransportError final_error = error;
        final_error.prefix(what_);
        if (verified_.bytes() > 0) {
            final_error.add_context("after " + std::to_string(verified_.bytes()) + " bytes and " +
                                    std::to_string(resumes_) + " attempts to go on");
        }
        throw final_error;
    }
    context_.log.info(what_ + ": " + error.message() + "; going on at byte " +
                      std::to_string(verified_.bytes()));
    if (!context_.clock.sleep_for(*wait, stop)) {
        throw base::Cancelled(base::ErrorKind::interrupted);
    }
}

}  // namespace regtool::registry
