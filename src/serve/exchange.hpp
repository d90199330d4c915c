#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "regtool/base/fd.hpp"
#include "serve/refusal.hpp"

namespace regtool::serve {

/// The head of a request as the HTTP library read it; views live as long as the request.
struct RequestHead {
    std::string_view method;
    std::string_view target;  ///< path and query as they stood in the request line
    /// A header's first value; the name in any letter case.
    std::function<std::optional<std::string_view>(const char* name)> header;

    /// Of the body in bytes; nullopt when the request does not say (chunked coding, or no body).
    [[nodiscard]] std::optional<std::uint64_t> content_length() const;
};

/// A part of an open file that is sent as a body.
struct FileBody {
    base::UniqueFd fd;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
};

/// What goes back. Content-Length is the body's size; for HEAD the body is left out by the library.
struct Reply {
    int status = 200;
    std::vector<std::pair<std::string, std::string>> headers;
    std::variant<std::string, FileBody> body;

    Reply& with(std::string name, std::string value) {
        headers.emplace_back(std::move(name), std::move(value));
        return *this;
    }

    [[nodiscard]] std::uint64_t body_size() const;
};

/// The error envelope of distribution-spec, "Error Codes".
[[nodiscard]] Reply error_reply(const Refusal& refusal);
[[nodiscard]] Reply json_reply(std::string body, std::string_view content_type);

/// Takes the body of one request piece by piece, then answers. Destroyed without finish() when the
/// client went away. Throws Refusal, base::Error. One thread at a time.
class BodyTaker {
  public:
    BodyTaker() = default;
    virtual ~BodyTaker() = default;
    BodyTaker(const BodyTaker&) = delete;
    BodyTaker& operator=(const BodyTaker&) = delete;
    BodyTaker(BodyTaker&&) = delete;
    BodyTaker& operator=(BodyTaker&&) = delete;

    virtual void take(std::span<const std::byte> bytes) = 0;
    [[nodiscard]] virtual Reply finish() = 0;
};

/// A request is answered from its head alone, or wants its body first.
using Outcome = std::variant<Reply, std::unique_ptr<BodyTaker>>;

}  // namespace regtool::serve
