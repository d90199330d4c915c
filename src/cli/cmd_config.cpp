#include <array>
#include <memory>

#include "cli/arguments.hpp"
#include "cli/image_argument.hpp"
#include "cli/session.hpp"
#include "cli/specs.hpp"
#include "regtool/ops/image_choice.hpp"

namespace regtool::cli {

namespace {

struct Options {
    std::string image;
};

base::ExitCode run(const Options& options, Session& session) {
    const auto store = session.open(options.image);
    const ops::ChosenImage chosen = ops::choose_image(*store, session.platform(), session.stop());
    session.out().document(ops::fetch_config(*store, chosen.manifest, session.stop()));
    return base::ExitCode::ok;
}

void declare(Arguments& app, Session& session) {
    auto options = std::make_shared<Options>();
    app.add_option("IMAGE", options->image, "Image to read")->required();
    add_layout_flags(app, session);
    session.action = [options, &session] { return run(*options, session); };
}

constexpr std::array kExamples{
    Example{"regtool config alpine:stable", "The configuration of this machine's platform"},
    Example{"regtool config --jq '.config.Env[]' localhost:5000/app:v1",
            "The environment, a variable a line"},
    Example{"regtool config --platform linux/arm64 --jq .created alpine",
            "When another platform was built"},
};

}  // namespace

constinit const CommandSpec kConfig{
    .path = "config",
    .alias = "",
    .group = "Look at an image",
    .summary = "Print the image configuration, byte for byte",
    .description =
        "Prints the configuration's exact bytes, verified against the manifest. An artifact's "
        "configuration is printed as it is.",
    .examples = kExamples,
    .declare = declare};

}  // namespace regtool::cli
