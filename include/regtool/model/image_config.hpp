#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "regtool/model/digest.hpp"
#include "regtool/model/platform.hpp"

namespace regtool::model {

struct HistoryEntry {
    std::string created;  ///< as written; may be empty or malformed (DIF-08)
    std::string created_by;
    std::string author;
    std::string comment;
    bool empty_layer = false;
};

/// image-spec config.md: the view that is shown. Any optional field may be absent or null (DIF-07).
struct ImageConfig {
    std::string created;
    std::string author;
    Platform platform;
    std::string user;
    std::string working_dir;
    std::string stop_signal;
    std::vector<std::string> env;
    std::vector<std::string> entrypoint;
    std::vector<std::string> cmd;
    std::vector<std::string> exposed_ports;
    std::vector<std::string> volumes;
    std::map<std::string, std::string> labels;
    std::string rootfs_type;  ///< "layers" where the specification is kept (DIF-05)
    std::vector<Digest> diff_ids;
    std::vector<HistoryEntry> history;

    /// Throws InvalidDocument.
    [[nodiscard]] static ImageConfig parse(std::string_view bytes);
};

/// ChainIDs of a stack of layers, lowest first (DIF-03, image-spec config.md "Layer ChainID").
[[nodiscard]] std::vector<Digest> chain_ids(const std::vector<Digest>& diff_ids);

}  // namespace regtool::model
