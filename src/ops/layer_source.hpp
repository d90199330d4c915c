#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>

#include "regtool/layer/layer_reader.hpp"
#include "regtool/model/descriptor.hpp"
#include "regtool/ops/progress.hpp"
#include "regtool/store/image_store.hpp"
#include "regtool/stream/source.hpp"

namespace regtool::ops {

/// Counts the bytes that pass.
class CountingSource final : public stream::Source {
  public:
    CountingSource(std::unique_ptr<stream::Source> inner, std::uint64_t& count)
        : inner_(std::move(inner)), count_(count) {}

    [[nodiscard]] std::size_t read(std::span<std::byte> out) override;

  private:
    std::unique_ptr<stream::Source> inner_;
    std::uint64_t& count_;
};

/// The content of a reader's current entry. Borrows the reader.
class CurrentContent final : public stream::Source {
  public:
    explicit CurrentContent(layer::LayerReader& reader) : reader_(reader) {}

    [[nodiscard]] std::size_t read(std::span<std::byte> out) override {
        return reader_.read_content(out);
    }

  private:
    layer::LayerReader& reader_;
};

/// "layer 3f4a9c21b0de", for progress.
[[nodiscard]] std::string layer_label(const model::Descriptor& layer);
/// Throws UsageError for a layer whose media type is no tar's.
void require_tar(const model::Descriptor& layer);
/// The stored bytes, verified at their end; `transfer` hears of them.
[[nodiscard]] std::unique_ptr<stream::Source> open_stored(store::ImageStore& store,
                                                          const model::Descriptor& layer,
                                                          TransferScope& transfer);

/// Stored bytes from `first` on, `count` of them, which nobody has verified; asked for when first
/// read. `arrived` hears of them. Borrows the store.
[[nodiscard]] std::unique_ptr<stream::Source> open_range(store::ImageStore& store,
                                                         const model::Digest& layer,
                                                         std::uint64_t first,
                                                         std::uint64_t count,
                                                         store::BytesArrived arrived,
                                                         const std::stop_token& stop);

}  // namespace regtool::ops
