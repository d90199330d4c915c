#include "regtool/store/layout_folder.hpp"

#include <sys/stat.h>
#include <unistd.h>

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

/// A layout with one image, "v1", and an outsider's secret beside it.
struct Layout {
    Layout() : lab([](const http::HttpRequest&) { return test::respond(404); }) {
        const auto target = store::open_target("oci:" + path.string() + ":v1", lab.client);
        sample.put_into(*target, "v1");
        folder.put("secret", sample.blobs().front().second);
    }

    [[nodiscard]] std::unique_ptr<store::ImageStore> open() {
        return store::open_image("oci:" + path.string() + ":v1", lab.client);
    }

    [[nodiscard]] fs::path blob() const {
        return path / store::blob_name(sample.blobs().front().first.digest);
    }

    void fetch() { (void)test::fetch(*open(), sample.blobs().front().first); }

    test::TempDir folder;
    fs::path path = folder.path() / "layout";
    test::RegistryLab lab;
    SampleImage sample = SampleImage::single();
};

}  // namespace

TEST_CASE("OCL-11 T-39 nothing but regular files below the folder is read") {
    Layout layout;
    const fs::path secret = layout.folder.path() / "secret";
    layout.fetch();
    SECTION("a blob that is a symbolic link, even to the right bytes") {
        fs::remove(layout.blob());
        fs::create_symlink(secret, layout.blob());
        CHECK_THROWS_AS(layout.fetch(), base::IntegrityError);
    }
    SECTION("a blob that is a FIFO") {
        fs::remove(layout.blob());
        REQUIRE(::mkfifo(layout.blob().c_str(), 0600) == 0);
        CHECK_THROWS_AS(layout.fetch(), base::IntegrityError);
    }
    SECTION("a blob that is a folder") {
        fs::remove(layout.blob());
        fs::create_directory(layout.blob());
        CHECK_THROWS_AS(layout.fetch(), base::IntegrityError);
    }
    SECTION("blobs/sha256 that leads elsewhere") {
        fs::rename(layout.path / "blobs/sha256", layout.folder.path() / "elsewhere");
        fs::create_directory_symlink(layout.folder.path() / "elsewhere",
                                     layout.path / "blobs/sha256");
        CHECK_THROWS_AS(layout.fetch(), base::IntegrityError);
    }
    SECTION("blobs that leads elsewhere") {
        fs::rename(layout.path / "blobs", layout.folder.path() / "elsewhere");
        fs::create_directory_symlink(layout.folder.path() / "elsewhere", layout.path / "blobs");
        CHECK_THROWS_AS(layout.fetch(), base::IntegrityError);
        CHECK_THROWS_AS(store::LayoutFolder::create(layout.path), base::IntegrityError);
    }
    SECTION("index.json that is a link") {
        fs::rename(layout.path / "index.json", layout.folder.path() / "index.json");
        fs::create_symlink(layout.folder.path() / "index.json", layout.path / "index.json");
        CHECK_THROWS_AS(layout.fetch(), base::IntegrityError);
    }
    SECTION("index.json of a gibibyte") {
        fs::resize_file(layout.path / "index.json", std::uintmax_t{1} << 30);
        CHECK_THROWS_AS(layout.fetch(), base::IntegrityError);
    }
    SECTION("oci-layout that is a FIFO") {
        fs::remove(layout.path / "oci-layout");
        REQUIRE(::mkfifo((layout.path / "oci-layout").c_str(), 0600) == 0);
        CHECK_THROWS_AS(layout.fetch(), base::IntegrityError);
    }
}

TEST_CASE("OCL-02 a blob that is not what its name says") {
    Layout layout;
    SECTION("other bytes of the same size") {
        layout.folder.put("layout/" + fs::relative(layout.blob(), layout.path).string(),
                          std::string(layout.sample.blobs().front().second.size(), 'x'));
    }
    SECTION("cut") {
        fs::resize_file(layout.blob(), 100);
    }
    SECTION("empty") {
        fs::resize_file(layout.blob(), 0);
    }
    CHECK_THROWS_AS(layout.fetch(), base::IntegrityError);
}

TEST_CASE("OCL-02 a manifest that is not what the index says") {
    Layout layout;
    const fs::path manifest = layout.path / store::blob_name(layout.sample.root().digest());
    fs::resize_file(manifest, fs::file_size(manifest) - 1);
    CHECK_THROWS_AS(layout.open()->root({}), base::IntegrityError);
    fs::remove(manifest);
    CHECK_THROWS_AS(layout.open()->root({}), base::NotFound);
}

TEST_CASE("OCL-01 a folder that is no layout") {
    Layout layout;
    SECTION("no oci-layout") {
        fs::remove(layout.path / "oci-layout");
    }
    SECTION("no index.json") {
        fs::remove(layout.path / "index.json");
    }
    SECTION("no blobs") {
        fs::remove_all(layout.path / "blobs");
    }
    SECTION("another version") {
        layout.folder.put("layout/oci-layout", R"({"imageLayoutVersion":"2.0.0"})");
    }
    SECTION("no version") {
        layout.folder.put("layout/oci-layout", "{}");
    }
    SECTION("no JSON") {
        layout.folder.put("layout/oci-layout", "1.0.0");
    }
    CHECK_THROWS_AS(layout.open()->root({}), base::InvalidDocument);
}

TEST_CASE("OCL-01 a folder that is not there") {
    Layout layout;
    fs::remove_all(layout.path);
    CHECK_THROWS_AS(layout.open()->root({}), base::IoError);
}

TEST_CASE("OCL-03 what a layout may hold besides") {
    Layout layout;
    layout.folder.put("layout/README", "hello");
    layout.folder.put("layout/blobs/sha256/not-a-digest", "hello");
    const std::string image = SampleImage::descriptor_of(layout.sample.root());
    const std::string other = R"({"mediaType":"application/x-other","digest":")" +
                              model::Digest::sha256_of("y").str() + R"(","size":1})";
    layout.folder.put("layout/index.json",
                      R"({"schemaVersion":2,"manifests":[)" + other + "," + image + "]}");
    const auto store = store::open_image("oci:" + layout.path.string(), layout.lab.client);
    CHECK(store->root({}).bytes() == layout.sample.root().bytes());
    CHECK(store->names({}).empty());
}
