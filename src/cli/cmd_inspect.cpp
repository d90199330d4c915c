#include <array>
#include <memory>

#include "cli/arguments.hpp"
#include "cli/session.hpp"
#include "cli/specs.hpp"
#include "regtool/ops/inspector.hpp"
#include "regtool/ui/render.hpp"

namespace regtool::cli {

namespace {

struct Options {
    std::string image;
    bool tags = false;
};

base::ExitCode run(const Options& options, Session& session) {
    const auto store = session.open(options.image);
    ops::InspectReport report = ops::inspect(*store, session.platform(), session.stop());
    if (options.tags) {
        report.tags = store->names(session.stop());
    }
    ui::show(session.out(), report);
    return base::ExitCode::ok;
}

void declare(Arguments& app, Session& session) {
    auto options = std::make_shared<Options>();
    app.add_option("IMAGE", options->image, "Image to describe")->required();
    app.add_flag("--tags", options->tags, "List the repository's tags too");
    session.action = [options, &session] { return run(*options, session); };
}

constexpr std::array kExamples{
    Example{"regtool inspect alpine:stable", "Everything people ask about an image"},
    Example{"regtool inspect --platform linux/arm64 alpine", "Of another platform"},
    Example{"regtool inspect --jq '.labels' localhost:5000/app:v1", "The labels as JSON"},
};

}  // namespace

constinit const CommandSpec kInspect{
    .path = "inspect",
    .alias = "",
    .group = "Look at an image",
    .summary = "Describe an image",
    .description =
        "Shows digest, media type, platforms, creation time, sizes, entrypoint, labels, "
        "annotations and "
        "layers. Reads the manifest and the configuration, no layer and no tag list. JSON keys: "
        "reference, "
        "digest, media_type, artifact_type, platforms, image_digest, image_id, platform, created, "
        "author, "
        "user, working_dir, stop_signal, entrypoint, cmd, env, exposed_ports, volumes, labels, "
        "annotations, layers, size, and tags with --tags.",
    .examples = kExamples,
    .declare = declare};

}  // namespace regtool::cli
