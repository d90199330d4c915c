#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace regtool::serve {

/// A request that is answered with an error: status and one entry of the specification's error
/// envelope (distribution-spec, "Error Codes"). It never reaches a user of the command line.
class Refusal : public std::exception {
  public:
    Refusal(int status, std::string_view code, std::string message)
        : status_(status), code_(code), message_(std::move(message)) {}

    [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }

    [[nodiscard]] int status() const noexcept { return status_; }

    [[nodiscard]] const std::string& code() const noexcept { return code_; }

    [[nodiscard]] const std::string& message() const noexcept { return message_; }

    /// Headers that the answer carries besides (`Allow`, `Range`, `WWW-Authenticate`, …).
    [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& headers() const noexcept {
        return headers_;
    }

    Refusal& with(std::string name, std::string value) {
        headers_.emplace_back(std::move(name), std::move(value));
        return *this;
    }

  private:
    int status_;
    std::string code_;
    std::string message_;
    std::vector<std::pair<std::string, std::string>> headers_;
};

namespace code {
inline constexpr std::string_view kBlobUnknown = "BLOB_UNKNOWN";
inline constexpr std::string_view kBlobUploadInvalid = "BLOB_UPLOAD_INVALID";
inline constexpr std::string_view kBlobUploadUnknown = "BLOB_UPLOAD_UNKNOWN";
inline constexpr std::string_view kDenied = "DENIED";
inline constexpr std::string_view kDigestInvalid = "DIGEST_INVALID";
inline constexpr std::string_view kManifestBlobUnknown = "MANIFEST_BLOB_UNKNOWN";
inline constexpr std::string_view kManifestInvalid = "MANIFEST_INVALID";
inline constexpr std::string_view kManifestUnknown = "MANIFEST_UNKNOWN";
inline constexpr std::string_view kNameInvalid = "NAME_INVALID";
inline constexpr std::string_view kNameUnknown = "NAME_UNKNOWN";
inline constexpr std::string_view kPaginationInvalid = "PAGINATION_NUMBER_INVALID";
inline constexpr std::string_view kSizeInvalid = "SIZE_INVALID";
inline constexpr std::string_view kTooManyRequests = "TOOMANYREQUESTS";
inline constexpr std::string_view kUnauthorized = "UNAUTHORIZED";
inline constexpr std::string_view kUnknown = "UNKNOWN";
inline constexpr std::string_view kUnsupported = "UNSUPPORTED";
}  // namespace code

/// What long work answers when the server is to end (503).
[[noreturn]] inline void throw_stopping() {
    throw Refusal(503, code::kUnknown, "this registry is stopping");
}

}  // namespace regtool::serve
