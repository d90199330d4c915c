#include "regtool/ops/waste_finder.hpp"

#include "support/catch.hpp"
#include "support/tar_builder.hpp"
#include "unit/ops/view_lab.hpp"

using namespace regtool;

TEST_CASE("waste is what lies hidden, by the entry that hid it") {
    test::ViewLab lab({test::TarBuilder()
                           .directory("d")
                           .file("d/one", "12345")
                           .file("d/two", "123")
                           .file("linked", "1234")
                           .hardlink("other", "linked")
                           .file("id_rsa", "key")
                           .finish(),
                       test::TarBuilder()
                           .file(".wh.d", "")
                           .file(".wh.linked", "")
                           .file(".wh.id_rsa", "")
                           .file("twice", "1")
                           .file("twice", "2")
                           .finish()});
    const auto tree = ops::merge_layers(lab.view, 2);
    const ops::WasteReport report = ops::find_waste(lab.view, tree);
    CHECK(report.shipped == 17);
    CHECK(report.hidden == 12);  // a file with another name left is not hidden
    REQUIRE(report.rows.size() == 3);
    CHECK(report.rows[0].path == "/d");
    CHECK(report.rows[0].files == 2);
    CHECK(report.rows[0].bytes == 8);
    CHECK(report.rows[0].how == "deleted");
    CHECK(report.rows[1].path == "/id_rsa");
    CHECK(report.rows[2].how == "replaced");
    CHECK(report.rows[2].layer == 1);
    REQUIRE(report.telling.size() == 1);
    CHECK(report.telling[0].by_layer == 1);
}
