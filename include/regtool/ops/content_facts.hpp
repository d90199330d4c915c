#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "regtool/model/digest.hpp"
#include "regtool/ops/packages_report.hpp"

namespace regtool::ops {

/// The packages that a file holds, read as the database of one manager.
struct PackageFacts {
    PackageManager manager = PackageManager::dpkg;
    std::vector<Package> packages;

    friend bool operator==(const PackageFacts&, const PackageFacts&) = default;
};

/// What reading an entry's content told.
struct ContentFacts {
    std::string hash;  ///< SHA-256, 64 digits
    std::optional<PackageFacts> packages{};

    friend bool operator==(const ContentFacts&, const ContentFacts&) = default;
};

/// Of the entries of one layer, by their position in its table.
using LayerFacts = std::map<std::uint32_t, ContentFacts>;

/// More than the facts of any layer within the limits should take.
inline constexpr std::size_t kMaxFactsBytes = std::size_t{256} << 20;

/// The facts as a file: eight bytes of magic with a version, then the fields of
/// base::FieldWriter as a zstd frame.
[[nodiscard]] std::string write_content_facts(const model::Digest& layer, const LayerFacts& facts);
/// Throws InvalidDocument for anything but the whole facts of this layer, IntegrityError beyond the
/// limit.
[[nodiscard]] LayerFacts read_content_facts(const model::Digest& layer, std::string_view bytes);

}  // namespace regtool::ops
