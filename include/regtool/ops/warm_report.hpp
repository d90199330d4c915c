#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace regtool::ops {

struct WarmedLayer {
    std::string digest;
    std::uint64_t size = 0;         ///< stored bytes
    std::uint64_t entries = 0;      ///< of its tar
    std::uint64_t index_bytes = 0;  ///< of its file in the cache
    bool known = false;             ///< was there before
};

struct WarmReport {
    std::string reference;
    std::string digest;
    std::vector<WarmedLayer> layers;  ///< lowest first
};

}  // namespace regtool::ops
