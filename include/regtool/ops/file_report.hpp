#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "regtool/ops/layer_report.hpp"

namespace regtool::ops {

/// One object of the merged view. `entry.path` is absolute in the image; `entry.layer` is the layer
/// that put the name there. Hard links have the type and facts of their file.
struct FileRow {
    LayerEntryRow entry;
    std::uint32_t links = 1;                ///< names with the same content
    std::optional<std::size_t> deleted_by;  ///< the layer, when it is no longer there
};

/// One thing that a layer did to a path.
struct BlameStep {
    std::size_t layer = 0;
    std::string layer_digest;
    std::string change;  ///< "added", "replaced", "attributes" or "deleted"
    std::string entry;   ///< the entry that did it, as stored; empty for an implied folder
    char type = '?';     ///< of the object since then, or of the one that went
    std::uint64_t size = 0;
    std::string link_target;
    std::optional<std::size_t> step;  ///< of the history
    std::string created_by;
};

struct BlameReport {
    std::string reference;
    std::string path;
    bool exists = true;
    bool history_matched = true;  ///< false: history and layers differ in number (DIF-06)
    std::vector<BlameStep> steps;
};

/// What one entry of a layer hid of one lower layer (or of its own).
struct WasteRow {
    std::string path;       ///< what was deleted or replaced: a file, or a folder with all in it
    std::string how;        ///< "deleted" or "replaced"
    std::size_t layer = 0;  ///< that ships the bytes
    std::size_t by_layer = 0;
    std::uint64_t files = 0;
    std::uint64_t bytes = 0;  ///< of content, unpacked
};

struct WasteReport {
    std::string reference;
    std::uint64_t shipped = 0;      ///< bytes of content of all layers, unpacked
    std::uint64_t hidden = 0;       ///< of these, what the merged view does not show
    std::vector<WasteRow> rows;     ///< largest first
    std::vector<WasteRow> telling;  ///< deleted files whose names suggest a secret
};

}  // namespace regtool::ops
