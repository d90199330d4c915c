#include <algorithm>
#include <string>
#include <string_view>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "regtool/layer/layer_reader.hpp"

namespace regtool::layer {

namespace {

constexpr std::string_view kWhiteoutPrefix = ".wh.";
/// AUFS kept its own files under this prefix; the opaque marker is the one that layers adopted.
constexpr std::string_view kMetaPrefix = ".wh..wh.";
constexpr std::string_view kOpaqueMarker = ".wh..wh..opq";

/// The folder part and the last part of a clean path.
struct Split {
    std::string_view folder;
    std::string_view name;
};

Split split_last(std::string_view clean) {
    const std::size_t slash = clean.rfind('/');
    if (slash == std::string_view::npos) {
        return {".", clean};
    }
    return {clean.substr(0, slash), clean.substr(slash + 1)};
}

bool lies_below_whiteout(std::string_view folder) {
    return folder.starts_with(kWhiteoutPrefix) || folder.find("/.wh.") != std::string_view::npos;
}

}  // namespace

std::string clean_path(std::string_view stored) {
    std::string clean;
    clean.reserve(stored.size());
    for (std::size_t begin = 0; begin <= stored.size();) {
        const std::size_t end = std::min(stored.find('/', begin), stored.size());
        const std::string_view part = stored.substr(begin, end - begin);
        begin = end + 1;
        if (part.empty() || part == ".") {
            continue;
        }
        if (part == "..") {
            if (clean.empty()) {
                throw base::IntegrityError("the path '" + base::printable(stored, 200) +
                                           "' leaves the root of the layer");
            }
            const std::size_t slash = clean.rfind('/');
            clean.resize(slash == std::string::npos ? 0 : slash);
            continue;
        }
        if (!clean.empty()) {
            clean += '/';
        }
        clean += part;
    }
    return clean.empty() ? "." : clean;
}

WhiteoutKind whiteout_kind(const Entry& entry) {
    // Nearly every entry leaves here, without a copy of its path.
    if (entry.path.find(kWhiteoutPrefix) == std::string::npos) {
        return WhiteoutKind::none;
    }
    const std::string clean = clean_path(entry.path);
    const auto [folder, name] = split_last(clean);
    if (lies_below_whiteout(folder)) {
        return WhiteoutKind::ignored;
    }
    if (name == kOpaqueMarker) {
        return WhiteoutKind::opaque;
    }
    if (name.starts_with(kMetaPrefix)) {
        return WhiteoutKind::ignored;
    }
    return name.starts_with(kWhiteoutPrefix) ? WhiteoutKind::file : WhiteoutKind::none;
}

std::string whiteout_target(const Entry& entry) {
    std::string clean = clean_path(entry.path);
    const auto [folder, name] = split_last(clean);
    switch (whiteout_kind(entry)) {
        case WhiteoutKind::none:
        case WhiteoutKind::ignored:
            return clean;
        case WhiteoutKind::opaque:
            return std::string(folder);
        case WhiteoutKind::file:
            break;
    }
    const std::string_view target = name.substr(kWhiteoutPrefix.size());
    if (target.empty()) {
        throw base::InvalidDocument("the whiteout '" + base::printable(clean, 200) +
                                    "' names no file");
    }
    if (target == "." || target == "..") {
        throw base::IntegrityError("the whiteout '" + base::printable(clean, 200) +
                                   "' would delete a folder it lies in");
    }
    return folder == "." ? std::string(target) : std::string(folder) + "/" + std::string(target);
}

}  // namespace regtool::layer
