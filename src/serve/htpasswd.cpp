#include "serve/htpasswd.hpp"

#include <crypt.h>

#include <map>
#include <memory>
#include <semaphore>

#include "regtool/base/error.hpp"
#include "regtool/base/guarded.hpp"
#include "regtool/base/hash.hpp"
#include "regtool/base/secret.hpp"
#include "regtool/base/text.hpp"
#include "serve/random_id.hpp"

namespace regtool::serve {

namespace {

constexpr std::size_t kBcryptLength = 60;
/// bcrypt is slow on purpose: this many at once, so that guesses cannot take all processors.
constexpr int kHashesAtOnce = 2;

bool is_bcrypt(std::string_view hash) {
    return hash.size() == kBcryptLength &&
           (hash.starts_with("$2y$") || hash.starts_with("$2a$") || hash.starts_with("$2b$"));
}

/// Takes the same time wherever the two differ.
bool same(std::string_view a, std::string_view b) {
    unsigned different = a.size() == b.size() ? 0U : 1U;
    for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
        different |= static_cast<unsigned>(a[i] != b[i]);
    }
    return different == 0;
}

bool matches(const std::string& password, const std::string& hash) {
    auto data = std::make_unique<crypt_data>();  // 32 KiB: not for a small stack
    const char* const seen = crypt_r(password.c_str(), hash.c_str(), data.get());
    return seen != nullptr && same(seen, hash);
}

}  // namespace

struct Htpasswd::State {
    std::map<std::string, std::string, std::less<>> hashes;
    std::string key = random_id();  ///< so that what is remembered is worth nothing elsewhere
    /// User to keyed hash of the password that was found right.
    base::Guarded<std::map<std::string, std::string>> known;
    std::counting_semaphore<kHashesAtOnce> turns{kHashesAtOnce};

    [[nodiscard]] std::string keyed(const std::string& password) const {
        return base::hash_hex(base::HashAlgorithm::sha256, key + password);
    }

    [[nodiscard]] bool verify(const std::string& user, const std::string& password) {
        const std::string fingerprint = keyed(password);
        const bool remembered = known.with([&](const auto& users) {
            const auto found = users.find(user);
            return found != users.end() && same(found->second, fingerprint);
        });
        if (remembered) {
            return true;
        }
        const auto found = hashes.find(user);
        // An unknown user costs the same time as a known one.
        const auto& hash = found == hashes.end() ? hashes.begin()->second : found->second;
        turns.acquire();
        const bool right = matches(password, hash);
        turns.release();
        if (!right || found == hashes.end()) {
            return false;
        }
        known.with([&](auto& users) { users.insert_or_assign(user, fingerprint); });
        return true;
    }
};

Htpasswd::Htpasswd(std::unique_ptr<State> state) : state_(std::move(state)) {}

Htpasswd::~Htpasswd() = default;
Htpasswd::Htpasswd(Htpasswd&& other) noexcept = default;

Htpasswd Htpasswd::parse(std::string_view text, const std::string& path) {
    auto state = std::make_unique<State>();
    std::size_t number = 0;
    for (std::string_view line : base::split(text, '\n')) {
        ++number;
        if (line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        if (base::trim(line).empty() || line.starts_with('#')) {
            continue;
        }
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos || colon == 0 || !is_bcrypt(line.substr(colon + 1))) {
            base::UsageError error(path + ", line " + std::to_string(number) +
                                   ": must be a user, a colon and a bcrypt hash");
            error.set_hint("htpasswd -B " + path + " USER");
            throw error;
        }
        state->hashes.insert_or_assign(std::string(line.substr(0, colon)),
                                       std::string(line.substr(colon + 1)));
    }
    if (state->hashes.empty()) {
        base::UsageError error(path + " names no user: nobody could log in");
        error.set_hint("htpasswd -B " + path + " USER");
        throw error;
    }
    return Htpasswd(std::move(state));
}

std::optional<std::string> Htpasswd::user_of(std::string_view authorization) {
    constexpr std::string_view kScheme = "Basic ";
    authorization = base::trim(authorization);
    if (!base::equals_ignore_case(authorization.substr(0, kScheme.size()), kScheme)) {
        return std::nullopt;
    }
    auto decoded = base::base64_decode(base::trim(authorization.substr(kScheme.size())));
    const std::size_t colon = decoded ? decoded->find(':') : std::string::npos;
    // crypt(3) would end at a NUL, and so take a password for its beginning.
    if (colon == std::string::npos || decoded->find('\0') != std::string::npos) {
        return std::nullopt;
    }
    std::string user = decoded->substr(0, colon);
    std::string password = decoded->substr(colon + 1);
    const bool right = state_->verify(user, password);
    base::wipe(password);
    base::wipe(*decoded);
    return right ? std::optional(std::move(user)) : std::nullopt;
}

}  // namespace regtool::serve
