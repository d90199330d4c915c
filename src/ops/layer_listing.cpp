#include "regtool/ops/layer_listing.hpp"

#include <vector>

#include "layer_source.hpp"
#include "regtool/base/error.hpp"
#include "regtool/stream/compress.hpp"

namespace regtool::ops {

namespace {

std::unique_ptr<stream::Source> open_plain(store::ImageStore& store,
                                           const model::Descriptor& layer,
                                           TransferScope& transfer) {
    return std::make_unique<stream::DecompressingSource>(open_stored(store, layer, transfer));
}

}  // namespace

LayerSummary list_layer(store::ImageStore& store,
                        const model::Descriptor& layer,
                        const std::function<void(const layer::Entry&)>& entry,
                        ProgressListener& progress,
                        std::stop_token stop) {
    TransferScope transfer(progress, layer_label(layer), layer.size);
    LayerSummary summary;
    layer::LayerReader reader(
        std::make_unique<CountingSource>(open_plain(store, layer, transfer), summary.unpacked));
    while (const layer::Entry* found = reader.next()) {
        if (stop.stop_requested()) {
            throw base::Cancelled(base::ErrorKind::interrupted);
        }
        entry(*found);
        ++summary.entries;
    }
    transfer.end(TransferEnd::done);
    return summary;
}

char type_letter(layer::EntryType type) {
    switch (type) {
        case layer::EntryType::file:
            return '-';
        case layer::EntryType::directory:
            return 'd';
        case layer::EntryType::symlink:
            return 'l';
        case layer::EntryType::hardlink:
            return 'h';
        case layer::EntryType::char_device:
            return 'c';
        case layer::EntryType::block_device:
            return 'b';
        case layer::EntryType::fifo:
            return 'p';
        case layer::EntryType::socket:
            return 's';
        case layer::EntryType::other:
            break;
    }
    return '?';
}

LayerEntryRow row_of(const layer::Entry& entry, std::size_t layer) {
    LayerEntryRow row;
    row.layer = layer;
    row.type = type_letter(entry.type);
    row.path = entry.path;
    row.link_target = entry.link_target;
    row.mode = entry.mode;
    row.uid = entry.uid;
    row.gid = entry.gid;
    row.user_name = entry.user_name;
    row.group_name = entry.group_name;
    row.size = entry.size;
    row.mtime = entry.mtime;
    row.device_major = entry.device_major;
    row.device_minor = entry.device_minor;
    switch (layer::whiteout_kind(entry.path)) {
        case layer::WhiteoutKind::none:
            break;
        case layer::WhiteoutKind::file:
            row.whiteout = "deletes";
            break;
        case layer::WhiteoutKind::opaque:
            row.whiteout = "opaque";
            break;
        case layer::WhiteoutKind::ignored:
            row.whiteout = "ignored";
            break;
    }
    return row;
}

std::uint64_t measure_unpacked(store::ImageStore& store,
                               const model::Descriptor& layer,
                               ProgressListener& progress,
                               std::stop_token stop) {
    constexpr std::size_t kBlockBytes = std::size_t{256} << 10;
    TransferScope transfer(progress, layer_label(layer), layer.size);
    const auto plain = open_plain(store, layer, transfer);
    std::vector<std::byte> block(kBlockBytes);
    std::uint64_t total = 0;
    while (const std::size_t got = plain->read(block)) {
        if (stop.stop_requested()) {
            throw base::Cancelled(base::ErrorKind::interrupted);
        }
        total += got;
    }
    transfer.end(TransferEnd::done);
    return total;
}

}  // namespace regtool::ops
