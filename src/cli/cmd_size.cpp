#include <array>
#include <memory>

#include "cli/arguments.hpp"
#include "cli/session.hpp"
#include "cli/specs.hpp"
#include "regtool/ops/sizer.hpp"
#include "regtool/ui/render.hpp"

namespace regtool::cli {

namespace {

struct Options {
    std::string image;
    bool unpacked = false;
};

base::ExitCode run(const Options& options, Session& session) {
    const auto store = session.open(options.image);
    ui::show(session.out(),
             ops::measure_size(*store, session.platform(),
                               options.unpacked ? ops::ReadLayers::yes : ops::ReadLayers::no,
                               session.options.jobs, session.progress(), session.stop()));
    return base::ExitCode::ok;
}

void declare(Arguments& app, Session& session) {
    auto options = std::make_shared<Options>();
    app.add_option("IMAGE", options->image, "Image to measure")->required();
    app.add_flag("--unpacked", options->unpacked, "Read the layers and count what they unpack to");
    session.action = [options, &session] { return run(*options, session); };
}

constexpr std::array kExamples{
    Example{"regtool size alpine:stable", "Stored bytes of each platform"},
    Example{"regtool size --unpacked --platform linux/amd64 alpine",
            "And what its layers unpack to"},
    Example{"regtool size --jq .total localhost:5000/app:v1", "One number for a script"},
};

}  // namespace

constinit const CommandSpec kSize{
    .path = "size",
    .alias = "",
    .group = "Look at an image",
    .summary = "Show the stored size of an image, platform by platform",
    .description =
        "Counts manifest, configuration and layers as stored (compressed), each blob once; unique "
        "is what "
        "no other platform of the index has. JSON keys: reference, digest, total, platforms "
        "(platform, "
        "digest, layers, compressed, unique, shared, and unpacked with --unpacked).",
    .examples = kExamples,
    .declare = declare};

}  // namespace regtool::cli
