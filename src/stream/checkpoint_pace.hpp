#pragma once

#include <cstdint>
#include <utility>

#include "regtool/stream/checkpoint.hpp"

namespace regtool::stream {

/// Decides when the next checkpoint is due. One thread at a time.
class CheckpointPace {
  public:
    explicit CheckpointPace(CheckpointRequest request) : request_(std::move(request)) {}

    [[nodiscard]] bool due(std::uint64_t plain, std::uint64_t packed) const noexcept {
        return request_.listener && (plain - plain_ >= request_.plain_spacing * patience_ ||
                                     packed - packed_ >= request_.packed_spacing * patience_);
    }

    /// Says it to the listener.
    void tell(Checkpoint checkpoint) const { request_.listener(std::move(checkpoint)); }

    /// A checkpoint was found here.
    void found(std::uint64_t plain, std::uint64_t packed) noexcept {
        plain_ = plain;
        packed_ = packed;
        patience_ = 1;
    }

    /// None was found here although one was due: look less often from now on.
    void gave_up(std::uint64_t plain, std::uint64_t packed) noexcept {
        plain_ = plain;
        packed_ = packed;
        patience_ = patience_ < kMaxPatience ? patience_ * 2 : patience_;
    }

    [[nodiscard]] bool wanted() const noexcept { return static_cast<bool>(request_.listener); }

  private:
    static constexpr std::uint64_t kMaxPatience = 64;

    CheckpointRequest request_;
    std::uint64_t plain_ = 0;
    std::uint64_t packed_ = 0;
    std::uint64_t patience_ = 1;
};

}  // namespace regtool::stream
