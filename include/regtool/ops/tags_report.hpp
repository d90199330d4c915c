#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace regtool::ops {

/// One tag; the fields after `name` are filled by --long only.
struct TagRow {
    std::string name;
    std::string digest;
    std::string created;
    std::optional<std::uint64_t> size;  ///< stored bytes of the image (all platforms of an index)
    std::vector<std::string> platforms;
    std::string error;  ///< why nothing could be found out, when so
};

}  // namespace regtool::ops
