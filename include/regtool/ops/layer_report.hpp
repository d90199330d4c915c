#pragma once

#include <cstdint>
#include <string>

namespace regtool::ops {

/// One entry of a layer, ready to be shown. Names are raw bytes.
struct LayerEntryRow {
    std::size_t layer = 0;  ///< position of the layer, 0 is the lowest
    char type = '?';        ///< as in `tar -tv`: - d l h c b p s
    std::string path;
    std::string link_target;
    std::uint32_t mode = 0;
    std::uint64_t uid = 0;
    std::uint64_t gid = 0;
    std::string user_name;
    std::string group_name;
    std::uint64_t size = 0;  ///< bytes
    std::int64_t mtime = 0;  ///< seconds since the epoch
    std::uint32_t device_major = 0;
    std::uint32_t device_minor = 0;
    std::string whiteout;  ///< "", "deletes" or "opaque"
};

}  // namespace regtool::ops
