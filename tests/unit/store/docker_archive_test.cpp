#include "regtool/base/error.hpp"
#include "regtool/store/open_store.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"
#include "unit/registry/registry_lab.hpp"
#include "unit/store/sample_images.hpp"

using namespace regtool;
using test::SampleImage;
using test::TarBuilder;

namespace {

std::string hex(const std::string& bytes) {
    return std::string(model::Digest::sha256_of(bytes).encoded());
}

std::string saved(const std::string& config, const std::string& tags, const std::string& layers) {
    return R"({"Config":")" + config + R"(","RepoTags":)" + tags + R"(,"Layers":[)" + layers + "]}";
}

struct Lab {
    Lab() : lab([](const http::HttpRequest&) { return test::respond(404); }) {}

    [[nodiscard]] std::unique_ptr<store::ImageStore> open(const std::string& archive,
                                                          const std::string& name = "") {
        const std::string path = folder.put("saved.tar", archive);
        return store::open_image("docker-archive:" + path + name, lab.client);
    }

    /// The archive with the image's files as `docker save` named them before its 25th release.
    [[nodiscard]] TarBuilder old_form(const std::string& tags = R"(["app:1"])") const {
        TarBuilder tar;
        tar.directory("a/").file("a/layer.tar", sample.plain_layers()[0]);
        tar.symlink("b/layer.tar", "../c/layer.tar").file("c/layer.tar", sample.plain_layers()[1]);
        tar.file(config_name, sample.config());
        tar.file("manifest.json",
                 "[" + saved(config_name, tags, R"("a/layer.tar","b/layer.tar")") + "]");
        return tar;
    }

    /// An archive with one layer and whatever else.
    [[nodiscard]] TarBuilder with_layers(const std::string& names) const {
        TarBuilder tar;
        tar.file(config_name, sample.config());
        tar.file("manifest.json", "[" + saved(config_name, "null", names) + "]");
        return tar;
    }

    test::TempDir folder;
    test::RegistryLab lab;
    SampleImage sample = SampleImage::single();
    std::string config_name = hex(sample.config()) + ".json";
};

void check_layers(store::ImageStore& store, const std::vector<std::string>& layers) {
    const model::Manifest root = store.root({});
    REQUIRE(root.image() != nullptr);
    REQUIRE(root.image()->layers.size() == layers.size());
    for (std::size_t i = 0; i < layers.size(); ++i) {
        CHECK(test::fetch(store, root.image()->layers[i]) == layers[i]);
    }
}

}  // namespace

TEST_CASE("DAR-01 DAR-04 the old form, with a layer behind a link") {
    Lab lab;
    const auto store = lab.open(lab.old_form().finish(), ":app:1");
    check_layers(*store, lab.sample.plain_layers());
    CHECK(test::fetch(*store, store->root({}).image()->config) == lab.sample.config());
    CHECK(store->names({}) == std::vector<std::string>{"app:1"});
    CHECK(store->root({}).image()->layers[0].media_type == model::media_type::kOciLayer);
    CHECK_THROWS_AS(store->named("app:2")->root({}), base::NotFound);
    CHECK(store->named("docker.io/library/app:1")->resolve({}).digest == store->resolve({}).digest);
}

TEST_CASE("DAR-02 archive and layers may be packed") {
    Lab lab;
    const auto& layers = lab.sample.plain_layers();
    const std::string packed = test::gzip(layers[0]);
    const std::string frame = test::zstd(layers[1]);
    TarBuilder tar = lab.with_layers(R"("./x.tar.gz","y")");
    tar.file("x.tar.gz", packed).file("./y", frame);
    const auto pack = GENERATE(0, 1, 2);
    const std::string archive = pack == 0   ? tar.finish()
                                : pack == 1 ? test::gzip(tar.finish())
                                            : test::zstd(tar.finish());
    const auto store = lab.open(archive);
    check_layers(*store, {packed, frame});
    CHECK(store->root({}).image()->layers[0].media_type == model::media_type::kOciLayerGzip);
    CHECK(store->root({}).image()->layers[1].media_type == model::media_type::kOciLayerZstd);
    CHECK(store->names({}) == std::vector<std::string>{"@0"});
    CHECK(store->named("@0")->root({}).digest() == store->root({}).digest());
}

TEST_CASE("DAR-05 several images: by tag, by number, or a list of what there is") {
    Lab lab;
    const auto other = SampleImage::single("arm64");
    TarBuilder tar;
    for (const SampleImage* image : std::vector<const SampleImage*>{&lab.sample, &other}) {
        tar.file(hex(image->config()) + ".json", image->config());
        tar.file(hex(image->plain_layers()[1]) + ".tar", image->plain_layers()[1]);
    }
    tar.file("base.tar", other.plain_layers()[0]);
    const auto layers = [](const SampleImage& image) {
        return R"("base.tar",")" + hex(image.plain_layers()[1]) + R"(.tar")";
    };
    tar.file("manifest.json",
             "[" + saved(lab.config_name, R"(["a:1","a:2"])", layers(lab.sample)) + "," +
                 saved(hex(other.config()) + ".json", "null", layers(other)) + "," +
                 saved(lab.config_name, R"(["b:1"])", layers(lab.sample)) + "]");
    const auto store = lab.open(tar.finish());
    CHECK(store->names({}) == std::vector<std::string>{"a:1", "a:2", "b:1", "@1"});
    CHECK_THROWS_AS(store->root({}), base::UsageError);
    check_layers(*store->named("b:1"), lab.sample.plain_layers());
    check_layers(*store->named("@1"), other.plain_layers());
    CHECK_THROWS_AS(store->named("@2")->root({}), base::NotFound);
}

TEST_CASE("DAR-07 an archive that is a layout, too, keeps the digests") {
    Lab lab;
    const model::Manifest& root = lab.sample.root();
    TarBuilder tar;
    tar.file("oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
    for (const auto& [blob, bytes] : lab.sample.blobs()) {
        tar.file("blobs/sha256/" + std::string(blob.digest.encoded()), bytes);
    }
    tar.file("blobs/sha256/" + std::string(root.digest().encoded()), root.bytes());
    std::string entry = SampleImage::descriptor_of(root);
    entry.pop_back();
    tar.file("index.json", R"({"schemaVersion":2,"manifests":[)" + entry +
                               R"(,"annotations":{"io.containerd.image.name":)"
                               R"("docker.io/library/app:1","org.opencontainers.image.ref.name":)"
                               R"("1"}}]})");
    tar.file("manifest.json", "[]");
    const auto store = lab.open(tar.finish(), ":app:1");
    CHECK(store->root({}).bytes() == root.bytes());
    CHECK(store->names({}) == std::vector<std::string>{"docker.io/library/app:1"});
}

TEST_CASE("DAR-03 configuration and layers must belong together") {
    Lab lab;
    const auto& layers = lab.sample.plain_layers();
    SECTION("a plain layer that is another one is found when it is read") {
        TarBuilder tar = lab.with_layers(R"("x","y")");
        tar.file("x", layers[0]).file("y", layers[0]);
        const auto store = lab.open(tar.finish());
        CHECK_THROWS_AS(test::fetch(*store, store->root({}).image()->layers[1]),
                        base::IntegrityError);
    }
    SECTION("a packed one at once") {
        TarBuilder tar = lab.with_layers(R"("x","y")");
        tar.file("x", layers[0]).file("y", test::gzip("other"));
        CHECK_THROWS_AS(lab.open(tar.finish())->root({}), base::IntegrityError);
    }
    SECTION("one layer too few") {
        TarBuilder tar = lab.with_layers(R"("x")");
        tar.file("x", layers[0]);
        CHECK_THROWS_AS(lab.open(tar.finish())->root({}), base::IntegrityError);
    }
    SECTION("one file for two layers") {
        TarBuilder tar = lab.with_layers(R"("x","x")");
        tar.file("x", layers[0]);
        CHECK_THROWS_AS(lab.open(tar.finish())->root({}), base::IntegrityError);
    }
    SECTION("a configuration that does not hash to its name") {
        TarBuilder tar;
        tar.file(lab.config_name, lab.sample.config() + " ");
        tar.file("manifest.json", "[" + saved(lab.config_name, "null", "") + "]");
        CHECK_THROWS_AS(lab.open(tar.finish())->root({}), base::IntegrityError);
    }
}

TEST_CASE("T-40 nothing outside of the archive is read") {
    Lab lab;
    lab.folder.put("secret", lab.sample.plain_layers()[0]);
    const std::string secret = (lab.folder.path() / "secret").string();
    SECTION("by a link up") {
        TarBuilder tar = lab.with_layers(R"("a/x","a/x")");
        tar.symlink("a/x", "../../secret");
        CHECK_THROWS_AS(lab.open(tar.finish())->root({}), base::IntegrityError);
    }
    SECTION("by an absolute link") {
        TarBuilder tar = lab.with_layers(R"("x","x")");
        tar.symlink("x", secret);
        CHECK_THROWS_AS(lab.open(tar.finish())->root({}), base::InvalidDocument);
    }
    SECTION("by a link to a link") {
        TarBuilder tar = lab.with_layers(R"("x","x")");
        tar.symlink("x", "y").symlink("y", "z").file("z", lab.sample.plain_layers()[0]);
        CHECK_THROWS_AS(lab.open(tar.finish())->root({}), base::IntegrityError);
    }
    SECTION("by a link to itself") {
        TarBuilder tar = lab.with_layers(R"("x","x")");
        tar.symlink("x", "x");
        CHECK_THROWS_AS(lab.open(tar.finish())->root({}), base::IntegrityError);
    }
    SECTION("by a name in manifest.json") {
        for (const std::string& name : {secret, std::string("../secret")}) {
            const TarBuilder tar = lab.with_layers("\"" + name + "\",\"" + name + "\"");
            CHECK_THROWS_AS(lab.open(tar.finish())->root({}), base::Error);
        }
        TarBuilder tar;
        tar.file("manifest.json", "[" + saved("../secret", "null", "") + "]");
        CHECK_THROWS_AS(lab.open(tar.finish())->root({}), base::IntegrityError);
    }
    SECTION("by the name of an entry") {
        TarBuilder tar = lab.with_layers(R"("x","x")");
        tar.file("../x", "x");
        CHECK_THROWS_AS(lab.open(tar.finish())->root({}), base::IntegrityError);
    }
    SECTION("by an entry that is no file") {
        TarBuilder tar = lab.with_layers(R"("x","x")");
        tar.add({.name = "x", .type = '6'});
        CHECK_THROWS_AS(lab.open(tar.finish())->root({}), base::IntegrityError);
    }
}

TEST_CASE("DAR-11 two entries of one name") {
    Lab lab;
    SECTION("the same bytes are one") {
        TarBuilder tar = lab.old_form();
        tar.file("./a/layer.tar", lab.sample.plain_layers()[0]);
        check_layers(*lab.open(tar.finish()), lab.sample.plain_layers());
    }
    SECTION("others are refused") {
        TarBuilder tar = lab.old_form();
        std::string other = lab.sample.plain_layers()[0];
        other.back() = 'x';
        tar.file("a/layer.tar", other);
        CHECK_THROWS_AS(lab.open(tar.finish())->root({}), base::InvalidDocument);
    }
}

TEST_CASE("DAR-01 T-40 lists of nothing, of nonsense and of too much") {
    Lab lab;
    const auto read = [&lab](const std::string& list) {
        TarBuilder tar;
        tar.file(lab.config_name, lab.sample.config()).file("manifest.json", list);
        return lab.open(tar.finish())->root({});
    };
    for (const std::string list :
         {"", "null", "[]", "{}", "[1]", "[{}]", R"([{"Config":1}])",
          R"([{"Config":"x","Layers":{}}])", R"([{"Config":"x","RepoTags":[1]}])",
          R"([{"Config":"not-there"}])"}) {
        CAPTURE(list);
        CHECK_THROWS_AS(read(list), base::InvalidDocument);
    }
    std::string many;
    for (int i = 0; i < 1001; ++i) {
        many += (many.empty() ? "" : ",") + std::string("\"x\"");
    }
    CHECK_THROWS_AS(read("[" + saved(lab.config_name, "null", many) + "]"), base::IntegrityError);
    CHECK_THROWS_AS(read(std::string(17 << 20, ' ')), base::IntegrityError);
    CHECK_THROWS_AS(lab.open(TarBuilder().file("repositories", "{}").finish())->root({}),
                    base::InvalidDocument);
    CHECK_THROWS_AS(lab.open("")->root({}), base::InvalidDocument);
    CHECK_THROWS_AS(lab.open("no tar at all")->root({}), base::InvalidDocument);
    CHECK_THROWS_AS(
        store::open_image("docker-archive:" + lab.folder.path().string(), lab.lab.client)->root({}),
        base::IoError);
    CHECK_THROWS_AS(store::open_image("docker-archive:/no/such", lab.lab.client)->root({}),
                    base::IoError);
}

TEST_CASE("LAY-26 an archive that was cut names nothing") {
    Lab lab;
    const std::string whole = lab.old_form().finish();
    for (std::size_t cut = 512; cut < whole.size() - 1024; cut += 4096) {
        CAPTURE(cut);
        CHECK_THROWS_AS(lab.open(whole.substr(0, cut))->root({}), base::Error);
    }
    const std::string packed = test::gzip(whole);
    CHECK_THROWS_AS(lab.open(packed.substr(0, packed.size() / 2))->root({}), base::Error);
}
