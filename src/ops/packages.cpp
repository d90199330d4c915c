#include "regtool/ops/packages.hpp"

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"

namespace regtool::ops {

namespace {

/// Cuts the next line off; a carriage return at its end does not count.
std::string_view take_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) {
        line.remove_suffix(1);
    }
    return line;
}

void keep(std::vector<Package>& packages, Package package) {
    if (package.name.empty() || package.version.empty()) {
        return;
    }
    if (packages.size() == kMaxPackages) {
        throw base::IntegrityError("package database: more than " + std::to_string(kMaxPackages) +
                                   " packages");
    }
    packages.push_back(std::move(package));
}

/// Third word of "install ok installed": the state; the first two are what was wanted and whether
/// that went well.
bool says_installed(std::string_view status) {
    const std::size_t blank = status.find_last_of(" \t");
    return status.substr(blank == std::string_view::npos ? 0 : blank + 1) == "installed";
}

}  // namespace

const char* to_string(PackageManager manager) noexcept {
    switch (manager) {
        case PackageManager::dpkg:
            return "dpkg";
        case PackageManager::apk:
            return "apk";
        case PackageManager::rpm:
            break;
    }
    return "rpm";
}

std::vector<Package> read_packages(PackageManager manager, stream::Source& database) {
    if (manager == PackageManager::rpm) {
        return read_rpm_database(database);
    }
    stream::StringSink text(kMaxPackageDatabaseBytes);
    stream::pump(database, text);
    return manager == PackageManager::dpkg ? parse_dpkg_status(text.text())
                                           : parse_apk_installed(text.text());
}

std::vector<Package> parse_dpkg_status(std::string_view text) {
    std::vector<Package> packages;
    Package package;
    bool installed = true;
    const auto end_paragraph = [&] {
        if (installed) {
            keep(packages, std::move(package));
        }
        package = {};
        installed = true;
    };
    while (!text.empty()) {
        const std::string_view line = take_line(text);
        if (base::trim(line).empty()) {
            end_paragraph();
            continue;
        }
        const std::size_t colon = line.find(':');
        if (line.front() == ' ' || line.front() == '\t' || colon == std::string_view::npos) {
            continue;  // the rest of a long field
        }
        const std::string_view field = line.substr(0, colon);
        const std::string_view value = base::trim(line.substr(colon + 1));
        if (base::equals_ignore_case(field, "Package")) {
            package.name = value;
        } else if (base::equals_ignore_case(field, "Version")) {
            package.version = value;
        } else if (base::equals_ignore_case(field, "Architecture")) {
            package.architecture = value;
        } else if (base::equals_ignore_case(field, "Status")) {
            installed = says_installed(value);
        }
    }
    end_paragraph();
    return packages;
}

std::vector<Package> parse_apk_installed(std::string_view text) {
    std::vector<Package> packages;
    Package package;
    while (!text.empty()) {
        const std::string_view line = take_line(text);
        if (line.empty()) {
            keep(packages, std::move(package));
            package = {};
            continue;
        }
        if (line.size() < 2 || line[1] != ':') {
            continue;
        }
        const std::string_view value = line.substr(2);
        if (line[0] == 'P') {
            package.name = value;
        } else if (line[0] == 'V') {
            package.version = value;
        } else if (line[0] == 'A') {
            package.architecture = value;
        }
    }
    keep(packages, std::move(package));
    return packages;
}

}  // namespace regtool::ops
