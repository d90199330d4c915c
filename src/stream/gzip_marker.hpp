#pragma once

#include <isa-l/igzip_lib.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "checkpoint_pace.hpp"

namespace regtool::stream {

/// Finds checkpoints while ISA-L inflates.
///
/// ISA-L does not stop where a deflate block ends. It does stop where its input ends, and there it
/// says whether that is inside a block's header and keeps the header's bytes for the next call. So
/// once a checkpoint is due the input is offered in pieces that are shorter than a header, until
/// one ends in a header or just before it: a few thousand bytes in every few million, which is not
/// to be measured. Blocks whose headers are too short (stored, fixed codes) are missed now and
/// then; the next one does as well.
class GzipMarker {
  public:
    explicit GzipMarker(CheckpointRequest request) : pace_(std::move(request)) {}

    [[nodiscard]] bool searching() const noexcept {
        return !pending_ && pace_.due(plain_, packed_);
    }

    /// How much of `available` input to offer next.
    [[nodiscard]] std::size_t slice(std::size_t available) const noexcept;
    /// The next byte of the input starts a member.
    void member_starts(std::uint64_t packed);
    /// `state` has just read `input`, which ends at offset `packed`, and written `output`.
    void inflated(const inflate_state& state,
                  std::span<const std::byte> input,
                  std::uint64_t packed,
                  std::span<const std::byte> output);
    void member_ends();

  private:
    /// A checkpoint whose window is not trimmed yet, and what the decoder read after it.
    struct Pending {
        Checkpoint checkpoint;
        std::uint64_t read_in = 0;
        std::int32_t read_in_length = 0;
        std::vector<std::uint8_t> packed{};
    };

    void remember(std::span<const std::byte> output);
    void look_for_boundary(const inflate_state& state, std::size_t read);
    void settle();
    [[nodiscard]] std::vector<std::uint8_t> inflate_pending(std::span<std::uint8_t> window);

    CheckpointPace pace_;
    std::uint64_t plain_ = 0;
    std::uint64_t packed_ = 0;
    std::size_t searched_ = 0;
    std::vector<std::byte> history_{};
    std::optional<Pending> pending_{};
    std::unique_ptr<inflate_state> scratch_{};
};

}  // namespace regtool::stream
