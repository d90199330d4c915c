#include "regtool/layer/layer_index.hpp"

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "regtool/stream/zstd_block.hpp"
#include "support/catch.hpp"
#include "support/packed.hpp"
#include "support/tar_builder.hpp"

using namespace regtool;
using namespace regtool::layer;

namespace {

std::string tar_of_all_kinds() {
    test::TarBuilder tar;
    tar.directory("d/").file("d/f", std::string(300, 'f')).symlink("l", "d/f").hardlink("h", "d/f");
    tar.pax({{"SCHILY.xattr.user.note", std::string("a\0b", 3)}, {"mtime", "-12.5"}})
        .file("x", "y");
    tar.add(
        {.name = "tty", .type = '3', .uid = 5, .gid = 6, .user = "u", .group = "g", .major = 4});
    tar.file("big", test::noise(200'000));
    return tar.finish();
}

LayerIndex index_of(const std::string& stored) {
    LayerIndex index{model::Digest::sha256_of(stored)};
    stream::NullSink nothing;
    stream::ChunkHashingSink hashing(nothing);
    hashing.write(base::as_bytes(stored));
    index.chunks = hashing.finish();
    index.layer_bytes = stored.size();
    auto source = std::make_unique<stream::DecompressingSource>(
        std::make_unique<stream::StringSource>(stored), stream::InflateLimits{},
        stream::CheckpointRequest{[&index](const stream::Checkpoint& found) { index.add(found); },
                                  60'000, 60'000});
    const stream::DecompressingSource& decoder = *source;
    LayerReader reader(std::move(source));
    auto table = std::make_shared<LayerTable>();
    while (const Entry* entry = reader.next()) {
        table->add(*entry, reader.header_offset());
    }
    table->set_tar_bytes(tar_of_all_kinds().size());
    index.table = table;
    index.compression = decoder.compression();
    return index;
}

void check_same(const LayerTable& a, const LayerTable& b) {
    REQUIRE(a.size() == b.size());
    CHECK(a.tar_bytes() == b.tar_bytes());
    for (std::size_t i = 0; i < a.size(); ++i) {
        const TableEntry x = a[i];
        const TableEntry y = b[i];
        CHECK(a.path(i) == b.path(i));
        CHECK(std::tie(x.link_target, x.type, x.mode, x.uid, x.gid, x.user_name) ==
              std::tie(y.link_target, y.type, y.mode, y.uid, y.gid, y.user_name));
        CHECK(std::tie(x.group_name, x.size, x.mtime, x.mtime_nanoseconds, x.device_major) ==
              std::tie(y.group_name, y.size, y.mtime, y.mtime_nanoseconds, y.device_major));
        CHECK(std::tie(x.device_minor, *x.xattrs, x.header_offset) ==
              std::tie(y.device_minor, *y.xattrs, y.header_offset));
    }
}

/// The file with another head, packed anew: what a liar would write.
std::string with_head(const std::string& file, const std::function<void(std::string&)>& change) {
    constexpr std::size_t kBefore = 16;
    std::size_t head_bytes = 0;
    for (std::size_t i = kBefore; i-- > 8;) {
        head_bytes = head_bytes << 8U | static_cast<unsigned char>(file[i]);
    }
    std::string head = stream::zstd_unpack(file.substr(kBefore, head_bytes), 1 << 20);
    change(head);
    const std::string packed = stream::zstd_pack(head);
    std::string result = file.substr(0, 8);
    for (unsigned i = 0; i < 8; ++i) {
        result += static_cast<char>(packed.size() >> (8 * i));
    }
    return result + packed + file.substr(kBefore + head_bytes);
}

}  // namespace

TEST_CASE("a layer index comes back from its file as it was") {
    const std::string tar = tar_of_all_kinds();
    for (const std::string& stored :
         {tar, test::gzip(tar), test::gzip(tar.substr(0, 5000)) + test::gzip(tar.substr(5000)),
          test::zstd(tar), test::zstd(tar.substr(0, 5000)) + test::zstd(tar.substr(5000))}) {
        LayerIndex index = index_of(stored);
        index.diff_id = model::Digest::sha256_of(tar);
        const std::string bytes = write_layer_index(index);
        base::UniqueFd file = base::open_unnamed_file();
        base::write_all(file.get(), base::as_bytes(bytes), "an index");
        const LayerIndex from_file = read_layer_index(std::move(file));
        CHECK(write_layer_index(from_file) == bytes);
        const LayerIndex read = read_layer_index(bytes);
        CHECK(read.layer == index.layer);
        CHECK(read.layer_bytes == stored.size());
        CHECK(read.compression == index.compression);
        CHECK(read.diff_id == index.diff_id);
        CHECK(read.checkpoints == index.checkpoints);
        for (const IndexedCheckpoint& point : index.checkpoints) {
            CHECK(read.checkpoint_before(point.plain) == index.checkpoint_before(point.plain));
            CHECK(from_file.checkpoint_before(point.plain) == index.checkpoint_before(point.plain));
        }
        CHECK(read.chunks == index.chunks);
        check_same(*read.table, *index.table);
    }
}

TEST_CASE("the head of an index is unpacked in little memory") {
    const std::string file = write_layer_index(index_of(test::gzip(tar_of_all_kinds())));
    // RFC 8878 §3.1.1.1: magic, descriptor, and of the window's size the exponent in five bits.
    const std::string_view frame = std::string_view(file).substr(16);
    const auto descriptor = static_cast<unsigned char>(frame.at(4));
    REQUIRE((descriptor & 0x20) == 0);  // it names a window
    CHECK(10 + (static_cast<unsigned char>(frame.at(5)) >> 3) == 17);
}

TEST_CASE("T-22 an index that is cut, longer or damaged is refused, and nothing else happens") {
    const std::string file = write_layer_index(index_of(test::gzip(tar_of_all_kinds())));
    for (std::size_t size = 0; size < file.size(); size += size < 64 ? 1 : 997) {
        CHECK_THROWS_AS(read_layer_index(file.substr(0, size)), base::InvalidDocument);
        base::UniqueFd cut = base::open_unnamed_file();
        base::write_all(cut.get(), base::as_bytes(file.substr(0, size)), "a cut index");
        CHECK_THROWS_AS(read_layer_index(std::move(cut)), base::InvalidDocument);
    }
    CHECK_THROWS_AS(read_layer_index(file + "x"), base::InvalidDocument);
    std::string other_version = file;
    other_version[7] = 2;
    CHECK_THROWS_AS(read_layer_index(other_version), base::InvalidDocument);
    std::string endless = file;
    endless.replace(8, 8, std::string(8, '\xff'));
    CHECK_THROWS_AS(read_layer_index(endless), base::InvalidDocument);
}

TEST_CASE("T-51 an index that lies of its numbers is refused or reads within its bounds") {
    const std::string file = write_layer_index(index_of(test::gzip(tar_of_all_kinds())));
    std::size_t head_bytes = 0;
    (void)with_head(file, [&](std::string& head) { head_bytes = head.size(); });
    std::size_t refused = 0;
    for (std::size_t at = 0; at < head_bytes; at += 3) {
        const std::string lie = with_head(file, [at](std::string& head) { head[at] = '\xff'; });
        try {
            const LayerIndex index = read_layer_index(lie);
            CHECK(index.table->size() <= 7);
        } catch (const base::Error&) {
            ++refused;
        }
    }
    CHECK(refused > 0);
    CHECK_THROWS_AS(read_layer_index(with_head(file, [](std::string& head) { head += '\0'; })),
                    base::InvalidDocument);
}

TEST_CASE("checkpoints become no more however large a layer is") {
    constexpr std::uint64_t kMiB = 1 << 20;
    CHECK(checkpoint_spacing(100 * kMiB).packed_spacing ==
          stream::CheckpointRequest{}.packed_spacing);
    CHECK(checkpoint_spacing(64'000 * kMiB).packed_spacing == 64'000 * kMiB / 2048);
}
