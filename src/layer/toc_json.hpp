#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "regtool/layer/layer_table.hpp"
#include "regtool/stream/source.hpp"

namespace regtool::layer {

/// One element of `entries`, as JSON has it; what is absent is empty or 0. Field names are those of
/// the formats, in our spelling.
struct TocRecord {
    std::string name;
    std::string type;
    std::string link_name;
    std::string modtime;
    std::string user_name;
    std::string group_name;
    std::string digest;
    std::string chunk_digest;
    std::string chunk_type;
    std::uint64_t size = 0;
    std::uint64_t mode = 0;
    std::uint64_t uid = 0;
    std::uint64_t gid = 0;
    std::uint64_t dev_major = 0;
    std::uint64_t dev_minor = 0;
    std::uint64_t offset = 0;
    std::uint64_t end_offset = 0;
    std::uint64_t inner_offset = 0;
    std::uint64_t chunk_offset = 0;
    std::uint64_t chunk_size = 0;
    Xattrs xattrs;  ///< values still in base64
};

/// Hands out the entries as they are read; memory does not grow with their number. Members that
/// have no meaning here are passed over. Throws InvalidDocument for what is no JSON, no object with
/// `version` 1 and `entries`, for a member that stands twice or has another type than it should
/// have, and what `record` throws.
void parse_toc(stream::Source& json, const std::function<void(TocRecord& record)>& record);

}  // namespace regtool::layer
