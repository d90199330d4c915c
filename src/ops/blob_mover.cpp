#include "ops/blob_mover.hpp"

#include <utility>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "regtool/model/media_type.hpp"
#include "regtool/stream/pipe.hpp"

namespace regtool::ops {

namespace {

constexpr int kMaxBarrenRanges = 3;  ///< breaks in a row without one new byte

std::string label_of(const model::Descriptor& blob) {
    std::string_view what = "blob";
    switch (model::kind_of(blob.media_type)) {
        case model::MediaKind::config:
            what = "config";
            break;
        case model::MediaKind::layer:
        case model::MediaKind::foreign_layer:
            what = "layer";
            break;
        case model::MediaKind::index:
        case model::MediaKind::manifest:
        case model::MediaKind::empty:
        case model::MediaKind::schema1:
        case model::MediaKind::opaque:
            break;
    }
    return std::string(what) + " " + std::string(blob.digest.short_form());
}

base::IntegrityError incomplete(const CopyGraph::Blob& blob) {
    base::IntegrityError error(base::printable(blob.source->name()) +
                               " is incomplete: " + label_of(blob.descriptor) +
                               ", which its manifest lists, is not there");
    error.facts().reference = blob.source->repository_name() + "@" + blob.descriptor.digest.str();
    return error;
}

/// A blob that a manifest lists and the source does not have is no definite no but a broken image.
class BlobSource final : public stream::Source {
  public:
    BlobSource(CopyGraph::Blob blob, std::unique_ptr<stream::Source> inner)
        : blob_(std::move(blob)), inner_(std::move(inner)) {}

    std::size_t read(std::span<std::byte> out) override {
        try {
            return inner_->read(out);
        } catch (const base::NotFound&) {
            throw incomplete(blob_);
        }
    }

  private:
    CopyGraph::Blob blob_;
    std::unique_ptr<stream::Source> inner_;
};

class CountingSink final : public stream::Sink {
  public:
    explicit CountingSink(stream::Sink& next) : next_(next) {}

    void write(std::span<const std::byte> bytes) override {
        next_.write(bytes);
        count_ += bytes.size();
    }

    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

  private:
    stream::Sink& next_;
    std::uint64_t count_ = 0;
};

class SkippingSink final : public stream::Sink {
  public:
    SkippingSink(stream::Sink& next, std::uint64_t skip) : next_(next), skip_(skip) {}

    void write(std::span<const std::byte> bytes) override {
        const auto drop = static_cast<std::size_t>(std::min<std::uint64_t>(skip_, bytes.size()));
        skip_ -= drop;
        if (drop < bytes.size()) {
            next_.write(bytes.subspan(drop));
        }
    }

  private:
    stream::Sink& next_;
    std::uint64_t skip_;
};

/// The bytes from `first` on, which the caller verifies: it has hashed those before. A break is
/// mended here; where parts cannot be had, the whole is read and its beginning dropped.
void produce_rest(const CopyGraph::Blob& blob,
                  std::uint64_t first,
                  stream::Sink& sink,
                  const std::stop_token& stop) {
    CountingSink counted(sink);
    const model::Descriptor& descriptor = blob.descriptor;
    int barren = 0;
    while (first + counted.count() < descriptor.size) {
        const std::uint64_t before = counted.count();
        const std::uint64_t at = first + before;
        try {
            blob.source->fetch_blob_range(descriptor.digest, at, descriptor.size - at, counted,
                                          stop);
        } catch (const base::TransportError& error) {
            if (!error.retryable()) {
                throw;
            }
        } catch (const base::RegistryError&) {
            if (counted.count() > 0) {
                throw;
            }
            SkippingSink rest(counted, first);
            (void)blob.source->fetch_blob({descriptor.digest, descriptor.size}, rest, stop, {},
                                          nullptr);
            return;
        }
        barren = counted.count() == before ? barren + 1 : 0;
        if (barren > kMaxBarrenRanges) {
            throw base::TransportError(base::TransportPhase::receive, false,
                                       "the rest of " + descriptor.digest.str() + " does not come");
        }
    }
}

std::unique_ptr<stream::Source> open(const CopyGraph::Blob& blob, std::uint64_t first) {
    if (first == 0) {
        try {
            return std::make_unique<BlobSource>(
                blob, blob.source->open_blob({blob.descriptor.digest, blob.descriptor.size}, {}));
        } catch (const base::NotFound&) {
            throw incomplete(blob);
        }
    }
    return std::make_unique<BlobSource>(
        blob, std::make_unique<stream::ProducerSource>(
                  [blob, first](stream::Sink& sink, const std::stop_token& stop) {
                      produce_rest(blob, first, sink, stop);
                  }));
}

}  // namespace

bool BlobMover::may_mount(const store::ImageStore& source) const {
    const auto from = source.repository();
    const auto to = target_.repository();
    return from && to && from->registry() == to->registry() && *from != *to;
}

BlobAction BlobMover::bring(const CopyGraph::Blob& blob, const std::stop_token& stop) {
    TransferScope transfer(progress_, label_of(blob.descriptor), blob.descriptor.size);
    if (may_mount(*blob.source) &&
        target_.try_mount(blob.descriptor, *blob.source->repository(), stop)) {
        transfer.end(TransferEnd::mounted);
        return BlobAction::mount;
    }
    move(blob, transfer, stop);
    return BlobAction::move;
}

void BlobMover::move(const CopyGraph::Blob& blob, const std::stop_token& stop) {
    TransferScope transfer(progress_, label_of(blob.descriptor), blob.descriptor.size);
    move(blob, transfer, stop);
}

void BlobMover::move(const CopyGraph::Blob& blob,
                     TransferScope& transfer,
                     const std::stop_token& stop) {
    // A registry first opens an upload: the source is asked meanwhile, which saves a round trip.
    // Folders may hold the beginning already and ask for the rest.
    std::unique_ptr<stream::Source> ahead;
    if (target_.repository()) {
        ahead = open(blob, 0);
    }
    const auto read = [&](std::uint64_t first) {
        return first == 0 && ahead ? std::exchange(ahead, nullptr) : open(blob, first);
    };
    try {
        target_.put_blob(blob.descriptor, read, stop,
                         [&transfer](std::uint64_t bytes) { transfer.advance(bytes); });
    } catch (base::Error& error) {
        error.add_context("while copying " + label_of(blob.descriptor) + " (" +
                          base::human_size(blob.descriptor.size) + ") from " +
                          base::printable(blob.source->name()) + " to " +
                          base::printable(target_.name()));
        throw;
    }
    transfer.end(TransferEnd::done);
}

}  // namespace regtool::ops
