#include "regtool/ops/differ.hpp"

#include <filesystem>

#include "support/catch.hpp"
#include "support/tar_builder.hpp"
#include "support/temp_dir.hpp"
#include "unit/ops/memory_store.hpp"

using namespace regtool;

namespace {

ops::DiffReport compare(const std::vector<std::string>& before,
                        const std::vector<std::string>& after,
                        const ops::DiffOptions& options = {},
                        const std::string& config_before = test::config_of("amd64"),
                        const std::string& config_after = test::config_of("amd64")) {
    test::MemoryStore first;
    test::MemoryStore second;
    first.add_image(before, config_before);
    second.add_image(after, config_after);
    test::NoProgress progress;
    return ops::diff_images(first, second, options, progress, {}).report;
}

/// "+/path", "-/path" or "~/path what what".
std::vector<std::string> lines(const ops::DiffReport& report) {
    std::vector<std::string> all;
    for (const ops::FileChange& change : *report.files) {
        std::string line = (change.before ? change.after ? "~" : "-" : "+") + change.path;
        for (const std::string& what : change.what) {
            line += " " + what;
        }
        all.push_back(line);
    }
    return all;
}

std::vector<std::string> fields(const std::vector<ops::FieldChange>& changes) {
    std::vector<std::string> all;
    for (const ops::FieldChange& change : changes) {
        all.push_back(change.field + " " + change.before.value_or("none") + " " +
                      change.after.value_or("none"));
    }
    return all;
}

using Strings = std::vector<std::string>;

}  // namespace

TEST_CASE("the same image does not differ, and nothing of its layers is read") {
    const ops::DiffReport report = compare({"no tar at all"}, {"no tar at all"});
    CHECK(report.same());
    CHECK(report.files->empty());
}

TEST_CASE("files that were added, removed and changed, and how") {
    const auto before = test::TarBuilder()
                            .directory("d")
                            .file("d/same", "same")
                            .file("d/gone", "x")
                            .file("larger", "1")
                            .file("other", "abc")
                            .add({.name = "mode", .content = "m", .mode = 0755})
                            .add({.name = "owner", .content = "o", .uid = 1})
                            .add({.name = "time", .content = "t", .mtime = 5})
                            .symlink("link", "a")
                            .file("type", "x")
                            .finish();
    const auto after = test::TarBuilder()
                           .directory("d")
                           .file("d/same", "same")
                           .file("d/new", "x")
                           .file("larger", "12")
                           .file("other", "abd")
                           .add({.name = "mode", .content = "m", .mode = 0700})
                           .add({.name = "owner", .content = "o", .uid = 2})
                           .add({.name = "time", .content = "t", .mtime = 6})
                           .symlink("link", "b")
                           .directory("type")
                           .file("type/inside", "")
                           .finish();
    Strings found = lines(compare({before}, {after}));
    CHECK(found == Strings{"-/d/gone", "+/d/new", "~/larger content", "~/link target",
                           "~/mode mode", "~/other content", "~/owner owner", "~/time time",
                           "~/type type mode", "+/type/inside"});
    ops::DiffOptions semantic;
    semantic.depth = ops::DiffDepth::semantic;
    std::erase(found, "~/time time");
    CHECK(lines(compare({before}, {after}, semantic)) == found);
}

TEST_CASE("merged views are compared, not layers") {
    const auto base = test::TarBuilder().file("a", "1").file("b", "2").finish();
    const auto upper = test::TarBuilder().file(".wh.b", "").file("c", "3").finish();
    const auto squashed = test::TarBuilder().file("a", "1").file("c", "3").finish();
    ops::DiffOptions semantic;
    semantic.depth = ops::DiffDepth::semantic;
    CHECK(compare({base, upper}, {squashed}, semantic).same());
    CHECK(lines(compare({base}, {base, upper})) == Strings{"-/b", "+/c"});
    CHECK(lines(compare({base, upper}, {base})) == Strings{"+/b", "-/c"});
}

TEST_CASE("hard links count unless the difference is semantic") {
    const auto linked = test::TarBuilder().file("a", "1").hardlink("b", "a").finish();
    const auto copied = test::TarBuilder().file("a", "1").file("b", "1").finish();
    CHECK(lines(compare({linked}, {copied})) == Strings{"~/a links", "~/b links"});
    ops::DiffOptions semantic;
    semantic.depth = ops::DiffDepth::semantic;
    CHECK(compare({linked}, {copied}, semantic).same());
}

TEST_CASE("packages of dpkg, status.d and apk are compared by name and version") {
    const auto image = [](const std::string& version, const std::string& extra) {
        return test::TarBuilder()
            .file("var/lib/dpkg/status",
                  "Package: p\nVersion: " + version + "\n\nPackage: q\nVersion: 1\n")
            .file("var/lib/dpkg/status.d/r", "Package: r\nVersion: " + version + "\n")
            .file("var/lib/dpkg/status.d/r.md5sums", "Package: no\nVersion: " + version + "\n")
            .file("usr/lib/apk/db/installed", "P:musl\nV:" + version + "\n" + extra)
            .symlink("lib", "usr/lib")
            .finish();
    };
    const auto report = compare({image("1", "")}, {image("2", "\nP:new\nV:1\n")});
    Strings found;
    for (const ops::PackageChange& change : *report.packages) {
        found.push_back(change.manager + " " + change.name + " " +
                        (change.before.empty() ? "" : change.before[0].version) + ">" +
                        change.after.at(0).version);
    }
    CHECK(found == Strings{"apk musl 1>2", "apk new >1", "dpkg p 1>2", "dpkg r 1>2"});
    CHECK(report.notes.empty());
}

TEST_CASE("databases of rpm that are not read are told of where they differ") {
    const auto image = [](const std::string& folder, const std::string& name,
                          const std::string& bytes) {
        return test::TarBuilder().file(folder + "/" + name, bytes).finish();
    };
    for (const char* folder : {"usr/lib/sysimage/rpm", "var/lib/rpm"}) {
        for (const char* name : {"Packages", "Packages.db", "rpmdb.sqlite-wal"}) {
            const auto one = image(folder, name, "1");
            CHECK(compare({one}, {one}).notes.empty());
            CHECK(compare({}, {image(folder, name, "")}).notes.empty());
            const auto report = compare({one}, {image(folder, name, "2")});
            REQUIRE(report.notes.size() == 1);
            CHECK(report.notes[0].starts_with("/" + std::string(folder) + "/" + name + ": "));
            CHECK(report.packages->empty());
        }
    }
    // One file by two names is told of once.
    const auto linked = [](const std::string& bytes) {
        return test::TarBuilder()
            .file("usr/lib/sysimage/rpm/Packages.db", bytes)
            .symlink("var/lib/rpm", "../../usr/lib/sysimage/rpm")
            .finish();
    };
    CHECK(compare({linked("1")}, {linked("2")}).notes.size() == 1);
}

namespace {

/// Two images that share a layer, and what reading their layers costs.
struct Known {
    explicit Known(const test::TempDir& folder) : cache(folder.path()) {
        const auto shared = test::TarBuilder().file("shared", "s").finish();
        before.add_image({shared, upper("abc", "1")}, test::config_of("amd64"));
        after.add_image({shared, upper("abd", "2")}, test::config_of("amd64"));
        for (test::MemoryStore* store : {&before, &after}) {
            store->be_repository("localhost/app");
        }
    }

    static std::string upper(const std::string& content, const std::string& version) {
        return test::TarBuilder()
            .file("f", content)
            .file("var/lib/dpkg/status", "Package: p\nVersion: " + version + "\n")
            .finish();
    }

    ops::DiffReport compare() {
        return ops::diff_images(before, after, {}, progress, {}, &cache).report;
    }

    /// Reads of layers, whole and in part.
    int layer_reads() {
        int count = 0;
        for (test::MemoryStore* store : {&before, &after}) {
            const auto root = store->root({});
            for (const model::Descriptor& layer : root.image()->layers) {
                count += store->reads[layer.digest.str()] + store->part_reads[layer.digest.str()];
            }
        }
        return count;
    }

    test::MemoryStore before;
    test::MemoryStore after;
    test::NoProgress progress;
    ops::LayerIndexCache cache;
};

}  // namespace

TEST_CASE("a second comparison of known images reads no layer") {
    const test::TempDir folder;
    Known first(folder);
    const auto report = first.compare();
    CHECK(first.layer_reads() == 3);
    CHECK(lines(report) == Strings{"~/f content", "~/var/lib/dpkg/status content"});
    REQUIRE(report.packages->size() == 1);

    Known second(folder);
    const auto again = second.compare();
    CHECK(second.layer_reads() == 0);
    CHECK(lines(again) == lines(report));
    REQUIRE(again.packages->size() == 1);
    CHECK(again.packages->front().before == report.packages->front().before);
    CHECK(again.packages->front().after == report.packages->front().after);
}

TEST_CASE("T-38 what is kept of contents, when it is damaged, is found out again") {
    const test::TempDir folder;
    const auto report = Known(folder).compare();
    int damaged = 0;
    for (const auto& file : std::filesystem::directory_iterator(folder.path() / "layers")) {
        if (file.path().extension() == ".facts") {
            ++damaged;
            folder.put("layers/" + file.path().filename().string(), "no facts");
        }
    }
    CHECK(damaged == 2);
    Known known(folder);
    CHECK(lines(known.compare()) == lines(report));
    CHECK(known.layer_reads() > 0);
    Known again(folder);
    (void)again.compare();
    CHECK(again.layer_reads() == 0);
}

TEST_CASE("the fields of two configurations, variables by name") {
    const auto before = test::config_of(
        "amd64",
        R"(,"config":{"Env":["A=1","B=2"],"Cmd":["x"],"Labels":{"k":"v"}},"created":"1","history":[{"created":"1","created_by":"s"}])");
    const auto after = test::config_of(
        "amd64",
        R"(,"created":"2","config":{"Env":["B=2","A=3"],"Cmd":["y"],"Labels":null},"history":[{"created":"2","created_by":"s"},{"created_by":"t"}])");
    ops::DiffOptions options;
    options.files = options.packages = options.manifest = false;
    const auto exact = compare({}, {}, options, before, after);
    CHECK_FALSE(exact.manifest);
    Strings found = fields(*exact.config);
    REQUIRE_FALSE(found.empty());
    CHECK(found.front().starts_with("digest "));
    found.erase(found.begin());
    CHECK(found == Strings{R"(config.Env.A "A=1" "A=3")", R"(config.Cmd ["x"] ["y"])",
                           R"(config.Labels {"k":"v"} null)", R"(created "1" "2")",
                           R"(history[0].created "1" "2")",
                           R"(history[1] none {"created_by":"t"})"});
    options.depth = ops::DiffDepth::semantic;
    CHECK(fields(*compare({}, {}, options, before, after).config) ==
          Strings{R"(config.Env.A "A=1" "A=3")", R"(config.Cmd ["x"] ["y"])",
                  R"(config.Labels {"k":"v"} null)", R"(history[1] none {"created_by":"t"})"});
}

TEST_CASE("a manifest's layers count unless the difference is semantic") {
    const auto one = test::TarBuilder().add({.name = "a", .content = "1", .mtime = 1}).finish();
    const auto two = test::TarBuilder().add({.name = "a", .content = "1", .mtime = 2}).finish();
    const auto exact = compare({one}, {two});
    CHECK(fields(*exact.manifest).size() == 2);  // the manifest's digest and the layer's
    ops::DiffOptions semantic;
    semantic.depth = ops::DiffDepth::semantic;
    CHECK(compare({one}, {two}, semantic).same());
}

TEST_CASE("children of indexes are told apart by platform") {
    test::MemoryStore first;
    test::MemoryStore second;
    const auto layer = test::TarBuilder().file("a", "1").finish();
    const auto add = [&layer](test::MemoryStore& store, const Strings& platforms) {
        std::vector<std::pair<std::string, std::string>> children;
        for (const std::string& platform : platforms) {
            children.emplace_back(store.add_image({layer}, test::config_of(platform)), platform);
        }
        store.add_index(children);
    };
    add(first, {"arm64", "amd64"});
    add(second, {"amd64", "s390x"});
    ops::DiffOptions options;
    options.platform = model::Platform::parse("linux/amd64");
    test::NoProgress progress;
    const auto report = ops::diff_images(first, second, options, progress, {}).report;
    const Strings found = fields(*report.manifest);
    REQUIRE(found.size() == 3);
    CHECK(found[0].starts_with("index.digest "));
    CHECK(found[1].starts_with("index.manifests[linux/arm64] {"));
    CHECK(found[1].ends_with(" none"));
    CHECK(found[2].starts_with("index.manifests[linux/s390x] none"));
    CHECK(report.files->empty());
}
