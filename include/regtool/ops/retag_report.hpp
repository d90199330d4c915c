#pragma once

#include <string>
#include <vector>

namespace regtool::ops {

struct RetagRow {
    std::string reference;
    std::string digest;
    std::string previous;    ///< digest the name had before; empty when it was new
    bool unchanged = false;  ///< it was there already
};

struct RetagReport {
    std::string source;
    std::string digest;
    std::vector<RetagRow> targets;
};

}  // namespace regtool::ops
