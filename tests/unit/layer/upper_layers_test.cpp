#include <string>

#include "regtool/base/error.hpp"
#include "regtool/layer/merged_tree.hpp"
#include "support/catch.hpp"
#include "unit/layer/merged_trees.hpp"

using namespace regtool;
using namespace regtool::layer;
using test::found;
using test::listing;
using test::merge;
using test::TarBuilder;
using Last = MergedTree::Last;

namespace {

/// The view of the upper layers alone, numbered as in the whole image.
MergedTree upper(const std::vector<TarBuilder>& layers, std::size_t from) {
    return merge({layers.begin() + static_cast<std::ptrdiff_t>(from), layers.end()},
                 {.lowest_layer = from});
}

}  // namespace

TEST_CASE("upper layers alone answer only what lower layers cannot change") {
    const std::vector<TarBuilder> layers = {TarBuilder()
                                                .directory("etc")
                                                .file("etc/a", "0")
                                                .file("etc/b", "0")
                                                .directory("opt")
                                                .file("opt/x", "0"),
                                            TarBuilder()
                                                .directory("etc")
                                                .file("etc/a", "1")
                                                .file("etc/.wh.b", "")
                                                .directory("opt")
                                                .file("opt/.wh..wh..opq", "")
                                                .symlink("to-a", "/etc/a")
                                                .symlink("to-c", "/etc/c")
                                                .hardlink("hard", "etc/c")
                                                .hardlink("own", "etc/a")};
    const MergedTree tree = upper(layers, 1);
    CHECK(found(tree, "etc/a") == "etc/a");
    CHECK(found(tree, "to-a") == "etc/a");
    CHECK(found(tree, "own") == "own");
    CHECK(found(tree, "etc/b") == "missing");
    CHECK(found(tree, "opt/x") == "missing");
    CHECK(found(tree, "opt/none/y") == "missing");
    CHECK(found(tree, "etc/c") == "unknown");
    CHECK(found(tree, "to-c") == "unknown");
    CHECK(found(tree, "hard") == "unknown");
    CHECK(found(tree, "other") == "unknown");
    CHECK(tree.layer(tree.resolve("etc/a", Last::follow).node) == 1);
}

TEST_CASE("upper layers alone take a link to a link to what lower layers have") {
    const TarBuilder base = TarBuilder().file("a", "0").directory("d");
    const TarBuilder links =
        TarBuilder().hardlink("b", "a").hardlink("c", "b").hardlink("d", "b").file("own", "1");
    const MergedTree tree = upper({base, links}, 1);
    CHECK(found(tree, "own") == "own");
    CHECK(found(tree, "b") == "unknown");
    CHECK(found(tree, "c") == "unknown");
    // What comes above such a link takes its place, as that of any file.
    const TarBuilder folder = TarBuilder().directory("c").file("c/x", "2").file("b/y", "2");
    const MergedTree above = upper({base, links, folder}, 1);
    CHECK(found(above, "c/x") == "c/x");
    CHECK(found(above, "c/none") == "missing");
    CHECK(found(above, "b/y") == "b/y");
    CHECK(listing({base, links}) == "- a 0\n- b 0\n- c 0\n- d 0\n- own 1\n");
}

TEST_CASE("LAY-10 a whiteout does not make a folder of what it lies in") {
    const TarBuilder base = TarBuilder().file("a", "0").symlink("l", "a").directory("d");
    const TarBuilder whiteouts = TarBuilder()
                                     .file("a/.wh.x", "")
                                     .file("d/.wh..wh..opq", "")
                                     .file("e/.wh.x", "")
                                     .hardlink("h", "a");
    for (const char* name : {"a", "d", "e", "h", "a/../d"}) {
        CAPTURE(name);
        CHECK(found(upper({base, whiteouts}, 1), name) == "unknown");
    }
    CHECK(listing({base, whiteouts}) == "- a 0\nd d\n- h 0\nl l -> a\n");
    // What a real entry then puts there is known.
    CHECK(found(upper({base, whiteouts, TarBuilder().file("e/y", "2")}, 1), "e") == "e");
    CHECK(found(upper({base, whiteouts, TarBuilder().directory("e")}, 1), "e") == "e");
    CHECK(found(upper({base, whiteouts, TarBuilder().file("a", "2")}, 1), "a") == "a");
}

TEST_CASE("LAY-14 an entry below an implied folder may land elsewhere: lower layers are asked") {
    const std::vector<TarBuilder> layers = {
        TarBuilder().directory("usr/bin").symlink("bin", "usr/bin"),
        TarBuilder()
            .directory("usr")
            .directory("usr/bin")
            .file("usr/bin/sh", "1")
            .file("usr/only", "1"),
        TarBuilder().file("bin/sh", "2")};
    const MergedTree tree = upper(layers, 1);
    CHECK(found(tree, "usr/only") == "usr/only");
    CHECK(found(tree, "usr/bin/sh") == "unknown");
    CHECK(found(merge(layers), "usr/bin/sh") == "usr/bin/sh");
    CHECK(merge(layers).origin(merge(layers).resolve("usr/bin/sh", Last::follow).node).layer == 2);
}

TEST_CASE("an implied folder alone does not make its entry uncertain") {
    const MergedTree tree = upper({TarBuilder(), TarBuilder().file("app/main", "1")}, 1);
    CHECK(found(tree, "app/main") == "app/main");
    CHECK(found(tree, "app/other") == "unknown");
    // … unless a later layer put a real folder in its place
    const MergedTree later =
        upper({TarBuilder(), TarBuilder().file("app/main", "1"), TarBuilder().directory("app")}, 1);
    CHECK(found(later, "app/main") == "unknown");
}
