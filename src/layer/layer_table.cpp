#include "regtool/layer/layer_table.hpp"

#include <algorithm>

#include "path_parts.hpp"
#include "regtool/base/error.hpp"

namespace regtool::layer {

namespace {

/// What an element of a map or a side list costs beside its text, roughly.
constexpr std::size_t kSideEntryBytes = 160;
/// To find an entry the ones before it in its group are passed over.
constexpr std::size_t kGroupEntries = 8;

// The first byte of a record: its type, and which of the rarer fields it has.
constexpr unsigned kTypeBits = 0x0f;
constexpr unsigned kHasNanoseconds = 0x10;
constexpr unsigned kHasRarity = 0x20;
constexpr unsigned kHasLink = 0x40;

/// The folder part of a stored name, with its slash.
std::string_view folder_part(std::string_view stored) {
    const std::size_t last = stored.find_last_not_of('/');
    if (last == std::string_view::npos) {
        return {};
    }
    const std::size_t slash = stored.rfind('/', last);
    return slash == std::string_view::npos ? std::string_view() : stored.substr(0, slash + 1);
}

}  // namespace

/// A record in the blocks: the number of bytes that follow, type and flags, header offset and time
/// as differences to the record before it in its group, and the rest: mode, owner, size, what the
/// flags announce, folder, name.
struct LayerTable::Record {
    unsigned head = 0;
    std::uint64_t header_offset = 0;
    std::uint64_t mtime = 0;  ///< of two's complement, so that differences may wrap around
    const char* rest = nullptr;
    const char* rest_end = nullptr;
    // Known once the rest is unpacked.
    std::uint32_t mode = 0;
    std::uint32_t owner = 0;
    std::uint64_t size = 0;
    std::uint32_t nanoseconds = 0;
    std::uint32_t rarity = 0;
    std::string_view link;
    FolderId folder = kNoFolder;
    std::string_view name;

    [[nodiscard]] EntryType type() const { return static_cast<EntryType>(head & kTypeBits); }

    [[nodiscard]] Place place() const { return {folder, name, type()}; }
};

void LayerTable::account(std::size_t side_bytes) {
    side_bytes_ += side_bytes;
    if (bytes() > kMaxBytes) {
        throw base::IntegrityError("the names and attributes of the layer take more than " +
                                   std::to_string(kMaxBytes) + " bytes");
    }
}

std::uint32_t LayerTable::Blocks::store(std::string_view bytes) {
    if (bytes.size() >= kBlockBytes) {
        throw base::IntegrityError("the layer has a name of about " + std::to_string(bytes.size()) +
                                   " bytes");
    }
    if (kBlockBytes - used_ < bytes.size()) {
        if (used_ < kBlockBytes) {
            blocks_.back()[used_] = '\0';
        }
        blocks_.push_back(std::make_unique_for_overwrite<char[]>(kBlockBytes));
        used_ = 0;
    }
    std::copy(bytes.begin(), bytes.end(), blocks_.back().get() + used_);
    const std::size_t place = ((blocks_.size() - 1) << kBlockBits) + used_;
    used_ += bytes.size();
    return static_cast<std::uint32_t>(place);  // kMaxBytes keeps it below 2^32
}

std::uint32_t LayerTable::owner_of(const Entry& entry) {
    if (!owners_.empty()) {
        const Owner& last = owners_[last_owner_];
        if (last.uid == entry.uid && last.gid == entry.gid && last.user == entry.user_name &&
            last.group == entry.group_name) {
            return last_owner_;
        }
    }
    std::string key = std::to_string(entry.uid) + ':' + std::to_string(entry.gid) + ':' +
                      entry.user_name + ':' + entry.group_name;
    const auto next = static_cast<std::uint32_t>(owners_.size());
    const auto [found, is_new] = owner_index_.try_emplace(std::move(key), next);
    if (is_new) {
        account(2 * (entry.user_name.size() + entry.group_name.size()) + kSideEntryBytes);
        owners_.push_back({entry.uid, entry.gid, entry.user_name, entry.group_name});
    }
    return last_owner_ = found->second;
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

/// Archives list what is in a folder together: it is one of those that the last entry lies in, or
/// new below one of them.
LayerTable::FolderId LayerTable::folder_of(std::string_view name) {
    const auto common = static_cast<std::size_t>(
        std::mismatch(name.begin(), name.end(), open_name_.begin(), open_name_.end()).first -
        name.begin());
    while (!open_folders_.empty() && open_folders_.back().bytes > common) {
        open_folders_.pop_back();
    }
    OpenFolder open = open_folders_.empty() ? OpenFolder{} : open_folders_.back();
    if (open.bytes < name.size()) {
        const std::string_view text = name.substr(open.bytes);
        account(sizeof(Folder));
        folders_.push_back(
            {open.id, folder_texts_.store(text), static_cast<std::uint16_t>(text.size())});
        open = {static_cast<FolderId>(folders_.size() - 1), name.size()};
        open_folders_.push_back(open);
    }
    open_name_ = name;
    return open.id;
}

void LayerTable::pack(const Entry& entry, std::uint64_t header_offset) {
    const std::uint32_t rarity = rarity_of(entry);
    auto head = static_cast<unsigned>(entry.type);
    head |= entry.mtime_nanoseconds != 0 ? kHasNanoseconds : 0U;
    head |= rarity != 0 ? kHasRarity : 0U;
    head |= entry.link_target.empty() ? 0U : kHasLink;
    const std::string_view folder = folder_part(entry.path);
    fields_.clear();
    fields_.number(head);
    fields_.number(header_offset - last_offset_);
    fields_.signed_number(
        static_cast<std::int64_t>(static_cast<std::uint64_t>(entry.mtime) - last_mtime_));
    fields_.number(entry.mode);
    fields_.number(owner_of(entry));
    fields_.number(entry.size);
    if ((head & kHasNanoseconds) != 0) {
        fields_.number(entry.mtime_nanoseconds);
    }
    if ((head & kHasRarity) != 0) {
        fields_.number(rarity);
    }
    if ((head & kHasLink) != 0) {
        fields_.text(entry.link_target);
    }
    fields_.number(folder_of(folder));
    fields_.raw(std::string_view(entry.path).substr(folder.size()));
}

void LayerTable::add(const Entry& entry, std::uint64_t header_offset) {
    const bool begins_group = size_ % kGroupEntries == 0;
    if (begins_group) {
        last_offset_ = 0;
        last_mtime_ = 0;
    }
    pack(entry, header_offset);
    last_offset_ = header_offset;
    last_mtime_ = static_cast<std::uint64_t>(entry.mtime);
    record_.clear();
    record_.text(fields_.bytes());
    const std::uint32_t place = records_.store(record_.bytes());
    if (begins_group) {
        groups_.push_back(place);
    }
    const bool marked = may_be_whiteout(entry.path);
    if (marked) {
        marked_.push_back(static_cast<std::uint32_t>(size_));
    }
    account((begins_group ? sizeof(place) : 0) + (marked ? sizeof(marked_[0]) : 0));
    ++size_;
}

/// Makes `record` the one at `place`, whose differences add to what it had, and moves on behind it.
void LayerTable::advance(std::uint32_t& place, Record& record) const {
    const char* begin = records_.at(place);
    if (*begin == '\0') {
        place = (place | (Blocks::kBlockBytes - 1)) + 1;
        begin = records_.at(place);
    }
    const char* at = begin;
    const std::uint64_t bytes = base::take_number(at);
    record.rest_end = at + bytes;
    record.head = static_cast<unsigned>(base::take_number(at));
    record.header_offset += base::take_number(at);
    record.mtime += static_cast<std::uint64_t>(base::to_signed(base::take_number(at)));
    record.rest = at;
    place += static_cast<std::uint32_t>(record.rest_end - begin);
}

/// Passes over the records before it in its group.
LayerTable::Record LayerTable::find(std::size_t index) const {
    Record record;
    std::uint32_t place = groups_[index / kGroupEntries];
    for (std::size_t to_pass = index % kGroupEntries + 1; to_pass > 0; --to_pass) {
        advance(place, record);
    }
    return record;
}

void LayerTable::unpack_rest(Record& record) {
    const char* at = record.rest;
    record.mode = static_cast<std::uint32_t>(base::take_number(at));
    record.owner = static_cast<std::uint32_t>(base::take_number(at));
    record.size = base::take_number(at);
    if ((record.head & kHasNanoseconds) != 0) {
        record.nanoseconds = static_cast<std::uint32_t>(base::take_number(at));
    }
    if ((record.head & kHasRarity) != 0) {
        record.rarity = static_cast<std::uint32_t>(base::take_number(at));
    }
    if ((record.head & kHasLink) != 0) {
        const std::uint64_t bytes = base::take_number(at);
        record.link = {at, bytes};
        at += bytes;
    }
    record.folder = static_cast<FolderId>(base::take_number(at));
    record.name = {at, static_cast<std::size_t>(record.rest_end - at)};
}

LayerTable::Record LayerTable::unpack(std::size_t index) const {
    Record record = find(index);
    unpack_rest(record);
    return record;
}

EntryType LayerTable::type(std::size_t index) const {
    return find(index).type();
}

LayerTable::Place LayerTable::place(std::size_t index) const {
    const Record record = unpack(index);
    return record.place();
}

LayerTable::Place LayerTable::Places::next() {
    Record record;
    table_.advance(at_, record);
    unpack_rest(record);
    return record.place();
}

std::string_view LayerTable::folder_text(FolderId folder) const {
    return {folder_texts_.at(folders_[folder].text), folders_[folder].text_bytes};
}

void LayerTable::folder_pieces(FolderId folder, std::vector<std::string_view>& pieces) const {
    pieces.clear();
    for (; folder != kNoFolder; folder = folders_[folder].parent) {
        pieces.push_back(folder_text(folder));
    }
    std::reverse(pieces.begin(), pieces.end());
}

std::string LayerTable::path(std::size_t index) const {
    const Place at = place(index);
    std::size_t bytes = at.name.size();
    for (FolderId folder = at.folder; folder != kNoFolder; folder = folders_[folder].parent) {
        bytes += folders_[folder].text_bytes;
    }
    std::string path(bytes, '\0');
    auto begin = std::copy_backward(at.name.begin(), at.name.end(), path.end());
    for (FolderId folder = at.folder; folder != kNoFolder; folder = folders_[folder].parent) {
        const std::string_view text = folder_text(folder);
        begin = std::copy_backward(text.begin(), text.end(), begin);
    }
    return path;
}

bool LayerTable::mentions(std::string_view text) const {
    for (FolderId folder = kNoFolder + 1; folder < folders_.size(); ++folder) {
        if (folder_text(folder).find(text) != std::string_view::npos) {
            return true;
        }
    }
    Places places(*this);
    for (std::size_t i = 0; i < size_; ++i) {
        if (places.next().name.find(text) != std::string_view::npos) {
            return true;
        }
    }
    return false;
}

TableEntry LayerTable::operator[](std::size_t index) const {
    const Record record = unpack(index);
    const Owner& owner = owners_[record.owner];
    const Rarity& rarity = rarities_[record.rarity];
    return {.link_target = record.link,
            .type = record.type(),
            .mode = record.mode,
            .uid = owner.uid,
            .gid = owner.gid,
            .user_name = owner.user,
            .group_name = owner.group,
            .size = record.size,
            .mtime = static_cast<std::int64_t>(record.mtime),
            .mtime_nanoseconds = record.nanoseconds,
            .device_major = rarity.device_major,
            .device_minor = rarity.device_minor,
            .xattrs = &rarity.xattrs,
            .header_offset = record.header_offset};
}

Entry LayerTable::entry(std::size_t index) const {
    const TableEntry view = (*this)[index];
    Entry entry;
    entry.path = path(index);
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
