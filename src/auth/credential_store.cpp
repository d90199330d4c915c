#include <sys/stat.h>
#include <unistd.h>

#include <map>
#include <mutex>
#include <vector>

#include "auth/auth_file.hpp"
#include "auth/auth_paths.hpp"
#include "auth/credential_helper.hpp"
#include "regtool/auth/credentials.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/fd.hpp"
#include "regtool/base/text.hpp"

namespace regtool::auth {

namespace {

constexpr std::size_t kMaxAuthFileBytes = std::size_t{1} << 20;

bool others_may_read(const std::string& path) {
    struct stat status {};

    return stat(path.c_str(), &status) == 0 && (status.st_mode & (S_IRGRP | S_IROTH)) != 0;
}

bool holds_secret(const AuthFile& file) {
    for (const auto& [key, entry] : file.auths) {
        if (!entry.credentials.anonymous()) {
            return true;
        }
    }
    return false;
}

class Store final : public CredentialStore {
  public:
    Store(CredentialOptions options, base::Log& log) : options_(std::move(options)), log_(log) {}

    Credentials get(const model::Repository& repository, std::stop_token stop) override {
        return find(repository.registry(), repository.path(), stop);
    }

    Credentials get(const model::RegistryHost& registry, std::stop_token stop) override {
        return find(registry, "", stop);
    }

  private:
    Credentials find(const model::RegistryHost& host,
                     std::string_view path,
                     const std::stop_token& stop) {
        Credentials found = look_up(host, path, stop);
        if (!found.anonymous()) {
            base::keep_memory_private();
        }
        return found;
    }

    Credentials look_up(const model::RegistryHost& host,
                        std::string_view path,
                        const std::stop_token& stop) {
        if (options_.explicit_credentials &&
            (!options_.explicit_for || options_.explicit_for(host))) {
            return *options_.explicit_credentials;
        }
        // One lock for files and helpers: both are asked once, and nobody waits long.
        const std::scoped_lock lock(mutex_);
        load();
        for (const AuthFile& file : files_) {
            if (auto found = look_in(file, host, path, stop)) {
                return *found;
            }
        }
        return {};
    }

    std::optional<Credentials> look_in(const AuthFile& file,
                                       const model::RegistryHost& host,
                                       std::string_view path,
                                       const std::stop_token& stop) {
        if (const auto helper = helper_for(file, host)) {
            return ask(*helper, credential_key(host), stop);
        }
        const AuthFile::Entry* entry = find_entry(file, host, path);
        if (entry == nullptr || entry->empty) {
            return std::nullopt;
        }
        if (!entry->problem.empty()) {
            throw base::UsageError("the entry of " + host.str() + " in " + file.path +
                                   " is unusable: " + entry->problem);
        }
        return entry->credentials;
    }

    std::optional<Credentials> ask(const std::string& helper,
                                   const std::string& server,
                                   const std::stop_token& stop) {
        const auto known = answers_.find(helper + " " + server);
        if (known != answers_.end()) {
            return known->second;
        }
        auto answer = CredentialHelper(helper, options_.environment).get(server, stop);
        answers_.emplace(helper + " " + server, answer);
        return answer;
    }

    void load() {
        if (loaded_) {
            return;
        }
        for (const AuthSource& source : auth_sources(options_)) {
            if (!source.text.empty()) {
                files_.push_back(parse_auth_file(source.text, source.path));
                continue;
            }
            if (access(source.path.c_str(), F_OK) != 0) {
                if (source.must_exist == AuthSource::MustExist::yes) {
                    throw base::UsageError("no such file: " + source.path);
                }
                if (source.must_exist == AuthSource::MustExist::warn) {
                    log_.warn("no credentials: " + source.path + " does not exist");
                }
                continue;
            }
            files_.push_back(read(source.path));
        }
        loaded_ = true;
    }

    AuthFile read(const std::string& path) {
        std::string text;
        try {
            text = base::read_file(path, kMaxAuthFileBytes);
        } catch (const base::IoError& error) {
            throw base::UsageError(error.message());
        }
        AuthFile file = parse_auth_file(text, path);
        base::wipe(text);
        if (holds_secret(file) && others_may_read(path)) {
            log_.warn(path + " holds passwords and can be read by other users; chmod 600 it");
        }
        return file;
    }

    CredentialOptions options_;
    base::Log& log_;
    std::mutex mutex_;
    bool loaded_ = false;
    std::vector<AuthFile> files_;
    std::map<std::string, std::optional<Credentials>> answers_;
};

}  // namespace

bool Credentials::anonymous() const noexcept {
    return username.empty() && password.empty() && identity_token.empty() && registry_token.empty();
}

std::vector<std::string> credential_places(const CredentialOptions& options) {
    std::vector<std::string> places;
    for (const AuthSource& source : auth_sources(options)) {
        places.push_back(source.path);
    }
    return places;
}

std::unique_ptr<CredentialStore> make_credential_store(CredentialOptions options, base::Log& log) {
    return std::make_unique<Store>(std::move(options), log);
}

Credentials parse_user_password(std::string_view text) {
    const std::size_t colon = text.find(':');
    Credentials credentials;
    credentials.username = std::string(text.substr(0, colon));
    if (credentials.username.empty()) {
        throw base::UsageError("--creds wants USER or USER:PASSWORD");
    }
    if (colon != std::string_view::npos) {
        credentials.password = base::Secret(std::string(text.substr(colon + 1)));
    }
    credentials.source = "--creds";
    return credentials;
}

}  // namespace regtool::auth
