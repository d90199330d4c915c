#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace regtool::ops {

struct ReferrerRow {
    std::string digest;
    std::string media_type;
    std::string artifact_type;  ///< empty when it has none
    std::uint64_t size = 0;     ///< bytes of the manifest
    std::map<std::string, std::string> annotations;
};

struct ReferrersReport {
    std::string image;    ///< as the user wrote it
    std::string subject;  ///< REPO@DIGEST: whose referrers were asked for (RFR-14)
    std::vector<ReferrerRow> referrers;
    std::vector<std::string> left_out;  ///< why an entry is not among them
};

}  // namespace regtool::ops
