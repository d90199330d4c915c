#include "cli/registries_conf.hpp"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/toml_file.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"

namespace regtool::cli {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using Serves = registry::Mirror::Serves;

[[noreturn]] void throw_bad(const std::string& file, const std::string& why) {
    throw base::UsageError(file + ": " + why);
}

std::string text_at(const Json& table, const char* key, const std::string& file) {
    const auto found = table.find(key);
    if (found == table.end()) {
        return {};
    }
    if (!found->is_string()) {
        throw_bad(file, std::string(key) + " must be a text");
    }
    std::string text = found->get<std::string>();
    while (text.ends_with('/')) {
        text.pop_back();
    }
    return text;
}

bool flag_at(const Json& table, const char* key, const std::string& file) {
    const auto found = table.find(key);
    if (found == table.end()) {
        return false;
    }
    if (!found->is_boolean()) {
        throw_bad(file, std::string(key) + " must be true or false");
    }
    return found->get<bool>();
}

Serves serves_at(const Json& mirror, bool digests_only, const std::string& file) {
    const std::string text = text_at(mirror, "pull-from-mirror", file);
    if (digests_only && !text.empty()) {
        throw_bad(file, "pull-from-mirror cannot stand beside mirror-by-digest-only");
    }
    if (digests_only || text == "digest-only") {
        return Serves::digests;
    }
    if (text == "tag-only") {
        return Serves::tags;
    }
    if (!text.empty() && text != "all") {
        throw_bad(file, "pull-from-mirror must be all, digest-only or tag-only");
    }
    return Serves::everything;
}

RegistryRule rule_of(const Json& table, const std::string& file) {
    RegistryRule rule;
    rule.file = file;
    rule.primary.location = text_at(table, "location", file);
    rule.primary.insecure = flag_at(table, "insecure", file);
    rule.prefix = text_at(table, "prefix", file);
    if (rule.prefix.empty()) {
        rule.prefix = rule.primary.location;
    }
    if (rule.prefix.empty()) {
        throw_bad(file, "a [[registry]] has neither prefix nor location");
    }
    rule.blocked = flag_at(table, "blocked", file);
    const bool digests_only = flag_at(table, "mirror-by-digest-only", file);
    const auto mirrors = table.find("mirror");
    if (mirrors != table.end()) {
        if (!mirrors->is_array()) {
            throw_bad(file, "mirrors are written as [[registry.mirror]]");
        }
        for (const Json& mirror : *mirrors) {
            if (!mirror.is_object() || text_at(mirror, "location", file).empty()) {
                throw_bad(file, "a [[registry.mirror]] has no location");
            }
            rule.mirrors.push_back({text_at(mirror, "location", file),
                                    flag_at(mirror, "insecure", file),
                                    serves_at(mirror, digests_only, file)});
        }
    }
    return rule;
}

/// How many bytes of `name` the prefix stands for; 0 when it does not (whole segments only).
std::size_t matched(std::string_view prefix, std::string_view name) {
    if (prefix.starts_with("*.")) {
        const std::string_view tail = prefix.substr(1);  // ".example.com/ns"
        const std::string_view domain = tail.substr(0, tail.find('/'));
        const std::size_t host_end = std::min(name.find('/'), name.size());
        const std::string_view host = name.substr(0, host_end);
        if (host.size() <= domain.size() || !host.ends_with(domain)) {
            return 0;
        }
        const std::string_view path = tail.substr(domain.size());
        const std::string_view rest = name.substr(host_end);
        const bool below = rest.starts_with(path) &&
                           (rest.size() == path.size() || path.empty() || rest[path.size()] == '/');
        return below ? host_end + path.size() : 0;
    }
    const bool below =
        name.starts_with(prefix) && (name.size() == prefix.size() || name[prefix.size()] == '/');
    return below ? prefix.size() : 0;
}

model::Repository moved(const std::string& location,
                        std::size_t prefix_size,
                        const model::Repository& repository,
                        const std::string& file) {
    try {
        return model::Repository::parse(location + repository.str().substr(prefix_size));
    } catch (base::Error& error) {
        error.prefix(file + ": location " + base::printable(location, 200));
        throw;
    }
}

std::string host_of(std::string_view location) {
    return base::to_lower(location.substr(0, location.find('/')));
}

/// Whether a file can have tables of registries. Those that come with the system have comments and
/// short names only, and parsing them costs more time than asking a registry.
bool may_name_registries(const std::string& text) {
    bool in_table = false;
    for (const std::string_view raw : base::split(text, '\n')) {
        const std::string_view line = base::trim(raw);
        if (line.empty() || line.front() == '#') {
            continue;
        }
        const bool header = line.front() == '[';
        in_table = in_table || header;
        const std::string_view key = header ? line : line.substr(0, line.find('='));
        const bool named = key.find("registry") != std::string_view::npos ||
                           key.find("[registries") == 0 || key.find("registries.") == 0;
        if ((named && (header || !in_table)) || key.find('\\') != std::string_view::npos) {
            return true;
        }
    }
    return false;
}

std::vector<std::string> drop_ins(const std::string& folder) {
    std::vector<std::string> files;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
        if (entry.path().extension() == ".conf") {
            files.push_back(entry.path().string());
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

}  // namespace

RegistriesConf RegistriesConf::load(
    const std::string& named,
    const std::function<std::optional<std::string>(const char*)>& environment) {
    const auto value = [&](const char* name) { return environment(name).value_or(""); };
    const std::string home = value("HOME");
    const std::string config = !value("XDG_CONFIG_HOME").empty() ? value("XDG_CONFIG_HOME")
                               : home.empty()                    ? ""
                                                                 : home + "/.config";
    RegistriesConf conf;
    const std::string variable = value("CONTAINERS_REGISTRIES_CONF");
    if (!named.empty() || !variable.empty()) {
        conf.add_file(named.empty() ? variable : named);
    } else {
        std::vector<std::string> folders = {"/usr/share/containers", "/etc/containers"};
        if (!config.empty()) {
            folders.push_back(config + "/containers");
        }
        std::error_code error;
        for (auto folder = folders.rbegin(); folder != folders.rend(); ++folder) {
            if (fs::exists(*folder + "/registries.conf", error)) {
                conf.add_file(*folder + "/registries.conf");
                break;
            }
        }
        for (const std::string& folder : folders) {
            for (const std::string& file : drop_ins(folder + "/registries.conf.d")) {
                conf.add_file(file);
            }
        }
    }
    if (const std::string last = value("CONTAINERS_REGISTRIES_CONF_OVERRIDE"); !last.empty()) {
        conf.add_file(last);
    }
    return conf;
}

void RegistriesConf::add_file(const std::string& path) {
    add_text(read_toml_text(path), path);
}

void RegistriesConf::add_text(const std::string& text, const std::string& path) {
    if (!may_name_registries(text)) {
        return;
    }
    const Json document = parse_toml(text, path);
    if (document.contains("registries")) {
        base::UsageError error(path + " is of version 1, which says nothing of mirrors");
        error.set_hint("write [[registry]] tables, as containers-registries.conf(5) shows");
        throw error;
    }
    const auto tables = document.find("registry");
    if (tables == document.end()) {
        return;
    }
    if (!tables->is_array()) {
        throw_bad(path, "registries are written as [[registry]]");
    }
    for (const Json& table : *tables) {
        if (!table.is_object()) {
            throw_bad(path, "registries are written as [[registry]]");
        }
        RegistryRule rule = rule_of(table, path);
        std::erase_if(rules_,
                      [&](const RegistryRule& other) { return other.prefix == rule.prefix; });
        rules_.push_back(std::move(rule));
    }
}

const RegistryRule* RegistriesConf::find(std::string_view name) const {
    const RegistryRule* best = nullptr;
    std::size_t best_length = 0;
    for (const RegistryRule& rule : rules_) {
        const std::size_t length = matched(rule.prefix, name) == 0 ? 0 : rule.prefix.size();
        if (length > best_length) {
            best = &rule;
            best_length = length;
        }
    }
    return best;
}

registry::Locations RegistriesConf::locate(const model::Repository& repository) const {
    const std::string name = repository.str();
    const RegistryRule* rule = find(name);
    if (rule == nullptr) {
        return {{}, repository};
    }
    if (rule->blocked) {
        base::AccessDenied error(repository.familiar() + " is blocked by " + rule->file);
        error.add_context("[[registry]] with prefix " + base::printable(rule->prefix, 200) +
                          " has blocked = true; nothing was asked");
        throw error;
    }
    const std::size_t prefix = matched(rule->prefix, name);
    registry::Locations locations{{}, repository};
    if (!rule->primary.location.empty()) {
        locations.primary = moved(rule->primary.location, prefix, repository, rule->file);
    }
    for (const RegistryRule::Place& mirror : rule->mirrors) {
        locations.mirrors.push_back(
            {moved(mirror.location, prefix, repository, rule->file), mirror.serves});
    }
    return locations;
}

bool RegistriesConf::is_insecure(std::string_view host_port) const {
    const std::string wanted = base::to_lower(host_port);
    const auto names = [&](const RegistryRule::Place& place, const std::string& fallback) {
        const std::string host = host_of(place.location.empty() ? fallback : place.location);
        return place.insecure &&
               (host == wanted || host + ":443" == wanted || host + ":80" == wanted ||
                matched(host, wanted.substr(0, wanted.rfind(':'))) > 0);
    };
    return std::any_of(rules_.begin(), rules_.end(), [&](const RegistryRule& rule) {
        return names(rule.primary, rule.prefix) ||
               std::any_of(rule.mirrors.begin(), rule.mirrors.end(),
                           [&](const auto& mirror) { return names(mirror, ""); });
    });
}

}  // namespace regtool::cli
