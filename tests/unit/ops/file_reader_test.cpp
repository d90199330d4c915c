#include "regtool/ops/file_reader.hpp"

#include "regtool/base/error.hpp"
#include "support/catch.hpp"
#include "support/tar_builder.hpp"
#include "unit/ops/view_lab.hpp"

using namespace regtool;
using ops::Checked;

TEST_CASE("layers are read from the top down until the answer is certain") {
    const std::string base =
        test::TarBuilder().directory("etc").file("etc/a", "0").file("etc/only", "0").finish();
    const std::string top =
        test::TarBuilder().directory("etc").file("etc/a", "1").file("etc/.wh.gone", "").finish();
    const auto checked = [](const test::ViewLab& lab, std::size_t layer) {
        return lab.view.contents->fetched(layer).checked;
    };
    {
        test::ViewLab lab({base, top});
        const auto found = ops::find_contents(lab.view, {"/etc/a"});
        CHECK(found[0].layer == 1);
        CHECK(found[0].path == "/etc/a");
        CHECK(checked(lab, 0) == Checked::unread);
        CHECK(checked(lab, 1) == Checked::digest);
    }
    {
        test::ViewLab lab({base, top});
        CHECK_THROWS_AS(ops::find_contents(lab.view, {"/etc/gone"}), base::NotFound);
        CHECK(checked(lab, 0) == Checked::unread);
    }
    test::ViewLab lab({base, top});
    const auto found = ops::find_contents(lab.view, {"etc/only", "etc/a"});
    CHECK(found[0].layer == 0);
    CHECK(found[1].layer == 1);
    CHECK_THROWS_AS(ops::find_contents(lab.view, {"/etc"}), base::UsageError);
    CHECK_THROWS_AS(ops::find_contents(lab.view, {"/none"}), base::NotFound);
}

TEST_CASE("LAY-12 a hard link to a file of a lower layer is asked for there") {
    test::ViewLab lab({test::TarBuilder().file("a", "below").finish(),
                       test::TarBuilder().hardlink("b", "a").finish()});
    const auto found = ops::find_contents(lab.view, {"b"});
    CHECK(found[0].layer == 0);
    CHECK(found[0].size == 5);
}
