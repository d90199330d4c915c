#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "regtool/base/hash.hpp"

namespace regtool::model {

/// `algorithm:encoded` (image-spec descriptor.md, "Digests"). The only thing that may name a blob.
/// An object exists only with valid text: sha256 has 64 and sha512 has 128 lower-case hex digits;
/// other algorithms must match the grammar and are carried but cannot be verified.
class Digest {
  public:
    /// nullopt when the text is no digest.
    [[nodiscard]] static std::optional<Digest> try_parse(std::string_view text);
    /// Throws UsageError that says what is wrong (length, upper-case hex, grammar).
    [[nodiscard]] static Digest parse(std::string_view text);
    [[nodiscard]] static Digest of(base::HashAlgorithm algorithm, std::string_view bytes);
    [[nodiscard]] static Digest sha256_of(std::string_view bytes);
    /// From the hex of a Hasher of that algorithm.
    [[nodiscard]] static Digest from_hex(base::HashAlgorithm algorithm, std::string_view hex);

    [[nodiscard]] std::string_view algorithm() const noexcept;
    [[nodiscard]] std::string_view encoded() const noexcept;

    [[nodiscard]] const std::string& str() const noexcept { return text_; }

    /// The first 12 characters of the encoded part, for tables.
    [[nodiscard]] std::string_view short_form() const noexcept;

    /// The algorithm to verify with; nullopt when regtool cannot verify it (DIG-04).
    [[nodiscard]] std::optional<base::HashAlgorithm> verifier() const noexcept;

    [[nodiscard]] auto operator<=>(const Digest&) const = default;

  private:
    explicit Digest(std::string text) : text_(std::move(text)) {}

    std::string text_;
};

/// verifier(), or throws IntegrityError "cannot verify algorithm X".
[[nodiscard]] base::HashAlgorithm require_verifier(const Digest& digest);

}  // namespace regtool::model
