#include "regtool/stream/versions.hpp"

#include <isa-l.h>
#include <zstd.h>

namespace regtool::stream {

std::string library_versions() {
    return "isa-l/" + std::to_string(ISAL_MAJOR_VERSION) + "." +
           std::to_string(ISAL_MINOR_VERSION) + "." + std::to_string(ISAL_PATCH_VERSION) +
           " zstd/" + ZSTD_versionString();
}

}  // namespace regtool::stream
