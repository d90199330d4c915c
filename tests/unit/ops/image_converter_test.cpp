#include "regtool/ops/image_converter.hpp"

#include <nlohmann/json.hpp>

#include "regtool/ops/image_view.hpp"
#include "regtool/stream/compressor.hpp"
#include "support/catch.hpp"
#include "support/tar_builder.hpp"
#include "unit/ops/memory_store.hpp"

using namespace regtool;
using nlohmann::json;
using ops::ManifestFormat;
using stream::Compression;

namespace {

constexpr std::size_t kLimit = std::size_t{1} << 20;

std::string packed(const std::string& plain, Compression compression) {
    stream::StringSink out(kLimit);
    stream::CompressingSink sink(out, compression);
    sink.write(std::as_bytes(std::span(plain)));
    sink.finish();
    return out.text();
}

std::string config_for(const std::string& plain) {
    return R"({"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":[")" +
           model::Digest::sha256_of(plain).str() + "\"]}}";
}

struct Image {
    std::shared_ptr<test::MemoryStore> store = std::make_shared<test::MemoryStore>();

    std::string add(const std::string& plain,
                    Compression compression,
                    const std::string& config,
                    const std::string& more = "") {
        const bool zstd = compression == Compression::zstd;
        return store->add_document(
            "application/vnd.oci.image.manifest.v1+json",
            R"({"schemaVersion":2,"unknown":[1],"config":)" +
                store->describe("application/vnd.oci.image.config.v1+json", config) +
                R"(,"layers":[)" +
                store->describe(std::string("application/vnd.oci.image.layer.v1.tar+") +
                                    (zstd ? "zstd" : "gzip"),
                                packed(plain, compression)) +
                "]" + more + "}");
    }

    ops::ConvertedImage convert(const ops::Conversion& conversion) {
        test::NoProgress progress;
        return ops::convert_image(store, store->root({}), conversion, 2, progress, {});
    }
};

std::string content(store::ImageStore& store, const model::Descriptor& blob) {
    stream::StringSink out(kLimit);
    (void)store.fetch_blob({blob.digest, blob.size}, out, {}, {}, nullptr);
    stream::DecompressingSource source(std::make_unique<stream::StringSource>(out.text()));
    stream::StringSink plain(kLimit);
    (void)stream::pump(source, plain);
    CHECK(to_string(source.compression()) != "none");
    return plain.text();
}

}  // namespace

TEST_CASE("DIF-01 layers are packed anew, what they unpack to and the configuration stay") {
    Image image;
    const std::string plain(5000, 'x');
    image.add(plain, Compression::gzip, config_for(plain));
    ops::Conversion conversion;
    conversion.compression = Compression::zstd;
    const auto converted = image.convert(conversion);
    const model::ImageManifest& made = *converted.root.image();
    CHECK(made.layers.at(0).media_type == "application/vnd.oci.image.layer.v1.tar+zstd");
    CHECK(made.config.digest == image.store->root({}).image()->config.digest);
    CHECK(content(*converted.store, made.layers.at(0)) == plain);
    CHECK(json::parse(converted.root.bytes())["unknown"] == json::array({1}));
    CHECK(converted.store->manifest(converted.root.descriptor(), {}).digest() ==
          converted.root.digest());
    // What is in the wanted form already stays, unless a level is asked for.
    conversion.compression = Compression::gzip;
    CHECK(image.convert(conversion).root.image()->layers.at(0).digest ==
          image.store->root({}).image()->layers.at(0).digest);
    conversion.level = 9;
    CHECK(image.convert(conversion).root.image()->layers.at(0).digest !=
          image.store->root({}).image()->layers.at(0).digest);
}

TEST_CASE("DIF-02 a layer that is not what the configuration names is not packed") {
    Image image;
    image.add("one", Compression::gzip, config_for("another"));
    ops::Conversion conversion;
    conversion.compression = Compression::zstd;
    CHECK_THROWS_AS(image.convert(conversion), base::IntegrityError);
}

TEST_CASE("MED-40 a conversion to Docker's format and back tells what is lost") {
    Image image;
    image.add("plain", Compression::gzip, config_for("plain"), R"(,"annotations":{"a":"b"})");
    ops::Conversion conversion;
    conversion.format = ManifestFormat::docker;
    const auto docker = image.convert(conversion);
    const json body = json::parse(docker.root.bytes());
    CHECK(body["mediaType"] == "application/vnd.docker.distribution.manifest.v2+json");
    CHECK(body["config"]["mediaType"] == "application/vnd.docker.container.image.v1+json");
    CHECK(body["layers"][0]["mediaType"] == "application/vnd.docker.image.rootfs.diff.tar.gzip");
    CHECK_FALSE(body.contains("annotations"));
    REQUIRE(docker.notes.size() == 1);
    CHECK(docker.notes[0].find("annotations") == 0);

    Image zstd;
    zstd.add("plain", Compression::zstd, config_for("plain"));
    CHECK_THROWS_AS(zstd.convert(conversion), base::UsageError);
    conversion.compression = Compression::gzip;
    CHECK(zstd.convert(conversion).root.media_type() ==
          "application/vnd.docker.distribution.manifest.v2+json");
}

TEST_CASE("all platforms of an index, attestations pointing at the new image") {
    Image image;
    const std::string amd = image.add("amd", Compression::gzip, config_for("amd"));
    const std::string statement = image.add("statement", Compression::gzip, "{}");
    const std::string old = json::parse(amd)["digest"];
    const auto entry = [](const std::string& child, const std::string& more) {
        return child.substr(0, child.size() - 1) + "," + more + "}";
    };
    image.store->add_document(
        "application/vnd.oci.image.index.v1+json",
        R"({"schemaVersion":2,"manifests":[)" +
            entry(amd, R"("platform":{"os":"linux","architecture":"amd64"})") + "," +
            entry(statement,
                  R"("platform":{"os":"unknown","architecture":"unknown"},"annotations":{)"
                  R"("vnd.docker.reference.type":"attestation-manifest",)"
                  R"("vnd.docker.reference.digest":")" +
                      old + "\"}") +
            "]}");
    ops::Conversion conversion;
    conversion.compression = Compression::zstd;
    const auto converted = image.convert(conversion);
    const model::IndexManifest& index = *converted.root.index();
    REQUIRE(index.manifests.size() == 2);
    CHECK(index.manifests[0].digest.str() != old);
    CHECK(index.manifests[0].platform->architecture == "amd64");
    CHECK(index.manifests[1].annotations.at("vnd.docker.reference.digest") ==
          index.manifests[0].digest.str());
    CHECK(index.manifests[1].digest.str() == json::parse(statement)["digest"]);
    conversion = {};
    conversion.format = ManifestFormat::docker;
    CHECK(image.convert(conversion).root.index()->manifests.size() == 1);
}

TEST_CASE("an artifact has no other format") {
    Image image;
    image.store->add_document("application/vnd.oci.image.manifest.v1+json",
                              R"({"schemaVersion":2,"artifactType":"a/b","config":)" +
                                  image.store->describe("application/vnd.oci.empty.v1+json", "{}") +
                                  R"(,"layers":[]})");
    ops::Conversion conversion;
    conversion.format = ManifestFormat::docker;
    CHECK_THROWS_AS(image.convert(conversion), base::UsageError);
}

TEST_CASE("DIF-11 packing anew changes a layer's digest, not its diff ID, as unpacking proves") {
    Image image;
    const std::string plain = test::TarBuilder().file("f", "content").finish();
    image.add(plain, Compression::gzip, config_for(plain));
    ops::Conversion conversion;
    conversion.compression = Compression::zstd;
    const auto converted = image.convert(conversion);
    CHECK(converted.root.image()->layers.at(0).digest !=
          image.store->root({}).image()->layers.at(0).digest);
    test::NoProgress progress;
    const ops::ChosenImage chosen{converted.root, converted.root, {}};
    const ops::ImageView view =
        ops::open_view(*converted.store, chosen, ops::ViewUse::unpack, progress, {});
    CHECK(view.contents->table(0)->path(0) == "f");
    CHECK(view.contents->fetched(0).checked == ops::Checked::digest);
}
