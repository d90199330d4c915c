#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace regtool::base {

enum class HashAlgorithm { sha256, sha512 };

/// A streaming hash (OpenSSL EVP). Not thread-safe; movable. Throws Error(internal) only if the
/// library fails.
class Hasher {
  public:
    explicit Hasher(HashAlgorithm algorithm);
    ~Hasher();
    Hasher(Hasher&&) noexcept;
    Hasher& operator=(Hasher&&) noexcept;
    Hasher(const Hasher&) = delete;
    Hasher& operator=(const Hasher&) = delete;

    void update(std::span<const std::byte> bytes);
    /// Lower-case hex of all bytes so far; afterwards the object holds no state and may only be
    /// destroyed.
    [[nodiscard]] std::string finish_hex();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

[[nodiscard]] std::string hash_hex(HashAlgorithm algorithm, std::string_view bytes);

}  // namespace regtool::base
