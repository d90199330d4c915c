#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "regtool/ops/packages_report.hpp"

namespace regtool::ops {

/// Bounds of the package databases of an image: more is refused with IntegrityError.
inline constexpr std::size_t kMaxPackageDatabaseBytes = std::size_t{64} << 20;
inline constexpr std::size_t kMaxPackages = 200'000;

/// The installed packages of a dpkg database: `var/lib/dpkg/status`, or a file of `status.d`, whose
/// paragraphs have no Status (dpkg-status(5): deb822 paragraphs). Paragraphs that do not end in
/// "installed" or lack a name or a version are passed over.
[[nodiscard]] std::vector<Package> parse_dpkg_status(std::string_view text);

/// The packages of apk's `lib/apk/db/installed`: paragraphs of `P:name`, `V:version`, `A:arch` and
/// more. Paragraphs without a name or a version are passed over.
[[nodiscard]] std::vector<Package> parse_apk_installed(std::string_view text);

}  // namespace regtool::ops
