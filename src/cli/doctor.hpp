#pragma once

#include <optional>

#include "cli/session.hpp"
#include "regtool/ops/doctor_report.hpp"

namespace regtool::cli {

/// Walks the way to a registry step by step, as every command does, and says what it sees. Stops
/// where the way ends. Changes nothing.
[[nodiscard]] ops::DoctorReport examine(Session& session,
                                        const model::RegistryHost& host,
                                        const std::optional<model::Reference>& image);

}  // namespace regtool::cli
