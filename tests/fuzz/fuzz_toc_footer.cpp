#include "fuzz/fuzz.hpp"
#include "regtool/layer/toc_place.hpp"

using namespace regtool;

namespace {

void check(const std::optional<layer::TocPlace>& place, std::uint64_t layer_bytes) {
    if (!place || place->form == layer::TocPlace::Form::external) {
        fuzz::require(!place || place->data_end <= layer_bytes);
        return;
    }
    fuzz::require(place->count > 0 && place->count <= layer::kMaxTocBytes);
    fuzz::require(place->first <= layer_bytes && place->count <= layer_bytes - place->first);
    fuzz::require(place->data_end <= place->first);
}

}  // namespace

/// A place within the layer or none, whatever a layer ends with and whatever a manifest says.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    constexpr std::uint64_t kLarge = std::uint64_t{1} << 40;
    for (const std::uint64_t layer_bytes : {std::uint64_t{0}, std::uint64_t{size}, kLarge}) {
        check(layer::find_toc(text, layer_bytes), layer_bytes);
        check(layer::parse_toc_position(text, layer_bytes), layer_bytes);
    }
    return 0;
}
