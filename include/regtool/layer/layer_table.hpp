#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "regtool/layer/layer_reader.hpp"

namespace regtool::layer {

using Xattrs = std::map<std::string, std::string>;

/// One entry of a table: what layer::Entry says, as views into the table that it came from.
struct TableEntry {
    std::string_view path;  ///< as stored: clean_path() makes a place of it
    std::string_view link_target;
    EntryType type = EntryType::other;
    std::uint32_t mode = 0;
    std::uint64_t uid = 0;
    std::uint64_t gid = 0;
    std::string_view user_name;
    std::string_view group_name;
    std::uint64_t size = 0;  ///< bytes of content
    std::int64_t mtime = 0;
    std::uint32_t mtime_nanoseconds = 0;
    std::uint32_t device_major = 0;
    std::uint32_t device_minor = 0;
    const Xattrs* xattrs = nullptr;   ///< never null in what a table hands out
    std::uint64_t header_offset = 0;  ///< as LayerReader::header_offset()
};

/// The entries of one layer in archive order, kept small: about 60 bytes each beside their names,
/// so that a layer of a million files stays below 150 MB. Filled by one thread; const use is
/// thread-safe. Views stay valid for the table's life, also while it grows.
class LayerTable {
  public:
    /// Throws IntegrityError when the table would take more than kMaxBytes.
    void add(const Entry& entry, std::uint64_t header_offset);

    [[nodiscard]] std::size_t size() const noexcept { return records_.size(); }

    /// `index` < size().
    [[nodiscard]] TableEntry operator[](std::size_t index) const;
    [[nodiscard]] std::string_view path(std::size_t index) const;
    [[nodiscard]] EntryType type(std::size_t index) const;
    /// A copy as the reader gave it.
    [[nodiscard]] Entry entry(std::size_t index) const;

    /// Bytes of the uncompressed tar, trailing ones included; 0 until it is known.
    [[nodiscard]] std::uint64_t tar_bytes() const noexcept { return tar_bytes_; }

    void set_tar_bytes(std::uint64_t bytes) noexcept { tar_bytes_ = bytes; }

    static constexpr std::size_t kMaxBytes = std::size_t{512} << 20;

  private:
    struct Record {
        std::uint64_t header_offset = 0;
        std::uint64_t size = 0;
        std::int64_t mtime = 0;
        std::uint32_t mtime_nanoseconds = 0;
        std::uint32_t path = 0;  ///< place in the arena
        std::uint32_t link = 0;
        std::uint32_t owner = 0;   ///< index into owners_
        std::uint32_t rarity = 0;  ///< index into rarities_; 0 is the empty one
        std::uint16_t path_bytes = 0;
        std::uint16_t link_bytes = 0;
        std::uint16_t mode = 0;
        EntryType type = EntryType::other;
    };

    struct Owner {
        std::uint64_t uid = 0;
        std::uint64_t gid = 0;
        std::string user;
        std::string group;
    };

    /// What few entries have.
    struct Rarity {
        Xattrs xattrs;
        std::uint32_t device_major = 0;
        std::uint32_t device_minor = 0;
    };

    [[nodiscard]] std::uint32_t store_text(std::string_view text);
    [[nodiscard]] std::string_view text_at(std::uint32_t place, std::size_t bytes) const;
    [[nodiscard]] std::uint32_t owner_of(const Entry& entry);
    [[nodiscard]] std::uint32_t rarity_of(const Entry& entry);
    void account(std::size_t bytes);

    static constexpr std::uint32_t kBlockBits = 16;
    static constexpr std::size_t kBlockBytes = std::size_t{1} << kBlockBits;

    // Chunked, so that growing neither moves what views point to nor needs twice the memory.
    std::deque<Record> records_;
    std::vector<std::unique_ptr<char[]>> blocks_;
    std::size_t block_used_ = kBlockBytes;
    std::deque<Owner> owners_;
    std::unordered_map<std::string, std::uint32_t> owner_index_;
    std::deque<Rarity> rarities_{Rarity{}};
    std::size_t bytes_ = 0;
    std::uint64_t tar_bytes_ = 0;
};

}  // namespace regtool::layer
