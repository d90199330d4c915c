#include <filesystem>

#include "regtool/base/error.hpp"
#include "regtool/store/open_store.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"
#include "unit/registry/registry_lab.hpp"
#include "unit/store/sample_images.hpp"

using namespace regtool;
using test::SampleImage;

// What every store of this machine promises, whatever it keeps.

namespace {

struct Kind {
    std::string prefix;
    std::string file;
    std::string name;  ///< with its colon; empty where there are no names
};

const std::vector<Kind>& kinds() {
    static const std::vector<Kind> all{
        {"oci:", "layout", ":v1"},
        {"oci:", "layout", ""},
        {"oci-archive:", "archive.tar", ":v1"},
        {"oci-archive:", "archive.tar", ""},
        {"dir:", "folder", ""},
    };
    return all;
}

struct Lab {
    Lab() : lab([](const http::HttpRequest&) { return test::respond(404); }) {}

    [[nodiscard]] std::string image(const Kind& kind) const {
        return kind.prefix + (folder.path() / kind.file).string() + kind.name;
    }

    void write(const std::string& image, const SampleImage& sample) {
        const auto target = store::open_target(image, lab.client);
        sample.put_into(*target, target->wanted_name());
    }

    test::TempDir folder;
    test::RegistryLab lab;
};

void check_everything(store::ImageStore& store, const SampleImage& sample, bool with_others) {
    CHECK(store.root({}).bytes() == sample.root().bytes());
    CHECK(store.root({}).media_type() == sample.root().media_type());
    CHECK(store.resolve({}).digest == sample.root().digest());
    for (const model::Manifest& manifest : sample.manifests()) {
        if (with_others) {
            CHECK(store.manifest(manifest.descriptor(), {}).bytes() == manifest.bytes());
        }
    }
    for (const auto& [descriptor, bytes] : sample.blobs()) {
        CHECK(test::fetch(store, descriptor) == bytes);
        CHECK(store.blob_info(descriptor.digest, {})->size == bytes.size());
        CHECK(test::read_all(*store.open_blob({descriptor.digest, descriptor.size}, {})) == bytes);
    }
}

}  // namespace

TEST_CASE("OCL-17 what was put comes back byte for byte") {
    const Kind kind = GENERATE(from_range(kinds()));
    Lab lab;
    const std::string image = lab.image(kind);
    CAPTURE(image);
    SECTION("an image") {
        const auto sample = SampleImage::single();
        lab.write(image, sample);
        check_everything(*store::open_image(image, lab.lab.client), sample, true);
    }
    SECTION("an index") {
        const auto sample = SampleImage::index();
        lab.write(image, sample);
        check_everything(*store::open_image(image, lab.lab.client), sample, true);
    }
    SECTION("a nested index") {
        const auto sample = SampleImage::nested();
        lab.write(image, sample);
        check_everything(*store::open_image(image, lab.lab.client), sample, true);
    }
    SECTION("an artifact with a subject") {
        if (kind.prefix != "dir:") {  // which holds one image
            const auto sample = SampleImage::with_referrer();
            lab.write(image, sample);
            check_everything(*store::open_image(image, lab.lab.client), sample, true);
        }
    }
}

TEST_CASE("DIG-03 reading from the middle, and after what is held") {
    const Kind kind = GENERATE(from_range(kinds()));
    Lab lab;
    const auto sample = SampleImage::single();
    lab.write(lab.image(kind), sample);
    const auto store = store::open_image(lab.image(kind), lab.lab.client);
    const auto& [blob, bytes] = sample.blobs().front();

    stream::StringSink part(100);
    store->fetch_blob_range(blob.digest, 1000, 100, part, {});
    CHECK(part.text() == bytes.substr(1000, 100));
    CHECK_THROWS_AS(store->fetch_blob_range(blob.digest, bytes.size() - 1, 2, part, {}),
                    base::IntegrityError);

    stream::StringSource held(bytes.substr(0, 5000));
    stream::StringSink rest(bytes.size());
    std::uint64_t told = 0;
    CHECK(store->fetch_blob(
              {blob.digest, blob.size}, rest, {}, [&](std::uint64_t n) { told += n; }, &held) ==
          bytes.size());
    CHECK(rest.text() == bytes.substr(5000));
    CHECK(told == bytes.size());

    stream::StringSource wrong(std::string(5000, 'x'));
    CHECK_THROWS_AS(store->fetch_blob({blob.digest, blob.size}, rest, {}, {}, &wrong), base::Error);
    CHECK_THROWS_AS(
        test::fetch(*store, {blob.media_type, blob.digest, blob.size + 1, {}, {}, {}, {}, {}}),
        base::IntegrityError);
}

TEST_CASE("OCL-04 what is not there is said") {
    const Kind kind = GENERATE(from_range(kinds()));
    Lab lab;
    lab.write(lab.image(kind), SampleImage::single());
    const auto store = store::open_image(lab.image(kind), lab.lab.client);
    const model::Descriptor other{"", model::Digest::sha256_of("other"), 5, {}, {}, {}, {}, {}};
    CHECK_FALSE(store->blob_info(other.digest, {}));
    CHECK_THROWS_AS(test::fetch(*store, other), base::NotFound);
    CHECK_THROWS_AS(store->open_blob({other.digest, other.size}, {}), base::NotFound);
    CHECK_THROWS_AS(store->manifest(other, {}), base::NotFound);
    CHECK_FALSE(store->repository());
    if (!kind.name.empty()) {
        const auto missing = store->named("v2");
        CHECK_THROWS_AS(missing->root({}), base::NotFound);
        CHECK(store->names({}) == std::vector<std::string>{"v1"});
    }
}

TEST_CASE("F-25 without finish() what was there stays") {
    const Kind kind = GENERATE(from_range(kinds()));
    Lab lab;
    const auto before = SampleImage::single();
    const auto after = SampleImage::index();
    lab.write(lab.image(kind), before);
    {
        const auto target = store::open_target(lab.image(kind), lab.lab.client);
        for (const auto& [descriptor, bytes] : after.blobs()) {
            target->put_blob(descriptor, SampleImage::reader_of(descriptor, bytes), {}, {});
        }
        target->put_manifest(after.root(), target->wanted_name(), {});
    }
    check_everything(*store::open_image(lab.image(kind), lab.lab.client), before, true);
    lab.write(lab.image(kind), after);
    const std::string pinned = lab.image(kind) + "@" + after.root().digest().str();
    check_everything(*store::open_image(pinned, lab.lab.client), after, true);
}

TEST_CASE("DIG-01 a blob whose source lies is not put") {
    const Kind kind = GENERATE(from_range(kinds()));
    Lab lab;
    const auto target = store::open_target(lab.image(kind), lab.lab.client);
    const auto sample = SampleImage::single();
    const auto& [blob, bytes] = sample.blobs().front();
    const std::string wrong(bytes.size(), 'x');
    CHECK_THROWS_AS(target->put_blob(blob, SampleImage::reader_of(blob, wrong), {}, {}),
                    base::IntegrityError);
    CHECK(target->have_blobs(std::vector{blob}, {}) == std::vector{false});
}

TEST_CASE("REF-05 a digest names what is read, whatever the list says") {
    const Kind kind = GENERATE(from_range(kinds()));
    Lab lab;
    const auto sample = SampleImage::index();
    lab.write(lab.image(kind), sample);
    const model::Manifest& child = sample.manifests().front();
    const auto store =
        store::open_image(lab.image(kind) + "@" + child.digest().str(), lab.lab.client);
    CHECK(store->root({}).bytes() == child.bytes());
    CHECK(store->named_digest() == child.digest());
}

TEST_CASE("RFR-16 a layout answers who refers to an image") {
    Lab lab;
    const auto sample = SampleImage::with_referrer();
    const std::string image = "oci:" + (lab.folder.path() / "layout").string() + ":v1";
    lab.write(image, sample);
    const auto store = store::open_image(image, lab.lab.client);
    const auto found = store->referrers(sample.root().digest(), "", {});
    REQUIRE(found.size() == 1);
    CHECK(found[0].artifact_type == "application/vnd.example.sbom");
    CHECK(store->manifest(found[0], {}).subject()->digest == sample.root().digest());
    CHECK(store->referrers(sample.root().digest(), found[0].artifact_type, {}).size() == 1);
    CHECK(store->referrers(sample.root().digest(), "other/type", {}).empty());
    CHECK(store->referrers(found[0].digest, "", {}).empty());
}
