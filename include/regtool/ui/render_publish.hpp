#pragma once

#include "regtool/ops/publish_report.hpp"
#include "regtool/ui/output.hpp"

namespace regtool::ui {

/// As the WarmReport in it, and what was published.
void show(Output& out, const ops::PublishReport& report);

}  // namespace regtool::ui
