#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace regtool::ops {

struct PlatformSize {
    std::string platform;
    std::string digest;
    std::size_t layers = 0;
    std::uint64_t compressed =
        0;                     ///< stored bytes: manifest, configuration, layers, each blob once
    std::uint64_t shared = 0;  ///< of these, bytes that another platform of the index has too
    std::uint64_t unique = 0;
    std::optional<std::uint64_t> unpacked;  ///< bytes of the layers' tar streams
};

struct SizeReport {
    std::string reference;
    std::string digest;
    std::vector<PlatformSize> platforms;
    std::uint64_t total = 0;  ///< stored bytes of everything, each blob once
};

}  // namespace regtool::ops
