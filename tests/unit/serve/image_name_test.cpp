#include "serve/image_name.hpp"

#include <nlohmann/json.hpp>

#include "support/catch.hpp"

using namespace regtool::serve;
using regtool::model::Digest;
using Json = nlohmann::ordered_json;

namespace {

constexpr const char* kRefName = "org.opencontainers.image.ref.name";

Json named(const std::string& name, const std::string& containerd = "") {
    Json annotations = Json::object();
    if (!name.empty()) {
        annotations[kRefName] = name;
    }
    if (!containerd.empty()) {
        annotations["io.containerd.image.name"] = containerd;
    }
    return {{"annotations", annotations}};
}

NewEntry entry_of(std::string_view bytes) {
    return {Digest::sha256_of(bytes), "application/vnd.oci.image.manifest.v1+json", bytes.size()};
}

std::string names_in(const Json& index) {
    std::string names;
    for (const Json& entry : index["manifests"]) {
        const auto name = name_of_entry(entry, "main");
        names += name->repository + (name->tag ? ":" + *name->tag : "") + " ";
    }
    return names;
}

Json empty_index() {
    return {{"manifests", Json::array()}};
}

}  // namespace

TEST_CASE("OCL-05 names of a layout are repositories and tags") {
    CHECK(name_of_entry(named("v1"), "main") == ImageName{"main", "v1"});
    CHECK(name_of_entry(named("team/app:v1"), "main") == ImageName{"team/app", "v1"});
    CHECK(name_of_entry(named("app:v1"), "main") == ImageName{"app", "v1"});
    CHECK(name_of_entry(named("quay.io/team/app:v1"), "main") == ImageName{"team/app", "v1"});
    CHECK(name_of_entry(named("localhost:5000/app:v1"), "main") == ImageName{"app", "v1"});
    CHECK(name_of_entry(named("v1", "docker.io/library/app:v1"), "main") ==
          ImageName{"library/app", "v1"});
    CHECK(name_of_entry(named("", "docker.io/library/app:v1"), "main") ==
          ImageName{"library/app", "v1"});
    CHECK(name_of_entry(named("app:v2", "docker.io/library/app:v1"), "main") ==
          ImageName{"app", "v2"});
    CHECK(name_of_entry(named(""), "main") == ImageName{"main", std::nullopt});
    CHECK(name_of_entry(Json::object(), "main") == ImageName{"main", std::nullopt});
    CHECK(name_of_entry(Json{{"annotations", {{"regtool.repository", "team/app"}}}}, "main") ==
          ImageName{"team/app", std::nullopt});
    CHECK(name_of_entry(Json{{"annotations", {{"regtool.repository", "../x"}}}}, "main") ==
          ImageName{"main", std::nullopt});
    for (const char* name : {"../x:v1", "A/b:v1", "app:", "app@sha256:abc", "a/b"}) {
        CHECK_FALSE(name_of_entry(named(name), "main"));
    }
    CHECK(name_of_entry(Json{{"annotations", 3}}, "main") == ImageName{"main", std::nullopt});
    CHECK(name_of_entry(Json(7), "main") == ImageName{"main", std::nullopt});
}

TEST_CASE("a folder's name makes a repository's") {
    CHECK(repository_of_folder("images") == "images");
    CHECK(repository_of_folder("My Images (2)") == "my-images-2");
    CHECK(repository_of_folder("a.b_c") == "a.b_c");
    CHECK(repository_of_folder(".hidden") == "hidden");
    CHECK(repository_of_folder("___") == "images");
    CHECK(repository_of_folder("") == "images");
    CHECK(repository_of_folder(std::string(400, 'a')).size() == 128);
}

TEST_CASE("OCL-09 a tag is put, moved and taken away") {
    Json index = empty_index();
    put_entry(index, "main", {"app", "v1"}, entry_of("one"));
    put_entry(index, "main", {"app", "v1"}, entry_of("one"));
    CHECK(names_in(index) == "app:v1 ");
    CHECK(index["manifests"][0]["annotations"][kRefName] == "app:v1");
    put_entry(index, "main", {"app", "v1"}, entry_of("two"));
    CHECK(names_in(index) == "app app:v1 ");  // the old manifest is still there by its digest
    CHECK(remove_tag(index, "main", {"app", "v1"}));
    CHECK(names_in(index) == "app app ");
    CHECK_FALSE(remove_tag(index, "main", {"app", "v1"}));
    CHECK(remove_manifest(index, "main", "app", Digest::sha256_of("one")));
    CHECK_FALSE(remove_manifest(index, "main", "app", Digest::sha256_of("one")));
    CHECK_FALSE(remove_manifest(index, "main", "other", Digest::sha256_of("two")));
    CHECK(names_in(index) == "app ");
}

TEST_CASE("a second tag of a manifest is a second entry, and its end leaves the first") {
    Json index = empty_index();
    put_entry(index, "main", {"app", "v1"}, entry_of("one"));
    put_entry(index, "main", {"app", "v2"}, entry_of("one"));
    CHECK(names_in(index) == "app:v1 app:v2 ");
    CHECK(remove_tag(index, "main", {"app", "v1"}));
    CHECK(names_in(index) == "app:v2 ");
}

TEST_CASE("a manifest pushed by digest gets its tag in the same entry") {
    Json index = empty_index();
    put_entry(index, "main", {"app", std::nullopt}, entry_of("one"));
    put_entry(index, "main", {"app", std::nullopt}, entry_of("one"));
    CHECK(names_in(index) == "app ");
    put_entry(index, "main", {"app", "v1"}, entry_of("one"));
    CHECK(names_in(index) == "app:v1 ");
    put_entry(index, "main", {"main", std::nullopt}, entry_of("two"));
    CHECK_FALSE(index["manifests"][1].contains("annotations"));
    put_entry(index, "main", {"main", "v1"}, entry_of("two"));
    CHECK(names_in(index) == "app:v1 main:v1 ");
}

TEST_CASE("OCL-09 a name keeps its spelling, and what stands beside it stays") {
    Json index = empty_index();
    Json plain = named("v1");
    plain["digest"] = Digest::sha256_of("old").str();
    plain["annotations"]["x"] = "kept";
    index["manifests"].push_back(plain);
    index["more"] = 1;
    put_entry(index, "main", {"main", "v1"}, entry_of("new"));
    CHECK(index["more"] == 1);
    CHECK(index["manifests"][0]["annotations"] == Json{{"x", "kept"}});
    CHECK(index["manifests"][1]["annotations"][kRefName] == "v1");
}

TEST_CASE("of two entries with one name both lose it") {
    Json index = empty_index();
    for (const char* bytes : {"a", "b"}) {
        Json entry = named("v1");
        entry["digest"] = Digest::sha256_of(bytes).str();
        index["manifests"].push_back(entry);
    }
    put_entry(index, "main", {"main", "v1"}, entry_of("c"));
    CHECK(names_in(index) == "main main main:v1 ");
}
