#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>

#include "regtool/layer/layer_reader.hpp"
#include "regtool/model/descriptor.hpp"
#include "regtool/ops/layer_report.hpp"
#include "regtool/ops/progress.hpp"
#include "regtool/store/image_store.hpp"

namespace regtool::ops {

struct LayerSummary {
    std::uint64_t entries = 0;
    std::uint64_t unpacked = 0;  ///< bytes of the tar stream
};

/// Streams one layer through its decompressor and the tar walker; `entry` hears each entry in
/// archive order. Returns only after size and digest of the stored bytes were found right; throws
/// IntegrityError otherwise (what was heard so far is then not to be trusted), InvalidDocument for
/// a broken archive.
LayerSummary list_layer(store::ImageStore& store,
                        const model::Descriptor& layer,
                        const std::function<void(const layer::Entry&)>& entry,
                        ProgressListener& progress,
                        std::stop_token stop);

/// The letter of `tar -tv` for it.
[[nodiscard]] char type_letter(layer::EntryType type);
/// An entry as it is shown; whiteouts are marked (image-spec layer.md).
[[nodiscard]] LayerEntryRow row_of(const layer::Entry& entry, std::size_t layer);

/// Number of bytes that a layer unpacks to.
[[nodiscard]] std::uint64_t measure_unpacked(store::ImageStore& store,
                                             const model::Descriptor& layer,
                                             ProgressListener& progress,
                                             std::stop_token stop);

}  // namespace regtool::ops
