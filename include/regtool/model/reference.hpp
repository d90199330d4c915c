#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "regtool/model/digest.hpp"

namespace regtool::model {

/// `HOST[:PORT]` of a registry as the user named it; `docker.io` stays so here (the API host is the
/// registry floor's business). Valid by construction (REF-11, REF-16, REF-22, REF-23).
class RegistryHost {
  public:
    /// Throws UsageError; a path, tag or scheme in the text draws a hint.
    [[nodiscard]] static RegistryHost parse(std::string_view text);

    [[nodiscard]] const std::string& str() const noexcept { return text_; }

    /// Without port and brackets.
    [[nodiscard]] std::string host() const;
    /// Empty when none was given.
    [[nodiscard]] std::string port() const;
    /// localhost, *.localhost, 127.0.0.0/8 dotted-quad literals, [::1]: may speak plain http
    /// unasked (INS-01, INS-05).
    [[nodiscard]] bool is_loopback() const;

    [[nodiscard]] auto operator<=>(const RegistryHost&) const = default;

  private:
    friend class Reference;
    friend class Repository;

    explicit RegistryHost(std::string text) : text_(std::move(text)) {}

    std::string text_;
};

/// A registry and the repository path in it.
class Repository {
  public:
    /// Docker's rules: `alpine` is docker.io/library/alpine. A tag or digest is a UsageError
    /// (REF-18).
    [[nodiscard]] static Repository parse(std::string_view text);

    [[nodiscard]] const RegistryHost& registry() const noexcept { return registry_; }

    /// "library/alpine"
    [[nodiscard]] const std::string& path() const noexcept { return path_; }

    /// "docker.io/library/alpine"
    [[nodiscard]] std::string str() const;
    /// "alpine", "user/app", "quay.io/org/app"
    [[nodiscard]] std::string familiar() const;

    [[nodiscard]] auto operator<=>(const Repository&) const = default;

  private:
    friend class Reference;

    Repository(RegistryHost registry, std::string path)
        : registry_(std::move(registry)), path_(std::move(path)) {}

    RegistryHost registry_;
    std::string path_;
};

/// `[docker://][HOST[:PORT]/]REPO[:TAG][@DIGEST]` with Docker's defaults
/// applied. Never holds credentials. With a digest, the digest decides and the tag is only shown
/// (REF-05).
class Reference {
  public:
    /// Throws UsageError, one kind of message for each defect (REF-09), with a hint where one
    /// helps. A missing tag and digest means tag "latest".
    [[nodiscard]] static Reference parse(std::string_view text);
    [[nodiscard]] static std::optional<Reference> try_parse(std::string_view text);

    [[nodiscard]] const Repository& repository() const noexcept { return repository_; }

    [[nodiscard]] const RegistryHost& registry() const noexcept { return repository_.registry(); }

    [[nodiscard]] const std::optional<std::string>& tag() const noexcept { return tag_; }

    [[nodiscard]] const std::optional<Digest>& digest() const noexcept { return digest_; }

    /// What goes into `/manifests/<…>`: the digest if there is one, else the tag.
    [[nodiscard]] std::string selector() const;

    [[nodiscard]] Reference with_tag(std::string_view tag) const;
    [[nodiscard]] Reference with_digest(const Digest& digest) const;
    /// The same tag and digest in another repository.
    [[nodiscard]] Reference in(const Repository& repository) const;

    /// Canonical, e.g. "docker.io/library/alpine:latest".
    [[nodiscard]] std::string str() const;
    /// As people write it, e.g. "alpine:latest".
    [[nodiscard]] std::string familiar() const;

    [[nodiscard]] auto operator<=>(const Reference&) const = default;

  private:
    Reference(Repository repository, std::optional<std::string> tag, std::optional<Digest> digest);

    Repository repository_;
    std::optional<std::string> tag_;
    std::optional<Digest> digest_;
};

/// `[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}`
[[nodiscard]] bool is_valid_tag(std::string_view text) noexcept;
/// Repository path grammar and length (REF-06, REF-13).
[[nodiscard]] bool is_valid_repository_path(std::string_view text) noexcept;

}  // namespace regtool::model
