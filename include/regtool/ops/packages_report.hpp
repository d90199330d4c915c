#pragma once

#include <string>

namespace regtool::ops {

enum class PackageManager { dpkg, apk, rpm };

/// One installed package, as the database of its manager says it. Text is as written: escape it
/// before showing.
struct Package {
    std::string name;
    std::string version;
    std::string architecture;

    friend bool operator==(const Package&, const Package&) = default;
};

}  // namespace regtool::ops
