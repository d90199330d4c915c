#pragma once

#include <string_view>
#include <vector>

#include "regtool/ops/diff_report.hpp"
#include "regtool/ops/differ.hpp"

namespace regtool::ops {

/// Fields of two manifests or two indexes that differ. The children of an index are told apart by
/// platform. The order of members never matters.
[[nodiscard]] std::vector<FieldChange> diff_manifests(std::string_view before,
                                                      std::string_view after,
                                                      DiffDepth depth);
/// Fields of two image configurations that differ; variables of Env are told apart by name.
[[nodiscard]] std::vector<FieldChange> diff_configs(std::string_view before,
                                                    std::string_view after,
                                                    DiffDepth depth);

}  // namespace regtool::ops
