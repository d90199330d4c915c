#include <array>
#include <memory>

#include "cli/arguments.hpp"
#include "cli/session.hpp"
#include "cli/specs.hpp"
#include "regtool/ops/history.hpp"
#include "regtool/ui/render.hpp"

namespace regtool::cli {

namespace {

struct Options {
    std::string image;
};

base::ExitCode run(const Options& options, Session& session) {
    const auto store = session.open(options.image);
    const ops::HistoryReport report = ops::read_history(*store, session.platform(), session.stop());
    if (!report.matched) {
        session.log().warn(
            "history and layers differ in number, so steps are shown without layers");
    }
    ui::show(session.out(), report);
    return base::ExitCode::ok;
}

void declare(Arguments& app, Session& session) {
    auto options = std::make_shared<Options>();
    app.add_option("IMAGE", options->image, "Image to read")->required();
    session.action = [options, &session] { return run(*options, session); };
}

constexpr std::array kExamples{
    Example{"regtool history alpine:stable", "Which step made which layer, and how large"},
    Example{"regtool history --jq '.steps[] | select(.size > 10000000) | .created_by' "
            "localhost:5000/app:v1",
            "The steps that made large layers"},
};

}  // namespace

constinit const CommandSpec kHistory{
    .path = "history",
    .alias = "",
    .group = "Look at an image",
    .summary = "Show the steps that made an image, with their layers",
    .description =
        "Shows the steps oldest first, each with its layer and the layer's size; steps that made "
        "no layer "
        "are marked (empty). Only the manifest and the configuration are read. JSON keys: "
        "reference, "
        "digest, platform, layers_matched, steps (created, created_by, comment, empty_layer, "
        "layer, "
        "layer_digest, size).",
    .examples = kExamples,
    .declare = declare};

}  // namespace regtool::cli
