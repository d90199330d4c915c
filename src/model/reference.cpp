#include "regtool/model/reference.hpp"

#include <algorithm>

#include "model/host_grammar.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"

namespace regtool::model {

namespace {

constexpr std::string_view kDockerHub = "docker.io";
constexpr std::string_view kDockerHubOldName = "index.docker.io";
constexpr std::string_view kDefaultTag = "latest";
constexpr std::size_t kMaxTagBytes = 128;
constexpr std::size_t kMaxPathBytes = 255;
constexpr std::size_t kImageIdHex = 64;

bool is_lower_alnum(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}

bool is_tag_char(char c) {
    return is_lower_alnum(c) || is_upper(c) || c == '_' || c == '.' || c == '-';
}

/// [a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*
bool is_path_component(std::string_view text) {
    std::size_t i = 0;
    for (;;) {
        const std::size_t begin = i;
        while (i < text.size() && is_lower_alnum(text[i])) {
            ++i;
        }
        if (i == begin) {
            return false;
        }
        if (i == text.size()) {
            return true;
        }
        const std::size_t separator = i;
        while (i < text.size() && !is_lower_alnum(text[i])) {
            ++i;
        }
        const std::string_view between = text.substr(separator, i - separator);
        const bool dashes = between.find_first_not_of('-') == std::string_view::npos;
        if (!dashes && between != "." && between != "_" && between != "__") {
            return false;
        }
    }
}

base::UsageError bad_reference(std::string_view text, const std::string& why) {
    base::UsageError error("invalid reference '" + base::printable(text, 200) + "': " + why);
    error.facts().reference = base::printable(text, 200);
    return error;
}

bool is_image_id(std::string_view text) {
    return text.size() == kImageIdHex && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

/// Text that no reference may hold, with the reason a person can act on.
void refuse_foreign_text(std::string_view text) {
    if (text.empty()) {
        throw bad_reference(text, "the name is empty");
    }
    if (text.find("://") != std::string_view::npos) {
        base::UsageError error = bad_reference(text, "a reference has no scheme");
        const std::string_view bare = text.substr(text.find("://") + 3);
        error.set_hint(base::printable(bare, 200));
        throw error;
    }
    const bool foreign = std::any_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte <= ' ' || byte >= 0x7f ||
               std::string_view("?#%\\").find(c) != std::string_view::npos;
    });
    if (foreign) {
        throw bad_reference(
            text, "blanks, control characters, non-ASCII and ? # % \\ have no place in it");
    }
}

struct SplitName {
    std::string_view host;  ///< empty: Docker Hub
    std::string_view rest;
};

/// Whether the first part is a registry (REF-01).
SplitName split_registry(std::string_view name) {
    const std::size_t slash = name.find('/');
    if (slash == std::string_view::npos) {
        return {"", name};
    }
    const std::string_view first = name.substr(0, slash);
    const bool is_host = first.find_first_of(".:") != std::string_view::npos ||
                         first == "localhost" || std::any_of(first.begin(), first.end(), is_upper);
    return is_host ? SplitName{first, name.substr(slash + 1)} : SplitName{"", name};
}

void check_path(std::string_view path, std::string_view whole) {
    if (path.empty()) {
        throw bad_reference(whole, "the repository name is empty");
    }
    if (std::any_of(path.begin(), path.end(), is_upper)) {
        base::UsageError error = bad_reference(whole, "repository names are lowercase");
        const std::string lower = base::to_lower(path);
        if (is_valid_repository_path(lower)) {
            std::string mended(whole);
            if (const std::size_t at = mended.find(path); at != std::string::npos) {
                mended.replace(at, path.size(), lower);
            }
            error.set_hint(mended);
        }
        throw error;
    }
    if (path.size() > kMaxPathBytes) {
        throw bad_reference(
            whole, "the repository name is too long: " + std::to_string(path.size()) + " bytes, " +
                       std::to_string(kMaxPathBytes) + " is the most");
    }
    if (!is_valid_repository_path(path)) {
        throw bad_reference(whole, "'" + std::string(path) + "' is no repository name");
    }
}

/// Docker Hub's old name, and `library/` before one-part names (REF-02, REF-03).
std::string normalized_path(std::string_view host, std::string_view path) {
    if (host == kDockerHub && path.find('/') == std::string_view::npos) {
        return "library/" + std::string(path);
    }
    return std::string(path);
}

struct NameParts {
    std::string registry;
    std::string path;
};

NameParts parse_name(std::string_view name, std::string_view whole) {
    const SplitName split = split_registry(name);
    std::string registry(kDockerHub);
    if (!split.host.empty()) {
        registry = checked_host(split.host, whole);
    }
    if (registry == kDockerHubOldName) {
        registry = kDockerHub;
    }
    check_path(split.rest, whole);
    if (split.host.empty() && is_image_id(split.rest)) {
        throw bad_reference(whole, "64 hex digits are an image ID, not a name");
    }
    return {registry, normalized_path(registry, split.rest)};
}

std::string familiar_name(const std::string& registry, const std::string& path) {
    constexpr std::string_view kLibrary = "library/";
    if (registry != kDockerHub) {
        return registry + "/" + path;
    }
    if (path.starts_with(kLibrary) && path.find('/', kLibrary.size()) == std::string::npos) {
        return path.substr(kLibrary.size());
    }
    return path;
}

std::string_view strip_transport(std::string_view text) {
    constexpr std::string_view kDocker = "docker://";
    return text.starts_with(kDocker) ? text.substr(kDocker.size()) : text;
}

/// Takes `@digest` off the end.
std::optional<Digest> take_digest(std::string_view& text, std::string_view whole) {
    const std::size_t at = text.find('@');
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view digest = text.substr(at + 1);
    if (digest.find('@') != std::string_view::npos) {
        throw bad_reference(whole, "it has more than one @");
    }
    text = text.substr(0, at);
    if (auto parsed = Digest::try_parse(digest)) {
        return parsed;
    }
    try {
        return Digest::parse(digest);
    } catch (const base::UsageError& error) {
        throw bad_reference(whole, error.message());
    }
}

/// Takes `:tag` off the end; a colon before a slash belongs to the registry's port.
std::optional<std::string> take_tag(std::string_view& text, std::string_view whole) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos || text.find('/', colon) != std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view tag = text.substr(colon + 1);
    if (!is_valid_tag(tag)) {
        throw bad_reference(
            whole, "'" + base::printable(tag, 150) +
                       "' is no tag: up to 128 of A-Z a-z 0-9 _ . -, not beginning with . or -");
    }
    text = text.substr(0, colon);
    return std::string(tag);
}

}  // namespace

bool is_valid_tag(std::string_view text) noexcept {
    return !text.empty() && text.size() <= kMaxTagBytes && text.front() != '.' &&
           text.front() != '-' && std::all_of(text.begin(), text.end(), is_tag_char);
}

bool is_valid_repository_path(std::string_view text) noexcept {
    if (text.size() > kMaxPathBytes) {
        return false;
    }
    for (;;) {
        const std::size_t slash = text.find('/');
        if (!is_path_component(text.substr(0, slash))) {
            return false;
        }
        if (slash == std::string_view::npos) {
            return true;
        }
        text.remove_prefix(slash + 1);
    }
}

RegistryHost RegistryHost::parse(std::string_view text) {
    std::string_view host = strip_transport(text);
    refuse_foreign_text(host);
    if (host.find('/') != std::string_view::npos) {
        base::UsageError error = bad_reference(text, "a registry is HOST[:PORT], without a path");
        error.set_hint(std::string(host.substr(0, host.find('/'))));
        throw error;
    }
    std::string checked = checked_host(host, text);
    return RegistryHost(checked == kDockerHubOldName ? std::string(kDockerHub)
                                                     : std::move(checked));
}

std::string RegistryHost::host() const {
    std::string_view host = split_host(text_).host;
    if (host.starts_with('[')) {
        host = host.substr(1, host.size() - 2);
    }
    return std::string(host);
}

std::string RegistryHost::port() const {
    return std::string(split_host(text_).port);
}

bool RegistryHost::is_loopback() const {
    const std::string name = base::to_lower(host());
    return name == "localhost" || name.ends_with(".localhost") || name == "::1" ||
           (is_dotted_quad(name) && name.starts_with("127."));
}

Repository Repository::parse(std::string_view text) {
    const std::string_view name = strip_transport(text);
    refuse_foreign_text(name);
    const std::size_t colon = name.rfind(':');
    const bool tagged =
        colon != std::string_view::npos && name.find('/', colon) == std::string_view::npos;
    if (name.find('@') != std::string_view::npos || tagged) {
        base::UsageError error = bad_reference(text, "a repository is named without tag or digest");
        error.set_hint(
            std::string(name.substr(0, std::min(name.find('@'), tagged ? colon : name.size()))));
        throw error;
    }
    NameParts parts = parse_name(name, text);
    return {RegistryHost(std::move(parts.registry)), std::move(parts.path)};
}

std::string Repository::str() const {
    return registry_.str() + "/" + path_;
}

std::string Repository::familiar() const {
    return familiar_name(registry_.str(), path_);
}

Reference::Reference(Repository repository,
                     std::optional<std::string> tag,
                     std::optional<Digest> digest)
    : repository_(std::move(repository)), tag_(std::move(tag)), digest_(std::move(digest)) {}

Reference Reference::parse(std::string_view text) {
    std::string_view rest = strip_transport(text);
    refuse_foreign_text(rest);
    std::optional<Digest> digest = take_digest(rest, text);
    std::optional<std::string> tag = take_tag(rest, text);
    NameParts parts = parse_name(rest, text);
    if (!tag && !digest) {
        tag = std::string(kDefaultTag);
    }
    return {Repository(RegistryHost(std::move(parts.registry)), std::move(parts.path)),
            std::move(tag), std::move(digest)};
}

std::optional<Reference> Reference::try_parse(std::string_view text) {
    try {
        return parse(text);
    } catch (const base::UsageError&) {  // asked for by the name of this function
        return std::nullopt;
    }
}

std::string Reference::selector() const {
    return digest_ ? digest_->str() : *tag_;
}

Reference Reference::with_tag(std::string_view tag) const {
    if (!is_valid_tag(tag)) {
        throw bad_reference(tag, "it is no tag");
    }
    return {repository_, std::string(tag), std::nullopt};
}

Reference Reference::in(const Repository& repository) const {
    Reference moved = *this;
    moved.repository_ = repository;
    return moved;
}

Reference Reference::with_digest(const Digest& digest) const {
    return {repository_, std::nullopt, digest};
}

std::string Reference::str() const {
    return repository_.str() + (tag_ ? ":" + *tag_ : "") + (digest_ ? "@" + digest_->str() : "");
}

std::string Reference::familiar() const {
    return repository_.familiar() + (tag_ ? ":" + *tag_ : "") +
           (digest_ ? "@" + digest_->str() : "");
}

}  // namespace regtool::model
