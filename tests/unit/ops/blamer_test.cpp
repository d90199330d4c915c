#include "regtool/ops/blamer.hpp"

#include "regtool/base/error.hpp"
#include "support/catch.hpp"
#include "support/tar_builder.hpp"
#include "unit/ops/view_lab.hpp"

using namespace regtool;

namespace {

std::vector<std::string> layers() {
    return {
        test::TarBuilder().directory("etc").file("etc/a", "1").symlink("l", "etc/a").finish(),
        test::TarBuilder().file("./etc/a", "22").finish(),
        test::TarBuilder().add({.name = "etc", .type = '5', .mode = 0700}).finish(),
        test::TarBuilder().file("etc/.wh.a", "").file("deep/file", "").finish(),
    };
}

ops::HistoryReport history(std::vector<ops::HistoryStep> steps) {
    ops::HistoryReport report;
    report.steps = std::move(steps);
    return report;
}

/// "layer change entry command" for each step.
std::string told(const ops::BlameReport& report) {
    std::string text;
    for (const ops::BlameStep& step : report.steps) {
        text += std::to_string(step.layer) + " " + step.change + " " + step.entry + " " +
                step.created_by + "\n";
    }
    return text;
}

struct Blamed : test::ViewLab {
    Blamed() : ViewLab(layers()), tree(ops::merge_layers(view, 2, {.keep_changes = true})) {}

    ops::BlameReport operator()(const std::string& path) {
        std::vector<ops::HistoryStep> steps(3);
        steps[0].created_by = "base";
        steps[0].layer = 0;
        steps[1].created_by = "ENV no layer";
        steps[2].created_by = "configure";
        steps[2].layer = 1;
        return ops::blame(view, tree, history(std::move(steps)), path);
    }

    layer::MergedTree tree;
};

}  // namespace

TEST_CASE("what each layer did to a path, with the step of the history that made it") {
    Blamed blame;
    const ops::BlameReport report = blame("/etc/a");
    CHECK(told(report) ==
          "0 added etc/a base\n1 replaced ./etc/a configure\n3 deleted etc/.wh.a \n");
    CHECK_FALSE(report.exists);
    CHECK(report.path == "/etc/a");
    CHECK(report.steps[1].step == 2);
    CHECK(report.steps[1].size == 2);
    CHECK(report.steps[2].type == '-');  // of what went
    CHECK(report.steps[2].size == 2);
    CHECK_FALSE(report.steps[2].step);
    CHECK(told(blame("etc")) == "0 added etc base\n2 attributes etc \n");
}

TEST_CASE("a link's own story is told, and that of a folder that no entry names") {
    Blamed blame;
    const ops::BlameReport link = blame("/l");
    CHECK(told(link) == "0 added l base\n");
    CHECK(link.steps[0].type == 'l');
    CHECK(link.steps[0].link_target == "etc/a");
    const ops::BlameReport implied = blame("/deep");
    CHECK(told(implied) == "3 added  \n");
    CHECK(implied.steps[0].type == 'd');
    CHECK_THROWS_AS(blame("/never"), base::NotFound);
}
