#include "layer_source.hpp"

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "regtool/model/media_type.hpp"

namespace regtool::ops {

std::size_t CountingSource::read(std::span<std::byte> out) {
    const std::size_t got = inner_->read(out);
    count_ += got;
    return got;
}

std::string layer_label(const model::Descriptor& layer) {
    return "layer " + std::string(layer.digest.short_form());
}

void require_tar(const model::Descriptor& layer) {
    if (!model::is_tar_layer(layer.media_type)) {
        throw base::UsageError("layer " + layer.digest.str() + " is no tar but " +
                               base::printable(layer.media_type));
    }
}

std::unique_ptr<stream::Source> open_stored(store::ImageStore& store,
                                            const model::Descriptor& layer,
                                            TransferScope& transfer) {
    require_tar(layer);
    return store.open_blob({layer.digest, layer.size},
                           [&transfer](std::uint64_t n) { transfer.advance(n); });
}

}  // namespace regtool::ops
