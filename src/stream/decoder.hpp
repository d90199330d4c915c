#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "input_buffer.hpp"
#include "regtool/stream/checkpoint.hpp"

namespace regtool::stream {

/// One compression format. Holds its codec's state only while it lives.
class Decoder {
  public:
    Decoder() = default;
    virtual ~Decoder() = default;
    Decoder(const Decoder&) = delete;
    Decoder& operator=(const Decoder&) = delete;
    Decoder(Decoder&&) = delete;
    Decoder& operator=(Decoder&&) = delete;

    /// As Source::read: 0 only after the last member or frame and the end of the input. Throws
    /// InvalidDocument, or IntegrityError for a window that is too large.
    [[nodiscard]] virtual std::size_t decode(InputBuffer& input, std::span<std::byte> out) = 0;
};

[[nodiscard]] std::unique_ptr<Decoder> make_gzip_decoder(CheckpointRequest checkpoints);
/// For input that begins at the packed byte of a checkpoint inside a member. Throws InvalidDocument
/// for a checkpoint that cannot be one.
[[nodiscard]] std::unique_ptr<Decoder> resume_gzip_decoder(const Checkpoint& from);
[[nodiscard]] std::unique_ptr<Decoder> make_zstd_decoder(CheckpointRequest checkpoints);

/// Consumes zeros up to the end of the input (some archivers pad with them). False when anything
/// else comes, which stays unread.
[[nodiscard]] bool skip_trailing_zeros(InputBuffer& input);

}  // namespace regtool::stream
