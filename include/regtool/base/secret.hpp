#pragma once

#include <string>
#include <string_view>

namespace regtool::base {

/// A password, token or key text. It cannot be streamed or formatted by accident, and its memory is
/// wiped when it goes. Not thread-safe to modify; safe to copy.
class Secret {
  public:
    Secret() = default;
    explicit Secret(std::string text) noexcept;
    ~Secret();
    Secret(const Secret&) = default;
    Secret& operator=(const Secret& other);
    Secret(Secret&& other) noexcept;
    Secret& operator=(Secret&& other) noexcept;

    /// The only way out: call it where the text goes on the wire or into a credential file, nowhere
    /// else.
    [[nodiscard]] const std::string& reveal() const noexcept { return text_; }

    [[nodiscard]] bool empty() const noexcept { return text_.empty(); }

    [[nodiscard]] bool operator==(const Secret& other) const noexcept = default;

  private:
    std::string text_;
};

/// From now on this process leaves no core file, and no other process of the same user may look
/// into its memory (T-33). Called once a secret is held; helpers that are run get no core files
/// either.
void keep_memory_private() noexcept;

/// Overwrites the text in place before it is released.
void wipe(std::string& text) noexcept;

}  // namespace regtool::base
