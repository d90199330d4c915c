#pragma once

#include <optional>
#include <stop_token>

#include "regtool/model/platform.hpp"
#include "regtool/ops/diff_report.hpp"
#include "regtool/ops/differ.hpp"
#include "regtool/store/image_store.hpp"

namespace regtool::ops {

/// Compares the very manifests that two names stand for, of any kind: of an index the index, unless
/// `platform` descends into both. Nothing but manifests is read. Only `manifest` of the report is
/// set. Throws as choose_manifest().
[[nodiscard]] DiffReport diff_named_manifests(store::ImageStore& before,
                                              store::ImageStore& after,
                                              const std::optional<model::Platform>& platform,
                                              DiffDepth depth,
                                              std::stop_token stop);

}  // namespace regtool::ops
