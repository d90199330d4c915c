#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "regtool/model/manifest.hpp"
#include "regtool/ops/progress.hpp"
#include "regtool/store/image_store.hpp"
#include "regtool/stream/compress.hpp"

namespace regtool::ops {

enum class ManifestFormat { oci, docker };

struct Conversion {
    std::optional<ManifestFormat> format;
    std::optional<stream::Compression> compression;  ///< gzip or zstd
    std::optional<int> level;  ///< with it layers of that compression are packed anew too

    [[nodiscard]] bool any() const noexcept { return format || compression; }
};

/// An image in another form, all platforms of it.
struct ConvertedImage {
    /// Holds what is new in unnamed temporary files, the rest it reads from the source.
    std::shared_ptr<store::ImageStore> store;
    model::Manifest root;
    std::vector<std::string> notes;  ///< what got lost (MED-40)
};

/// Packs layers anew and writes new manifests and indexes; configurations and what the layers
/// unpack to stay, and that is checked against the diffIDs. Artifacts and attestations keep their
/// contents; an attestation's entry points at the new image. Throws UsageError for what the format
/// cannot say, IntegrityError for a layer that is not what the configuration names.
[[nodiscard]] ConvertedImage convert_image(std::shared_ptr<store::ImageStore> source,
                                           const model::Manifest& root,
                                           const Conversion& conversion,
                                           int jobs,
                                           ProgressListener& progress,
                                           std::stop_token stop);

}  // namespace regtool::ops
