#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "regtool/model/manifest.hpp"
#include "regtool/store/image_target.hpp"
#include "store/content.hpp"

namespace regtool::store {

/// Writes a blob to a file that appears when it is whole. What a killed run left beside it is
/// hashed and gone on with; when that turns out to be wrong, once more from the first byte. Another
/// writer of the same blob does no harm: then the last one to end wins.
void write_blob_file(const std::string& path,
                     const model::Descriptor& blob,
                     const BlobReader& read,
                     const std::stop_token& stop,
                     const BytesArrived& arrived);

/// Whether content is what a descriptor says; reads all of it when the size is right (T-38).
[[nodiscard]] bool is_whole(const Content& content,
                            const model::Descriptor& expected,
                            const std::stop_token& stop);
/// The manifest if the content is what a descriptor says.
[[nodiscard]] std::optional<model::Manifest> parse_if_whole(const Content& content,
                                                            const model::Descriptor& expected);

}  // namespace regtool::store
