#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace regtool::serve {

/// Users and bcrypt hashes of an htpasswd file (`htpasswd -B`). Thread-safe.
class Htpasswd {
  public:
    /// `path` is for messages. Throws UsageError for a line that is no `user:$2y$…`, with a hint;
    /// names no hash.
    static Htpasswd parse(std::string_view text, const std::string& path);
    ~Htpasswd();
    Htpasswd(Htpasswd&& other) noexcept;
    Htpasswd& operator=(Htpasswd&&) = delete;
    Htpasswd(const Htpasswd&) = delete;
    Htpasswd& operator=(const Htpasswd&) = delete;

    /// The user whose password an `Authorization: Basic` header carries; nullopt when it does not.
    /// A password found right is remembered, as a keyed hash, so that not every request pays for
    /// bcrypt; a wrong one and an unknown user take the same time.
    [[nodiscard]] std::optional<std::string> user_of(std::string_view authorization);

  private:
    struct State;

    explicit Htpasswd(std::unique_ptr<State> state);

    std::unique_ptr<State> state_;
};

}  // namespace regtool::serve
