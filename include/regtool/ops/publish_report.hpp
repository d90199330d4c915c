#pragma once

#include <string>
#include <vector>

#include "regtool/ops/warm_report.hpp"

namespace regtool::ops {

/// Indexes of an image's layers, and the artifact by which they were attached to it.
struct PublishReport {
    WarmReport warmed;
    std::string artifact;               ///< its digest
    std::vector<std::string> replaced;  ///< older ones, removed
    std::vector<std::string> notes;     ///< what could not be done about older ones
};

}  // namespace regtool::ops
