#include "regtool/layer/ztoc.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "flat_buffer.hpp"
#include "little_endian.hpp"
#include "regtool/base/error.hpp"
#include "regtool/layer/layer_toc.hpp"
#include "toc_facts.hpp"

namespace regtool::layer {

namespace {

// Fields of the schemas' tables, by their order there.
namespace ztoc_field {
constexpr unsigned kVersion = 0;
constexpr unsigned kPackedBytes = 2;
constexpr unsigned kPlainBytes = 3;
constexpr unsigned kToc = 4;
constexpr unsigned kCompression = 5;
}  // namespace ztoc_field

namespace toc_field {
constexpr unsigned kEntries = 0;
}  // namespace toc_field

namespace file_field {
constexpr unsigned kName = 0;
constexpr unsigned kType = 1;
constexpr unsigned kOffset = 2;
constexpr unsigned kSize = 3;
constexpr unsigned kLink = 4;
constexpr unsigned kMode = 5;
constexpr unsigned kUid = 6;
constexpr unsigned kGid = 7;
constexpr unsigned kUser = 8;
constexpr unsigned kGroup = 9;
constexpr unsigned kTime = 10;
constexpr unsigned kMajor = 11;
constexpr unsigned kMinor = 12;
constexpr unsigned kPaxRecords = 13;
}  // namespace file_field

namespace compression_field {
constexpr unsigned kAlgorithm = 0;
constexpr unsigned kLastSpan = 1;
constexpr unsigned kDigests = 2;
constexpr unsigned kCheckpoints = 3;
}  // namespace compression_field

namespace tar_field {
constexpr unsigned kSpanBytes = 1;
constexpr unsigned kBytes = 2;
}  // namespace tar_field

constexpr std::string_view kKnownVersion = "0.9";
constexpr std::uint8_t kGzip = 1;
constexpr std::uint8_t kUncompressed = 2;

constexpr std::uint64_t kTarBlockBytes = 512;
constexpr std::size_t kElementBytes = 4;
constexpr std::string_view kXattr = "SCHILY.xattr.";
constexpr std::string_view kSparse = "GNU.sparse.";

// The checkpoints of a gzip layer, gzip_zinfo.c: their number and the span's size, then of each the
// stored and the unpacked offset, the bits of the byte before, and the window.
constexpr std::size_t kCountBytes = 4;
constexpr std::size_t kHeadBytes = kCountBytes + 8;
constexpr std::size_t kOffsetBytes = 8;
constexpr std::size_t kPlaceBytes = 2 * kOffsetBytes + 1;
constexpr std::size_t kCheckpointBytes = kPlaceBytes + stream::kWindowBytes;
constexpr unsigned kByteBits = 8;

[[noreturn]] void fail(const std::string& why) {
    throw base::InvalidDocument("the zTOC cannot be relied on: " + why);
}

/// Go's numbers are signed.
std::uint64_t natural(std::int64_t number, const char* what) {
    if (number < 0) {
        fail(std::string(what) + " is negative");
    }
    return static_cast<std::uint64_t>(number);
}

FlatTable require(std::optional<FlatTable> table, const char* what) {
    if (!table) {
        fail(std::string("it has no ") + what);
    }
    return *table;
}

class ZtocReader {
  public:
    ZtocReader(std::string_view bytes, const model::Digest& layer, std::uint64_t layer_bytes)
        : root_(FlatTable::root(bytes)),
          elements_left_(bytes.size() / kElementBytes),
          index_{.layer = layer, .layer_bytes = layer_bytes} {
        index_.chunks.blob_bytes = layer_bytes;
    }

    [[nodiscard]] LayerIndex read() {
        if (root_.text(ztoc_field::kVersion) != kKnownVersion) {
            fail("it is of another version");
        }
        if (natural(root_.int64(ztoc_field::kPackedBytes), "a size") != index_.layer_bytes) {
            fail("it speaks of a layer of another size");
        }
        read_table(require(root_.table(ztoc_field::kToc), "table of contents"));
        read_spans(require(root_.table(ztoc_field::kCompression), "checkpoints"));
        return std::move(index_);
    }

  private:
    /// Vectors do not overlap, so that the document has bytes of its own for each element: more of
    /// them would be the work of somebody who wants it to take long.
    void count(const FlatVector& vector) {
        if (vector.size() > elements_left_) {
            fail("it says the same many times over");
        }
        elements_left_ -= vector.size();
    }

    void read_table(const FlatTable& toc) {
        auto table = std::make_shared<LayerTable>();
        table->set_tar_bytes(natural(root_.int64(ztoc_field::kPlainBytes), "a size"));
        const FlatVector files = toc.vector(toc_field::kEntries);
        count(files);
        if (files.size() > LayerLimits{}.max_entries) {
            fail("there are too many entries");
        }
        // The first header begins the tar, each other one follows the content before it (SOCI
        // itself finds them so); where content begins, the headers have ended.
        std::uint64_t header = 0;
        for (std::size_t i = 0; i < files.size(); ++i) {
            const FlatTable file = files.table(i);
            const Entry entry = read_entry(file);
            const std::uint64_t content = natural(file.int64(file_field::kOffset), "an offset");
            if (content % kTarBlockBytes != 0 || content > table->tar_bytes() ||
                content < header + kTarBlockBytes || entry.size > table->tar_bytes() - content) {
                throw_unreliable("the places of entries contradict each other", entry.path);
            }
            table->add(entry, header);
            const std::uint64_t end = content + entry.size;
            header = end + (kTarBlockBytes - end % kTarBlockBytes) % kTarBlockBytes;
        }
        index_.table = std::move(table);
    }

    [[nodiscard]] Entry read_entry(const FlatTable& file) {
        Entry entry;
        entry.path = file.text(file_field::kName);
        check_toc_name(entry.path, entry.path);
        entry.link_target = file.text(file_field::kLink);
        check_toc_name(entry.link_target, entry.path);
        entry.type = toc_entry_type(file.text(file_field::kType), entry.path);
        entry.mode = static_cast<std::uint32_t>(file.int64(file_field::kMode)) & kModeBits;
        entry.uid = file.uint32(file_field::kUid);
        entry.gid = file.uint32(file_field::kGid);
        entry.user_name = file.text(file_field::kUser);
        entry.group_name = file.text(file_field::kGroup);
        entry.mtime = toc_time(file.text(file_field::kTime), entry.path);
        set_device(entry, static_cast<std::uint64_t>(file.int64(file_field::kMajor)),
                   static_cast<std::uint64_t>(file.int64(file_field::kMinor)), entry.path);
        set_size(entry, natural(file.int64(file_field::kSize), "a size"), entry.path);
        read_pax(file.vector(file_field::kPaxRecords), entry);
        return entry;
    }

    void read_pax(const FlatVector& records, Entry& entry) {
        count(records);
        for (std::size_t i = 0; i < records.size(); ++i) {
            const FlatTable record = records.table(i);
            const std::string_view key = record.text(0);
            if (key.starts_with(kSparse)) {
                throw_unreliable("it does not know where a sparse file is", entry.path);
            }
            if (key.starts_with(kXattr)) {
                entry.xattrs.insert_or_assign(std::string(key.substr(kXattr.size())),
                                              std::string(record.text(1)));
            }
        }
    }

    void read_spans(const FlatTable& info) {
        const std::string_view checkpoints = info.text(compression_field::kCheckpoints);
        switch (info.byte(compression_field::kAlgorithm, kGzip)) {
            case kGzip:
                index_.compression = stream::Compression::gzip;
                read_gzip_spans(checkpoints);
                break;
            case kUncompressed:
                index_.compression = stream::Compression::none;
                read_plain_spans(FlatTable::root(checkpoints));
                break;
            default:
                fail("it knows of another compression");
        }
        read_digests(info.vector(compression_field::kDigests),
                     info.int32(compression_field::kLastSpan));
    }

    void read_digests(const FlatVector& digests, std::int32_t last_span) {
        count(digests);
        stream::ChunkHashes& chunks = index_.chunks;
        if (digests.size() != chunks.cuts.size() ||
            std::cmp_not_equal(digests.size(), std::int64_t{last_span} + 1)) {
            fail("there is not one digest for each span");
        }
        for (std::size_t i = 0; i < digests.size(); ++i) {
            const auto digest = model::Digest::try_parse(digests.text(i));
            const auto hash = digest ? sha256_bytes(*digest) : std::nullopt;
            if (!hash) {
                fail("a span has no SHA-256");
            }
            chunks.hashes.append(reinterpret_cast<const char*>(hash->data()), hash->size());
        }
    }

    /// Spans of the tar itself.
    void read_plain_spans(const FlatTable& info) {
        const std::uint64_t bytes = natural(info.int64(tar_field::kBytes), "a size");
        const std::uint64_t span = natural(info.int64(tar_field::kSpanBytes), "a size");
        if (bytes != index_.layer_bytes) {
            fail("it speaks of a layer of another size");
        }
        if (span == 0 || bytes / span > elements_left_) {
            fail("there is not one digest for each span");
        }
        for (std::uint64_t begin = 0; begin < bytes; begin += span) {
            add_span({begin, begin + std::min(span, bytes - begin)});
        }
    }

    /// A span ends where the next begins; the byte in which both have bits belongs to both.
    void read_gzip_spans(std::string_view blob) {
        const std::size_t held =
            blob.size() < kHeadBytes ? 0 : (blob.size() - kHeadBytes) / kCheckpointBytes;
        if (blob.size() != kHeadBytes + held * kCheckpointBytes) {
            fail("its checkpoints are cut short");
        }
        const std::uint64_t counted = little_endian(blob.substr(0, kCountBytes));
        blob.remove_prefix(kHeadBytes);
        if (counted == held + 1) {
            // The first form leaves out the first one: it stands behind the shortest header.
            constexpr std::uint64_t kShortestHeader = 10;
            add_checkpoint(kShortestHeader, 0, 0, std::string(stream::kWindowBytes, '\0'));
        } else if (counted != held || held == 0) {
            fail("its checkpoints are not as many as it says");
        }
        for (; !blob.empty(); blob.remove_prefix(kCheckpointBytes)) {
            add_checkpoint(little_endian(blob.substr(0, kOffsetBytes)),
                           little_endian(blob.substr(kOffsetBytes, kOffsetBytes)),
                           static_cast<unsigned char>(blob[2 * kOffsetBytes]),
                           std::string(blob.substr(kPlaceBytes, stream::kWindowBytes)));
        }
        end_span(index_.layer_bytes);
    }

    /// `packed`: the first stored byte that is all its own; of the one before it has the `bits`
    /// highest.
    void add_checkpoint(std::uint64_t packed,
                        std::uint64_t plain,
                        unsigned bits,
                        std::string window) {
        const bool first = index_.checkpoints.empty();
        if (packed == 0 || packed >= index_.layer_bytes || bits >= kByteBits ||
            (first ? plain != 0 : plain < index_.checkpoints.back().plain)) {
            fail("a checkpoint contradicts the others");
        }
        if (!first) {
            end_span(packed);
        }
        stream::Checkpoint point{plain, packed, 0, true, std::move(window)};
        if (bits != 0) {
            --point.packed;
            point.bits = static_cast<std::uint8_t>(kByteBits - bits);
        }
        span_begin_ = point.packed;
        index_.add(point);
    }

    void end_span(std::uint64_t end) {
        if (span_begin_ >= end) {
            fail("spans are not in order");
        }
        add_span({span_begin_, end});
    }

    void add_span(const stream::ByteSpan& span) {
        auto& cuts = index_.chunks.cuts;
        if (!cuts.empty() && (span.begin <= cuts.back().begin || span.end <= cuts.back().end)) {
            fail("spans are not in order");
        }
        if (span.size() > kMaxSpanBytes) {
            fail("a span is too large");
        }
        cuts.push_back(span);
    }

    FlatTable root_;
    std::uint64_t elements_left_;
    LayerIndex index_;
    std::uint64_t span_begin_ = 0;
};

}  // namespace

LayerIndex read_ztoc(std::string_view bytes,
                     const model::Digest& layer,
                     std::uint64_t layer_bytes) {
    return ZtocReader(bytes, layer, layer_bytes).read();
}

}  // namespace regtool::layer
