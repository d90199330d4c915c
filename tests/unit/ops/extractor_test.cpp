#include "regtool/ops/extractor.hpp"

#include <sys/stat.h>

#include <filesystem>

#include "regtool/base/error.hpp"
#include "regtool/base/fd.hpp"
#include "support/catch.hpp"
#include "support/tar_builder.hpp"
#include "support/temp_dir.hpp"
#include "unit/ops/view_lab.hpp"

using namespace regtool;
namespace fs = std::filesystem;

namespace {

struct Unpacked {
    explicit Unpacked(const std::vector<std::string>& layers,
                      const std::vector<std::string>& paths = {}) {
        test::ViewLab lab(layers);
        const auto tree = ops::merge_layers(lab.view, 2);
        counts = ops::extract_tree(lab.view, tree, paths, root().string(), {});
        fetched = ops::fetch_summary(lab.view);
    }

    [[nodiscard]] fs::path root() const { return folder.path() / "root"; }

    [[nodiscard]] std::string text(const std::string& path) const {
        return base::read_file(root() / path, 1 << 20);
    }

    [[nodiscard]] mode_t mode(const std::string& path) const {
        struct stat facts {};

        REQUIRE(::lstat((root() / path).c_str(), &facts) == 0);
        return facts.st_mode & 07777;
    }

    test::TempDir folder;
    layer::DiskWriterCounts counts;
    std::vector<std::string> fetched;
};

}  // namespace

TEST_CASE("LAY-24 folders get their modes after what is in them") {
    const Unpacked out({test::TarBuilder()
                            .add({.name = "closed", .type = '5', .mode = 0500})
                            .file("closed/in", "content")
                            .finish(),
                        test::TarBuilder().file("closed/later", "").finish()});
    CHECK(out.text("closed/in") == "content");
    CHECK(fs::exists(out.root() / "closed/later"));
    CHECK(out.mode("closed") == 0500);
}

TEST_CASE("LAY-31 names that were linked stay linked, with the content they had") {
    const Unpacked out(
        {test::TarBuilder().file("a", "one").hardlink("b", "a").hardlink("c", "a").finish(),
         test::TarBuilder().file("a", "two").finish()});
    CHECK(out.text("a") == "two");
    CHECK(out.text("b") == "one");
    CHECK(fs::equivalent(out.root() / "b", out.root() / "c"));
    CHECK_FALSE(fs::equivalent(out.root() / "a", out.root() / "b"));
}

TEST_CASE("parts of a view, with the folders that lead there; all are looked up before") {
    const std::vector<std::string> layers{test::TarBuilder()
                                              .add({.name = "d", .type = '5', .mode = 0750})
                                              .file("d/a", "1")
                                              .file("d/b", "2")
                                              .symlink("l", "d")
                                              .finish()};
    const Unpacked out(layers, {"/d/a", "l"});
    CHECK(out.text("d/a") == "1");
    CHECK(out.mode("d") == 0750);
    CHECK_FALSE(fs::exists(out.root() / "d/b"));
    CHECK(fs::read_symlink(out.root() / "l") == "d");
    CHECK_THROWS_AS(Unpacked(layers, {"/d/a", "/none"}), base::NotFound);
}

TEST_CASE("LAY-21 devices, pipes and sockets are counted, not made, unless asked for") {
    const Unpacked out({test::TarBuilder()
                            .add({.name = "null", .type = '3', .major = 1, .minor = 3})
                            .add({.name = "disk", .type = '4', .major = 8})
                            .add({.name = "pipe", .type = '6'})
                            .finish()});
    CHECK(out.counts.devices == 3);
    CHECK(fs::is_empty(out.root()));
}

TEST_CASE("LAY-27 of a layer of Windows the plain files come out") {
    const test::PaxRecords facts{{"MSWINDOWS.fileattr", "32"},
                                 {"MSWINDOWS.rawsd", "AQAAgBQAAAAkAAAAAAAAAAAAAAA="},
                                 {"LIBARCHIVE.creationtime", "1600000000.5"}};
    const Unpacked out({test::TarBuilder()
                            .pax(facts)
                            .directory("Files")
                            .pax(facts)
                            .file("Files/License.txt", "text")
                            .pax(facts)
                            .directory("Hives")
                            .pax(facts)
                            .file("Hives/Software_Delta", "registry")
                            .finish()});
    CHECK(out.text("Files/License.txt") == "text");
    CHECK(out.text("Hives/Software_Delta") == "registry");
    CHECK(out.counts.files == 2);
    CHECK(out.counts.xattrs == 0);
}
