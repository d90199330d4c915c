#include <array>
#include <memory>

#include "cli/arguments.hpp"
#include "cli/session.hpp"
#include "cli/specs.hpp"
#include "regtool/ops/manifest_differ.hpp"
#include "regtool/ui/render.hpp"

namespace regtool::cli {

namespace {

using base::ExitCode;

struct Options {
    std::string before;
    std::string after;
    bool semantic = false;
};

ExitCode run(const Options& options, Session& session) {
    const auto before = session.open(options.before);
    const auto after = session.open(options.after);
    const ops::DiffReport report = ops::diff_named_manifests(
        *before, *after, session.platform(),
        options.semantic ? ops::DiffDepth::semantic : ops::DiffDepth::exact, session.stop());
    ui::show(session.out(), report);
    return report.same() ? ExitCode::ok : ExitCode::no;
}

void declare(Arguments& app, Session& session) {
    auto options = std::make_shared<Options>();
    app.add_option("A", options->before, "Image to compare from")->required();
    app.add_option("B", options->after, "Image to compare to")->required();
    app.add_flag("--semantic", options->semantic,
                 "Pass over digests, sizes and media types of what has its own comparison");
    session.action = [options, &session] { return run(*options, session); };
}

constexpr std::array kExamples{
    Example{"regtool manifest diff localhost:5000/app:v1 localhost:5000/app:v2",
            "Which layers and annotations are others"},
    Example{"regtool manifest diff --platform linux/arm64 alpine:3.19 alpine:3.20",
            "The manifests of one platform"},
    Example{"regtool manifest diff --jq '.manifest[].field' localhost:5000/app:v1 oci:build:app",
            "The names of the fields that differ"},
};

}  // namespace

constinit const CommandSpec kManifestDiff{
    .path = "manifest diff",
    .alias = "",
    .group = "Look at an image",
    .summary = "Compare two manifests or indexes, field by field",
    .description =
        "Exits with 0 when nothing differs (and prints nothing), with 1 when something does. "
        "Manifests of any kind are compared, artifacts' too, and nothing else is read: of an index "
        "the index itself, unless --platform descends into it. Lines begin with + (only in B), - "
        "(only in A) or ~ (in both, and different). regtool diff compares what is in the images, "
        "too.\n\n"
        "JSON keys: same, before and after (reference, digest), manifest (field, before, after: "
        "values, null where there is none), notes.",
    .examples = kExamples,
    .declare = declare};

}  // namespace regtool::cli
