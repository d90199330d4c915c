#include "http/sound_headers.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"

namespace regtool::http {

namespace {

constexpr std::array<std::string_view, 5> kSingle = {
    "Content-Length", "Content-Range", "Content-Type", "Docker-Content-Digest", "Location"};

}  // namespace

bool is_header_name(std::string_view name) noexcept {
    constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
    return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               kMarks.find(c) != std::string_view::npos;
    });
}

void require_sound_headers(const HttpResponse& response, std::string_view host_port) {
    if (response.status >= 400) {
        return;
    }
    const std::string whose = "the answer of " + std::string(host_port);
    for (const std::string_view name : kSingle) {
        const std::vector<std::string_view> values = response.headers.get_all(name);
        if (std::any_of(values.begin(), values.end(),
                        [&](std::string_view value) { return value != values.front(); })) {
            throw base::RegistryError(whose + " has two different values of " + std::string(name),
                                      response.status);
        }
    }
    const auto length = response.headers.get("Content-Length");
    if (length && !base::parse_decimal(*length)) {
        throw base::RegistryError(whose + " has a Content-Length that is no number: '" +
                                      base::printable(*length, 40) + "'",
                                  response.status);
    }
    const auto encoding = response.headers.get("Content-Encoding");
    if (response.ok() && encoding && !encoding->empty() &&
        !base::equals_ignore_case(*encoding, "identity")) {
        throw base::RegistryError(whose + " is encoded as '" + base::printable(*encoding, 40) +
                                      "', which was not asked for and hides the bytes to verify",
                                  response.status);
    }
}

}  // namespace regtool::http
