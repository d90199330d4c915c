#include "regtool/layer/layer_toc.hpp"

#include "regtool/base/error.hpp"
#include "support/catch.hpp"
#include "support/toc_layers.hpp"

using namespace regtool;

namespace {

constexpr std::uint64_t kDataEnd = 10'000;

layer::LayerToc read(std::string json, std::uint64_t data_end = kDataEnd) {
    stream::StringSource source(std::move(json));
    return layer::read_layer_toc(source, data_end);
}

std::string hash_of(const std::string& text) {
    return model::Digest::sha256_of(text).str();
}

layer::LayerToc entries(const std::string& list) {
    return read(R"({"version":1,"entries":[)" + list + "]}");
}

const std::string kHash = R"("chunkDigest":")" + hash_of("x") + '"';

}  // namespace

TEST_CASE("a table of contents gives entries, pieces and where their members end") {
    const auto toc = entries(
        R"({"name":"d/","type":"dir","mode":493,"modtime":"2020-01-02T03:04:05Z","xattrs":{"user.a":"AAE="}},)"
        R"({"name":"d/f","type":"reg","size":300,"uid":7,"userName":"u","offset":100,"chunkSize":200,)" +
        kHash + R"(},{"name":"d/f","type":"chunk","offset":400,"chunkOffset":200,)" + kHash +
        R"(},{"name":"d/g","type":"reg","size":5,"uid":7,"offset":400,"innerOffset":100,)" + kHash +
        R"(},{"name":"d/h","type":"reg"},{"name":"l","type":"symlink","linkName":"d/f"})");
    const layer::LayerTable& table = *toc.table();
    REQUIRE(table.size() == 5);
    CHECK(table[0].type == layer::EntryType::directory);
    CHECK(table[0].mode == 0755);
    CHECK(table[0].mtime == 1'577'934'245);
    CHECK(table[0].xattrs->at("user.a") == std::string("\0\1", 2));
    CHECK(table[1].user_name == "u");
    CHECK(table[2].user_name == "u");  // said only once
    CHECK(table[4].link_target == "d/f");
    REQUIRE(toc.chunks(1).size() == 2);
    CHECK(toc.chunks(1)[0].packed_end == 400);
    CHECK(toc.chunks(1)[1].bytes == 100);
    CHECK(toc.chunks(1)[1].packed_end == kDataEnd);
    CHECK(toc.chunks(2)[0].inner == 100);
    CHECK(toc.chunks(3).empty());
    CHECK(toc.chunks(4).empty());
}

TEST_CASE("a file of zstd:chunked may have one digest, holes, and its own end") {
    const auto toc = entries(
        R"({"name":"a","type":"reg","size":4,"offset":8,"endOffset":50,"digest":")" + hash_of("x") +
        R"("},{"name":"b","type":"reg","size":30,"offset":90,"chunkSize":10,)" + kHash +
        R"(},{"name":"b","type":"chunk","offset":95,"chunkOffset":10,)"
        R"("chunkSize":20,"chunkType":"zeros"})");
    CHECK(toc.chunks(0)[0].packed_end == 50);
    CHECK(toc.chunks(1)[0].packed_end == 95);
    CHECK(toc.chunks(1)[1].zeros);
    // A file says of its own pieces where they end, never of others.
    CHECK(
        entries(R"({"name":"a","type":"reg","size":4,"offset":8,"endOffset":999999,)" + kHash + "}")
            .chunks(0)[0]
            .packed_end == kDataEnd);
}

TEST_CASE("T-25 a table that lies about places or sizes is not taken") {
    const auto lie = [](const std::string& list) {
        CAPTURE(list);
        CHECK_THROWS_AS(entries(list), base::InvalidDocument);
    };
    lie(R"({"name":"f","type":"reg","size":5,"offset":10000,)" + kHash + "}");
    lie(R"({"name":"f","type":"reg","size":5,"offset":18446744073709551615,)" + kHash + "}");
    lie(R"({"name":"f","type":"reg","size":5,"offset":-1,)" + kHash + "}");
    lie(R"({"name":"f","type":"reg","size":18446744073709551615,"offset":1,)" + kHash + "}");
    lie(R"({"name":"f","type":"reg","size":5,"offset":1,"chunkSize":6,)" + kHash + "}");
    lie(R"({"name":"f","type":"reg","size":5,"offset":1,"chunkSize":4,)" + kHash + "}");
    lie(R"({"name":"f","type":"reg","size":5,"offset":1,"chunkOffset":1,)" + kHash + "}");
    lie(R"({"name":"f","type":"reg","size":5,"offset":1})");
    lie(R"({"name":"f","type":"reg","size":5,"offset":1,"chunkDigest":"sha256:abc"})");
    lie(R"({"name":"f","type":"reg","size":5,"offset":1,"chunkType":"odd",)" + kHash + "}");
    lie(R"({"name":"f","type":"chunk","size":5,"offset":1,)" + kHash + "}");
    lie(R"({"name":"d","type":"dir"},{"name":"d","type":"chunk","offset":1,)" + kHash + "}");
    lie(R"({"name":"f","type":"reg","size":5,"offset":1,)" + kHash +
        R"(},{"name":"f","type":"chunk","offset":1,"chunkOffset":5,)" + kHash + "}");
    lie(R"({"name":"f","type":"reg","size":9,"offset":1,"chunkSize":5,)" + kHash +
        R"(},{"name":"f","type":"chunk","offset":2,"chunkOffset":4,)" + kHash + "}");
}

TEST_CASE("T-24 a table that is no table is refused, whatever it is") {
    const auto no = [](const std::string& json) {
        CAPTURE(json.substr(0, 200));
        CHECK_THROWS_AS(read(json), base::InvalidDocument);
    };
    for (const std::string json :
         {"",
          "x",
          "[]",
          "1",
          "null",
          "{}",
          R"({"version":1})",
          R"({"entries":[]})",
          R"({"version":2,"entries":[]})",
          R"({"version":"1","entries":[]})",
          R"({"version":1,"entries":{}})",
          R"({"version":1,"entries":[1]})",
          R"({"version":1,"entries":[null]})",
          R"({"version":1,"entries":[[]]})",
          R"({"version":1,"entries":[],"entries":[]})",
          R"({"version":1,"entries":[]} x)",
          R"({"version":1,"entries":[{"name":"a","type":"dir","type":"reg"}]})",
          R"({"version":1,"entries":[{"name":1,"type":"dir"}]})",
          R"({"version":1,"entries":[{"name":{},"type":"dir"}]})",
          R"({"version":1,"entries":[{"name":"a","type":"dir","size":"1"}]})",
          R"({"version":1,"entries":[{"name":"a","type":"dir","size":1.5}]})",
          R"({"version":1,"entries":[{"name":"a","type":"dir","size":[]}]})",
          R"({"version":1,"entries":[{"name":"a","type":"dir","xattrs":[]}]})",
          R"({"version":1,"entries":[{"name":"a","type":"dir","xattrs":{"k":1}}]})",
          R"({"version":1,"entries":[{"name":"a","type":"dir","xattrs":{"k":"*"}}]})",
          R"({"version":1,"entries":[{"name":"a","type":"dir","modtime":"now"}]})",
          R"({"version":1,"entries":[{"name":"a","type":"door"}]})",
          R"({"version":1,"entries":[{"name":"a"}]})"}) {
        no(json);
    }
    no(std::string(100'000, '['));
    no(R"({"version":1,"entries":[{"name":"a","type":"dir","x":)" + std::string(100'000, '[') +
       "]}");
}

TEST_CASE("members of a table that mean nothing here are passed over") {
    CHECK(
        entries(
            R"({"name":"a","x":{"name":["b"],"type":1},"type":"dir","y":[{"size":"1"}],"size":null})")
            .table()
            ->path(0) == "a");
    CHECK(read(R"({"a":[{}],"version":1,"b":{"c":[]},"entries":[],"tarSplitDigest":"x"})")
              .table()
              ->size() == 0);
}

TEST_CASE("LAY-28 a table that could not hold a name is not taken for the layer") {
    CHECK_THROWS_AS(entries("{\"name\":\"caf\xef\xbf\xbd\",\"type\":\"dir\"}"),
                    base::InvalidDocument);
    CHECK_THROWS_AS(entries(R"({"name":"l","type":"symlink","linkName":"\ufffd"})"),
                    base::InvalidDocument);
    CHECK_THROWS_AS(entries(R"({"name":")" + std::string(256, 'n') + R"(","type":"dir"})"),
                    base::InvalidDocument);
    CHECK(entries(R"({"name":"caf\u00e9","type":"dir"})").table()->path(0) == "caf\xc3\xa9");
}
