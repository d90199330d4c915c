#include "store/layout_files.hpp"

#include "regtool/base/error.hpp"
#include "regtool/store/layout_folder.hpp"
#include "regtool/store/open_store.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"
#include "unit/registry/registry_lab.hpp"
#include "unit/store/sample_images.hpp"

using namespace regtool;
using test::SampleImage;

namespace {

using Annotations = std::vector<std::pair<std::string, std::string>>;

/// Layouts as other tools write them: the same content, another index.json.
struct Lab {
    void put_content(const SampleImage& sample) const {
        for (const model::Manifest& manifest : sample.manifests()) {
            folder.put("layout/" + store::blob_name(manifest.digest()), manifest.bytes());
        }
        for (const auto& [blob, bytes] : sample.blobs()) {
            folder.put("layout/" + store::blob_name(blob.digest), bytes);
        }
        folder.put("layout/oci-layout", R"({"imageLayoutVersion": "1.0.0"})");
    }

    void list(const std::vector<std::string>& entries) const {
        std::string text;
        for (const std::string& entry : entries) {
            text += (text.empty() ? "" : ",\n") + entry;
        }
        folder.put("layout/index.json",
                   "{\n \"schemaVersion\": 2,\n \"manifests\": [" + text + "]\n}");
    }

    static std::string entry(const SampleImage& sample, const Annotations& annotations = {}) {
        std::string text;
        for (const auto& [name, value] : annotations) {
            text += (text.empty() ? "\"" : ",\"") + name + "\":\"" + value + "\"";
        }
        const std::string descriptor = SampleImage::descriptor_of(sample.root());
        return text.empty() ? descriptor
                            : descriptor.substr(0, descriptor.size() - 1) + ",\"annotations\":{" +
                                  text + "}}";
    }

    [[nodiscard]] std::unique_ptr<store::ImageStore> open(const std::string& name = "") {
        return store::open_image("oci:" + (folder.path() / "layout").string() + name, lab.client);
    }

    void check_is(const SampleImage& sample, const std::string& name) {
        CAPTURE(name);
        const auto store = open(name);
        CHECK(store->root({}).bytes() == sample.root().bytes());
        for (const auto& [blob, bytes] : sample.blobs()) {
            CHECK(test::fetch(*store, blob) == bytes);
        }
    }

    test::TempDir folder;
    test::RegistryLab lab{[](const http::HttpRequest&) { return test::respond(404); }};
    SampleImage single = SampleImage::single();
    SampleImage nested = SampleImage::nested();
};

}  // namespace

TEST_CASE("OCL-05 OCL-06 a layout as crane writes it: no names, an index in the index") {
    Lab lab;
    lab.put_content(lab.nested);
    lab.list({Lab::entry(lab.nested)});
    lab.check_is(lab.nested, "");
    CHECK(lab.open()->names({}).empty());
    // crane appends what it pulls next.
    lab.put_content(lab.single);
    lab.list({Lab::entry(lab.nested), Lab::entry(lab.single)});
    CHECK_THROWS_AS(lab.open()->root({}), base::UsageError);
    lab.check_is(lab.single, "@" + lab.single.root().digest().str());
    lab.check_is(lab.nested, "@" + lab.nested.root().digest().str());
}

TEST_CASE("OCL-05 a layout as buildx and nerdctl write it: the tag, and containerd's whole name") {
    Lab lab;
    lab.put_content(lab.nested);
    lab.put_content(lab.single);
    const Annotations names{{"io.containerd.image.name", "docker.io/library/app:1"},
                            {"org.opencontainers.image.created", "2024-01-01T00:00:00Z"},
                            {"org.opencontainers.image.ref.name", "1"}};
    lab.list({Lab::entry(lab.nested, names)});
    for (const char* name : {"", ":1", ":app:1", ":docker.io/library/app:1"}) {
        lab.check_is(lab.nested, name);
    }
    CHECK(lab.open()->names({}) == std::vector<std::string>{"1"});
    CHECK_THROWS_AS(lab.open(":other:1")->root({}), base::NotFound);
    // Two images may have one tag: then the whole names tell them apart.
    lab.list({Lab::entry(lab.nested, names),
              Lab::entry(lab.single, {{"io.containerd.image.name", "docker.io/library/db:1"},
                                      {"org.opencontainers.image.ref.name", "1"}})});
    CHECK_THROWS_AS(lab.open(":1")->root({}), base::UsageError);
    lab.check_is(lab.single, ":db:1");
    lab.check_is(lab.nested, ":app:1");
    CHECK(lab.open()->names({}) ==
          std::vector<std::string>{"docker.io/library/app:1", "docker.io/library/db:1"});
}

TEST_CASE("OCL-05 a layout as skopeo writes it: whole references as names") {
    Lab lab;
    lab.put_content(lab.nested);
    lab.put_content(lab.single);
    const auto named = [](const std::string& name) {
        return Annotations{{"org.opencontainers.image.ref.name", name}};
    };
    lab.list({Lab::entry(lab.single, named("quay.io/org/app:v3")),
              Lab::entry(lab.nested, named("docker.io/library/db:v4"))});
    for (const char* name : {":quay.io/org/app:v3", ":v3"}) {
        lab.check_is(lab.single, name);
    }
    for (const char* name : {":docker.io/library/db:v4", ":db:v4", ":v4"}) {
        lab.check_is(lab.nested, name);
    }
    CHECK_THROWS_AS(lab.open(":app:v3")->root({}), base::NotFound);
}

TEST_CASE("OCL-05 a layout as docker save writes it: an entry for each name") {
    Lab lab;
    lab.put_content(lab.single);
    const auto named = [](const std::string& tag) {
        return Annotations{{"io.containerd.image.name", "docker.io/library/app:" + tag},
                           {"org.opencontainers.image.ref.name", tag}};
    };
    lab.list({Lab::entry(lab.single, named("1")), Lab::entry(lab.single, named("latest"))});
    for (const char* name : {"", ":1", ":latest", ":app:latest"}) {
        lab.check_is(lab.single, name);
    }
    CHECK(lab.open()->names({}) == std::vector<std::string>{"1", "latest"});
}
