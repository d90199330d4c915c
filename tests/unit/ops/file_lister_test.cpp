#include "regtool/ops/file_lister.hpp"

#include "regtool/base/error.hpp"
#include "support/catch.hpp"
#include "support/tar_builder.hpp"
#include "unit/ops/view_lab.hpp"

using namespace regtool;
using Side = ops::SizeBound::Side;

namespace {

layer::MergedTree tree_of(test::ViewLab& lab) {
    return ops::merge_layers(lab.view, 2);
}

std::string listed(const layer::MergedTree& tree, const ops::ListQuery& query) {
    std::string text;
    ops::list_files(tree, query, [&](const ops::FileRow& row) {
        text +=
            row.entry.path + (row.deleted_by ? "!" + std::to_string(*row.deleted_by) : "") + " ";
    });
    return text;
}

std::string found(const layer::MergedTree& tree, const ops::FindQuery& query) {
    std::string text;
    ops::find_files(tree, query, [&](const ops::FileRow& row) { text += row.entry.path + " "; });
    return text;
}

std::vector<std::string> layers() {
    return {test::TarBuilder()
                .directory("usr/bin")
                .symlink("bin", "usr/bin")
                .file("usr/bin/sh", "0123456789")
                .file("old", "x")
                .finish(),
            test::TarBuilder().file(".wh.old", "").add({.name = "su", .mode = 04755}).finish()};
}

}  // namespace

TEST_CASE("folders are listed in order, links to them followed, deleted ones on demand") {
    test::ViewLab lab(layers());
    const auto tree = tree_of(lab);
    CHECK(listed(tree, {}) == "/bin /su /usr ");
    CHECK(listed(tree, {.path = "bin"}) == "/usr/bin/sh ");
    CHECK(listed(tree, {.path = "/su"}) == "/su ");
    CHECK(listed(tree, {.recursive = true}) == "/bin /su /usr /usr/bin /usr/bin/sh ");
    CHECK(listed(tree, {.deleted = true}) == "/bin /old!1 /su /usr ");
    CHECK_THROWS_AS(listed(tree, {.path = "/old"}), base::NotFound);
}

TEST_CASE("what is found meets every condition") {
    test::ViewLab lab(layers());
    const auto tree = tree_of(lab);
    CHECK(found(tree, {.name = "s?"}) == "/su /usr/bin/sh ");
    CHECK(found(tree, {.name = "s?", .types = "f", .size = ops::parse_size_bound("+5")}) ==
          "/usr/bin/sh ");
    CHECK(found(tree, {.types = "l"}) == "/bin ");
    CHECK(found(tree, {.setuid = true}) == "/su ");
    CHECK(found(tree, {.path = "/bin", .regex = "bin/s"}) == "/usr/bin/sh ");
    CHECK_THROWS_AS(found(tree, {.regex = "("}), base::UsageError);
}

TEST_CASE("sizes to look for") {
    CHECK(ops::parse_size_bound("+2k").bytes == 2048);
    CHECK(ops::parse_size_bound("+2k").side == Side::above);
    CHECK(ops::parse_size_bound("-1G").side == Side::below);
    CHECK(ops::parse_size_bound("7").side == Side::exactly);
    for (const char* wrong :
         {"", "+", "k", "1kk", "1T", "+-1", "99999999999999999999", "99999999999G"}) {
        INFO(wrong);
        CHECK_THROWS_AS(ops::parse_size_bound(wrong), base::UsageError);
    }
}
