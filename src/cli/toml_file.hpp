#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace regtool::cli {

/// Bytes of a TOML file, of at most 1 MiB. Throws IoError.
[[nodiscard]] std::string read_toml_text(const std::string& path);

/// TOML as the same tree of JSON values: tables become objects, dates their text. Throws UsageError
/// with the line when it is no TOML; `path` is for messages.
[[nodiscard]] nlohmann::ordered_json parse_toml(const std::string& text, const std::string& path);

}  // namespace regtool::cli
