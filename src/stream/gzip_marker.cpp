#include "gzip_marker.hpp"

#include <algorithm>
#include <utility>

#include "regtool/base/text.hpp"

namespace regtool::stream {

namespace {

/// Shorter than the header of any block with its own codes.
constexpr std::size_t kSliceBytes = 32;
/// Longer than nearly all blocks. Where none ends within it, going on would only be slow.
constexpr std::size_t kSearchBytes = std::size_t{96} << 10;

/// Windows in which every byte tells its place, in two halves: the first has the low seven bits,
/// the second the high eight. The first's top bit makes the two differ everywhere, so after
/// unpacking with each, bytes that differ came out of the window, and the pair says from where.
std::uint8_t place_high(std::size_t place) {
    return static_cast<std::uint8_t>(place >> 7U);
}

std::uint8_t place_low(std::size_t place) {
    return static_cast<std::uint8_t>((place & 0x7fU) | (~place_high(place) & 0x80U));
}

}  // namespace

std::size_t GzipMarker::slice(std::size_t available) const noexcept {
    return searching() ? std::min(available, kSliceBytes) : available;
}

void GzipMarker::member_starts(std::uint64_t packed) {
    packed_ = packed;
    if (searching()) {
        pace_.tell({plain_, packed, 0, false, {}});
        pace_.found(plain_, packed);
    }
    searched_ = 0;
}

void GzipMarker::remember(std::span<const std::byte> output) {
    const auto kept = output.last(std::min(output.size(), kWindowBytes));
    if (history_.size() + kept.size() > 2 * kWindowBytes) {
        const auto surplus = static_cast<std::ptrdiff_t>(history_.size() - kWindowBytes);
        history_.erase(history_.begin(), history_.begin() + surplus);
    }
    history_.insert(history_.end(), kept.begin(), kept.end());
}

void GzipMarker::inflated(const inflate_state& state,
                          std::span<const std::byte> input,
                          std::uint64_t packed,
                          std::span<const std::byte> output) {
    if (!pace_.wanted()) {
        return;
    }
    const bool was_searching = searching();
    plain_ += output.size();
    packed_ = packed;
    remember(output);
    if (pending_) {
        const auto* bytes = reinterpret_cast<const std::uint8_t*>(input.data());
        pending_->packed.insert(pending_->packed.end(), bytes, bytes + input.size());
        if (plain_ - pending_->checkpoint.plain >= kWindowBytes) {
            settle();
        }
    } else if (was_searching) {
        look_for_boundary(state, input.size());
    }
}

void GzipMarker::look_for_boundary(const inflate_state& state, std::size_t read) {
    const bool between_blocks =
        state.block_state == ISAL_BLOCK_NEW_HDR || state.block_state == ISAL_BLOCK_HDR;
    if (state.avail_in != 0 || !between_blocks || state.tmp_out_processed != state.tmp_out_valid) {
        searched_ += read;
        if (searched_ >= kSearchBytes) {
            pace_.gave_up(plain_, packed_);
            searched_ = 0;
        }
        return;
    }
    const auto header_bytes = static_cast<std::uint64_t>(state.tmp_in_size);
    const std::uint64_t bit =
        (packed_ - header_bytes) * 8 - static_cast<std::uint64_t>(state.read_in_length);
    const std::size_t size = std::min(history_.size(), kWindowBytes);
    pending_ = Pending{{plain_, bit / 8, static_cast<std::uint8_t>(bit % 8), true,
                        std::string(base::as_text(std::span(history_).last(size)))},
                       state.read_in,
                       state.read_in_length,
                       {state.tmp_in_buffer, state.tmp_in_buffer + header_bytes}};
    pace_.found(plain_, packed_);
    searched_ = 0;
}

std::vector<std::uint8_t> GzipMarker::inflate_pending(std::span<std::uint8_t> window) {
    inflate_state& state = *scratch_;
    isal_inflate_init(&state);
    isal_inflate_set_dict(&state, window.data(), static_cast<std::uint32_t>(window.size()));
    state.read_in = pending_->read_in;
    state.read_in_length = pending_->read_in_length;
    state.next_in = pending_->packed.data();
    state.avail_in = static_cast<std::uint32_t>(pending_->packed.size());
    std::vector<std::uint8_t> output(kWindowBytes);
    state.next_out = output.data();
    state.avail_out = kWindowBytes;
    isal_inflate(&state);  // the same bytes were inflated before, so this cannot fail
    output.resize(kWindowBytes - state.avail_out);
    return output;
}

/// Blanks the bytes of the window that nothing refers to: few are used, and what is blank packs to
/// nothing.
void GzipMarker::settle() {
    if (!scratch_) {
        scratch_ = std::make_unique<inflate_state>();
    }
    std::string& window = pending_->checkpoint.window;
    std::vector<std::uint8_t> places(window.size());
    for (std::size_t place = 0; place < places.size(); ++place) {
        places[place] = place_low(place);
    }
    const std::vector<std::uint8_t> low = inflate_pending(places);
    for (std::size_t place = 0; place < places.size(); ++place) {
        places[place] = place_high(place);
    }
    const std::vector<std::uint8_t> high = inflate_pending(places);
    std::string used(window.size(), '\0');
    for (std::size_t i = 0; i < std::min(low.size(), high.size()); ++i) {
        if (low[i] != high[i]) {
            const std::size_t place = (std::size_t{high[i]} << 7U) | (low[i] & 0x7fU);
            used.at(place) = window.at(place);
        }
    }
    window = std::move(used);
    pace_.tell(std::move(pending_->checkpoint));
    pending_.reset();
}

void GzipMarker::member_ends() {
    if (pending_) {
        settle();
    }
}

}  // namespace regtool::stream
