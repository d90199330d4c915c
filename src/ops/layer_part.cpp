#include "layer_part.hpp"

#include <algorithm>

#include "layer_source.hpp"
#include "regtool/base/error.hpp"

namespace regtool::ops {

namespace {

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
    const auto stored =
        index.chunks.covering({part.from.packed, index.packed_bytes_for(index.entry_end(entry))});
    if (!stored) {
        throw base::InvalidDocument("the index of layer " + index.layer.str() +
                                    " contradicts itself");
    }
    part.stored = *stored;
    return part;
}

std::unique_ptr<stream::Source> open_part(store::ImageStore& store,
                                          std::shared_ptr<const layer::LayerIndex> index,
                                          LayerPart part,
                                          store::BytesArrived arrived,
                                          const std::stop_token& stop) {
    const stream::ByteSpan& bytes = part.stored.bytes;
    auto source =
        open_range(store, index->layer, bytes.begin, bytes.size(), std::move(arrived), stop);
    source = std::make_unique<stream::ChunkVerifyingSource>(std::move(source), index->chunks,
                                                            part.stored.first);
    source = std::make_unique<SkippingSource>(std::move(source), part.from.packed - bytes.begin);
    if (index->compression != stream::Compression::none) {
        source = std::make_unique<stream::DecompressingSource>(std::move(source), part.from);
    }
    source = std::make_unique<SkippingSource>(std::move(source), part.skip);
    return std::make_unique<WithIndex>(std::move(index), std::move(source));
}

}  // namespace regtool::ops
