#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "regtool/layer/layer_toc.hpp"
#include "regtool/model/descriptor.hpp"
#include "regtool/store/image_store.hpp"

namespace regtool::ops {

/// The name of eStargz's table, in the layer's tar and in one of its own.
inline constexpr std::string_view kTocFile = "stargz.index.json";

/// What became of a layer's own table of contents.
struct FoundToc {
    std::shared_ptr<const layer::LayerToc> toc;  ///< null: the layer has to be read
    /// For people: which table it is, or why one that the manifest announces is not used; empty
    /// when it announces none.
    std::string note;
};

/// Whether find_layer_toc() would look for one.
[[nodiscard]] bool announces_toc(const model::Descriptor& layer);

/// Fetches the table of contents of an eStargz or zstd:chunked layer, when annotations of its
/// descriptor say what the table hashes to: the manifest then vouches for it, and through it for
/// each file. Without them nobody does, so nothing is looked for. Where parts of blobs cannot be
/// had, or the table cannot be relied on for the whole layer, the layer has to be read. `arrived`
/// hears of stored bytes of the layer. Throws IntegrityError for a table that does not hash to what
/// the manifest says, and what the store throws.
[[nodiscard]] FoundToc find_layer_toc(store::ImageStore& store,
                                      const model::Descriptor& layer,
                                      const store::BytesArrived& arrived,
                                      const std::stop_token& stop);

}  // namespace regtool::ops
