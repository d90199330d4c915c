#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "regtool/ops/packages_report.hpp"
#include "regtool/stream/source.hpp"

namespace regtool::ops {

/// Bounds of the package databases of an image: more is refused with IntegrityError. Text is held
/// in memory, rpm's database in an unnamed file.
inline constexpr std::size_t kMaxPackageDatabaseBytes = std::size_t{64} << 20;
inline constexpr std::uint64_t kMaxRpmDatabaseBytes = std::uint64_t{1} << 30;
inline constexpr std::size_t kMaxPackages = 200'000;

/// "dpkg", "apk", "rpm".
[[nodiscard]] const char* to_string(PackageManager manager) noexcept;

/// The installed packages of a database that is read to its end. Throws IntegrityError or
/// InvalidDocument past a bound, InvalidDocument for a database of rpm that is broken, UsageError
/// where the library for it is missing, and what the source throws.
[[nodiscard]] std::vector<Package> read_packages(PackageManager manager, stream::Source& database);

/// The installed packages of a dpkg database: `var/lib/dpkg/status`, or a file of `status.d`, whose
/// paragraphs have no Status (dpkg-status(5): deb822 paragraphs). Paragraphs that do not end in
/// "installed" or lack a name or a version are passed over.
[[nodiscard]] std::vector<Package> parse_dpkg_status(std::string_view text);

/// The packages of apk's `lib/apk/db/installed`: paragraphs of `P:name`, `V:version`, `A:arch` and
/// more. Paragraphs without a name or a version are passed over.
[[nodiscard]] std::vector<Package> parse_apk_installed(std::string_view text);

/// One package out of rpm's header (rpm's "Package format", Header, without the magic, as its
/// databases keep it): numbers of index entries and of data bytes, index, data. The version is
/// "[EPOCH:]VERSION-RELEASE". Throws InvalidDocument for a header that is broken or lacks a name or
/// a version.
[[nodiscard]] Package parse_rpm_header(std::string_view header);

/// The packages of `rpmdb.sqlite`, which libsqlite3 reads (loaded when it is needed) out of an
/// unnamed file. The schema is the image's: nothing of it but the table of headers is used.
[[nodiscard]] std::vector<Package> read_rpm_database(stream::Source& database);

}  // namespace regtool::ops
