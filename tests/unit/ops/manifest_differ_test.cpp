#include "regtool/ops/manifest_differ.hpp"

#include <algorithm>

#include "support/catch.hpp"
#include "unit/ops/memory_store.hpp"

using namespace regtool;

namespace {

std::vector<std::string> fields(const ops::DiffReport& report) {
    std::vector<std::string> names;
    for (const ops::FieldChange& change : report.manifest.value()) {
        names.push_back(change.field);
    }
    return names;
}

bool has(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

TEST_CASE("indexes are compared as they are, and the images below for a platform") {
    const auto fill = [](test::MemoryStore& store, const std::string& layer) {
        const std::string amd = store.add_image({"same"}, test::config_of("amd64"));
        const std::string arm = store.add_image({layer}, test::config_of("arm64"));
        store.add_index({{amd, "amd64"}, {arm, "arm64"}});
    };
    test::MemoryStore before;
    test::MemoryStore after;
    fill(before, "one");
    fill(after, "two!");
    const auto compared = [&](const std::optional<model::Platform>& platform,
                              ops::DiffDepth depth = ops::DiffDepth::exact) {
        return ops::diff_named_manifests(before, after, platform, depth, {});
    };
    const auto whole = fields(compared(std::nullopt));
    CHECK(whole.at(0) == "digest");
    CHECK(has(whole, "manifests[linux/arm64].digest"));
    CHECK_FALSE(has(whole, "manifests[linux/amd64].digest"));
    CHECK(compared(model::Platform::parse("linux/amd64")).same());
    const auto one = fields(compared(model::Platform::parse("linux/arm64")));
    CHECK(has(one, "layers[0].digest"));
    CHECK(has(one, "layers[0].size"));
    CHECK(compared(std::nullopt).before.reference == "memory");
    CHECK_FALSE(compared(std::nullopt).config);
}

TEST_CASE("artifacts are compared, and blanks are a difference of the digest alone") {
    test::MemoryStore before;
    test::MemoryStore after;
    const std::string type = "application/vnd.oci.image.manifest.v1+json";
    const std::string text = R"({"schemaVersion":2,"artifactType":"application/x","config":)" +
                             before.describe("application/vnd.oci.empty.v1+json", "{}") +
                             R"(,"layers":[]})";
    before.add_document(type, text);
    after.add_document(type, " " + text);
    const auto compared = [&](ops::DiffDepth depth) {
        return ops::diff_named_manifests(before, after, std::nullopt, depth, {});
    };
    CHECK(fields(compared(ops::DiffDepth::exact)) == std::vector<std::string>{"digest"});
    CHECK(compared(ops::DiffDepth::semantic).same());
}
