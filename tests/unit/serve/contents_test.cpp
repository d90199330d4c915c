#include "serve/contents.hpp"

#include <nlohmann/json.hpp>

#include "regtool/base/text.hpp"
#include "serve/image_name.hpp"
#include "support/catch.hpp"

using namespace regtool;
using namespace regtool::serve;
using Json = nlohmann::ordered_json;

namespace {

constexpr const char* kManifest = "application/vnd.oci.image.manifest.v1+json";
constexpr const char* kIndex = "application/vnd.oci.image.index.v1+json";

struct Lab {
    std::unique_ptr<Storage> storage = make_memory_storage(std::uint64_t{1} << 24);
    base::NullLog log;
    Contents contents{*storage, "main", log};

    model::Digest put(const std::string& bytes) const {
        const auto digest = model::Digest::sha256_of(bytes);
        auto blob = storage->begin_blob();
        blob->append(base::as_bytes(bytes));
        storage->commit(std::move(blob), digest);
        return digest;
    }

    model::Digest name(const std::string& bytes, const char* type, const ImageName& name) const {
        const auto digest = put(bytes);
        storage->edit_index([&](Json& index) {
            put_entry(index, "main", name, {digest, type, bytes.size()});
        });
        return digest;
    }
};

std::string image(const std::string& note) {
    return Json{{"schemaVersion", 2},
                {"mediaType", kManifest},
                {"config",
                 {{"mediaType", "application/x"},
                  {"digest", model::Digest::sha256_of("config").str()},
                  {"size", 6}}},
                {"layers", Json::array()},
                {"annotations", {{"note", note}}}}
        .dump();
}

std::string index_of(const std::string& child, const char* type) {
    return Json{{"schemaVersion", 2},
                {"mediaType", kIndex},
                {"manifests",
                 {{{"mediaType", type},
                   {"digest", model::Digest::sha256_of(child).str()},
                   {"size", child.size()}}}}}
        .dump();
}

}  // namespace

TEST_CASE("children of an index are reached by their digests, in their repository alone") {
    Lab lab;
    const std::string child = image("child");
    const auto child_digest = lab.put(child);
    const std::string inner = index_of(child, kManifest);
    (void)lab.put(inner);
    (void)lab.name(index_of(inner, kIndex), kIndex, {"app", "v1"});
    (void)lab.name(image("other"), kManifest, {"other", "v1"});
    const auto now = lab.contents.now();
    CHECK(now->at("app").manifests.size() == 3);
    CHECK(now->at("app").manifests.at(child_digest)->annotations.at("note") == "child");
    CHECK(now->at("other").manifests.count(child_digest) == 0);
    CHECK(holder_of(*now, child_digest)->substr(0, 4) == "app@");
    CHECK(holder_of(*now, model::Digest::sha256_of("config")));
    CHECK_FALSE(holder_of(*now, model::Digest::sha256_of("nothing")));
}

TEST_CASE("T-39 an index of itself, a missing child and a broken manifest hide nothing else") {
    Lab lab;
    (void)lab.name("{", kManifest, {"app", "broken"});
    (void)lab.name(index_of("never pushed", kManifest), kIndex, {"app", "sparse"});
    (void)lab.name(image("good"), kManifest, {"app", "good"});
    lab.storage->edit_index([](Json& index) {
        index["manifests"].push_back(3);
        index["manifests"].push_back({{"digest", "../../x"}, {"size", -1}});
    });
    const auto now = lab.contents.now();
    CHECK(now->at("app").tags.size() == 3);
    CHECK(lab.contents.manifest_bytes(now->at("app").tags.at("good").digest));
}

TEST_CASE("T-24 a nest of many indexes is walked without recursion") {
    Lab lab;
    std::string last = image("bottom");
    (void)lab.put(last);
    const char* type = kManifest;
    for (int i = 0; i < 2000; ++i) {
        last = index_of(last, type);
        type = kIndex;
        (void)lab.put(last);
    }
    (void)lab.name(last, kIndex, {"deep", "v1"});
    CHECK(lab.contents.now()->at("deep").manifests.size() == 2001);
}

TEST_CASE("a snapshot stays while the layout changes") {
    Lab lab;
    (void)lab.name(image("one"), kManifest, {"app", "v1"});
    const auto before = lab.contents.now();
    CHECK(lab.contents.now() == before);
    (void)lab.name(image("two"), kManifest, {"app", "v2"});
    CHECK(before->at("app").tags.size() == 1);
    CHECK(lab.contents.now()->at("app").tags.size() == 2);
}
