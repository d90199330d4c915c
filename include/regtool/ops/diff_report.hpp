#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "regtool/ops/file_report.hpp"
#include "regtool/ops/packages_report.hpp"

namespace regtool::ops {

/// One value of a manifest or a configuration. Values are JSON text; absent where that side lacks
/// the field.
struct FieldChange {
    std::string field;  ///< "layers[2].digest", "config.Env.PATH"
    std::optional<std::string> before;
    std::optional<std::string> after;
};

/// One path that is not the same on both sides; absent where that side lacks it.
struct FileChange {
    std::string path;  ///< absolute in the image, raw bytes
    std::optional<FileRow> before;
    std::optional<FileRow> after;
    /// Where both have it, what differs: "type", "content", "mode", "owner", "time", "target",
    /// "device", "xattrs", "links".
    std::vector<std::string> what;
};

/// One package; more than one version where several are installed, none where there is none.
struct PackageChange {
    std::string manager;  ///< "dpkg", "apk" or "rpm"
    std::string name;
    std::vector<Package> before;
    std::vector<Package> after;
};

struct DiffSide {
    std::string reference;
    std::string digest;  ///< of the image manifest that was compared
};

/// What differs between two images. A part that was not compared is absent.
struct DiffReport {
    DiffSide before;
    DiffSide after;
    std::optional<std::vector<FieldChange>> manifest;
    std::optional<std::vector<FieldChange>> config;
    std::optional<std::vector<FileChange>> files;
    std::optional<std::vector<PackageChange>> packages;
    std::vector<std::string> notes;  ///< what could not be compared, and why

    [[nodiscard]] bool same() const noexcept {
        return (!manifest || manifest->empty()) && (!config || config->empty()) &&
               (!files || files->empty()) && (!packages || packages->empty());
    }
};

}  // namespace regtool::ops
