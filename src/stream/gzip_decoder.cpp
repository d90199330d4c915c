#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <limits>
#include <string>

#include "decoder.hpp"
#include "regtool/base/error.hpp"
#include "regtool/stream/compress.hpp"

namespace regtool::stream {

namespace {

/// gzip (RFC 1952) with ISA-L. The member header is read apart with a header object that lives
/// across calls: isal_inflate on its own forgets the flags of a header that comes in pieces.
class GzipDecoder final : public Decoder {
  public:
    GzipDecoder() { isal_inflate_init(&state_); }

    std::size_t decode(InputBuffer& input, std::span<std::byte> out) override;

  private:
    enum class Phase { between_members, header, body };

    [[nodiscard]] bool start_member(InputBuffer& input);
    void read_header(InputBuffer& input);
    [[nodiscard]] std::size_t inflate(InputBuffer& input, std::span<std::byte> out);
    void offer_input(InputBuffer& input);
    void take_input(InputBuffer& input);

    Phase phase_ = Phase::between_members;
    bool any_member_ = false;
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
    any_member_ = true;
    isal_inflate_reset(&state_);
    state_.crc_flag = ISAL_GZIP_NO_HDR_VER;  // a reset forgets it
    isal_gzip_header_init(&header_);
    phase_ = Phase::header;
    return true;
}

void GzipDecoder::offer_input(InputBuffer& input) {
    const std::span<std::byte> view = input.view();
    state_.next_in = reinterpret_cast<std::uint8_t*>(view.data());
    state_.avail_in = static_cast<std::uint32_t>(view.size());
}

void GzipDecoder::take_input(InputBuffer& input) {
    input.consume(input.view().size() - state_.avail_in);
}

void GzipDecoder::read_header(InputBuffer& input) {
    if (input.view().empty() && !input.fill()) {
        throw_cut();
    }
    offer_input(input);
    const int code = isal_read_gzip_header(&state_, &header_);
    take_input(input);
    if (code == ISAL_DECOMP_OK) {
        phase_ = Phase::body;
    } else if (code != ISAL_END_INPUT) {
        throw_corrupt(code);
    }
}

std::size_t GzipDecoder::inflate(InputBuffer& input, std::span<std::byte> out) {
    const auto room = static_cast<std::uint32_t>(
        std::min<std::size_t>(out.size(), std::numeric_limits<std::int32_t>::max()));
    offer_input(input);
    state_.next_out = reinterpret_cast<std::uint8_t*>(out.data());
    state_.avail_out = room;
    const int code = isal_inflate(&state_);
    take_input(input);
    if (code != ISAL_DECOMP_OK) {
        throw_corrupt(code);
    }
    const std::size_t count = room - state_.avail_out;
    if (state_.block_state == ISAL_BLOCK_FINISH) {
        phase_ = Phase::between_members;
    } else if (count == 0 && input.view().empty() && !input.fill()) {
        throw_cut();  // ISA-L itself takes the end of the input for a pause
    }
    return count;
}

}  // namespace

std::unique_ptr<Decoder> make_gzip_decoder() {
    return std::make_unique<GzipDecoder>();
}

}  // namespace regtool::stream
