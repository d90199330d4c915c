#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "regtool/ops/layer_report.hpp"

namespace regtool::ui {

/// "drwxr-xr-t", as ls and tar write it.
[[nodiscard]] std::string mode_text(const ops::LayerEntryRow& row);
/// "-rw-r--r-- root/root 312 2025-08-11 10:00", as `tar -tv` lines it up.
[[nodiscard]] std::string attributes_text(const ops::LayerEntryRow& row);
/// "file", "directory", … of a type letter.
[[nodiscard]] std::string_view type_name(char type);
/// When an image or a step was made, as the configuration writes it; "unknown" where it says
/// nothing, no time, or year 1, which builders write for none (DIF-08).
[[nodiscard]] std::string created_text(const std::string& created);
/// Names are bytes; those that are no UTF-8 travel as base64 beside an escaped form (LAY-28).
void put_name(nlohmann::ordered_json& json, const std::string& key, const std::string& name);
[[nodiscard]] nlohmann::ordered_json to_json(const ops::LayerEntryRow& row);

}  // namespace regtool::ui
