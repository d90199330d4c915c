#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <memory>
#include <span>
#include <utility>

#include "little_endian.hpp"
#include "regtool/base/fields.hpp"
#include "regtool/base/text.hpp"
#include "regtool/layer/layer_index.hpp"
#include "regtool/stream/compressor.hpp"
#include "regtool/stream/zstd_block.hpp"

namespace regtool::layer {

namespace {

using base::FieldReader;
using base::FieldWriter;

constexpr std::string_view kMagic{"rtlayer\1", 8};
constexpr std::size_t kSizeBytes = 8;
constexpr std::size_t kBeginBytes = kMagic.size() + kSizeBytes;
constexpr unsigned kByteBits = 8;
/// Much more than the windows of deflate pack to.
constexpr std::uint64_t kMaxPackedWindowBytes = 2 * stream::kWindowBytes;

constexpr const char* kDocument = "the layer index";

[[noreturn]] void throw_invalid(const std::string& why) {
    base::FieldReader(std::string_view(), kDocument).fail(why);
}

/// Hands on what was written whenever there is enough of it.
class Head {
  public:
    explicit Head(stream::Sink& packed)
        : packing_(packed, stream::ZstdFrame{stream::kZstdBlockLevel, kWindowBits}) {}

    [[nodiscard]] FieldWriter& fields() {
        if (fields_.bytes().size() >= kHandedOnBytes) {
            hand_on();
        }
        return fields_;
    }

    void finish() {
        hand_on();
        packing_.finish();
    }

  private:
    static constexpr std::size_t kHandedOnBytes = std::size_t{64} << 10;
    /// Entries resemble those before them: what a larger window would save is little beside the
    /// memory that each reading would have to be given for it.
    static constexpr int kWindowBits = 17;

    void hand_on() {
        packing_.write(base::as_bytes(fields_.bytes()));
        fields_.clear();
    }

    stream::CompressingSink packing_;
    FieldWriter fields_;
};

void write_entry(FieldWriter& out,
                 const std::string& path,
                 const TableEntry& entry,
                 std::uint64_t previous_offset) {
    out.number(static_cast<std::uint64_t>(entry.type));
    out.text(path);
    out.text(entry.link_target);
    out.number(entry.mode);
    out.number(entry.uid);
    out.number(entry.gid);
    out.text(entry.user_name);
    out.text(entry.group_name);
    out.number(entry.size);
    out.signed_number(entry.mtime);
    out.number(entry.mtime_nanoseconds);
    out.number(entry.device_major);
    out.number(entry.device_minor);
    out.number(entry.header_offset - previous_offset);
    out.number(entry.xattrs->size());
    for (const auto& [name, value] : *entry.xattrs) {
        out.text(name);
        out.text(value);
    }
}

/// Names are bounded as LayerReader bounds them; LayerTable bounds the whole.
void read_entry(FieldReader& in, Entry& entry) {
    const LayerLimits limits;
    entry.type = static_cast<EntryType>(in.number(static_cast<std::uint64_t>(EntryType::other)));
    entry.path = in.text();
    entry.link_target = in.text();
    if (entry.path.size() > limits.max_name_bytes ||
        entry.link_target.size() > limits.max_name_bytes) {
        throw_invalid("a name is too long");
    }
    constexpr std::uint64_t kModeBits = 07777;
    entry.mode = static_cast<std::uint32_t>(in.number(kModeBits));
    entry.uid = in.number();
    entry.gid = in.number();
    entry.user_name = in.text();
    entry.group_name = in.text();
    entry.size = in.number();
    entry.mtime = in.signed_number();
    entry.mtime_nanoseconds = static_cast<std::uint32_t>(in.number(999'999'999));
    entry.device_major = in.small<std::uint32_t>();
    entry.device_minor = in.small<std::uint32_t>();
}

void read_xattrs(FieldReader& in, Entry& entry) {
    entry.xattrs.clear();
    for (std::uint64_t left = in.number(); left > 0; --left) {
        std::string name(in.text());
        entry.xattrs.insert_or_assign(std::move(name), std::string(in.text()));
    }
}

void write_table(Head& head, const LayerTable& table) {
    head.fields().number(table.tar_bytes());
    head.fields().number(table.size());
    std::uint64_t offset = 0;
    for (std::size_t i = 0; i < table.size(); ++i) {
        const TableEntry entry = table[i];
        write_entry(head.fields(), table.path(i), entry, offset);
        offset = entry.header_offset;
    }
}

std::shared_ptr<const LayerTable> read_table(FieldReader& in) {
    auto table = std::make_shared<LayerTable>();
    table->set_tar_bytes(in.number());
    const std::uint64_t count = in.number(LayerLimits{}.max_entries);
    std::uint64_t offset = 0;
    Entry entry;
    for (std::uint64_t i = 0; i < count; ++i) {
        read_entry(in, entry);
        offset += in.number(table->tar_bytes() - offset);
        read_xattrs(in, entry);
        table->add(entry, offset);
    }
    return table;
}

void write_checkpoints(FieldWriter& out, const std::vector<IndexedCheckpoint>& checkpoints) {
    out.number(checkpoints.size());
    std::uint64_t plain = 0;
    std::uint64_t packed = 0;
    for (const IndexedCheckpoint& point : checkpoints) {
        out.number(point.plain - plain);
        out.number(point.packed - packed);
        out.number(point.bits);
        out.number(point.inside ? 1 : 0);
        out.number(point.window_bytes);
        plain = point.plain;
        packed = point.packed;
    }
}

std::string packed_head(const LayerIndex& index) {
    stream::StringSink packed(std::numeric_limits<std::size_t>::max());
    Head head(packed);
    head.fields().text(index.layer.str());
    head.fields().number(index.layer_bytes);
    head.fields().number(static_cast<std::uint64_t>(index.compression));
    head.fields().text(index.diff_id ? std::string_view(index.diff_id->str()) : std::string_view());
    head.fields().text(index.chunks.hashes);
    write_table(head, *index.table);
    write_checkpoints(head.fields(), index.checkpoints);
    head.finish();
    return std::move(packed.text());
}

/// Their windows take all of `windows_bytes`.
void read_checkpoints(FieldReader& in, LayerIndex& index, std::uint64_t windows_bytes) {
    constexpr std::uint64_t kMaxBits = 7;
    std::uint64_t window = 0;
    std::uint64_t plain = 0;
    std::uint64_t packed = 0;
    for (std::uint64_t left = in.number(); left > 0; --left) {
        IndexedCheckpoint point;
        point.plain = plain += in.number(index.table->tar_bytes() - plain);
        point.packed = packed += in.number(index.layer_bytes - packed);
        point.bits = static_cast<std::uint8_t>(in.number(kMaxBits));
        point.inside = in.number(1) == 1;
        point.window = window;
        point.window_bytes = static_cast<std::uint32_t>(
            in.number(std::min(kMaxPackedWindowBytes, windows_bytes - window)));
        window += point.window_bytes;
        if (!point.inside && (point.bits != 0 || point.window_bytes != 0)) {
            throw_invalid("a checkpoint contradicts itself");
        }
        index.checkpoints.push_back(point);
    }
    if (window != windows_bytes) {
        throw_invalid("something follows it");
    }
}

model::Digest read_digest(std::string_view text) {
    auto digest = model::Digest::try_parse(text);
    if (!digest) {
        throw_invalid("a digest is none");
    }
    return *std::move(digest);
}

void read_chunks(FieldReader& in, LayerIndex& index) {
    index.chunks.blob_bytes = index.layer_bytes;
    index.chunks.hashes = in.long_text();
    if (!index.chunks.complete()) {
        throw_invalid("hashes are missing");
    }
}

/// What the file begins with: magic and the size of the head, which is returned.
std::uint64_t read_beginning(std::string_view bytes, std::uint64_t file_bytes) {
    if (bytes.size() != kBeginBytes || !bytes.starts_with(kMagic)) {
        throw_invalid("it does not begin as one");
    }
    const std::uint64_t head_bytes = little_endian(bytes.substr(kMagic.size()));
    if (head_bytes > file_bytes - kBeginBytes) {
        throw_invalid("it is cut short");
    }
    return head_bytes;
}

/// All but the windows.
LayerIndex read_index(std::unique_ptr<stream::Source> packed_head, std::uint64_t windows_bytes) {
    const auto head = stream::zstd_unpacking(std::move(packed_head), kMaxIndexBytes);
    FieldReader in([&head](std::span<char> out) { return head->read(std::as_writable_bytes(out)); },
                   kDocument);
    LayerIndex index{read_digest(in.text())};
    index.layer_bytes = in.number();
    index.compression = static_cast<stream::Compression>(
        in.number(static_cast<std::uint64_t>(stream::Compression::zstd)));
    if (const std::string_view diff_id = in.text(); !diff_id.empty()) {
        index.diff_id = read_digest(diff_id);
    }
    read_chunks(in, index);
    index.table = read_table(in);
    if (index.compression == stream::Compression::none &&
        index.table->tar_bytes() != index.layer_bytes) {
        throw_invalid("the sizes contradict each other");
    }
    read_checkpoints(in, index, windows_bytes);
    if (!in.ended()) {
        throw_invalid("something follows it");
    }
    return index;
}

}  // namespace

void write_layer_index(const LayerIndex& index, stream::Sink& file) {
    const std::string head = packed_head(index);
    std::string begin(kMagic);
    for (std::size_t i = 0; i < kSizeBytes; ++i) {
        begin += static_cast<char>(head.size() >> (kByteBits * i));
    }
    file.write(base::as_bytes(begin));
    file.write(base::as_bytes(head));
    for (const IndexedCheckpoint& point : index.checkpoints) {
        file.write(base::as_bytes(index.windows.read(point.window, point.window_bytes)));
    }
}

std::string write_layer_index(const LayerIndex& index) {
    stream::StringSink file(std::numeric_limits<std::size_t>::max());
    write_layer_index(index, file);
    return std::move(file.text());
}

LayerIndex read_layer_index(std::string_view bytes) {
    const std::uint64_t head_bytes = read_beginning(bytes.substr(0, kBeginBytes), bytes.size());
    const std::string_view windows = bytes.substr(kBeginBytes + head_bytes);
    LayerIndex index = read_index(
        std::make_unique<stream::StringSource>(std::string(bytes.substr(kBeginBytes, head_bytes))),
        windows.size());
    index.windows = PackedWindows(std::string(windows));
    return index;
}

LayerIndex read_layer_index(base::UniqueFd file) {
    struct stat facts {};

    if (::fstat(file.get(), &facts) != 0) {
        throw base::IoError(kDocument, "cannot read", errno);
    }
    const auto bytes = static_cast<std::uint64_t>(facts.st_size);
    std::string begin(kBeginBytes, '\0');
    begin.resize(base::read_at(file.get(), std::as_writable_bytes(std::span(begin)), 0, kDocument));
    const std::uint64_t head_bytes = read_beginning(begin, bytes);
    const std::uint64_t windows = kBeginBytes + head_bytes;
    LayerIndex index = read_index(
        std::make_unique<stream::PositionedSource>(file.get(), kDocument, kBeginBytes, head_bytes),
        bytes - windows);
    index.windows = PackedWindows(std::move(file), windows, bytes - windows);
    return index;
}

}  // namespace regtool::layer
