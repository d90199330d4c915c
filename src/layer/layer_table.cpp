#include "regtool/layer/layer_table.hpp"

#include <algorithm>

#include "regtool/base/error.hpp"

namespace regtool::layer {

namespace {

/// What an element of a map or a side list costs beside its text, roughly.
constexpr std::size_t kSideEntryBytes = 160;

}  // namespace

void LayerTable::account(std::size_t bytes) {
    bytes_ += bytes;
    if (bytes_ > kMaxBytes) {
        throw base::IntegrityError("the names and attributes of the layer take more than " +
                                   std::to_string(kMaxBytes) + " bytes");
    }
}

std::uint32_t LayerTable::store_text(std::string_view text) {
    if (text.empty()) {
        return 0;
    }
    if (text.size() >= kBlockBytes) {
        throw base::IntegrityError("the layer has a name of " + std::to_string(text.size()) +
                                   " bytes");
    }
    if (kBlockBytes - block_used_ < text.size()) {
        account(kBlockBytes);
        blocks_.push_back(std::make_unique_for_overwrite<char[]>(kBlockBytes));
        block_used_ = 0;
    }
    std::copy(text.begin(), text.end(), blocks_.back().get() + block_used_);
    const std::size_t place = ((blocks_.size() - 1) << kBlockBits) + block_used_;
    block_used_ += text.size();
    return static_cast<std::uint32_t>(place);  // kMaxBytes keeps it below 2^32
}

std::string_view LayerTable::text_at(std::uint32_t place, std::size_t bytes) const {
    if (bytes == 0) {
        return {};
    }
    return {blocks_[place >> kBlockBits].get() + (place & (kBlockBytes - 1)), bytes};
}

std::uint32_t LayerTable::owner_of(const Entry& entry) {
    std::string key = std::to_string(entry.uid) + ':' + std::to_string(entry.gid) + ':' +
                      entry.user_name + ':' + entry.group_name;
    const auto next = static_cast<std::uint32_t>(owners_.size());
    const auto [found, is_new] = owner_index_.try_emplace(std::move(key), next);
    if (is_new) {
        account(2 * (entry.user_name.size() + entry.group_name.size()) + kSideEntryBytes);
        owners_.push_back({entry.uid, entry.gid, entry.user_name, entry.group_name});
    }
    return found->second;
}

std::uint32_t LayerTable::rarity_of(const Entry& entry) {
    if (entry.xattrs.empty() && entry.device_major == 0 && entry.device_minor == 0) {
        return 0;
    }
    std::size_t bytes = kSideEntryBytes;
    for (const auto& [name, value] : entry.xattrs) {
        bytes += name.size() + value.size() + kSideEntryBytes;
    }
    account(bytes);
    rarities_.push_back({entry.xattrs, entry.device_major, entry.device_minor});
    return static_cast<std::uint32_t>(rarities_.size() - 1);
}

void LayerTable::add(const Entry& entry, std::uint64_t header_offset) {
    account(sizeof(Record));
    Record record;
    record.header_offset = header_offset;
    record.size = entry.size;
    record.mtime = entry.mtime;
    record.mtime_nanoseconds = entry.mtime_nanoseconds;
    record.path = store_text(entry.path);
    record.path_bytes = static_cast<std::uint16_t>(entry.path.size());
    record.link = store_text(entry.link_target);
    record.link_bytes = static_cast<std::uint16_t>(entry.link_target.size());
    record.owner = owner_of(entry);
    record.rarity = rarity_of(entry);
    record.mode = static_cast<std::uint16_t>(entry.mode);
    record.type = entry.type;
    records_.push_back(record);
}

std::string_view LayerTable::path(std::size_t index) const {
    const Record& record = records_[index];
    return text_at(record.path, record.path_bytes);
}

EntryType LayerTable::type(std::size_t index) const {
    return records_[index].type;
}

TableEntry LayerTable::operator[](std::size_t index) const {
    const Record& record = records_[index];
    const Owner& owner = owners_[record.owner];
    const Rarity& rarity = rarities_[record.rarity];
    return {.path = text_at(record.path, record.path_bytes),
            .link_target = text_at(record.link, record.link_bytes),
            .type = record.type,
            .mode = record.mode,
            .uid = owner.uid,
            .gid = owner.gid,
            .user_name = owner.user,
            .group_name = owner.group,
            .size = record.size,
            .mtime = record.mtime,
            .mtime_nanoseconds = record.mtime_nanoseconds,
            .device_major = rarity.device_major,
            .device_minor = rarity.device_minor,
            .xattrs = &rarity.xattrs,
            .header_offset = record.header_offset};
}

Entry LayerTable::entry(std::size_t index) const {
    const TableEntry view = (*this)[index];
    Entry entry;
    entry.path = view.path;
    entry.link_target = view.link_target;
    entry.type = view.type;
    entry.mode = view.mode;
    entry.uid = view.uid;
    entry.gid = view.gid;
    entry.user_name = view.user_name;
    entry.group_name = view.group_name;
    entry.size = view.size;
    entry.mtime = view.mtime;
    entry.mtime_nanoseconds = view.mtime_nanoseconds;
    entry.device_major = view.device_major;
    entry.device_minor = view.device_minor;
    entry.xattrs = *view.xattrs;
    return entry;
}

}  // namespace regtool::layer
