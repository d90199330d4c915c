#include "regtool/layer/versions.hpp"

#include <archive.h>

namespace regtool::layer {

std::string library_version() {
    std::string text = archive_version_string();  // "libarchive 3.6.2"
    if (const std::size_t blank = text.find(' '); blank != std::string::npos) {
        text[blank] = '/';
    }
    return text;
}

}  // namespace regtool::layer
