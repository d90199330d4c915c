#include "regtool/model/digest.hpp"

#include <algorithm>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"

namespace regtool::model {

namespace {

constexpr std::size_t kSha256Hex = 64;
constexpr std::size_t kSha512Hex = 128;
constexpr std::size_t kMaxDigestText = 1024;
constexpr std::size_t kShortForm = 12;

bool is_lower_alnum(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_lower_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

bool is_upper_hex(char c) {
    return c >= 'A' && c <= 'F';
}

bool is_encoded_char(char c) {
    return is_lower_alnum(c) || (c >= 'A' && c <= 'Z') || c == '=' || c == '_' || c == '-';
}

/// component (separator component)*
bool is_algorithm(std::string_view text) {
    bool component_begun = false;
    for (const char c : text) {
        if (is_lower_alnum(c)) {
            component_begun = true;
        } else if (component_begun && (c == '+' || c == '.' || c == '_' || c == '-')) {
            component_begun = false;
        } else {
            return false;
        }
    }
    return component_begun;
}

std::size_t hex_length(std::string_view algorithm) {
    if (algorithm == "sha256") {
        return kSha256Hex;
    }
    return algorithm == "sha512" ? kSha512Hex : 0;
}

/// Why the text is no digest; empty when it is one.
std::string defect_of(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (text.size() > kMaxDigestText || colon == std::string_view::npos ||
        !is_algorithm(text.substr(0, colon))) {
        return "a digest is algorithm:hex, such as sha256: and 64 hex digits";
    }
    const std::string_view algorithm = text.substr(0, colon);
    const std::string_view encoded = text.substr(colon + 1);
    if (encoded.empty() || !std::all_of(encoded.begin(), encoded.end(), is_encoded_char)) {
        return "a digest is algorithm:hex, such as sha256: and 64 hex digits";
    }
    const std::size_t wanted = hex_length(algorithm);
    if (wanted == 0) {
        return "";
    }
    if (encoded.size() != wanted) {
        return "invalid digest length: " + std::string(algorithm) + " has " +
               std::to_string(wanted) + " hex digits, not " + std::to_string(encoded.size());
    }
    if (std::any_of(encoded.begin(), encoded.end(), is_upper_hex)) {
        return "a digest is written in lowercase hex";
    }
    return std::all_of(encoded.begin(), encoded.end(), is_lower_hex)
               ? ""
               : "a digest has hex digits only";
}

std::string_view name_of(base::HashAlgorithm algorithm) {
    return algorithm == base::HashAlgorithm::sha256 ? "sha256" : "sha512";
}

}  // namespace

std::optional<Digest> Digest::try_parse(std::string_view text) {
    if (!defect_of(text).empty()) {
        return std::nullopt;
    }
    return Digest(std::string(text));
}

Digest Digest::parse(std::string_view text) {
    if (const std::string defect = defect_of(text); !defect.empty()) {
        throw base::UsageError("invalid digest '" + base::printable(text, 200) + "': " + defect);
    }
    return Digest(std::string(text));
}

Digest Digest::of(base::HashAlgorithm algorithm, std::string_view bytes) {
    return from_hex(algorithm, base::hash_hex(algorithm, bytes));
}

Digest Digest::sha256_of(std::string_view bytes) {
    return of(base::HashAlgorithm::sha256, bytes);
}

Digest Digest::from_hex(base::HashAlgorithm algorithm, std::string_view hex) {
    return Digest(std::string(name_of(algorithm)) + ":" + std::string(hex));
}

std::string_view Digest::algorithm() const noexcept {
    return std::string_view(text_).substr(0, text_.find(':'));
}

std::string_view Digest::encoded() const noexcept {
    return std::string_view(text_).substr(text_.find(':') + 1);
}

std::string_view Digest::short_form() const noexcept {
    return encoded().substr(0, kShortForm);
}

std::optional<base::HashAlgorithm> Digest::verifier() const noexcept {
    if (algorithm() == "sha256") {
        return base::HashAlgorithm::sha256;
    }
    if (algorithm() == "sha512") {
        return base::HashAlgorithm::sha512;
    }
    return std::nullopt;
}

base::HashAlgorithm require_verifier(const Digest& digest) {
    if (const auto verifier = digest.verifier()) {
        return *verifier;
    }
    throw base::IntegrityError("cannot verify algorithm " + std::string(digest.algorithm()));
}

}  // namespace regtool::model
