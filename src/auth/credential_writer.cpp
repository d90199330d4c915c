#include "regtool/auth/credential_writer.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "auth/auth_file.hpp"
#include "auth/auth_paths.hpp"
#include "auth/credential_helper.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/fd.hpp"
#include "regtool/base/json.hpp"
#include "regtool/base/text.hpp"

namespace regtool::auth {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxAuthFileBytes = std::size_t{1} << 20;
constexpr unsigned kPrivateMode = 0600;
constexpr unsigned kReadOnlyMode = 0400;

/// The file that a login changes: the named one, else docker's own.
std::string writable_file(const CredentialOptions& options) {
    if (!options.authfile.empty()) {
        return options.authfile;
    }
    if (options.environment) {
        if (const auto named = options.environment("REGISTRY_AUTH_FILE");
            named && !named->empty()) {
            return *named;
        }
    }
    std::string path = docker_config_path(options);
    if (path.empty()) {
        throw base::UsageError(
            "no home folder to keep credentials in; name a file with --authfile");
    }
    return path;
}

/// A configuration file as text, its document, and what is known of it.
struct ConfigFile {
    fs::path path;  ///< behind a symbolic link: the target is replaced, not the link
    Json document = Json::object();
    AuthFile view;
};

ConfigFile read_config(const std::string& name) {
    ConfigFile file;
    file.path = name;
    if (!fs::exists(file.path)) {
        file.view.path = name;
        return file;
    }
    file.path = fs::canonical(file.path);
    const std::string text = base::read_file(file.path, kMaxAuthFileBytes);
    file.view = parse_auth_file(text, name);
    if (!base::trim(text).empty()) {
        file.document = base::parse_json(text, name);
    }
    return file;
}

/// Private, and as strict as it was before (CFG-12).
unsigned mode_for(const fs::path& path) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    const bool read_only = !error && fs::exists(status) &&
                           (status.permissions() & fs::perms::owner_write) == fs::perms::none;
    return read_only ? kReadOnlyMode : kPrivateMode;
}

void write_config(const ConfigFile& file) {
    const fs::path folder = file.path.parent_path();
    if (!folder.empty() && !fs::exists(folder)) {
        fs::create_directories(folder);
        fs::permissions(folder, fs::perms::owner_all);
    }
    std::string text = file.document.dump(1, '\t') + "\n";
    base::AtomicFile out(file.path);
    out.write(base::as_bytes(text));
    base::wipe(text);
    out.commit(mode_for(file.path), base::AtomicFile::Sync::yes);
}

/// Every spelling under which the host may stand in the file.
std::size_t erase_entries(Json& document,
                          const AuthFile& view,
                          const model::RegistryHost& registry) {
    const auto auths = document.find("auths");
    if (auths == document.end()) {
        return 0;
    }
    std::size_t erased = 0;
    AuthFile left = view;
    while (const AuthFile::Entry* entry = find_entry(left, registry, "")) {
        for (auto candidate = left.auths.begin(); candidate != left.auths.end(); ++candidate) {
            if (&candidate->second == entry) {
                erased += auths->erase(candidate->first);
                left.auths.erase(candidate);
                break;
            }
        }
    }
    return erased;
}

}  // namespace

StoredPlace store_credentials(const CredentialOptions& options,
                              const model::RegistryHost& registry,
                              const Credentials& credentials,
                              const std::stop_token& stop) {
    ConfigFile file = read_config(writable_file(options));
    const std::string key = credential_key(registry);
    if (const auto name = helper_for(file.view, registry)) {
        const CredentialHelper helper(*name, options.environment);
        helper.store(key, credentials, stop);
        // An empty entry tells other tools that the helper knows this host (CFG-06).
        file.document["auths"][key] = Json::object();
        write_config(file);
        return {helper.program(), true, true};
    }
    Json entry = Json::object();
    std::string pair = credentials.username + ":" + credentials.password.reveal();
    if (pair.size() > 1) {
        entry["auth"] = base::base64_encode(pair);
    }
    base::wipe(pair);
    if (!credentials.identity_token.empty()) {
        entry["identitytoken"] = credentials.identity_token.reveal();
    }
    (void)erase_entries(file.document, file.view, registry);
    file.document["auths"][key] = std::move(entry);
    write_config(file);
    return {file.path.string(), false, true};
}

StoredPlace erase_credentials(const CredentialOptions& options,
                              const model::RegistryHost& registry,
                              const std::stop_token& stop) {
    const std::string name = writable_file(options);
    ConfigFile file = read_config(name);
    StoredPlace place{name, false, false};
    if (const auto helper_name = helper_for(file.view, registry)) {
        const CredentialHelper helper(*helper_name, options.environment);
        place.changed = helper.erase(credential_key(registry), stop);
        place.name = helper.program();
        place.helper = true;
    }
    if (erase_entries(file.document, file.view, registry) > 0) {
        write_config(file);
        place.changed = true;
    }
    return place;
}

}  // namespace regtool::auth
