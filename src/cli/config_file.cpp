#include "cli/config_file.hpp"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/toml_file.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "regtool/model/reference.hpp"

namespace regtool::cli {

namespace {

using Json = nlohmann::ordered_json;

std::string default_path(
    const std::function<std::optional<std::string>(const char*)>& environment) {
    const std::string config = environment("XDG_CONFIG_HOME").value_or("");
    const std::string home = environment("HOME").value_or("");
    if (config.empty() && home.empty()) {
        return {};
    }
    return (config.empty() ? home + "/.config" : config) + "/regtool/config.toml";
}

[[noreturn]] void throw_bad_value(const std::string& where, std::string_view wanted) {
    throw base::UsageError(where + " must be " + std::string(wanted));
}

/// One value as it would be typed on the command line.
std::string typed(const Json& value, const std::string& where) {
    if (value.is_string()) {
        return value.get<std::string>();
    }
    if (value.is_boolean() || value.is_number()) {
        return value.dump();
    }
    throw_bad_value(where, "a text, a number, true or false, or a list of them");
}

std::vector<std::string> typed_list(const Json& value, const std::string& where) {
    if (!value.is_array()) {
        return {typed(value, where)};
    }
    std::vector<std::string> list;
    for (const Json& element : value) {
        list.push_back(typed(element, where));
    }
    return list;
}

bool as_bool(const Json& value, const std::string& where) {
    if (!value.is_boolean()) {
        throw_bad_value(where, "true or false");
    }
    return value.get<bool>();
}

std::string as_text(const Json& value, const std::string& where) {
    if (!value.is_string()) {
        throw_bad_value(where, "a text");
    }
    return value.get<std::string>();
}

HostConfig host_config(const Json& table, const std::string& where) {
    HostConfig config;
    for (const auto& [key, value] : table.items()) {
        const std::string name = where + " " + key;
        if (key == "plain-http") {
            config.plain_http = as_bool(value, name);
        } else if (key == "insecure-tls") {
            config.insecure_tls = as_bool(value, name);
        } else if (key == "insecure-credentials") {
            config.insecure_credentials = as_bool(value, name);
        } else if (key == "allow-private") {
            config.allow_private = as_bool(value, name);
        } else if (key == "cacert") {
            config.cacert = as_text(value, name);
        } else if (key == "cert") {
            config.cert = as_text(value, name);
        } else if (key == "key") {
            config.key = as_text(value, name);
        } else if (key == "realms") {
            config.realms = typed_list(value, name);
        } else {
            throw base::UsageError(
                where + ": no setting '" + base::printable(key, 64) +
                "'; there are plain-http, insecure-tls, insecure-credentials, allow-private, "
                "cacert, cert, key and realms");
        }
    }
    return config;
}

void read_hosts(const Json& tables, const std::string& path, ConfigFile& file) {
    for (const auto& [host, table] : tables.items()) {
        const std::string where = path + ": [host.\"" + base::printable(host, 100) + "\"]";
        if (!table.is_object()) {
            throw_bad_value(where, "a table");
        }
        try {
            (void)model::RegistryHost::parse(host);  // a typing error would otherwise do nothing
        } catch (base::Error& error) {
            error.prefix(where);
            throw;
        }
        file.hosts.emplace(base::to_lower(host), host_config(table, where));
    }
}

}  // namespace

const HostConfig* ConfigFile::host(std::string_view host_port) const {
    auto found = hosts.find(host_port);
    const bool bare_address = host_port.ends_with(']');
    if (found == hosts.end() && !bare_address) {
        found = hosts.find(host_port.substr(0, host_port.rfind(':')));
    }
    return found == hosts.end() ? nullptr : &found->second;
}

ConfigFile load_config_file(
    const std::string& named,
    const std::function<std::optional<std::string>(const char*)>& environment) {
    ConfigFile file;
    const std::string path = named.empty() ? default_path(environment) : named;
    std::error_code error;
    if (path.empty() || (named.empty() && !std::filesystem::exists(path, error))) {
        return file;
    }
    file.path = path;
    const Json document = parse_toml(read_toml_text(path), path);
    for (const auto& [key, value] : document.items()) {
        if (key == "host") {
            if (!value.is_object()) {
                throw_bad_value(path + ": host", "a table such as [host.\"localhost:5000\"]");
            }
            read_hosts(value, path, file);
        } else {
            file.options[key] = typed_list(value, path + ": " + key);
        }
    }
    return file;
}

}  // namespace regtool::cli
