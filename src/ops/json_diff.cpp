#include "json_diff.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "regtool/base/json.hpp"

namespace regtool::ops {

namespace {

using Json = nlohmann::ordered_json;
/// Parts of a value under names that are unique in it, in the order of the document.
using Parts = std::vector<std::pair<std::string, const Json*>>;

std::string platform_name(const Json& child) {
    const auto found = child.find("platform");
    if (found == child.end() || !found->is_object()) {
        return "";
    }
    std::string name;
    for (const char* key : {"os", "architecture", "variant", "os.version"}) {
        const auto part = found->find(key);
        if (part != found->end() && part->is_string()) {
            name += (name.empty() ? "" : "/") + part->get<std::string>();
        }
    }
    return name;
}

/// "name", and for the second of that name "name #2".
void add_part(Parts& parts,
              std::map<std::string, int>& used,
              const std::string& open,
              const std::string& name,
              const std::string& close,
              const Json& value) {
    const int number = ++used[name];
    const std::string more = number == 1 ? "" : " #" + std::to_string(number);
    parts.emplace_back(open + name + more + close, &value);
}

Parts parts_of(const std::string& path, const Json& value) {
    Parts parts;
    if (value.is_object()) {
        for (const auto& [key, part] : value.items()) {
            parts.emplace_back(path.empty() ? key : "." + key, &part);
        }
        return parts;
    }
    std::map<std::string, int> used;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const Json& part = value[i];
        if (path == "config.Env") {
            const auto& variable = part.get_ref<const std::string&>();
            add_part(parts, used, ".", variable.substr(0, variable.find('=')), "", part);
        } else {
            const std::string platform = path == "manifests" ? platform_name(part) : "";
            add_part(parts, used, "[", platform.empty() ? std::to_string(i) : platform, "]", part);
        }
    }
    return parts;
}

bool all_strings(const Json& array) {
    return std::all_of(array.begin(), array.end(),
                       [](const Json& part) { return part.is_string(); });
}

/// Both are objects, or lists whose elements have a place or name of their own; other lists
/// (commands) are one value.
bool comparable_by_parts(const std::string& path, const Json& before, const Json& after) {
    if (before.is_object() && after.is_object()) {
        return true;
    }
    if (!before.is_array() || !after.is_array()) {
        return false;
    }
    if (path == "config.Env") {
        return all_strings(before) && all_strings(after);
    }
    const auto objects = [](const Json& array) {
        return std::all_of(array.begin(), array.end(),
                           [](const Json& part) { return part.is_object(); });
    };
    return path == "rootfs.diff_ids" || (objects(before) && objects(after));
}

std::string text_of(const Json& value) {
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

class Comparison {
  public:
    using Ignored = bool (*)(std::string_view path);

    explicit Comparison(Ignored ignored) : ignored_(ignored) {}

    /// Either may be nullptr. base::parse_json bounds how deep this goes.
    void compare(const std::string& path, const Json* before, const Json* after) {
        if (ignored_(path) || (before != nullptr && after != nullptr && *before == *after)) {
            return;
        }
        if (before != nullptr && after != nullptr && comparable_by_parts(path, *before, *after)) {
            compare_parts(path, parts_of(path, *before), parts_of(path, *after));
            return;
        }
        FieldChange change{path, std::nullopt, std::nullopt};
        if (before != nullptr) {
            change.before = text_of(*before);
        }
        if (after != nullptr) {
            change.after = text_of(*after);
        }
        changes_.push_back(std::move(change));
    }

    [[nodiscard]] std::vector<FieldChange> take() { return std::move(changes_); }

  private:
    void compare_parts(const std::string& path, const Parts& before, const Parts& after) {
        std::map<std::string_view, const Json*> others;
        for (const auto& [name, part] : after) {
            others.emplace(name, part);
        }
        for (const auto& [name, part] : before) {
            const auto other = others.find(name);
            compare(path + name, part, other == others.end() ? nullptr : other->second);
            if (other != others.end()) {
                others.erase(other);
            }
        }
        for (const auto& [name, part] : after) {
            if (others.contains(name)) {
                compare(path + name, nullptr, part);
            }
        }
    }

    Ignored ignored_;
    std::vector<FieldChange> changes_;
};

bool ignores_nothing(std::string_view /*path*/) {
    return false;
}

/// What the same content may have otherwise: another compression, another form of manifest, another
/// time.
bool manifest_noise(std::string_view path) {
    if (path.ends_with("annotations.org.opencontainers.image.created")) {
        return true;
    }
    if (path.starts_with("manifests[")) {
        const std::string_view field = path.substr(path.rfind(']') + 1);
        return field == ".digest" || field == ".size" || field == ".mediaType" ||
               field == ".annotations.vnd.docker.reference.digest";
    }
    constexpr std::array kNoise{std::string_view{"mediaType"}, std::string_view{"config"},
                                std::string_view{"layers"}};
    return std::find(kNoise.begin(), kNoise.end(), path) != kNoise.end();
}

bool config_noise(std::string_view path) {
    return path == "created" || path == "rootfs.diff_ids" ||
           (path.starts_with("history[") && path.ends_with("].created"));
}

std::vector<FieldChange> compare(std::string_view before,
                                 std::string_view after,
                                 std::string_view what,
                                 Comparison::Ignored ignored) {
    const Json first = base::parse_json(before, what);
    const Json second = base::parse_json(after, what);
    Comparison comparison(ignored);
    comparison.compare("", &first, &second);
    return comparison.take();
}

}  // namespace

std::vector<FieldChange> diff_manifests(std::string_view before,
                                        std::string_view after,
                                        DiffDepth depth) {
    return compare(before, after, "manifest",
                   depth == DiffDepth::exact ? ignores_nothing : manifest_noise);
}

std::vector<FieldChange> diff_configs(std::string_view before,
                                      std::string_view after,
                                      DiffDepth depth) {
    return compare(before, after, "image configuration",
                   depth == DiffDepth::exact ? ignores_nothing : config_noise);
}

}  // namespace regtool::ops
