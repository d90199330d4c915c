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
    Lab() : lab([](const http::HttpRequest&) { return test::respond(404); }) {}

    [[nodiscard]] std::unique_ptr<store::ImageTarget> target() {
        return store::open_target("dir:" + path.string(), lab.client);
    }

    void write(const SampleImage& sample) { sample.put_into(*target(), std::nullopt); }

    [[nodiscard]] bool has(const std::string& name) const { return fs::exists(path / name); }

    [[nodiscard]] std::size_t files() const {
        return static_cast<std::size_t>(
            std::distance(fs::directory_iterator(path), fs::directory_iterator()));
    }

    test::TempDir folder;
    fs::path path = folder.path() / "image";
    test::RegistryLab lab;
};

}  // namespace

TEST_CASE("OCL-17 an image takes the place of the former one, of which nothing stays") {
    Lab lab;
    const auto index = SampleImage::index();
    lab.write(index);
    CHECK(lab.files() == index.blobs().size() + index.manifests().size() - 1 + 2);
    lab.folder.put("image/signature-1", "of the former image");
    lab.folder.put("image/notes", "not ours");
    lab.write(index);
    CHECK(lab.has("signature-1"));

    const auto single = SampleImage::single("arm64");
    lab.write(single);
    CHECK_FALSE(lab.has("signature-1"));
    CHECK(lab.has("notes"));
    CHECK(lab.files() == single.blobs().size() + 2 + 1);
    const auto store = store::open_image("dir:" + lab.path.string(), lab.lab.client);
    CHECK(store->root({}).bytes() == single.root().bytes());
}

TEST_CASE("T-38 a planted blob in a flat folder is replaced") {
    Lab lab;
    const auto sample = SampleImage::single();
    lab.write(sample);
    const auto& [blob, bytes] = sample.blobs().front();
    const std::string name = "image/" + std::string(blob.digest.encoded());
    const auto target = lab.target();
    CHECK(target->have_blobs(std::vector{blob}, {}) == std::vector{true});
    lab.folder.put(name, std::string(bytes.size(), 'x'));
    CHECK(target->have_blobs(std::vector{blob}, {}) == std::vector{false});
    fs::remove(lab.folder.path() / name);
    fs::create_symlink("/etc/passwd", lab.folder.path() / name);
    CHECK_THROWS_AS(target->have_blobs(std::vector{blob}, {}), base::IntegrityError);
    target->put_blob(blob, SampleImage::reader_of(blob, bytes), {}, {});
    CHECK(target->have_blobs(std::vector{blob}, {}) == std::vector{true});
}

TEST_CASE("OCL-08 a folder with other things in it is no place for an image") {
    Lab lab;
    lab.folder.put("image/letter.txt", "dear");
    CHECK_THROWS_AS(lab.target(), base::UsageError);
    lab.folder.put("image/version", "3");
    CHECK_THROWS_AS(lab.target(), base::UsageError);
}

TEST_CASE("A flat folder holds one image without a name") {
    Lab lab;
    const auto target = lab.target();
    const auto sample = SampleImage::with_referrer();
    CHECK_THROWS_AS(target->put_manifest(sample.root(), "v1", {}), base::UsageError);
    CHECK_THROWS_AS(sample.put_into(*target, std::nullopt), base::UsageError);
    CHECK_FALSE(lab.has("manifest.json"));
}

TEST_CASE("F-35 a second writer of a flat folder is told so") {
    Lab lab;
    const auto sample = SampleImage::single();
    const auto& [blob, bytes] = sample.blobs().front();
    {
        const auto first = lab.target();
        first->put_blob(blob, SampleImage::reader_of(blob, bytes), {}, {});
        CHECK_THROWS_AS(lab.write(sample), base::IoError);
    }
    lab.write(sample);
    CHECK(lab.has("manifest.json"));
}
