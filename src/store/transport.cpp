#include "regtool/store/transport.hpp"

#include <array>
#include <utility>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"

namespace regtool::store {

namespace {

constexpr std::array kLocal{
    std::pair{std::string_view("oci:"), Transport::layout},
    std::pair{std::string_view("oci-archive:"), Transport::layout_archive},
    std::pair{std::string_view("docker-archive:"), Transport::docker_archive},
    std::pair{std::string_view("dir:"), Transport::folder},
};

/// Cuts `@ALGORITHM:HEX` off the end. A name may hold an `@` of its own.
std::optional<model::Digest> take_digest(std::string_view& text) {
    const std::size_t at = text.rfind('@');
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view behind = text.substr(at + 1);
    const bool meant = behind.starts_with("sha256:") || behind.starts_with("sha512:");
    auto digest = meant ? model::Digest::parse(behind) : model::Digest::try_parse(behind);
    if (digest) {
        text = text.substr(0, at);
    }
    return digest;
}

Location parse_local(Transport transport, std::string_view image, std::string_view rest) {
    Location location;
    location.transport = transport;
    location.digest = take_digest(rest);
    const std::size_t colon =
        transport == Transport::folder ? std::string_view::npos : rest.find(':');
    location.path = rest.substr(0, colon);
    if (colon != std::string_view::npos) {
        const std::string_view name = rest.substr(colon + 1);
        if (name.empty()) {
            throw base::UsageError("'" + base::printable(image, 200) + "': the name is empty");
        }
        if (transport == Transport::docker_archive && name.front() == '@') {
            location.position = base::parse_decimal(name.substr(1));
        }
        if (!location.position) {
            location.name = name;
        }
    }
    if (location.path.empty()) {
        base::UsageError error(
            "'" + base::printable(image, 200) + "' names no " +
            (transport == Transport::layout || transport == Transport::folder ? "folder" : "file"));
        error.set_hint("for a repository of this name write docker://" +
                       base::printable(image, 200));
        throw error;
    }
    return location;
}

bool is_alphanumeric(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// One part between slashes.
bool is_valid_part(std::string_view part) noexcept {
    std::size_t position = 0;
    const auto take_word = [&] {
        const std::size_t begin = position;
        while (position < part.size() && is_alphanumeric(part[position])) {
            ++position;
        }
        return position > begin;
    };
    if (!take_word()) {
        return false;
    }
    while (position < part.size()) {
        if (part.substr(position).starts_with("--")) {
            position += 2;
        } else if (std::string_view("-._:@+").find(part[position]) != std::string_view::npos) {
            ++position;
        } else {
            return false;
        }
        if (!take_word()) {
            return false;
        }
    }
    return true;
}

}  // namespace

std::string Location::place() const {
    return transport == Transport::registry ? path : std::string(to_string(transport)) + ":" + path;
}

std::string Location::str() const {
    std::string text = place();
    if (name) {
        text += ":" + *name;
    } else if (position) {
        text += ":@" + std::to_string(*position);
    }
    return digest ? text + "@" + digest->str() : text;
}

Location parse_location(std::string_view image) {
    for (const auto& [prefix, transport] : kLocal) {
        if (image.starts_with(prefix)) {
            return parse_local(transport, image, image.substr(prefix.size()));
        }
    }
    Location location;
    location.path = image;
    return location;
}

std::string_view to_string(Transport transport) noexcept {
    for (const auto& [prefix, local] : kLocal) {
        if (local == transport) {
            return prefix.substr(0, prefix.size() - 1);
        }
    }
    return "docker";
}

bool is_valid_layout_name(std::string_view name) noexcept {
    for (std::size_t begin = 0;;) {
        const std::size_t end = name.find('/', begin);
        if (!is_valid_part(name.substr(begin, end - begin))) {
            return false;
        }
        if (end == std::string_view::npos) {
            return true;
        }
        begin = end + 1;
    }
}

void require_layout_name(std::string_view name) {
    if (!is_valid_layout_name(name)) {
        throw base::UsageError("'" + base::printable(name, 200) +
                               "' cannot be a name in an OCI layout: letters and digits, joined by "
                               "one of -._:@+ or by /");
    }
}

}  // namespace regtool::store
