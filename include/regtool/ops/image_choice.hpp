#pragma once

#include <optional>
#include <stop_token>

#include "regtool/model/image_config.hpp"
#include "regtool/model/manifest.hpp"
#include "regtool/store/image_store.hpp"

namespace regtool::ops {

/// Indexes in indexes are followed so far and no further (MED-27).
inline constexpr int kMaxIndexDepth = 8;

/// One image out of what a name stands for.
struct ChosenImage {
    model::Manifest root;      ///< what the name resolves to: an index or the image itself
    model::Manifest manifest;  ///< the image manifest
    std::optional<model::Platform> platform;  ///< what the index says of it
};

/// What is taken from an index where nobody says it (PLT-10): DOCKER_DEFAULT_PLATFORM, else linux
/// on this machine's processor. Throws UsageError for a variable that is no platform.
[[nodiscard]] model::Platform default_platform();

/// The image for a platform. Without `wanted` the default_platform(); a manifest that is no
/// index is taken as it is, unless `wanted` contradicts its configuration (PLT-11). Throws
/// UsageError with the platforms on offer, never another platform in silence.
[[nodiscard]] ChosenImage choose_image(store::ImageStore& store,
                                       const std::optional<model::Platform>& wanted,
                                       std::stop_token stop);

/// The same below a root that was read before: a name is read once a command, since it may move
/// (MAN-13).
[[nodiscard]] ChosenImage choose_image(store::ImageStore& store,
                                       model::Manifest root,
                                       const std::optional<model::Platform>& wanted,
                                       const std::stop_token& stop);

/// The same index with nothing in it but the images of these platforms and their attestations
/// (PLT-13, PLT-14): a new document with a digest of its own, unless that is all there was. An
/// index around a single index is opened; so are the indexes in it that say no platform where it
/// does not offer all that is wanted itself: the new index then has their entries in their places.
/// Throws UsageError with the platforms on offer.
[[nodiscard]] model::Manifest choose_platforms(store::ImageStore& store,
                                               const model::Manifest& root,
                                               const std::vector<model::Platform>& wanted,
                                               std::stop_token stop);

/// The root's exact manifest, or with `wanted` the platform's manifest below it.
[[nodiscard]] model::Manifest choose_manifest(store::ImageStore& store,
                                              const std::optional<model::Platform>& wanted,
                                              std::stop_token stop);

/// The configuration's exact bytes, verified; at most 4 MiB.
[[nodiscard]] std::string fetch_config(store::ImageStore& store,
                                       const model::Manifest& manifest,
                                       std::stop_token stop);

/// Position of the layer that a selector means: 0 is the lowest, -1 or "last" the top one, or a
/// digest, or an unambiguous prefix of one (with or without the algorithm). Throws UsageError with
/// the layers on offer.
[[nodiscard]] std::size_t select_layer(const model::ImageManifest& manifest,
                                       std::string_view selector);

/// The image manifest view, or UsageError where the manifest is of another kind (an index, schema
/// 1).
[[nodiscard]] const model::ImageManifest& require_image(const model::Manifest& manifest,
                                                        std::string_view name);

}  // namespace regtool::ops
