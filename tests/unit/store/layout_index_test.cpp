#include "regtool/store/layout_index.hpp"

#include "regtool/base/error.hpp"
#include "regtool/model/media_type.hpp"
#include "support/catch.hpp"

using namespace regtool;
using store::LayoutIndex;

namespace {

model::Descriptor descriptor_of(const std::string& seed) {
    return {std::string(model::media_type::kOciManifest),
            model::Digest::sha256_of(seed),
            7,
            {},
            {},
            {},
            {},
            {}};
}

std::string entry(const std::string& seed, const std::string& more = "") {
    return R"({"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":")" +
           model::Digest::sha256_of(seed).str() + R"(","size":7)" + more + "}";
}

std::string named(const std::string& name) {
    return R"(,"annotations":{"org.opencontainers.image.ref.name":")" + name + "\"}";
}

bool never(const model::Descriptor& /*listed*/) {
    return false;
}

bool always(const model::Descriptor& /*listed*/) {
    return true;
}

}  // namespace

TEST_CASE("OCL-09 what is not changed keeps its very bytes") {
    const std::string before =
        "{ \"unknown\" : 1.0e0,\n \"manifests\": [\n  " +
        entry("a", R"(, "x-size" : 1E2, "annotations" : {"k":"\u0061[]{},"})") + " ,\n" +
        entry("b", named("b")) + "\n], \"annotations\":{\"manifests\":\"[\"} }\n";
    LayoutIndex index = LayoutIndex::parse(before, "index.json");
    CHECK(index.entries().size() == 2);
    CHECK(index.text() == before);
    index.add(descriptor_of("a"));
    CHECK(index.text() == before);

    index.set_name("c", descriptor_of("c"), never);
    const std::string after = index.text();
    const std::size_t cut = before.rfind("\n], ");
    CHECK(after == before.substr(0, cut) + "\n," + entry("c", named("c")) + before.substr(cut + 1));
    CHECK(LayoutIndex::parse(after, "index.json").named("c") != nullptr);
}

TEST_CASE("OCL-09 a name moves") {
    LayoutIndex index =
        LayoutIndex::parse("{\"manifests\":[" + entry("a", named("v1")) + "]}", "index.json");
    SECTION("and the entry that had it goes") {
        index.set_name("v1", descriptor_of("b"), never);
        CHECK(index.text() == "{\"manifests\":[" + entry("b", named("v1")) + "]}");
    }
    SECTION("and an entry with another purpose stays without it") {
        index.set_name("v1", descriptor_of("b"), always);
        CHECK(index.text() ==
              "{\"manifests\":[" + entry("a") + "," + entry("b", named("v1")) + "]}");
    }
    SECTION("to a second name of the same image") {
        index.set_name("v2", descriptor_of("a"), never);
        CHECK(index.entries().size() == 2);
        CHECK(index.named("v1") != nullptr);
        CHECK(index.named("v2") != nullptr);
    }
    SECTION("nowhere when it is right already, A32") {
        const std::string before = index.text();
        index.set_name("v1", descriptor_of("a"), never);
        CHECK(index.text() == before);
    }
    SECTION("to an entry that had none") {
        index.add(descriptor_of("b"));
        index.set_name("v2", descriptor_of("b"), never);
        CHECK(index.entries().size() == 2);
    }
}

TEST_CASE("OCL-09 names and images are taken out") {
    const std::string first = entry("a", named("v1"));
    const std::string second = entry("b", named("v2"));
    const std::string again = entry("a", named("latest"));
    const std::string full = entry("c", R"(,"annotations":{"io.containerd.image.name":"x/c:1",)"
                                        R"("org.opencontainers.image.ref.name":"1","k":"v"})");
    const auto index_of = [](const std::string& entries) {
        return R"({"manifests":[)" + entries + "]}";
    };
    const std::string all = first + "," + second + "," + again + "," + full;
    LayoutIndex index = LayoutIndex::parse(index_of(all), "index.json");
    SECTION("a manifest, with every entry that it has") {
        index.remove(model::Digest::sha256_of("a"));
        CHECK(index.text() == index_of(second + "," + full));
        index.remove(model::Digest::sha256_of("nobody"));
        CHECK(index.text() == index_of(second + "," + full));
    }
    SECTION("a name of two: its entry goes, the other stays") {
        index.remove_name("v1");
        CHECK(index.text() == index_of(second + "," + again + "," + full));
    }
    SECTION("the only name: the entry stays in its place, without it") {
        index.remove_name("v2");
        CHECK(index.text() == index_of(first + "," + entry("b") + "," + again + "," + full));
    }
    SECTION("containerd's name goes with the tag; what else is said of it stays") {
        index.remove_name("x/c:1");
        CHECK(index.text() == index_of(first + "," + second + "," + again + "," +
                                       entry("c", R"(,"annotations":{"k":"v"})")));
    }
}

TEST_CASE("OCL-01 forms of an index without entries") {
    for (const char* text : {R"({"manifests":null,"a":1})", R"({"manifests":[ ]})", R"({})",
                             R"({"schemaVersion":2})", R"({"manifests":[]})"}) {
        CAPTURE(text);
        LayoutIndex index = LayoutIndex::parse(text, "index.json");
        CHECK(index.entries().empty());
        index.add(descriptor_of("a"));
        CHECK(LayoutIndex::parse(index.text(), "index.json").entries().size() == 1);
    }
}

TEST_CASE("OCL-01 an index that is none") {
    for (const char* text :
         {"", "[]", "{", R"({"manifests":{}})", R"({"manifests":[1]})", R"({"manifests":[{}]})",
          R"({"manifests":[],"manifests":[]})", R"({"m\u0061nifests":[]})",
          R"({"manifests":[{"mediaType":"a/b","digest":"sha256:../../x","size":1}]})"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(LayoutIndex::parse(text, "index.json"), base::InvalidDocument);
    }
}
