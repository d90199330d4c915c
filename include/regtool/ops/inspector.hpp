#pragma once

#include <optional>
#include <stop_token>

#include "regtool/model/platform.hpp"
#include "regtool/ops/inspect_report.hpp"
#include "regtool/store/image_store.hpp"

namespace regtool::ops {

/// What people want to know of an image. An index without this machine's platform is still
/// described; with `wanted` that is an error.
[[nodiscard]] InspectReport inspect(store::ImageStore& store,
                                    const std::optional<model::Platform>& wanted,
                                    std::stop_token stop);

}  // namespace regtool::ops
