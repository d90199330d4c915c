#include "layer_source.hpp"

#include "regtool/base/either_stop.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "regtool/model/media_type.hpp"
#include "regtool/stream/pipe.hpp"

namespace regtool::ops {

namespace {

/// Counts what arrives before it is passed on.
class ArrivalSink final : public stream::Sink {
  public:
    ArrivalSink(stream::Sink& next, const store::BytesArrived& arrived)
        : next_(next), arrived_(arrived) {}

    void write(std::span<const std::byte> bytes) override {
        arrived_(bytes.size());
        next_.write(bytes);
    }

  private:
    stream::Sink& next_;
    const store::BytesArrived& arrived_;
};

}  // namespace

std::size_t CountingSource::read(std::span<std::byte> out) {
    const std::size_t got = inner_->read(out);
    count_ += got;
    return got;
}

std::string layer_label(const model::Descriptor& layer) {
    return "layer " + std::string(layer.digest.short_form());
}

void require_tar(const model::Descriptor& layer) {
    if (!model::is_tar_layer(layer.media_type)) {
        throw base::UsageError("layer " + layer.digest.str() + " is no tar but " +
                               base::printable(layer.media_type));
    }
}

std::unique_ptr<stream::Source> open_stored(store::ImageStore& store,
                                            const model::Descriptor& layer,
                                            TransferScope& transfer) {
    require_tar(layer);
    return store.open_blob({layer.digest, layer.size},
                           [&transfer](std::uint64_t n) { transfer.advance(n); });
}

std::unique_ptr<stream::Source> open_range(store::ImageStore& store,
                                           const model::Digest& layer,
                                           std::uint64_t first,
                                           std::uint64_t count,
                                           store::BytesArrived arrived,
                                           const std::stop_token& stop) {
    return std::make_unique<stream::ProducerSource>(
        [&store, layer, first, count, arrived = std::move(arrived), stop](
            stream::Sink& sink, const std::stop_token& reader_gone) {
            const base::EitherStop either(stop, reader_gone);
            ArrivalSink counting(sink, arrived);
            store.fetch_blob_range(layer, first, count, counting, either.token());
        });
}

}  // namespace regtool::ops
