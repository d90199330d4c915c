#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace regtool::ops {

struct LayerRow {
    std::size_t index = 0;  ///< 0 is the lowest
    std::string digest;
    std::string media_type;
    std::uint64_t size = 0;  ///< stored bytes
};

/// One child of an index, as its descriptor says it.
struct PlatformRow {
    std::string platform;  ///< "unknown/unknown" and attestations are kept, marked by `kind`
    std::string digest;
    std::string media_type;
    std::uint64_t size = 0;  ///< bytes of the child manifest
    std::string kind;        ///< "image", "attestation", "artifact"
    std::string describes;   ///< of attestations: the digest they are about
};

struct InspectReport {
    std::string reference;
    std::string digest;
    std::string media_type;
    std::string artifact_type;
    std::vector<PlatformRow> platforms;  ///< of an index
    // The image that was chosen; empty for an index that has none for this platform and for
    // artifacts.
    std::string image_digest;
    std::string image_id;  ///< digest of the configuration
    std::string platform;
    std::string created;
    std::string author;
    std::string user;
    std::string working_dir;
    std::string stop_signal;
    std::vector<std::string> entrypoint;
    std::vector<std::string> cmd;
    std::vector<std::string> env;
    std::vector<std::string> exposed_ports;
    std::vector<std::string> volumes;
    std::map<std::string, std::string> labels;
    std::map<std::string, std::string> annotations;
    std::vector<LayerRow> layers;
    std::uint64_t size = 0;         ///< stored bytes of manifest, configuration and layers
    std::vector<std::string> tags;  ///< only when asked for
};

}  // namespace regtool::ops
