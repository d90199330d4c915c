#include <sys/stat.h>

#include <filesystem>

#include "regtool/base/error.hpp"
#include "regtool/store/open_store.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"
#include "unit/registry/registry_lab.hpp"
#include "unit/store/sample_images.hpp"

using namespace regtool;
namespace fs = std::filesystem;
using test::SampleImage;

namespace {

struct Lab {
    Lab() : lab([](const http::HttpRequest&) { return test::respond(404); }) {
        for (const model::Manifest& manifest : sample.manifests()) {
            folder.put(hex(manifest.digest()) + ".manifest.json", manifest.bytes());
        }
        for (const auto& [blob, bytes] : sample.blobs()) {
            folder.put(hex(blob.digest), bytes);
        }
        folder.put("manifest.json", sample.root().bytes());
        folder.put("version", "Directory Transport Version: 1.1\n");
    }

    static std::string hex(const model::Digest& digest) { return std::string(digest.encoded()); }

    [[nodiscard]] std::unique_ptr<store::ImageStore> open(const std::string& suffix = "") {
        return store::open_image("dir:" + folder.path().string() + suffix, lab.client);
    }

    test::TempDir folder;
    test::RegistryLab lab;
    SampleImage sample = SampleImage::index();
};

}  // namespace

TEST_CASE("OCL-17 a flat folder with an index") {
    Lab lab;
    const auto store = lab.open();
    CHECK(store->root({}).bytes() == lab.sample.root().bytes());
    CHECK(store->root({}).media_type() == lab.sample.root().media_type());
    CHECK(store->names({}).empty());
    CHECK_THROWS_AS(store->named("v1"), base::UsageError);
    const model::Manifest root = store->root({});
    for (const model::Descriptor& child : root.index()->manifests) {
        CHECK(store->manifest(child, {}).digest() == child.digest);
    }
    for (const auto& [blob, bytes] : lab.sample.blobs()) {
        CHECK(test::fetch(*store, blob) == bytes);
    }
    const model::Manifest& image = lab.sample.manifests().front();
    CHECK(lab.open("@" + image.digest().str())->root({}).bytes() == image.bytes());
}

TEST_CASE("T-39 a flat folder that lies or leads elsewhere") {
    Lab lab;
    const auto& [blob, bytes] = lab.sample.blobs().front();
    const fs::path file = lab.folder.path() / Lab::hex(blob.digest);
    SECTION("other bytes") {
        lab.folder.put(file.filename(), std::string(bytes.size(), 'x'));
        CHECK_THROWS_AS(test::fetch(*lab.open(), blob), base::IntegrityError);
    }
    SECTION("a link") {
        fs::remove(file);
        fs::create_symlink("/etc/passwd", file);
        CHECK_THROWS_AS(test::fetch(*lab.open(), blob), base::IntegrityError);
    }
    SECTION("a pipe") {
        fs::remove(file);
        REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
        CHECK_THROWS_AS(test::fetch(*lab.open(), blob), base::IntegrityError);
    }
    SECTION("gone") {
        fs::remove(file);
        CHECK_THROWS_AS(test::fetch(*lab.open(), blob), base::NotFound);
    }
    SECTION("a manifest that is a link, too large, broken, or not there") {
        const fs::path manifest = lab.folder.path() / "manifest.json";
        fs::remove(manifest);
        CHECK_THROWS_AS(lab.open()->root({}), base::InvalidDocument);
        fs::create_symlink("version", manifest);
        CHECK_THROWS_AS(lab.open()->root({}), base::IntegrityError);
        fs::remove(manifest);
        lab.folder.put("manifest.json", "{}");
        CHECK_THROWS_AS(lab.open()->root({}), base::InvalidDocument);
        lab.folder.put("manifest.json", std::string(5 << 20, ' '));
        CHECK_THROWS_AS(lab.open()->root({}), base::IntegrityError);
    }
    CHECK_THROWS_AS(store::open_image("dir:/no/such", lab.lab.client)->root({}), base::IoError);
}
