#include "regtool/ops/layout_deleter.hpp"

#include <filesystem>
#include <fstream>

#include "regtool/base/error.hpp"
#include "regtool/base/fd.hpp"
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
    [[nodiscard]] std::string image(const std::string& what = "") const {
        return "oci:" + path.string() + what;
    }

    void write(const SampleImage& sample, const std::string& name = "") {
        const auto target = store::open_target(image(name.empty() ? "" : ":" + name), lab.client);
        sample.put_into(*target, target->wanted_name());
    }

    ops::LayoutDeletion deletion(const std::string& what) {
        return {store::open_image(image(what), lab.client), store::parse_location(image(what))};
    }

    ops::DeleteReport remove(const std::string& what) {
        ops::LayoutDeletion work = deletion(what);
        (void)work.plan({});
        return work.run({});
    }

    [[nodiscard]] bool has(const model::Digest& digest) const {
        return fs::exists(path / store::blob_name(digest));
    }

    [[nodiscard]] std::size_t blobs() const {
        std::size_t count = 0;
        for (const auto& file : fs::recursive_directory_iterator(path / "blobs")) {
            if (file.is_regular_file()) {
                ++count;
            }
        }
        return count;
    }

    /// Every byte of an image, from the layout alone.
    void check_whole(const SampleImage& sample, const std::string& what) {
        const auto store = store::open_image(image(what), lab.client);
        CHECK(store->root({}).digest() == sample.root().digest());
        for (const model::Manifest& manifest : sample.manifests()) {
            CHECK(store->manifest(manifest.descriptor(), {}).bytes() == manifest.bytes());
        }
        for (const auto& [blob, bytes] : sample.blobs()) {
            CHECK(test::fetch(*store, blob) == bytes);
        }
    }

    [[nodiscard]] std::string index_text() const {
        return base::read_file(path / "index.json", 100'000);
    }

    test::TempDir folder;
    fs::path path = folder.path() / "layout";
    test::RegistryLab lab{[](const http::HttpRequest&) { return test::respond(404); }};
};

std::string at(const SampleImage& sample) {
    return "@" + sample.root().digest().str();
}

}  // namespace

TEST_CASE("DEL-03 an image goes with all its names, what others need stays") {
    Lab lab;
    const auto amd = SampleImage::single("amd64");
    const auto arm = SampleImage::single("arm64");
    lab.write(amd, "v1");
    lab.write(amd, "latest");
    lab.write(arm, "v2");
    const std::string before = lab.index_text();
    const std::size_t all = lab.blobs();

    ops::LayoutDeletion work = lab.deletion(":v1");
    const ops::DeleteReport plan = work.plan({});
    CHECK(plan.reference == lab.image(at(amd)));
    CHECK(plan.tags == std::vector<std::string>{"latest", "v1"});
    CHECK_FALSE(plan.freed);
    CHECK(lab.index_text() == before);

    const ops::DeleteReport done = work.run({});
    CHECK(done.deleted);
    // Its manifest, its configuration and its upper layer; the lower one belongs to both.
    CHECK(done.freed.value().blobs == 3);
    CHECK(lab.blobs() == all - 3);
    CHECK(done.freed.value().bytes > amd.root().bytes().size());
    CHECK_FALSE(lab.has(amd.root().digest()));
    lab.check_whole(arm, ":v2");

    CHECK_THROWS_AS(lab.remove(":v1"), base::NotFound);
    (void)lab.remove("");  // the only one that is left
    CHECK(lab.blobs() == 0);
    CHECK(store::LayoutFolder::open(lab.path).index().entries().empty());
}

TEST_CASE("DEL-03 MED-27 a part of another image stays for it") {
    Lab lab;
    const auto nested = SampleImage::nested();
    const auto inner = SampleImage::index();
    lab.write(nested, "all");
    lab.write(inner, "inner");
    const std::size_t all = lab.blobs();

    ops::LayoutDeletion work = lab.deletion(":inner");
    CHECK(work.plan({}).used_by == std::vector<std::string>{"all"});
    CHECK(work.run({}).freed.value().blobs == 0);
    CHECK(lab.blobs() == all);
    lab.check_whole(nested, ":all");

    CHECK_THROWS_AS(lab.remove(at(inner)), base::UsageError);
    lab.check_whole(nested, ":all");
    (void)lab.remove(":all");
    CHECK(lab.blobs() == 0);
}

TEST_CASE("RFR-16 what refers to a deleted image is named and stays") {
    Lab lab;
    const auto sample = SampleImage::with_referrer();
    lab.write(sample, "v1");
    ops::LayoutDeletion work = lab.deletion(":v1");
    const std::string artifact = sample.manifests().at(1).digest().str();
    CHECK(work.plan({}).referrers == std::vector{artifact});
    (void)work.run({});
    const auto store = store::open_image(lab.image("@" + artifact), lab.lab.client);
    CHECK(store->root({}).subject()->digest == sample.root().digest());
    // With it goes the last of what is about the image.
    (void)lab.remove("@" + artifact);
    CHECK(lab.blobs() == 0);
}

TEST_CASE("OCL-10 nothing is deleted while a copy counts on what it found") {
    Lab lab;
    const auto amd = SampleImage::single("amd64");
    const auto arm = SampleImage::single("arm64");
    lab.write(amd, "v1");
    const std::string before = lab.index_text();
    const std::size_t all = lab.blobs();
    {
        const auto copy = store::open_target(lab.image(":v2"), lab.lab.client);
        const std::vector wanted{arm.blobs().front().first};
        CHECK(copy->have_blobs(wanted, {}) == std::vector{true});
        CHECK_THROWS_AS(lab.remove(":v1"), base::IoError);
        CHECK(lab.index_text() == before);
        CHECK(lab.blobs() == all);
        arm.put_into(*copy, "v2");
    }
    (void)lab.remove(":v1");
    lab.check_whole(arm, ":v2");
}

TEST_CASE("OCL-04 what cannot be read may need anything: then all blobs stay") {
    Lab lab;
    const auto amd = SampleImage::single("amd64");
    const auto arm = SampleImage::single("arm64");
    lab.write(amd, "v1");
    lab.write(arm, "v2");
    const fs::path manifest = lab.path / store::blob_name(arm.root().digest());
    const std::string bytes = base::read_file(manifest, 100'000);
    std::ofstream(manifest) << "{\"broken";
    const std::size_t all = lab.blobs();
    const ops::DeleteReport report = lab.remove(":v1");
    CHECK(report.unknown.size() == 1);
    CHECK(report.freed.value().blobs == 0);
    CHECK(lab.blobs() == all);
    std::ofstream(manifest) << bytes;
    lab.check_whole(arm, ":v2");
    // Listed by nothing now: by its digest it goes after all.
    CHECK(lab.remove(at(amd)).freed.value().blobs == 3);
    lab.check_whole(arm, ":v2");
}

TEST_CASE("OCL-03 MED-14 documents of unknown types keep what they name") {
    Lab lab;
    const auto amd = SampleImage::single("amd64");
    lab.write(amd, "v1");
    const auto& [layer, bytes] = amd.blobs().front();
    const std::string document = R"({"blobs":[{"digest":")" + layer.digest.str() + R"("}]})";
    const auto digest = model::Digest::sha256_of(document);
    lab.folder.put("layout/" + store::blob_name(digest), document);
    store::LayoutFolder::open(lab.path).update_index([&](store::LayoutIndex& index) {
        index.add({std::string(model::media_type::kOciArtifact),
                   digest,
                   document.size(),
                   {},
                   {},
                   {},
                   {},
                   {}});
    });
    (void)lab.remove(":v1");
    CHECK(lab.has(layer.digest));
    CHECK(lab.has(digest));
    CHECK(lab.blobs() == 2);
}

TEST_CASE("OCL-09 an image that got another name meanwhile is not deleted") {
    Lab lab;
    const auto amd = SampleImage::single("amd64");
    lab.write(amd, "v1");
    ops::LayoutDeletion work = lab.deletion(":v1");
    (void)work.plan({});
    lab.write(amd, "keep");
    CHECK_THROWS_AS(work.run({}), base::PreconditionError);
    lab.check_whole(amd, ":keep");
}

TEST_CASE("DEL-06 an image whose manifest is lost is deleted by its name") {
    Lab lab;
    const auto amd = SampleImage::single("amd64");
    lab.write(amd, "v1");
    fs::remove(lab.path / store::blob_name(amd.root().digest()));
    CHECK(lab.remove(":v1").deleted);
    CHECK(store::LayoutFolder::open(lab.path).index().entries().empty());
}

TEST_CASE("DEL-02 a name alone is taken away") {
    Lab lab;
    const auto amd = SampleImage::single("amd64");
    lab.write(amd, "v1");
    lab.write(amd, "latest");
    const std::size_t all = lab.blobs();
    const auto untag = [&lab](const std::string& name) {
        return ops::untag_in_layout(store::parse_location(lab.image(":" + name)));
    };
    const ops::DeleteReport report = untag("v1");
    CHECK(report.digest == amd.root().digest().str());
    CHECK(report.tags == std::vector<std::string>{"v1"});
    lab.check_whole(amd, ":latest");
    CHECK_THROWS_AS(untag("v1"), base::NotFound);
    // The last name, too: the image is found by its digest, and nothing of it is lost.
    (void)untag("latest");
    lab.check_whole(amd, at(amd));
    lab.check_whole(amd, "");
    CHECK(lab.blobs() == all);
}

TEST_CASE("OCL-06 a name that stands for two images is not guessed at") {
    Lab lab;
    const auto amd = SampleImage::single("amd64");
    const auto arm = SampleImage::single("arm64");
    lab.write(amd);
    lab.write(arm);
    const auto entry = [](const SampleImage& sample, const std::string& full) {
        const std::string text = SampleImage::descriptor_of(sample.root());
        return text.substr(0, text.size() - 1) +
               R"(,"annotations":{"org.opencontainers.image.ref.name":"1",)" +
               R"("io.containerd.image.name":")" + full + "\"}}";
    };
    lab.folder.put("layout/index.json", R"({"schemaVersion":2,"manifests":[)" +
                                            entry(amd, "docker.io/library/a:1") + "," +
                                            entry(arm, "docker.io/library/b:1") + "]}");
    CHECK_THROWS_AS(lab.remove(":1"), base::UsageError);
    CHECK_THROWS_AS(ops::untag_in_layout(store::parse_location(lab.image(":1"))), base::UsageError);
    CHECK(lab.remove(":docker.io/library/a:1").tags ==
          std::vector<std::string>{"1", "docker.io/library/a:1"});
    lab.check_whole(arm, ":1");
}
