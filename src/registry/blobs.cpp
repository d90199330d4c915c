#include "registry/blob_download.hpp"
#include "registry/content_range.hpp"
#include "registry/range_receiver.hpp"
#include "registry/read_located.hpp"
#include "registry/requests.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "regtool/model/media_type.hpp"
#include "regtool/registry/error_body.hpp"
#include "regtool/registry/registry_client.hpp"
#include "regtool/stream/pipe.hpp"

namespace regtool::registry {

namespace {

constexpr int kPartialContent = 206;

std::string what_of(const model::Repository& repository, const model::Digest& digest) {
    return "blob " + repository.familiar() + "@" + digest.str();
}

std::string name_of(const model::Repository& repository, const model::Digest& digest) {
    return repository.str() + "@" + digest.str();
}

/// Knows whether anything reached the sink behind it.
class TouchedSink final : public stream::Sink {
  public:
    explicit TouchedSink(stream::Sink& next) : next_(next) {}

    void write(std::span<const std::byte> bytes) override {
        written_ = true;
        next_.write(bytes);
    }

    [[nodiscard]] bool was_written() const noexcept { return written_; }

  private:
    stream::Sink& next_;
    bool written_ = false;
};

}  // namespace

std::optional<BlobHead> RegistryClient::blob_head_at(const model::Repository& repository,
                                                     const model::Digest& digest,
                                                     const std::stop_token& stop) {
    http::HttpRequest request = blob_request(
        http::Method::head, endpoints_.base_url(repository.registry(), stop), repository, digest);
    http::HttpResponse response = http_.send(request, stop);
    const bool storage_refuses_head = response.status == 403 && response.crossed_origin;
    if (storage_refuses_head || response.status == 405 || response.status == 501) {
        // Storage that signs for GET only: ask for one byte instead (MAN-08).
        request.method = http::Method::get;
        request.headers.set("Range", "bytes=0-0");
        response = http_.send(request, stop);
    }
    if (response.status == 404) {
        return std::nullopt;
    }
    if (!response.ok()) {
        throw_for_response(request.method, response, what_of(repository, digest),
                           name_of(repository, digest));
    }
    BlobHead head;
    if (response.status == kPartialContent) {
        const auto range = parse_content_range(response.headers.get("Content-Range").value_or(""));
        head.size = range ? range->total : std::nullopt;
    } else {
        head.size = base::parse_decimal(response.headers.get("Content-Length").value_or(""));
    }
    head.media_type = model::essence(response.headers.get("Content-Type").value_or(""));
    const auto ranges = response.headers.get("Accept-Ranges");
    head.accepts_ranges = response.status == kPartialContent ||
                          (ranges && base::equals_ignore_case(*ranges, "bytes"));
    return head;
}

std::uint64_t RegistryClient::fetch_blob_at(const model::Repository& repository,
                                            const stream::Expectation& expected,
                                            stream::Sink& sink,
                                            const std::stop_token& stop,
                                            const BytesArrived& arrived,
                                            stream::Source* held) {
    stream::Expectation sized = expected;
    if (!sized.size && parallel_ranges_ > 1) {
        const auto head = blob_head_at(repository, expected.digest, stop);
        sized.size = head ? head->size : std::nullopt;
    }
    BlobDownload download(
        {http_, clock_, random_, log_, retries_},
        blob_request(http::Method::get, endpoints_.base_url(repository.registry(), stop),
                     repository, expected.digest),
        what_of(repository, expected.digest), sized, parallel_ranges_, sink, arrived);
    if (held != nullptr) {
        download.absorb(*held);
    }
    return download.run(stop);
}

std::unique_ptr<stream::Source> RegistryClient::open_blob(const model::Repository& repository,
                                                          const stream::Expectation& expected,
                                                          const BytesArrived& arrived) {
    // The blob is verified on the thread that transfers: it has time to spare.
    return std::make_unique<stream::ProducerSource>(
        [this, repository, expected, arrived](stream::Sink& sink, const std::stop_token& stop) {
            (void)fetch_blob(repository, expected, sink, stop, arrived);
        });
}

void RegistryClient::fetch_blob_range_at(const model::Repository& repository,
                                         const model::Digest& digest,
                                         ByteRange range,
                                         stream::Sink& sink,
                                         const std::stop_token& stop) {
    fetch_range(http_,
                blob_request(http::Method::get, endpoints_.base_url(repository.registry(), stop),
                             repository, digest),
                what_of(repository, digest), range, sink, stop);
}

std::optional<BlobHead> RegistryClient::blob_head(const model::Repository& repository,
                                                  const model::Digest& digest,
                                                  std::stop_token stop) {
    return read_located(repository, true, [&](const model::Repository& place) {
        return blob_head_at(place, digest, stop);
    });
}

std::uint64_t RegistryClient::fetch_blob(const model::Repository& repository,
                                         const stream::Expectation& expected,
                                         stream::Sink& sink,
                                         std::stop_token stop,
                                         const BytesArrived& arrived,
                                         stream::Source* held) {
    TouchedSink touched(sink);
    return read_located(
        repository, true,
        [&](const model::Repository& place) {
            return fetch_blob_at(place, expected, touched, stop, arrived, held);
        },
        // What is held is read only once, and what was written cannot be taken back.
        [&] { return !touched.was_written() && held == nullptr; });
}

void RegistryClient::fetch_blob_range(const model::Repository& repository,
                                      const model::Digest& digest,
                                      ByteRange range,
                                      stream::Sink& sink,
                                      std::stop_token stop) {
    TouchedSink touched(sink);
    (void)read_located(
        repository, true,
        [&](const model::Repository& place) {
            fetch_blob_range_at(place, digest, range, touched, stop);
            return true;
        },
        [&] { return !touched.was_written(); });
}

}  // namespace regtool::registry
