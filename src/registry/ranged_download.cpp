#include "registry/ranged_download.hpp"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"

namespace regtool::registry {

namespace {

/// What the threads share: which part is next, which are ready, and what went wrong.
class Parts {
  public:
    Parts(std::uint64_t first, std::uint64_t size, std::uint64_t window)
        : first_(first),
          size_(size),
          total_((size - first + kRangeBytes - 1) / kRangeBytes),
          window_(window) {}

    [[nodiscard]] std::uint64_t total() const noexcept { return total_; }

    [[nodiscard]] ByteRange range_of(std::uint64_t part) const noexcept {
        const std::uint64_t first = first_ + part * kRangeBytes;
        return {first, std::min(first + kRangeBytes, size_) - 1};
    }

    /// The next part to fetch; total() when there is none, or the work is over.
    std::uint64_t claim() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock,
                      [&] { return failure_ || next_ == total_ || next_ < taken_ + window_; });
        return failure_ ? total_ : std::min(next_++, total_);
    }

    void deliver(std::uint64_t part, std::string bytes) {
        const std::scoped_lock lock(mutex_);
        ready_.emplace(part, std::move(bytes));
        changed_.notify_all();
    }

    void fail(std::exception_ptr failure) {
        const std::scoped_lock lock(mutex_);
        if (!failure_) {
            failure_ = std::move(failure);
        }
        changed_.notify_all();
    }

    /// The part's bytes, in order; rethrows a failure.
    std::string take(std::uint64_t part) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return failure_ || ready_.contains(part); });
        if (failure_) {
            std::rethrow_exception(failure_);
        }
        auto node = ready_.extract(part);
        taken_ = part + 1;
        changed_.notify_all();
        return std::move(node.mapped());
    }

  private:
    std::uint64_t first_;
    std::uint64_t size_;
    std::uint64_t total_;
    std::uint64_t window_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::uint64_t next_ = 0;
    std::uint64_t taken_ = 0;
    std::map<std::uint64_t, std::string> ready_;
    std::exception_ptr failure_;
};

std::string fetch_part(const RangeFetcher& fetch,
                       ByteRange range,
                       int retries,
                       const std::stop_token& stop) {
    stream::StringSink sink(kRangeBytes);
    for (int attempt = 0;; ++attempt) {
        const std::size_t before = sink.text().size();
        try {
            fetch({range.first + before, range.last}, sink, stop);
            return std::move(sink.text());
        } catch (const base::TransportError& error) {
            // Where nothing arrived the floor below has already tried again.
            if (!error.retryable() || attempt == retries || sink.text().size() == before) {
                throw;
            }
        }
    }
}

void work(const RangeFetcher& fetch, Parts& parts, int retries, const std::stop_token& stop) {
    try {
        for (std::uint64_t part = parts.claim(); part < parts.total(); part = parts.claim()) {
            parts.deliver(part, fetch_part(fetch, parts.range_of(part), retries, stop));
        }
    } catch (...) {  // carried to the calling thread
        parts.fail(std::current_exception());
    }
}

}  // namespace

void fetch_by_ranges(const RangeFetcher& fetch,
                     std::uint64_t first,
                     std::uint64_t size,
                     int connections,
                     int retries,
                     stream::Sink& sink,
                     const std::stop_token& stop) {
    Parts parts(first, size, static_cast<std::uint64_t>(connections));
    std::stop_source ours;
    const std::stop_callback outer(stop, [&ours] { ours.request_stop(); });
    std::vector<std::jthread> threads;
    threads.reserve(static_cast<std::size_t>(connections));
    for (int i = 0; i < connections; ++i) {
        threads.emplace_back([&] { work(fetch, parts, retries, ours.get_token()); });
    }
    try {
        for (std::uint64_t part = 0; part < parts.total(); ++part) {
            sink.write(base::as_bytes(parts.take(part)));
        }
    } catch (...) {  // the threads must end before what they use does
        ours.request_stop();
        parts.fail(std::current_exception());
        throw;
    }
}

}  // namespace regtool::registry
