#pragma once

#include <cstdint>
#include <optional>

#include "regtool/base/hash.hpp"
#include "regtool/model/digest.hpp"
#include "regtool/stream/source.hpp"

namespace regtool::stream {

/// What bytes must turn out to be. A size that is not known is not checked.
struct Expectation {
    model::Digest digest;
    std::optional<std::uint64_t> size;  ///< bytes
};

/// Passes bytes on and compares: throws IntegrityError at the first byte beyond the size (DIG-05),
/// and from finish() when size or digest differ. Construct with a digest that has no verifier:
/// IntegrityError (DIG-04).
class VerifyingSink final : public Sink {
  public:
    /// Borrows `next`, which must outlive it.
    VerifyingSink(Sink& next, Expectation expected);
    void write(std::span<const std::byte> bytes) override;
    /// Counts and hashes bytes that `next` has already, from an earlier run.
    void absorb(std::span<const std::byte> bytes);
    /// Call once after the last byte.
    void finish();

    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

  private:
    Sink& next_;
    Expectation expected_;
    base::Hasher hasher_;
    std::uint64_t bytes_ = 0;
};

/// The same for reading: the end is only reported (0) after size and digest were found right.
class VerifyingSource final : public Source {
  public:
    VerifyingSource(std::unique_ptr<Source> inner, Expectation expected);
    [[nodiscard]] std::size_t read(std::span<std::byte> out) override;

  private:
    std::unique_ptr<Source> inner_;
    Expectation expected_;
    base::Hasher hasher_;
    std::uint64_t bytes_ = 0;
};

/// Hashes and counts what passes; ask `digest()` after the end was seen (diffIDs).
class DigestingSource final : public Source {
  public:
    DigestingSource(std::unique_ptr<Source> inner, base::HashAlgorithm algorithm);
    [[nodiscard]] std::size_t read(std::span<std::byte> out) override;
    /// Once, after read() returned 0.
    [[nodiscard]] model::Digest digest();

    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

  private:
    std::unique_ptr<Source> inner_;
    base::HashAlgorithm algorithm_;
    base::Hasher hasher_;
    std::uint64_t bytes_ = 0;
};

}  // namespace regtool::stream
