#include "serve/target.hpp"

#include <algorithm>

#include "regtool/base/text.hpp"
#include "regtool/model/reference.hpp"
#include "serve/refusal.hpp"

namespace regtool::serve {

namespace {

int hex_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// A plus stays one: it stands in media types, encoded or not.
std::string decode(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
        const int low = high < 0 ? -1 : hex_value(text[i + 2]);
        if (low < 0) {
            throw Refusal(400, code::kUnsupported, "the path has broken percent-encoding");
        }
        out += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return out;
}

std::vector<std::pair<std::string, std::string>> parse_query(std::string_view text) {
    std::vector<std::pair<std::string, std::string>> query;
    for (const std::string_view pair : base::split(text, '&')) {
        if (pair.empty()) {
            continue;
        }
        const std::size_t equals = pair.find('=');
        const std::string_view value =
            equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1);
        query.emplace_back(decode(pair.substr(0, equals)), decode(value));
    }
    return query;
}

[[noreturn]] void throw_no_endpoint() {
    throw Refusal(404, code::kUnsupported, "no such endpoint");
}

/// Takes `suffix` off the end of `path`.
bool take_suffix(std::string_view& path, std::string_view suffix) {
    if (path.size() <= suffix.size() || !path.ends_with(suffix)) {
        return false;
    }
    path.remove_suffix(suffix.size());
    return true;
}

/// `…/<word>/<item>` with an item that has no slash.
bool take_item(std::string_view& path, std::string_view word, std::string& item) {
    const std::size_t slash = path.rfind('/');
    std::string_view rest = path.substr(0, slash);
    if (slash == std::string_view::npos || slash + 1 == path.size() || !take_suffix(rest, word)) {
        return false;
    }
    item = path.substr(slash + 1);
    path = rest;
    return true;
}

/// The part behind `/v2/`. The endpoint's words stand at the end, because a repository may have
/// components of the same names.
void parse_repository_path(std::string_view path, Target& target) {
    if (take_suffix(path, "/tags/list")) {
        target.endpoint = Endpoint::tags;
    } else if (take_suffix(path, "/blobs/uploads/") || take_suffix(path, "/blobs/uploads")) {
        target.endpoint = Endpoint::uploads;
    } else if (take_item(path, "/blobs/uploads", target.item)) {
        target.endpoint = Endpoint::upload;
    } else if (take_item(path, "/manifests", target.item)) {
        target.endpoint = Endpoint::manifest;
    } else if (take_item(path, "/blobs", target.item)) {
        target.endpoint = Endpoint::blob;
    } else if (take_item(path, "/referrers", target.item)) {
        target.endpoint = Endpoint::referrers;
    } else {
        throw_no_endpoint();
    }
    if (!model::is_valid_repository_path(path)) {
        throw Refusal(400, code::kNameInvalid,
                      "invalid repository name: lower-case letters and digits, with . _ - between, "
                      "in parts divided by /");
    }
    target.repository = path;
}

}  // namespace

std::optional<std::string_view> Target::parameter(std::string_view name) const {
    const auto found = std::find_if(query.begin(), query.end(),
                                    [name](const auto& pair) { return pair.first == name; });
    return found == query.end() ? std::nullopt : std::optional<std::string_view>(found->second);
}

Target parse_target(std::string_view text) {
    if (text.size() > kMaxTargetBytes) {
        throw Refusal(414, code::kUnsupported, "the path is too long");
    }
    Target target;
    const std::size_t question = text.find('?');
    if (question != std::string_view::npos) {
        target.query = parse_query(text.substr(question + 1));
    }
    const std::string decoded = decode(text.substr(0, question));
    std::string_view path = decoded;
    if (path == "/v2" || path == "/v2/") {
        return target;
    }
    if (!path.starts_with("/v2/")) {
        throw_no_endpoint();
    }
    path.remove_prefix(std::string_view("/v2/").size());
    if (path == "_catalog") {
        target.endpoint = Endpoint::catalog;
    } else {
        parse_repository_path(path, target);
    }
    return target;
}

}  // namespace regtool::serve
