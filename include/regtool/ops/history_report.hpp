#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace regtool::ops {

/// One step of an image's history, oldest first.
struct HistoryStep {
    std::string created;  ///< RFC 3339 as written, or empty
    std::string created_by;
    std::string comment;
    bool empty = false;                 ///< made no layer
    std::optional<std::size_t> layer;   ///< position of its layer, 0 is the lowest
    std::string layer_digest;           ///< of the stored bytes
    std::optional<std::uint64_t> size;  ///< stored bytes
};

struct HistoryReport {
    std::string reference;
    std::string digest;
    std::string platform;
    std::vector<HistoryStep> steps;
    bool matched =
        true;  ///< false: history and layers differ in number, so steps carry no layer (DIF-06)
};

}  // namespace regtool::ops
