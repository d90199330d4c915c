#include "regtool/layer/ztoc.hpp"

#include <functional>

#include "regtool/base/error.hpp"
#include "support/catch.hpp"
#include "support/packed.hpp"
#include "support/tar_builder.hpp"
#include "support/ztoc_builder.hpp"

using namespace regtool;
using namespace regtool::layer;

namespace {

constexpr std::uint64_t kSpan = 40'000;

/// Text that packs to many blocks.
std::string words(std::size_t count) {
    std::string text;
    for (std::size_t i = 0; text.size() < count; ++i) {
        text += std::to_string(i * 2'654'435'761U % 1'000'003) + ' ';
    }
    return text.substr(0, count);
}

std::string tar_of_all_kinds() {
    test::TarBuilder tar;
    tar.directory("d/").file("d/f", std::string(300, 'f')).symlink("l", "d/f").hardlink("h", "d/f");
    tar.pax({{"SCHILY.xattr.user.note", std::string("a\0b", 3)}, {"comment", "none"}})
        .file("x", "y");
    tar.pax({{"path", std::string(200, 'n')}}).file("short", words(70'000));
    tar.add(
        {.name = "tty", .type = '3', .uid = 5, .gid = 6, .user = "u", .group = "g", .major = 4});
    tar.file("exactly/two/blocks", std::string(1024, 'b'));
    tar.file("large", words(400'000)).file("empty", "").file("last", words(3000));
    return tar.finish();
}

LayerIndex read(const test::Ztoc& ztoc) {
    return read_ztoc(test::write_ztoc(ztoc), model::Digest::sha256_of("the layer"),
                     static_cast<std::uint64_t>(ztoc.packed_bytes));
}

/// What there is from a place in the tar on, up to another, by the fewest spans.
std::string unpack(const LayerIndex& index,
                   const std::string& stored,
                   std::uint64_t begin,
                   std::uint64_t end) {
    const stream::Checkpoint from = index.checkpoint_before(begin);
    const auto spans = index.chunks.covering({from.packed, index.packed_bytes_for(end)});
    REQUIRE(spans);
    std::unique_ptr<stream::Source> source = std::make_unique<stream::ChunkVerifyingSource>(
        std::make_unique<stream::StringSource>(
            stored.substr(spans->bytes.begin, spans->bytes.size())),
        index.chunks, spans->first);
    std::string skipped(from.packed - spans->bytes.begin, '\0');
    REQUIRE(source->read(std::as_writable_bytes(std::span(skipped))) == skipped.size());
    if (index.compression != stream::Compression::none) {
        source = std::make_unique<stream::DecompressingSource>(std::move(source), from);
    }
    std::string plain;
    std::vector<std::byte> block(1000);
    while (plain.size() < end - from.plain) {
        const std::size_t got = source->read(block);
        REQUIRE(got != 0);
        plain.append(reinterpret_cast<const char*>(block.data()), got);
    }
    return plain.substr(begin - from.plain, end - begin);
}

void check_all_of(const test::Ztoc& ztoc, const std::string& stored, const std::string& tar) {
    const LayerIndex index = read(ztoc);
    LayerReader reader(std::make_unique<stream::StringSource>(tar));
    for (std::size_t i = 0; i < index.table->size(); ++i) {
        const Entry* entry = reader.next();
        REQUIRE(entry != nullptr);
        const TableEntry told = (*index.table)[i];
        CHECK(index.table->path(i) == entry->path);
        CHECK(std::tie(told.link_target, told.type, told.mode, told.uid, told.gid) ==
              std::tie(entry->link_target, entry->type, entry->mode, entry->uid, entry->gid));
        CHECK(std::tie(told.user_name, told.group_name, told.size, told.mtime, told.device_major) ==
              std::tie(entry->user_name, entry->group_name, entry->size, entry->mtime,
                       entry->device_major));
        CHECK(*told.xattrs == entry->xattrs);
        CHECK(told.header_offset == reader.header_offset());
        const std::uint64_t end = index.entry_end(i);
        CHECK(unpack(index, stored, told.header_offset, end) ==
              tar.substr(told.header_offset, end - told.header_offset));
    }
    CHECK(reader.next() == nullptr);
}

/// A good one, and what makes it unreliable.
struct Defect {
    const char* name;
    std::function<void(test::Ztoc&)> make;
};

test::ZtocFile& file_named(test::Ztoc& ztoc, const std::string& name) {
    return *std::find_if(ztoc.files.begin(), ztoc.files.end(),
                         [&](const auto& file) { return file.name == name; });
}

}  // namespace

TEST_CASE("BLB-12 a zTOC tells of each entry, and each is found by its spans") {
    const std::string tar = tar_of_all_kinds();
    for (const std::uint64_t span : {kSpan, std::uint64_t{1000}, std::uint64_t{10'000'000}}) {
        for (const bool first_form : {false, true}) {
            const std::string stored = test::gzip(tar);
            check_all_of(test::ztoc_of_gzip(stored, tar, span, first_form), stored, tar);
        }
        const std::string named = test::gzip(tar, 9, "layer.tar", "with a longer header");
        check_all_of(test::ztoc_of_gzip(named, tar, span), named, tar);
        check_all_of(test::ztoc_of_tar(tar, span), tar, tar);
    }
}

TEST_CASE("BLB-12 spans of a gzip layer of several members") {
    const std::string tar = tar_of_all_kinds();
    std::string stored;
    for (std::size_t at = 0; at < tar.size(); at += 90'000) {
        stored += test::gzip(tar.substr(at, 90'000), 6, at == 0 ? "" : "a part");
    }
    check_all_of(test::ztoc_of_gzip(stored, tar, kSpan), stored, tar);
}

TEST_CASE("BLB-12 a span that begins within a byte is hashed with that byte") {
    const std::string tar = tar_of_all_kinds();
    const std::string stored = test::gzip(tar);
    const LayerIndex index = read(test::ztoc_of_gzip(stored, tar, kSpan));
    const auto& cuts = index.chunks.cuts;
    std::size_t shared = 0;
    for (std::size_t i = 1; i < cuts.size(); ++i) {
        shared += cuts[i].begin < cuts[i - 1].end ? 1U : 0U;
    }
    CHECK(shared > 0);
    CHECK(index.chunks.count() == cuts.size());
}

TEST_CASE("T-51 a zTOC that contradicts itself or the layer is refused") {
    const std::string tar = tar_of_all_kinds();
    const std::string stored = test::gzip(tar);
    constexpr std::int64_t kHuge = std::int64_t{1} << 62;
    const std::vector<Defect> defects{
        {"version", [](auto& z) { z.version = "1.0"; }},
        {"negative size", [](auto& z) { z.plain_bytes = -1; }},
        {"unknown compression", [](auto& z) { z.algorithm = 3; }},
        {"no digest for a span", [](auto& z) { z.digests.pop_back(); }},
        {"a digest too many", [](auto& z) { z.digests.push_back(z.digests.back()); }},
        {"other number of spans", [](auto& z) { ++z.last_span; }},
        {"digest that is none", [](auto& z) { z.digests[1] = "sha256:12"; }},
        {"digest of another kind",
         [](auto& z) { z.digests[1] = "sha512:" + std::string(128, 'a'); }},
        {"checkpoints cut", [](auto& z) { z.checkpoints.pop_back(); }},
        {"no checkpoints", [](auto& z) { z.checkpoints.clear(); }},
        {"more checkpoints than there are", [](auto& z) { z.checkpoints[0] += 2; }},
        {"bits of more than a byte", [](auto& z) { z.checkpoints[12 + 32785 + 16] = 9; }},
        {"stored places that go back",
         [](auto& z) {
             z.checkpoints[12 + 32785] = 1;
             z.checkpoints[12 + 32785 + 1] = 0;
             z.checkpoints[12 + 32785 + 2] = 0;
         }},
        {"unpacked places that go back", [](auto& z) { z.checkpoints[12 + 32785 + 8 + 7] = -1; }},
        {"first place after the beginning", [](auto& z) { z.checkpoints[12 + 8] = 1; }},
        {"checkpoint out of the layer", [](auto& z) { z.checkpoints[12 + 32785 + 5] = 1; }},
        {"entry out of the tar", [](auto& z) { file_named(z, "last").offset = kHuge; }},
        {"content out of the tar", [](auto& z) { file_named(z, "last").size = 1'000'000; }},
        {"negative offset", [](auto& z) { file_named(z, "last").offset = -512; }},
        {"negative file size", [](auto& z) { file_named(z, "last").size = -1; }},
        {"entry between blocks", [](auto& z) { file_named(z, "last").offset += 1; }},
        {"entries that overlap", [](auto& z) { file_named(z, "large").size += 1024; }},
        {"entries out of order", [](auto& z) { std::swap(z.files[1], z.files.back()); }},
        {"unknown type", [](auto& z) { file_named(z, "x").type = "door"; }},
        {"no time", [](auto& z) { file_named(z, "x").time = ""; }},
        {"time that is none", [](auto& z) { file_named(z, "x").time = "yesterday"; }},
        {"long name", [](auto& z) { file_named(z, "x").name = std::string(5000, 'x'); }},
        {"long part", [](auto& z) { file_named(z, "x").name = std::string(300, 'x'); }},
        {"long link", [](auto& z) { file_named(z, "l").link = std::string(5000, 'x'); }},
        {"device number", [](auto& z) { file_named(z, "tty").major = kHuge; }},
        {"sparse file",
         [](auto& z) {
             file_named(z, "x").pax = {{"GNU.sparse.major", "1"}};
         }},
    };
    const test::Ztoc good = test::ztoc_of_gzip(stored, tar, kSpan);
    REQUIRE(good.digests.size() > 3);
    (void)read(good);
    for (const Defect& defect : defects) {
        test::Ztoc bad = good;
        defect.make(bad);
        INFO(defect.name);
        CHECK_THROWS_AS(read(bad), base::InvalidDocument);
    }
    CHECK_THROWS_AS(read_ztoc(test::write_ztoc(good), model::Digest::sha256_of("x"), 5),
                    base::InvalidDocument);
}

TEST_CASE("T-51 a span that would not fit into memory is refused") {
    const std::string large(kMaxSpanBytes + 1024, '\0');
    test::Ztoc ztoc = test::ztoc_of_tar(large, kMaxSpanBytes + 1);
    CHECK_THROWS_AS(read(ztoc), base::InvalidDocument);
    ztoc = test::ztoc_of_tar(large, kMaxSpanBytes);
    CHECK(read(ztoc).chunks.count() == 2);
    ztoc.checkpoints = test::ztoc_of_tar("x", 1).checkpoints;
    CHECK_THROWS_AS(read(ztoc), base::InvalidDocument);
}

TEST_CASE("T-51 a zTOC that is cut or changed anywhere does no harm") {
    const std::string tar = test::TarBuilder().directory("d/").file("d/f", words(3000)).finish();
    const std::string bytes = test::write_ztoc(test::ztoc_of_tar(tar, 2000));
    const model::Digest layer = model::Digest::sha256_of("the layer");
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        try {
            (void)read_ztoc(bytes.substr(0, size), layer, tar.size());
        } catch (const base::InvalidDocument&) {
        }
    }
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        for (const char change : {'\x01', '\x80', '\xff'}) {
            std::string changed = bytes;
            changed[at] ^= change;
            try {
                (void)read_ztoc(changed, layer, tar.size());
            } catch (const base::InvalidDocument&) {
            }
        }
    }
    CHECK_THROWS_AS(read_ztoc("", layer, 0), base::InvalidDocument);
}
