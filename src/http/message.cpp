#include "regtool/http/message.hpp"

#include <algorithm>

#include "http/url.hpp"
#include "regtool/base/text.hpp"

namespace regtool::http {

std::string_view to_string(Method method) noexcept {
    switch (method) {
        case Method::get:
            return "GET";
        case Method::head:
            return "HEAD";
        case Method::post:
            return "POST";
        case Method::put:
            return "PUT";
        case Method::patch:
            return "PATCH";
        case Method::del:
            return "DELETE";
    }
    return "GET";
}

void Headers::add(std::string name, std::string value) {
    lines_.emplace_back(std::move(name), std::move(value));
}

void Headers::set(std::string name, std::string value) {
    remove(name);
    add(std::move(name), std::move(value));
}

void Headers::remove(std::string_view name) {
    std::erase_if(lines_,
                  [&](const auto& line) { return base::equals_ignore_case(line.first, name); });
}

std::optional<std::string_view> Headers::get(std::string_view name) const {
    const auto found = std::find_if(lines_.begin(), lines_.end(), [&](const auto& line) {
        return base::equals_ignore_case(line.first, name);
    });
    return found == lines_.end() ? std::nullopt
                                 : std::optional<std::string_view>(base::trim(found->second));
}

std::vector<std::string_view> Headers::get_all(std::string_view name) const {
    std::vector<std::string_view> values;
    for (const auto& [line_name, value] : lines_) {
        if (base::equals_ignore_case(line_name, name)) {
            values.push_back(base::trim(value));
        }
    }
    return values;
}

std::string origin_of(std::string_view url) {
    return Url::parse(url).origin();
}

std::string resolve_url(std::string_view base, std::string_view reference) {
    return Url::parse(base).resolve(reference).text();
}

}  // namespace regtool::http
