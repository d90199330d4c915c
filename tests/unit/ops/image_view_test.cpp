#include "regtool/ops/image_view.hpp"

#include "regtool/base/error.hpp"
#include "support/catch.hpp"
#include "support/tar_builder.hpp"
#include "unit/ops/memory_store.hpp"

using namespace regtool;

namespace {

std::string tar_of(const std::string& name) {
    return test::TarBuilder().file(name, name).finish();
}

std::string rootfs(const std::string& type, const std::vector<std::string>& tars) {
    std::string diff_ids;
    for (const std::string& tar : tars) {
        diff_ids += (diff_ids.empty() ? "\"" : ",\"") + model::Digest::sha256_of(tar).str() + "\"";
    }
    return R"(,"rootfs":{"type":")" + type + R"(","diff_ids":[)" + diff_ids + "]}";
}

/// The names that an image of these layers shows.
std::string shown(test::MemoryStore& store, ops::ViewUse use) {
    test::NoProgress progress;
    ops::ImageView view = ops::open_view(store, {}, use, progress, {});
    const layer::MergedTree tree = ops::merge_layers(view, 2);
    std::string names;
    for (const auto node : tree.children(layer::MergedTree::kRoot)) {
        names += std::string(tree.name(node)) + " ";
    }
    return names;
}

std::string shown(const std::vector<std::string>& tars, const std::string& more, ops::ViewUse use) {
    test::MemoryStore store;
    store.add_image(tars, test::config_of("amd64", more));
    return shown(store, use);
}

}  // namespace

TEST_CASE("DIF-02 to unpack an image, each layer must be what the configuration names") {
    const std::vector<std::string> tars{tar_of("a"), tar_of("b")};
    CHECK(shown(tars, rootfs("layers", tars), ops::ViewUse::unpack) == "a b ");
    for (const std::vector<std::string>& others :
         {std::vector<std::string>{}, {tars[0]}, {tars[0], tars[1], tars[1]}, {tars[1], tars[0]}}) {
        CAPTURE(others.size());
        CHECK_THROWS_AS(shown(tars, rootfs("layers", others), ops::ViewUse::unpack),
                        base::IntegrityError);
        CHECK(shown(tars, rootfs("layers", others), ops::ViewUse::names) == "a b ");
    }
    CHECK_THROWS_AS(shown(tars, "", ops::ViewUse::unpack), base::IntegrityError);
}

TEST_CASE("DIF-05 a root file system that is not of layers is not unpacked") {
    const std::vector<std::string> tars{tar_of("a")};
    CHECK_THROWS_AS(shown(tars, rootfs("squashfs", tars), ops::ViewUse::unpack),
                    base::InvalidDocument);
    CHECK(shown(tars, rootfs("squashfs", tars), ops::ViewUse::contents) == "a ");
}

TEST_CASE("DIF-10 an artifact has no diff IDs to compare its layers with") {
    test::MemoryStore store;
    store.add_document(
        "application/vnd.oci.image.manifest.v1+json",
        R"({"schemaVersion":2,"artifactType":"application/x","config":)" +
            store.describe("application/vnd.oci.empty.v1+json", "{}") + R"(,"layers":[)" +
            store.describe("application/vnd.oci.image.layer.v1.tar", tar_of("a")) + "]}");
    CHECK(shown(store, ops::ViewUse::unpack) == "a ");
}
