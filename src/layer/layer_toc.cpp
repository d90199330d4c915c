#include "regtool/layer/layer_toc.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "toc_facts.hpp"
#include "toc_json.hpp"

namespace regtool::layer {

namespace {

[[noreturn]] void fail(const std::string& why, std::string_view name) {
    throw_unreliable(why, name);
}

/// What JSON writers put for bytes that are no UTF-8.
void check_json_name(std::string_view name, std::string_view entry) {
    check_toc_name(name, entry);
    if (name.find("\xef\xbf\xbd") != std::string_view::npos) {
        fail("a name is not as the layer has it", entry);
    }
}

}  // namespace

std::optional<std::array<std::byte, 32>> sha256_bytes(const model::Digest& digest) {
    if (digest.verifier() != base::HashAlgorithm::sha256) {
        return std::nullopt;
    }
    std::array<std::byte, 32> bytes{};
    const std::string_view hex = digest.encoded();
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        std::uint8_t value = 0;
        std::from_chars(hex.data() + 2 * i, hex.data() + 2 * i + 2, value, 16);
        bytes.at(i) = std::byte{value};
    }
    return bytes;
}

std::span<const TocChunk> LayerToc::chunks(std::size_t entry) const {
    const std::uint32_t first = first_chunk_[entry];
    return std::span(chunks_).subspan(first, first_chunk_[entry + 1] - first);
}

/// Takes records in their order; a file is followed by its further pieces.
class TocBuilder {
  public:
    explicit TocBuilder(std::uint64_t data_end) { toc_.data_end_ = data_end; }

    void take(TocRecord& record) {
        if (record.type == "chunk") {
            add_chunk(record);
            return;
        }
        end_file();
        add_entry(record);
    }

    [[nodiscard]] LayerToc finish(std::optional<TocOwnFile> own) {
        end_file();
        find_ends();
        if (own) {
            begin_entry(own->entry);
            toc_.chunks_.push_back(own->content);
        }
        toc_.first_chunk_.push_back(static_cast<std::uint32_t>(toc_.chunks_.size()));
        toc_.table_ = std::move(table_);
        return std::move(toc_);
    }

  private:
    void begin_entry(const Entry& entry) {
        if (table_->size() >= LayerLimits{}.max_entries) {
            fail("there are too many entries", entry.path);
        }
        toc_.first_chunk_.push_back(static_cast<std::uint32_t>(toc_.chunks_.size()));
        table_->add(entry, 0);
    }

    void add_entry(TocRecord& record) {
        check_json_name(record.name, record.name);
        check_json_name(record.link_name, record.name);
        Entry entry;
        entry.type = toc_entry_type(record.type, record.name);
        entry.mode = static_cast<std::uint32_t>(record.mode) & kModeBits;
        entry.uid = record.uid;
        entry.gid = record.gid;
        entry.user_name = carried(users_, record.uid, record.user_name);
        entry.group_name = carried(groups_, record.gid, record.group_name);
        if (!record.modtime.empty()) {
            entry.mtime = toc_time(record.modtime, record.name);
        }
        set_device(entry, record.dev_major, record.dev_minor, record.name);
        for (const auto& [name, packed] : record.xattrs) {
            auto value = base::base64_decode(packed);
            if (!value) {
                fail("an attribute is not in base64", record.name);
            }
            entry.xattrs.insert_or_assign(name, *std::move(value));
        }
        set_size(entry, record.size, record.name);
        entry.path = record.name;
        entry.link_target = std::move(record.link_name);
        begin_entry(entry);
        if (entry.type == EntryType::file) {
            begin_file(record);
        }
    }

    /// A name stands only where it differs from the last that its id had.
    static std::string carried(std::map<std::uint64_t, std::string>& names,
                               std::uint64_t id,
                               std::string& name) {
        if (!name.empty()) {
            return names.insert_or_assign(id, std::move(name)).first->second;
        }
        const auto known = names.find(id);
        return known == names.end() ? std::string() : known->second;
    }

    void begin_file(TocRecord& record) {
        file_ = std::move(record.name);
        file_bytes_ = record.size;
        file_end_ = record.end_offset;
        placed_ = 0;
        in_file_ = true;
        if (record.size > 0) {
            // A file in one piece may have the digest of the whole alone.
            const bool whole = record.chunk_size == 0 || record.chunk_size == record.size;
            add_piece(record,
                      record.chunk_digest.empty() && whole ? record.digest : record.chunk_digest);
        }
    }

    void add_chunk(const TocRecord& record) {
        if (!in_file_) {
            fail("a piece belongs to no file", record.name);
        }
        add_piece(record, record.chunk_digest);
    }

    void add_piece(const TocRecord& record, const std::string& digest) {
        const std::uint64_t left = file_bytes_ - placed_;
        TocChunk chunk;
        chunk.packed = record.offset;
        chunk.inner = record.inner_offset;
        chunk.bytes = record.chunk_size == 0 ? left : record.chunk_size;
        chunk.zeros = record.chunk_type == "zeros";
        if (record.chunk_offset != placed_ || chunk.bytes == 0 || chunk.bytes > left) {
            fail("pieces do not make up their file", file_);
        }
        if (!chunk.zeros) {
            if (!record.chunk_type.empty()) {
                fail("a piece is of an unknown type", file_);
            }
            if (chunk.packed >= toc_.data_end_) {
                fail("a file leads out of the layer", file_);
            }
            const auto parsed = model::Digest::try_parse(digest);
            const auto hash = parsed ? sha256_bytes(*parsed) : std::nullopt;
            if (!hash) {
                fail("a piece has no SHA-256", file_);
            }
            chunk.hash = *hash;
        }
        if (toc_.chunks_.size() >= LayerLimits{}.max_entries) {
            fail("there are too many pieces", file_);
        }
        placed_ += chunk.bytes;
        toc_.chunks_.push_back(chunk);
    }

    void end_file() {
        if (!in_file_) {
            return;
        }
        in_file_ = false;
        if (placed_ != file_bytes_) {
            fail("pieces do not make up their file", file_);
        }
        if (file_bytes_ > 0 && file_end_ != 0) {
            toc_.chunks_.back().packed_end = file_end_;
        }
    }

    /// A member ends where the next one begins; sorted, because the order of entries is no promise
    /// (containers/storage, minimal.TOC). Only the last piece of a file may say an end itself.
    void find_ends() {
        std::vector<std::uint64_t> begins;
        begins.reserve(toc_.chunks_.size() + 1);
        for (const TocChunk& chunk : toc_.chunks_) {
            begins.push_back(chunk.packed);
        }
        begins.push_back(toc_.data_end_);
        std::sort(begins.begin(), begins.end());
        for (TocChunk& chunk : toc_.chunks_) {
            const auto next = std::upper_bound(begins.begin(), begins.end(), chunk.packed);
            // A hole may lie anywhere: it is never fetched.
            const std::uint64_t end = next == begins.end() ? chunk.packed : *next;
            const bool own = chunk.packed_end > chunk.packed && chunk.packed_end < end;
            chunk.packed_end = own ? chunk.packed_end : end;
        }
    }

    LayerToc toc_;
    std::shared_ptr<LayerTable> table_ = std::make_shared<LayerTable>();
    std::map<std::uint64_t, std::string> users_;
    std::map<std::uint64_t, std::string> groups_;
    bool in_file_ = false;
    std::string file_;
    std::uint64_t file_bytes_ = 0;
    std::uint64_t file_end_ = 0;  ///< where it says that its packed bytes end; 0: it does not
    std::uint64_t placed_ = 0;    ///< bytes of it that pieces were found for
};

LayerToc read_layer_toc(stream::Source& json,
                        std::uint64_t data_end,
                        std::optional<TocOwnFile> own) {
    TocBuilder builder(data_end);
    parse_toc(json, [&builder](TocRecord& record) { builder.take(record); });
    return builder.finish(std::move(own));
}

}  // namespace regtool::layer
