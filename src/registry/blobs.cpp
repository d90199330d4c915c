#include "registry/blob_download.hpp"
#include "registry/range_receiver.hpp"
#include "registry/read_located.hpp"
#include "registry/requests.hpp"
#include "regtool/registry/error_body.hpp"
#include "regtool/registry/registry_client.hpp"
#include "regtool/stream/pipe.hpp"

namespace regtool::registry {

namespace {

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
        what_of_blob(repository, expected.digest), sized, parallel_ranges_, sink, arrived);
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
                what_of_blob(repository, digest), range, sink, stop);
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

void RegistryClient::delete_blob(const model::Repository& repository,
                                 const model::Digest& digest,
                                 std::stop_token stop) {
    const http::HttpRequest request = blob_request(
        http::Method::del, endpoints_.base_url(repository.registry(), stop), repository, digest);
    const http::HttpResponse response = http_.send(request, stop);
    if (!response.ok()) {
        throw_for_response(request.method, response, "delete " + what_of_blob(repository, digest),
                           name_of_blob(repository, digest));
    }
}

}  // namespace regtool::registry
