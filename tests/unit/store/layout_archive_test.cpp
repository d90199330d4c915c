#include "regtool/base/error.hpp"
#include "regtool/store/layout_folder.hpp"
#include "regtool/store/open_store.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"
#include "unit/registry/registry_lab.hpp"
#include "unit/store/sample_images.hpp"

using namespace regtool;
using test::SampleImage;
using test::TarBuilder;

namespace {

struct Lab {
    Lab() : lab([](const http::HttpRequest&) { return test::respond(404); }) {}

    [[nodiscard]] std::unique_ptr<store::ImageStore> open(const std::string& archive,
                                                          const std::string& name = "") {
        return store::open_image("oci-archive:" + folder.put("image.tar", archive) + name,
                                 lab.client);
    }

    [[nodiscard]] std::string index(const std::string& name) const {
        std::string entry = SampleImage::descriptor_of(sample.root());
        entry.pop_back();
        return R"({"schemaVersion":2,"manifests":[)" + entry +
               R"(,"annotations":{"org.opencontainers.image.ref.name":")" + name + R"("}}]})";
    }

    /// Index first, as some tools do, with `prefix` before every name.
    [[nodiscard]] TarBuilder tar(const std::string& prefix) const {
        TarBuilder tar;
        tar.file(prefix + "index.json", index("v1"));
        for (const model::Manifest& manifest : sample.manifests()) {
            tar.file(prefix + store::blob_name(manifest.digest()), manifest.bytes());
        }
        for (const auto& [blob, bytes] : sample.blobs()) {
            tar.file(prefix + store::blob_name(blob.digest), bytes);
        }
        tar.file(prefix + "oci-layout", std::string(store::kLayoutMarkerText));
        return tar;
    }

    void check_whole(store::ImageStore& store) const {
        CHECK(store.root({}).bytes() == sample.root().bytes());
        for (const auto& [blob, bytes] : sample.blobs()) {
            CHECK(test::fetch(store, blob) == bytes);
        }
    }

    test::TempDir folder;
    test::RegistryLab lab;
    SampleImage sample = SampleImage::index();
};

}  // namespace

TEST_CASE("OCL-13 names with and without a dot, any order, packed or not") {
    Lab lab;
    for (const std::string prefix : {"", "./", "/"}) {
        const std::string archive = lab.tar(prefix).finish();
        lab.check_whole(*lab.open(archive));
        lab.check_whole(*lab.open(test::gzip(archive), ":v1"));
        lab.check_whole(*lab.open(test::zstd(archive), "@" + lab.sample.root().digest().str()));
    }
}

TEST_CASE("OCL-14 what does not belong to a layout is passed over") {
    Lab lab;
    TarBuilder tar = lab.tar("");
    tar.directory("blobs/").file("letter.txt", "dear").symlink("link", "../../etc/passwd");
    tar.add({.name = "pipe", .type = '6'}).file("letter.txt", "other");
    lab.check_whole(*lab.open(tar.finish()));
}

TEST_CASE("OCL-14 T-39 blobs that are no files, or two") {
    Lab lab;
    const auto& [blob, bytes] = lab.sample.blobs().front();
    const std::string name = store::blob_name(blob.digest);
    TarBuilder tar;
    SECTION("a link") {
        tar.symlink(name, "../../../etc/passwd");
    }
    SECTION("a hard link") {
        tar.hardlink(name, "oci-layout");
    }
    SECTION("a pipe") {
        tar.add({.name = name, .type = '6'});
    }
    SECTION("two that differ") {
        tar.file(name, bytes).file(name, std::string(bytes.size(), 'x'));
    }
    tar.file("index.json", lab.index("v1"));
    tar.file("oci-layout", std::string(store::kLayoutMarkerText));
    const auto store = lab.open(tar.finish());
    CHECK(store->names({}) == std::vector<std::string>{"v1"});
    CHECK_THROWS_AS(test::fetch(*store, blob), base::Error);
    CHECK_THROWS_AS(store->blob_info(blob.digest, {}), base::Error);
}

TEST_CASE("OCL-01 T-39 what is no layout, and one that is too large") {
    Lab lab;
    const std::string marker(store::kLayoutMarkerText);
    const std::string index = lab.index("v1");
    CHECK_THROWS_AS(lab.open(TarBuilder().file("index.json", index).finish())->root({}),
                    base::InvalidDocument);
    CHECK_THROWS_AS(lab.open(TarBuilder().file("oci-layout", marker).finish())->root({}),
                    base::InvalidDocument);
    CHECK_THROWS_AS(
        lab.open(TarBuilder().file("oci-layout", "{}").file("index.json", index).finish())
            ->root({}),
        base::InvalidDocument);
    CHECK_THROWS_AS(lab.open(TarBuilder()
                                 .file("oci-layout", marker)
                                 .file("index.json", std::string(17 << 20, ' '))
                                 .finish())
                        ->root({}),
                    base::IntegrityError);
    CHECK_THROWS_AS(lab.open(TarBuilder()
                                 .file("oci-layout", marker)
                                 .symlink("index.json", "/etc/passwd")
                                 .finish())
                        ->root({}),
                    base::IntegrityError);
    CHECK_THROWS_AS(lab.open(TarBuilder().file("../oci-layout", marker).finish())->root({}),
                    base::IntegrityError);
}

TEST_CASE("T-39 more names than memory shall hold") {
    Lab lab;
    TarBuilder tar;
    for (int i = 0; i < 10'000; ++i) {
        std::string path = std::to_string(i);
        while (path.size() < 3'800) {
            path += "/" + std::string(200, 'x');
        }
        tar.pax({{"path", path}}).file("x", "");
    }
    CHECK_THROWS_AS(lab.open(tar.finish())->root({}), base::IntegrityError);
}
