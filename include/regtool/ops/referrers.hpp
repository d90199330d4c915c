#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "regtool/model/platform.hpp"
#include "regtool/ops/referrers_report.hpp"
#include "regtool/store/image_store.hpp"

namespace regtool::ops {

struct ReferrersQuery {
    std::string artifact_type;  ///< empty: all
    /// Reads each manifest, takes its word for its type and annotations, and leaves out what is
    /// about something else or cannot be read (RFR-15, T-42).
    bool strict = false;
};

/// What refers to the manifest that the store's name stands for, or with `platform` to the
/// platform's manifest below it.
[[nodiscard]] ReferrersReport find_referrers(store::ImageStore& store,
                                             const std::optional<model::Platform>& platform,
                                             const ReferrersQuery& query,
                                             std::stop_token stop);

}  // namespace regtool::ops
