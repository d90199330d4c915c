#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "decoder.hpp"
#include "gzip_marker.hpp"
#include "regtool/base/error.hpp"
#include "regtool/stream/compress.hpp"

namespace regtool::stream {

namespace {

/// gzip (RFC 1952) with ISA-L. The member header is read apart with a header object that lives
/// across calls: isal_inflate on its own forgets the flags of a header that comes in pieces.
class GzipDecoder final : public Decoder {
  public:
    explicit GzipDecoder(CheckpointRequest checkpoints) : marker_(std::move(checkpoints)) {
        isal_inflate_init(&state_);
    }

    /// Goes on from a checkpoint inside a member.
    explicit GzipDecoder(const Checkpoint& from);

    std::size_t decode(InputBuffer& input, std::span<std::byte> out) override;

  private:
    enum class Phase { between_members, header, first_bits, body, trailer };

    [[nodiscard]] bool start_member(InputBuffer& input);
    void read_header(InputBuffer& input);
    void read_first_bits(InputBuffer& input);
    [[nodiscard]] std::size_t inflate(InputBuffer& input, std::span<std::byte> out);
    [[nodiscard]] std::size_t inflate_once(InputBuffer& input, std::span<std::byte> out);
    void end_member();
    void skip_trailer(InputBuffer& input);
    void offer_input(std::span<std::byte> bytes);

    Phase phase_ = Phase::between_members;
    bool any_member_ = false;
    bool resumed_ = false;  ///< the member's beginning was not seen, so its checksum is of no use
    std::uint8_t first_bits_ = 0;
    std::size_t trailer_left_ = 0;
    GzipMarker marker_;
    inflate_state state_{};
    isal_gzip_header header_{};
};

[[noreturn]] void throw_cut() {
    throw base::InvalidDocument("gzip data is cut short");
}

[[noreturn]] void throw_corrupt(int code) {
    throw base::InvalidDocument(code == ISAL_INCORRECT_CHECKSUM
                                    ? "gzip data is corrupt: the checksum is wrong"
                                    : "gzip data is corrupt");
}

constexpr std::size_t kTrailerBytes = 8;

GzipDecoder::GzipDecoder(const Checkpoint& from)
    : phase_(Phase::first_bits),
      any_member_(true),
      resumed_(true),
      first_bits_(from.bits),
      marker_(CheckpointRequest{}) {
    isal_inflate_init(&state_);
    std::string window = from.window;
    if (window.size() > kWindowBytes || from.bits > 7 ||
        isal_inflate_set_dict(&state_, reinterpret_cast<std::uint8_t*>(window.data()),
                              static_cast<std::uint32_t>(window.size())) != COMP_OK) {
        throw base::InvalidDocument("the checkpoint is not valid");
    }
}

std::size_t GzipDecoder::decode(InputBuffer& input, std::span<std::byte> out) {
    for (;;) {
        switch (phase_) {
            case Phase::between_members:
                if (!start_member(input)) {
                    return 0;
                }
                break;
            case Phase::header:
                read_header(input);
                break;
            case Phase::first_bits:
                read_first_bits(input);
                break;
            case Phase::trailer:
                skip_trailer(input);
                break;
            case Phase::body:
                if (const std::size_t count = inflate(input, out); count != 0) {
                    return count;
                }
                break;
        }
    }
}

bool GzipDecoder::start_member(InputBuffer& input) {
    input.want(2);
    const std::span<std::byte> head = input.view();
    if (head.empty()) {
        return false;
    }
    // ISA-L says nothing helpful about what follows a member, so the magic is looked at here.
    if (detect_compression(head) != Compression::gzip) {
        if (any_member_ && skip_trailing_zeros(input)) {
            return false;
        }
        throw base::InvalidDocument("data that is not gzip follows the gzip data");
    }
    marker_.member_starts(input.consumed());
    any_member_ = true;
    isal_inflate_reset(&state_);
    state_.crc_flag = ISAL_GZIP_NO_HDR_VER;  // a reset forgets it
    isal_gzip_header_init(&header_);
    phase_ = Phase::header;
    return true;
}

void GzipDecoder::offer_input(std::span<std::byte> bytes) {
    state_.next_in = reinterpret_cast<std::uint8_t*>(bytes.data());
    state_.avail_in = static_cast<std::uint32_t>(bytes.size());
}

void GzipDecoder::read_header(InputBuffer& input) {
    if (input.view().empty() && !input.fill()) {
        throw_cut();
    }
    const std::span<std::byte> offered = input.view();
    offer_input(offered);
    const int code = isal_read_gzip_header(&state_, &header_);
    input.consume(offered.size() - state_.avail_in);
    if (code == ISAL_DECOMP_OK) {
        phase_ = Phase::body;
    } else if (code != ISAL_END_INPUT) {
        throw_corrupt(code);
    }
}

/// The byte that a checkpoint points into, less the bits that come before it.
void GzipDecoder::read_first_bits(InputBuffer& input) {
    if (first_bits_ != 0) {
        if (input.view().empty() && !input.fill()) {
            throw_cut();
        }
        state_.read_in = std::to_integer<std::uint64_t>(input.view()[0]) >> first_bits_;
        state_.read_in_length = 8 - first_bits_;
        input.consume(1);
    }
    phase_ = Phase::body;
}

std::size_t GzipDecoder::inflate_once(InputBuffer& input, std::span<std::byte> out) {
    const auto room = static_cast<std::uint32_t>(
        std::min<std::size_t>(out.size(), std::numeric_limits<std::int32_t>::max()));
    const std::span<std::byte> offered = input.view().first(marker_.slice(input.view().size()));
    offer_input(offered);
    state_.next_out = reinterpret_cast<std::uint8_t*>(out.data());
    state_.avail_out = room;
    const int code = isal_inflate(&state_);
    if (code != ISAL_DECOMP_OK) {
        throw_corrupt(code);  // what it says of its input is then not to be trusted
    }
    const std::span<std::byte> taken = offered.first(offered.size() - state_.avail_in);
    input.consume(taken.size());
    const std::size_t count = room - state_.avail_out;
    marker_.inflated(state_, taken, input.consumed(), out.first(count));
    if (state_.block_state == ISAL_BLOCK_FINISH) {
        end_member();
    } else if (count == 0 && input.view().empty() && !input.fill()) {
        throw_cut();  // ISA-L itself takes the end of the input for a pause
    }
    return count;
}

std::size_t GzipDecoder::inflate(InputBuffer& input, std::span<std::byte> out) {
    std::size_t count = inflate_once(input, out);
    // Slices give little each: gather them, as what reads this wants blocks.
    while (phase_ == Phase::body && marker_.searching() && count < out.size() &&
           !input.view().empty()) {
        count += inflate_once(input, out.subspan(count));
    }
    return count;
}

void GzipDecoder::end_member() {
    marker_.member_ends();
    phase_ = Phase::between_members;
    if (std::exchange(resumed_, false)) {
        // Without a checksum to compare ISA-L leaves the trailer alone, but for what it read ahead.
        const auto ahead = static_cast<std::size_t>(state_.read_in_length) / 8;
        trailer_left_ = kTrailerBytes - std::min(ahead, kTrailerBytes);
        phase_ = Phase::trailer;
    }
}

void GzipDecoder::skip_trailer(InputBuffer& input) {
    input.want(trailer_left_);
    if (input.view().size() < trailer_left_) {
        throw_cut();
    }
    input.consume(trailer_left_);
    phase_ = Phase::between_members;
}

}  // namespace

std::unique_ptr<Decoder> make_gzip_decoder(CheckpointRequest checkpoints) {
    return std::make_unique<GzipDecoder>(std::move(checkpoints));
}

std::unique_ptr<Decoder> resume_gzip_decoder(const Checkpoint& from) {
    return std::make_unique<GzipDecoder>(from);
}

}  // namespace regtool::stream
