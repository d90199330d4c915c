#include "layer_part.hpp"

#include <algorithm>
#include <vector>

#include "regtool/base/error.hpp"
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

/// Leaves out the first bytes of a source.
class SkippingSource final : public stream::Source {
  public:
    SkippingSource(std::unique_ptr<stream::Source> inner, std::uint64_t skip)
        : inner_(std::move(inner)), skip_(skip) {}

    [[nodiscard]] std::size_t read(std::span<std::byte> out) override {
        while (skip_ > 0) {
            const std::size_t got = inner_->read(
                out.first(static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), skip_))));
            if (got == 0) {
                return 0;
            }
            skip_ -= got;
        }
        return inner_->read(out);
    }

  private:
    std::unique_ptr<stream::Source> inner_;
    std::uint64_t skip_;
};

std::unique_ptr<stream::Source> open_range(store::ImageStore& store,
                                           const model::Digest& layer,
                                           const LayerPart& part,
                                           store::BytesArrived arrived,
                                           const std::stop_token& stop) {
    return std::make_unique<stream::ProducerSource>(
        [&store, layer, first = part.first, count = part.count, arrived = std::move(arrived), stop](
            stream::Sink& sink, const std::stop_token& reader_gone) {
            std::stop_source either;
            const auto end = [&either] { either.request_stop(); };
            const std::stop_callback on_stop(stop, end);
            const std::stop_callback on_gone(reader_gone, end);
            ArrivalSink counting(sink, arrived);
            store.fetch_blob_range(layer, first, count, counting, either.get_token());
        });
}

/// Keeps an index as long as what reads by it.
class WithIndex final : public stream::Source {
  public:
    WithIndex(std::shared_ptr<const layer::LayerIndex> index, std::unique_ptr<stream::Source> inner)
        : index_(std::move(index)), inner_(std::move(inner)) {}

    [[nodiscard]] std::size_t read(std::span<std::byte> out) override { return inner_->read(out); }

  private:
    std::shared_ptr<const layer::LayerIndex> index_;
    std::unique_ptr<stream::Source> inner_;
};

}  // namespace

LayerPart part_of(const layer::LayerIndex& index, std::size_t entry) {
    const std::uint64_t begin = (*index.table)[entry].header_offset;
    LayerPart part;
    part.from = index.checkpoint_before(begin);
    part.skip = begin - part.from.plain;
    part.first_chunk = part.from.packed / stream::kChunkBytes;
    part.first = part.first_chunk * stream::kChunkBytes;
    const std::uint64_t end = index.packed_bytes_for(index.entry_end(entry));
    const std::uint64_t chunks = end / stream::kChunkBytes + (end % stream::kChunkBytes != 0);
    const std::uint64_t last = std::min(chunks * stream::kChunkBytes, index.layer_bytes);
    if (last <= part.from.packed) {
        throw base::InvalidDocument("the index of layer " + index.layer.str() +
                                    " contradicts itself");
    }
    part.count = last - part.first;
    return part;
}

std::unique_ptr<stream::Source> open_part(store::ImageStore& store,
                                          std::shared_ptr<const layer::LayerIndex> index,
                                          LayerPart part,
                                          store::BytesArrived arrived,
                                          const std::stop_token& stop) {
    auto source = open_range(store, index->layer, part, std::move(arrived), stop);
    source = std::make_unique<stream::ChunkVerifyingSource>(std::move(source), index->chunks,
                                                            part.first_chunk);
    source = std::make_unique<SkippingSource>(std::move(source), part.from.packed - part.first);
    if (index->compression != stream::Compression::none) {
        source = std::make_unique<stream::DecompressingSource>(std::move(source), part.from);
    }
    source = std::make_unique<SkippingSource>(std::move(source), part.skip);
    return std::make_unique<WithIndex>(std::move(index), std::move(source));
}

}  // namespace regtool::ops
