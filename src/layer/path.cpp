#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "path_parts.hpp"
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

void append_raw_parts(std::string_view path, std::vector<std::string_view>& parts) {
    for (std::size_t begin = 0; begin <= path.size();) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        const std::string_view part = path.substr(begin, end - begin);
        begin = end + 1;
        if (!part.empty() && part != ".") {
            parts.push_back(part);
        }
    }
}

void raw_parts(std::string_view path, std::vector<std::string_view>& parts) {
    parts.clear();
    append_raw_parts(path, parts);
}

bool fold_parents(std::vector<std::string_view>& parts) {
    std::size_t kept = 0;
    for (const std::string_view part : parts) {
        if (part != "..") {
            parts[kept++] = part;
            continue;
        }
        if (kept == 0) {
            return false;
        }
        --kept;
    }
    parts.resize(kept);
    return true;
}

void throw_leaves_root(std::string_view stored) {
    throw base::IntegrityError("the path '" + base::printable(stored, 200) +
                               "' leads out of the archive");
}

void clean_parts(std::string_view stored, std::vector<std::string_view>& parts) {
    raw_parts(stored, parts);
    if (!fold_parents(parts)) {
        throw_leaves_root(stored);
    }
}

bool may_be_whiteout(std::string_view stored) {
    return stored.find(kWhiteoutPrefix) != std::string_view::npos;
}

std::string clean_path(std::string_view stored) {
    std::vector<std::string_view> parts;
    clean_parts(stored, parts);
    std::string clean;
    clean.reserve(stored.size());
    for (const std::string_view part : parts) {
        if (!clean.empty()) {
            clean += '/';
        }
        clean += part;
    }
    return clean.empty() ? "." : clean;
}

WhiteoutKind whiteout_kind(std::string_view stored) {
    // Nearly every entry leaves here, without a copy of its path.
    if (!may_be_whiteout(stored)) {
        return WhiteoutKind::none;
    }
    const std::string clean = clean_path(stored);
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

std::string whiteout_target(std::string_view stored) {
    std::string clean = clean_path(stored);
    const auto [folder, name] = split_last(clean);
    switch (whiteout_kind(clean)) {
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
