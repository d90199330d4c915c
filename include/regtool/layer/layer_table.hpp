#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "regtool/base/fields.hpp"
#include "regtool/layer/layer_reader.hpp"

namespace regtool::layer {

using Xattrs = std::map<std::string, std::string>;

/// One entry of a table: what layer::Entry says, but for its path, as views into the table.
struct TableEntry {
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

/// The entries of one layer in archive order, kept small: about 15 bytes each beside the last parts
/// of their names, so that a layer of a million files takes some 40 MB. What folders are called is
/// kept once for entries that follow each other, and an entry is packed behind the one before it.
/// Filled by one thread; const use is thread-safe. Views stay valid for the table's life, also
/// while it grows.
class LayerTable {
  public:
    /// A folder as stored names begin with it, "usr/lib/"; kNoFolder stands for no beginning.
    using FolderId = std::uint32_t;
    static constexpr FolderId kNoFolder = 0;

    /// Where an entry stands: the stored name is that of the folder and `name`, one after another.
    struct Place {
        FolderId folder = kNoFolder;
        std::string_view name;  ///< the last part, with the slashes that follow it
        EntryType type = EntryType::other;
    };

    /// Hands out the places one after another: each is found at once, where place() passes over
    /// some others. Borrows the table.
    class Places {
      public:
        explicit Places(const LayerTable& table) : table_(table) {}

        /// To be called at most size() times.
        [[nodiscard]] Place next();

      private:
        const LayerTable& table_;
        std::uint32_t at_ = 0;  ///< in its records
    };

    /// Throws IntegrityError when the table would take more than kMaxBytes.
    void add(const Entry& entry, std::uint64_t header_offset);

    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    /// `index` < size(), here and below.
    [[nodiscard]] TableEntry operator[](std::size_t index) const;
    /// As stored: clean_path() makes a place of it.
    [[nodiscard]] std::string path(std::size_t index) const;
    [[nodiscard]] Place place(std::size_t index) const;
    [[nodiscard]] EntryType type(std::size_t index) const;
    /// A copy as the reader gave it.
    [[nodiscard]] Entry entry(std::size_t index) const;

    /// The pieces that make up a folder's name, in order; each ends with a slash.
    void folder_pieces(FolderId folder, std::vector<std::string_view>& pieces) const;

    /// Whether any stored path has this text in it; the text has no slash.
    [[nodiscard]] bool mentions(std::string_view text) const;

    /// The entries that may be whiteouts or lie below one, in order: what whiteout_kind() says of
    /// all others is `none`.
    [[nodiscard]] const std::vector<std::uint32_t>& marked() const noexcept { return marked_; }

    /// Bytes of the uncompressed tar, trailing ones included; 0 until it is known.
    [[nodiscard]] std::uint64_t tar_bytes() const noexcept { return tar_bytes_; }

    void set_tar_bytes(std::uint64_t bytes) noexcept { tar_bytes_ = bytes; }

    /// What it takes in memory, about.
    [[nodiscard]] std::size_t bytes() const noexcept {
        return side_bytes_ + records_.bytes() + folder_texts_.bytes();
    }

    static constexpr std::size_t kMaxBytes = std::size_t{512} << 20;

  private:
    struct Record;

    struct Folder {
        FolderId parent = kNoFolder;
        std::uint32_t text = 0;  ///< place in folder_texts_
        std::uint16_t text_bytes = 0;
    };

    /// A folder that the entry that was added last lies in, and the bytes of its whole name.
    struct OpenFolder {
        FolderId id = kNoFolder;
        std::size_t bytes = 0;
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

    /// Bytes that stay where they are. Chunked, so that growing needs no more than a block.
    class Blocks {
      public:
        /// Returns the place. Where they no longer fit into a block, its rest begins with a 0.
        [[nodiscard]] std::uint32_t store(std::string_view bytes);

        [[nodiscard]] const char* at(std::uint32_t place) const {
            return blocks_[place >> kBlockBits].get() + (place & (kBlockBytes - 1));
        }

        [[nodiscard]] std::size_t bytes() const noexcept { return blocks_.size() * kBlockBytes; }

        static constexpr std::uint32_t kBlockBits = 16;
        static constexpr std::size_t kBlockBytes = std::size_t{1} << kBlockBits;

      private:
        std::vector<std::unique_ptr<char[]>> blocks_;
        std::size_t used_ = kBlockBytes;
    };

    void advance(std::uint32_t& place, Record& record) const;
    [[nodiscard]] Record find(std::size_t index) const;
    static void unpack_rest(Record& record);
    [[nodiscard]] Record unpack(std::size_t index) const;
    [[nodiscard]] std::string_view folder_text(FolderId folder) const;
    [[nodiscard]] FolderId folder_of(std::string_view name);
    void pack(const Entry& entry, std::uint64_t header_offset);
    [[nodiscard]] std::uint32_t owner_of(const Entry& entry);
    [[nodiscard]] std::uint32_t rarity_of(const Entry& entry);
    void account(std::size_t side_bytes);

    Blocks records_;
    Blocks folder_texts_;
    std::vector<std::uint32_t> groups_;  ///< places of every kGroupEntries-th record
    std::size_t size_ = 0;
    std::deque<Folder> folders_{Folder{}};
    std::deque<Owner> owners_;
    std::unordered_map<std::string, std::uint32_t> owner_index_;
    std::deque<Rarity> rarities_{Rarity{}};
    std::vector<std::uint32_t> marked_;
    std::size_t side_bytes_ = 0;  ///< beside the blocks, roughly
    std::uint64_t tar_bytes_ = 0;
    // What the next record is packed against.
    std::string open_name_;
    std::vector<OpenFolder> open_folders_;
    std::uint32_t last_owner_ = 0;
    std::uint64_t last_offset_ = 0;
    std::uint64_t last_mtime_ = 0;
    base::FieldWriter fields_;
    base::FieldWriter record_;
};

}  // namespace regtool::layer
