#include "auth/auth_file.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "regtool/base/error.hpp"
#include "regtool/base/json.hpp"
#include "regtool/base/text.hpp"

namespace regtool::auth {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kHubKey = "https://index.docker.io/v1/";

std::string text_member(const Json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// `auth` is base64 of USER:PASSWORD; old docker padded the password with NULs.
void decode_auth(const std::string& encoded, AuthFile::Entry& entry) {
    const auto decoded = base::base64_decode(encoded);
    const std::size_t colon = decoded ? decoded->find(':') : std::string::npos;
    if (colon == std::string::npos) {
        entry.problem = "its 'auth' is not base64 of USER:PASSWORD";
        return;
    }
    entry.credentials.username = decoded->substr(0, colon);
    std::string password = decoded->substr(colon + 1);
    password.erase(password.find_last_not_of('\0') + 1);
    entry.credentials.password = base::Secret(std::move(password));
}

AuthFile::Entry parse_entry(const Json& json, const std::string& key, const std::string& path) {
    AuthFile::Entry entry;
    if (!json.is_object()) {
        entry.problem = "it is not an object";
        return entry;
    }
    entry.credentials.source = path + ", key " + base::printable(key, 200);
    const std::string encoded = text_member(json, "auth");
    if (!encoded.empty()) {
        decode_auth(encoded, entry);
    } else {
        entry.credentials.username = text_member(json, "username");
        entry.credentials.password = base::Secret(text_member(json, "password"));
    }
    entry.credentials.identity_token = base::Secret(text_member(json, "identitytoken"));
    entry.credentials.registry_token = base::Secret(text_member(json, "registrytoken"));
    entry.empty = entry.problem.empty() && entry.credentials.anonymous();
    return entry;
}

/// `https://host:port/v1/` and `host:port/` are spellings of `host:port`.
std::string host_of_key(std::string_view key) {
    for (const std::string_view scheme : {"https://", "http://"}) {
        if (key.substr(0, scheme.size()) == scheme) {
            key.remove_prefix(scheme.size());
            return std::string(key.substr(0, key.find('/')));
        }
    }
    while (!key.empty() && key.back() == '/') {
        key.remove_suffix(1);
    }
    return std::string(key);
}

bool is_hub_host(std::string_view host) {
    constexpr std::array<std::string_view, 3> kNames = {"docker.io", "index.docker.io",
                                                        "registry-1.docker.io"};
    return std::find(kNames.begin(), kNames.end(), host) != kNames.end();
}

const AuthFile::Entry* find_key(const AuthFile& file, const std::string& key) {
    const auto found = file.auths.find(key);
    return found == file.auths.end() ? nullptr : &found->second;
}

const AuthFile::Entry* find_path(const AuthFile& file, std::string name) {
    while (true) {
        if (const AuthFile::Entry* entry = find_key(file, name)) {
            return entry;
        }
        const std::size_t slash = name.rfind('/');
        if (slash == std::string::npos) {
            return nullptr;
        }
        name.resize(slash);
    }
}

}  // namespace

AuthFile parse_auth_file(std::string_view json, const std::string& path) {
    AuthFile file;
    file.path = path;
    if (base::trim(json).empty()) {
        return file;
    }
    Json document;
    try {
        document = base::parse_json(json, path);
    } catch (const base::InvalidDocument& error) {
        throw base::UsageError(error.message());
    }
    if (!document.is_object()) {
        throw base::UsageError(path + " is not a JSON object");
    }
    const bool legacy = !document.contains("auths") && !document.contains("credsStore") &&
                        !document.contains("credHelpers") && path.ends_with(".dockercfg");
    const auto auths = document.find("auths");
    if (legacy || auths != document.end()) {
        const Json& entries = legacy ? document : *auths;
        if (!entries.is_object()) {
            throw base::UsageError(path + ": 'auths' is not an object");
        }
        for (const auto& [key, value] : entries.items()) {
            file.auths.emplace(key, parse_entry(value, key, path));
        }
    }
    file.creds_store = text_member(document, "credsStore");
    const auto helpers = document.find("credHelpers");
    if (helpers != document.end() && helpers->is_object()) {
        for (const auto& [host, helper] : helpers->items()) {
            if (helper.is_string()) {
                file.cred_helpers.emplace(host, helper.get<std::string>());
            }
        }
    }
    return file;
}

const AuthFile::Entry* find_entry(const AuthFile& file,
                                  const model::RegistryHost& host,
                                  std::string_view path) {
    const std::string name = path.empty() ? host.str() : host.str() + "/" + std::string(path);
    if (const AuthFile::Entry* entry = find_path(file, name)) {
        return entry;
    }
    const bool hub = is_hub_host(host.str());
    if (hub) {
        if (const AuthFile::Entry* entry = find_key(file, std::string(kHubKey))) {
            return entry;
        }
    }
    for (const auto& [key, entry] : file.auths) {
        const std::string key_host = host_of_key(key);
        if (key_host == host.str() || (hub && is_hub_host(key_host))) {
            return &entry;
        }
    }
    return nullptr;
}

std::optional<std::string> helper_for(const AuthFile& file, const model::RegistryHost& host) {
    for (const std::string& key : {credential_key(host), host.str()}) {
        const auto found = file.cred_helpers.find(key);
        if (found != file.cred_helpers.end()) {
            return found->second.empty() ? std::nullopt : std::optional(found->second);
        }
    }
    return file.creds_store.empty() ? std::nullopt : std::optional(file.creds_store);
}

std::string credential_key(const model::RegistryHost& host) {
    return is_hub_host(host.str()) ? std::string(kHubKey) : host.str();
}

}  // namespace regtool::auth
