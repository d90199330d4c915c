#include "regtool/layer/merged_tree.hpp"

#include <algorithm>
#include <string>

#include "regtool/base/error.hpp"
#include "support/catch.hpp"
#include "unit/layer/merged_trees.hpp"

using namespace regtool;
using namespace regtool::layer;
using test::found;
using test::listing;
using test::merge;
using test::TarBuilder;
using Outcome = MergedTree::Outcome;
using Last = MergedTree::Last;

TEST_CASE("LAY-02 LAY-03 layers lie on top of each other, however names are written") {
    CHECK(listing(
              {TarBuilder().directory("./").directory("./etc/").file("./etc/a", "1").file("b", "1"),
               TarBuilder().file("/etc/a", "2").file("etc/c", "2")}) ==
          "- b 0\nd etc\n- etc/a 1\n- etc/c 1\n");
}

TEST_CASE("LAY-02 the order of entries within a layer does not matter") {
    const TarBuilder base = TarBuilder().directory("d").file("d/a", "0").file("f", "0");
    const auto entries = [](const std::string& order) {
        TarBuilder tar;
        for (const char entry : order) {
            switch (entry) {
                case 'd':
                    tar.directory("d");
                    break;
                case 'o':
                    tar.file("d/.wh..wh..opq", "");
                    break;
                case 'b':
                    tar.file("d/b", "1");
                    break;
                case 'w':
                    tar.file(".wh.f", "");
                    break;
                default:
                    tar.file("g/h", "1");
            }
        }
        return tar;
    };
    std::string order = "bdgow";
    do {
        CAPTURE(order);
        CHECK(listing({base, entries(order)}) == "d d\n- d/b 1\nd g\n- g/h 1\n");
    } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("LAY-02 the last of two entries with one name wins") {
    const MergedTree tree = merge({TarBuilder().file("a", "first").file("a", "second!")});
    CHECK(listing(tree) == "- a 0\n");
    CHECK(tree.facts(tree.resolve("a", Last::follow).node).size == 7);
    CHECK(listing({TarBuilder().file("a", "").directory("a").file("a/b", "")}) == "d a\n- a/b 0\n");
    CHECK(listing({TarBuilder().directory("a").file("a/b", "").file("a", "")}) == "- a 0\n");
}

TEST_CASE("LAY-05 what stands on what: every type on every type") {
    const std::string types = "-dhlps";  // s: a link to the folder t
    const TarBuilder base = TarBuilder().directory("t").file("t/kept", "").file("other", "");
    const auto add = [](TarBuilder tar, char type, const std::string& inner) {
        switch (type) {
            case 'd':
                return tar.directory("x").file("x/" + inner, "");
            case 'h':
                return tar.hardlink("x", "other");
            case 'l':
                return tar.symlink("x", "nowhere");
            case 'p':
                return tar.add({.name = "x", .type = '6'});
            case 's':
                return tar.symlink("x", "t");
            default:
                return tar.file("x", "");
        }
    };
    const auto expected = [](char type, const std::string& folders) -> std::string {
        switch (type) {
            case 'd':
                return "d x\n" + folders;
            case 'h':
                return "- x 0\n";  // the other's content
            case 'l':
                return "l x -> nowhere\n";
            case 'p':
                return "? x\n";
            case 's':
                return "l x -> t\n";
            default:
                return "- x 1\n";
        }
    };
    for (const char below : types) {
        for (const char above : types) {
            CAPTURE(below, above);
            const bool both = below == 'd' && above == 'd';
            const std::string folders = both ? "- x/lower 0\n- x/upper 1\n" : "- x/upper 1\n";
            CHECK(listing({add(base, below, "lower"), add({}, above, "upper")}) ==
                  "- other 0\nd t\n- t/kept 0\n" + expected(above, folders));
        }
    }
    // A folder alone on a folder: its attributes are replaced, what is in it stays.
    const MergedTree tree = merge(
        {add(base, 'd', "lower"), TarBuilder().add({.name = "x", .type = '5', .mode = 0700})});
    CHECK(listing(tree) == "- other 0\nd t\n- t/kept 0\nd x\n- x/lower 0\n");
    CHECK(tree.facts(tree.resolve("x", Last::follow).node).mode == 0700);
}

TEST_CASE("LAY-11 a whiteout may be of any type and size") {
    const TarBuilder base =
        TarBuilder().file("a", "").directory("d").file("d/x", "").directory("e").file("e/y", "");
    for (const char type : {'0', '2', '3', '5', '6'}) {
        CAPTURE(type);
        CHECK(listing({base, TarBuilder()
                                 .add({.name = ".wh.a", .type = type, .link = "d"})
                                 .add({.name = ".wh.d", .type = type, .link = "d"})
                                 .add({.name = "e/.wh..wh..opq", .type = type, .link = "d"})}) ==
              "d e\n");
    }
    CHECK(listing({base, TarBuilder()
                             .file(".wh.a", "payload that nobody reads")
                             .hardlink("d/.wh.x", "nothing that is there")
                             .file("e/.wh.y", std::string(5000, 'x'))}) == "d d\nd e\n");
}

TEST_CASE("LAY-06 LAY-10 a whiteout hides lower layers only, wherever it stands") {
    const TarBuilder base = TarBuilder().directory("d").file("d/a", "0").file("d/b", "0");
    const std::string both = "d d\n- d/a 1\n- d/b 0\n";
    CHECK(listing({base, TarBuilder().file("d/.wh.a", "").file("d/a", "1")}) == both);
    CHECK(listing({base, TarBuilder().file("d/a", "1").file("d/.wh.a", "")}) == both);
    CHECK(listing({base, TarBuilder().file("d/.wh.a", "")}) == "d d\n- d/b 0\n");
    CHECK(listing({base, TarBuilder().file(".wh.d", "").file("d/a", "1")}) == "d d\n- d/a 1\n");
    CHECK(listing({base, TarBuilder().file(".wh.d", "").file(".wh.none", "").file("x/.wh.y", "")})
              .empty());
    CHECK(listing({base, TarBuilder().directory(".wh.d").file(".wh.d/inner", "")}).empty());
}

TEST_CASE("LAY-07 LAY-09 an opaque folder hides what lower layers have in it") {
    const TarBuilder base =
        TarBuilder().directory("d").file("d/a", "0").directory("d/e").file("d/e/f", "0");
    const std::string own = "d d\n- d/b 1\n";
    CHECK(
        listing({base, TarBuilder().directory("d").file("d/.wh..wh..opq", "").file("d/b", "1")}) ==
        own);
    CHECK(listing({base, TarBuilder().file("d/b", "1").file("d/.wh..wh..opq", "")}) == own);
    CHECK(listing({base, TarBuilder().file(".wh..wh..opq", "").file("n", "")}) == "- n 1\n");
    CHECK(listing({TarBuilder().file(".wh..wh.plnk/1", "").file("a/.wh..wh.aufs", "")}).empty());
}

TEST_CASE("LAY-08 LAY-04 T-13 names and whiteouts that leave the root are refused") {
    for (const char* name : {"../x", "a/../../x", "/..", ".wh..", "a/.wh..."}) {
        CAPTURE(name);
        CHECK_THROWS_AS(merge({TarBuilder().file(name, "")}), base::IntegrityError);
    }
    CHECK_THROWS_AS(merge({TarBuilder().file("d/.wh.", "")}), base::InvalidDocument);
    CHECK_THROWS_AS(merge({TarBuilder().hardlink("a", "../x")}), base::IntegrityError);
    CHECK(listing({TarBuilder().file("a/../b", "").file("C:\\x", "").file("a//c", "")}) ==
          "- C:\\x 0\nd a\n- a/c 0\n- b 0\n");
}

TEST_CASE("T-14 nothing but a folder may be the root") {
    CHECK_THROWS_AS(merge({TarBuilder().symlink("/.", "/etc")}), base::IntegrityError);
    CHECK_THROWS_AS(merge({TarBuilder().hardlink("./", "x")}), base::IntegrityError);
    const MergedTree tree =
        merge({TarBuilder().add({.name = "./", .type = '5', .mode = 0700, .uid = 7})});
    CHECK(tree.facts(MergedTree::kRoot).mode == 0700);
    CHECK(tree.facts(MergedTree::kRoot).uid == 7);
}

TEST_CASE("LAY-12 LAY-31 a hard link keeps its content when the other name goes") {
    const TarBuilder base = TarBuilder().file("a", "0").hardlink("b", "./a").hardlink("c", "/a");
    MergedTree tree = merge({base, TarBuilder().file("a", "new")});
    CHECK(listing(tree) == "- a 1\n- b 0\n- c 0\n");
    const auto b = tree.resolve("b", Last::follow).node;
    CHECK(tree.links(b) == 2);
    CHECK(tree.content_id(b) == tree.content_id(tree.resolve("c", Last::follow).node));
    CHECK(tree.facts(b).size == 1);
    CHECK(listing({base, TarBuilder().file(".wh.a", "")}) == "- b 0\n- c 0\n");
    // to a lower layer's file, replaced further up
    CHECK(listing({TarBuilder().file("a", "0"), TarBuilder().hardlink("b", "a"),
                   TarBuilder().file("a", "2")}) == "- a 2\n- b 0\n");
    // to a symbolic link: the link itself
    CHECK(listing({TarBuilder().file("a", "").symlink("s", "a").hardlink("h", "s")}) ==
          "- a 0\nl h -> a\nl s -> a\n");
}

TEST_CASE("LAY-12 hard links that cannot be") {
    CHECK_THROWS_AS(merge({TarBuilder().hardlink("b", "missing")}), base::InvalidDocument);
    CHECK_THROWS_AS(merge({TarBuilder().directory("d").hardlink("b", "d")}), base::InvalidDocument);
    CHECK_THROWS_AS(merge({TarBuilder().hardlink("b", "/")}), base::InvalidDocument);
    CHECK_THROWS_AS(merge({TarBuilder().hardlink("a", "a")}), base::InvalidDocument);
    CHECK(listing({TarBuilder().file("a", ""), TarBuilder().hardlink("a", "a")}) == "- a 0\n");
}

TEST_CASE("LAY-14 entries below a link land where it points, inside the root") {
    const TarBuilder base = TarBuilder()
                                .directory("usr/bin")
                                .symlink("bin", "usr/bin")
                                .symlink("abs", "/usr")
                                .symlink("up", "../../../usr");
    const std::string links =
        "l abs -> /usr\nl bin -> usr/bin\nl up -> ../../../usr\nd usr\nd "
        "usr/bin\n";
    CHECK(listing({base, TarBuilder().file("bin/sh", "")}) == links + "- usr/bin/sh 1\n");
    CHECK(listing({base, TarBuilder().file("abs/bin/sh", "")}) == links + "- usr/bin/sh 1\n");
    CHECK(listing({base, TarBuilder().file("up/bin/sh", "")}) == links + "- usr/bin/sh 1\n");
    CHECK(listing({base, TarBuilder().file("bin/sh", ""), TarBuilder().file("bin/.wh.sh", "")}) ==
          links);
    CHECK(listing({TarBuilder().symlink("x", "/etc"), TarBuilder().file("x/passwd", "")}) ==
          "d etc\n- etc/passwd 1\nl x -> /etc\n");
    CHECK(listing({TarBuilder().symlink("a", "b").symlink("b", "c").symlink("c", "d/e"),
                   TarBuilder().file("a/f", "")}) ==
          "l a -> b\nl b -> c\nl c -> d/e\nd d\nd d/e\n- d/e/f 1\n");
}

TEST_CASE("LAY-05 LAY-06 a whiteout below a folder that takes a link's place hides nothing else") {
    CHECK(listing({TarBuilder().file("usr/bin/sh", "").symlink("bin", "usr/bin"),
                   TarBuilder().directory("bin").file("bin/.wh.sh", "")}) ==
          "d bin\nd usr\nd usr/bin\n- usr/bin/sh 0\n");
}

TEST_CASE("T-14 links that go round in circles are refused on the way") {
    CHECK_THROWS_AS(merge({TarBuilder().symlink("a", "b").symlink("b", "a").file("a/x", "")}),
                    base::InvalidDocument);
    const MergedTree tree = merge({TarBuilder().symlink("a", "b").symlink("b", "a")});
    CHECK(found(tree, "a") == "loop");
    CHECK(found(tree, "a", Last::as_it_is) == "a");
    CHECK(found(tree, "a/x") == "loop");
}

TEST_CASE("LAY-15 missing parents are folders; a file on the way gives way") {
    const MergedTree tree = merge({TarBuilder().file("a", ""), TarBuilder().file("a/b/c", "")});
    CHECK(listing(tree) == "d a\nd a/b\n- a/b/c 1\n");
    CHECK(tree.facts(tree.resolve("a/b", Last::follow).node).mode == 0755);
}

TEST_CASE("paths are resolved within the image") {
    const MergedTree tree = merge({TarBuilder()
                                       .file("usr/lib/os-release", "x")
                                       .symlink("etc/os-release", "../usr/lib/os-release")
                                       .symlink("lib", "usr/lib")
                                       .symlink("dangling", "nowhere/at/all")});
    CHECK(found(tree, "/etc/os-release") == "usr/lib/os-release");
    CHECK(found(tree, "/etc/os-release", Last::as_it_is) == "etc/os-release");
    CHECK(found(tree, "lib/os-release", Last::as_it_is) == "usr/lib/os-release");
    CHECK(found(tree, "lib/../lib/./os-release") == "usr/lib/os-release");
    CHECK(found(tree, "../../lib") == "usr/lib");
    CHECK(found(tree, "") == ".");
    CHECK(found(tree, "/") == ".");
    CHECK(found(tree, "dangling") == "missing");
    CHECK(found(tree, "usr/lib/os-release/x") == "missing");
    CHECK(found(tree, "usr/none") == "missing");
}

TEST_CASE("deleted names stay known, with the layer that deleted them") {
    const MergedTree tree =
        merge({TarBuilder().file("d/a", "123"), TarBuilder().file(".wh.d", "")});
    const auto gone = tree.resolve("d", Last::follow);
    CHECK(gone.outcome == Outcome::missing);
    CHECK_FALSE(tree.exists(gone.node));
    CHECK(tree.layer(gone.node) == 1);
    const auto inside = tree.children(gone.node, MergedTree::Which::also_deleted);
    REQUIRE(inside.size() == 1);
    CHECK(tree.path(inside[0]) == "d/a");
    CHECK(tree.layer(inside[0]) == 1);
    CHECK(tree.facts(inside[0]).size == 3);
    CHECK(tree.children(gone.node).empty());
}

TEST_CASE("what a layer hid is told with the entry that did it") {
    const MergedTree tree =
        merge({TarBuilder().file("a", "1").hardlink("b", "a").file("c", "22"),
               TarBuilder().file(".wh.a", ""), TarBuilder().file(".wh.b", "").file("c", "333")});
    REQUIRE(tree.hidden().size() == 2);
    for (const MergedTree::Hidden& content : tree.hidden()) {
        CHECK(content.origin.layer == 0);
        CHECK(tree.links(content.origin) == 0);
        CHECK(content.by.layer == 2);
        CHECK((tree.path(content.last_name) == "b" || tree.path(content.last_name) == "c"));
    }
}

TEST_CASE("a hard link that takes the place of the folder with its file keeps the file") {
    const MergedTree tree =
        merge({TarBuilder().directory("d").file("d/f", "1").hardlink("d", "d/f")});
    CHECK(tree.hidden().size() == 1);  // the folder
    const auto d = tree.resolve("d", Last::follow);
    REQUIRE(d.outcome == Outcome::found);
    CHECK(tree.facts(d.node).type == EntryType::file);
    CHECK(tree.links(d.node) == 1);
}

TEST_CASE("changes are told in order") {
    const MergedTree tree = merge(
        {TarBuilder().directory("d").file("d/f", "1"), TarBuilder().file("d/f", "2"),
         TarBuilder().directory("d"), TarBuilder().add({.name = "d", .type = '5', .mode = 0700}),
         TarBuilder().file(".wh.d", "")},
        {.keep_changes = true});
    std::string text;
    for (const auto& change : tree.changes()) {
        text += std::to_string(change.by.layer) + tree.path(change.node) +
                "ar~-"[static_cast<int>(change.kind)] + " ";
    }
    CHECK(text == "0da 0d/fa 1d/fr 3d~ 4d/f- 4d- ");
}

TEST_CASE("T-21 folders nested without end are refused") {
    TarBuilder tar;
    std::string path;
    for (int i = 0; i < 2000; ++i) {
        path += "d/";
    }
    tar.gnu_long('L', path).directory("x").gnu_long('K', path).symlink("deep", "x");
    tar.gnu_long('L', "deep/" + path).directory("x");
    tar.gnu_long('K', "deep/" + path).symlink("deeper", "x");
    tar.gnu_long('L', "deeper/" + path).directory("x");
    CHECK_THROWS_AS(merge({tar}), base::IntegrityError);
}

TEST_CASE("T-20 links and whiteouts that multiply work are refused in time", "[slow]") {
    TarBuilder tar;
    std::string there_and_back;
    for (int i = 0; i < 600; ++i) {
        there_and_back += "d/../";
    }
    tar.directory("d").gnu_long('K', there_and_back + "d").symlink("s0", "x");
    for (int i = 1; i < 39; ++i) {
        tar.gnu_long('K', there_and_back + "s" + std::to_string(i - 1));
        tar.symlink("s" + std::to_string(i), "x");
    }
    for (int i = 0; i < 3000; ++i) {  // in turn, so that no folder is looked up once for all
        tar.file("s38/f" + std::to_string(i), "").file("s37/g" + std::to_string(i), "");
    }
    CHECK_THROWS_AS(merge({tar}), base::IntegrityError);
}
