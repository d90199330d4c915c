#include <array>
#include <memory>

#include "cli/arguments.hpp"
#include "cli/session.hpp"
#include "cli/specs.hpp"
#include "regtool/base/text.hpp"
#include "regtool/ops/referrers.hpp"
#include "regtool/ui/render.hpp"

namespace regtool::cli {

namespace {

struct Options {
    std::string image;
    ops::ReferrersQuery query;
};

base::ExitCode run(const Options& options, Session& session) {
    const auto store = session.open(options.image);
    const ops::ReferrersReport report =
        ops::find_referrers(*store, session.platform(), options.query, session.stop());
    for (const std::string& why : report.left_out) {
        session.log().warn(base::printable(why));
    }
    ui::show(session.out(), report);
    return base::ExitCode::ok;
}

void declare(Arguments& app, Session& session) {
    auto options = std::make_shared<Options>();
    app.add_option("IMAGE", options->image, "Image that is referred to")->required();
    app.add_option("--artifact-type", options->query.artifact_type, "Only those of this type")
        ->type_name("TYPE");
    app.add_flag("--strict", options->query.strict,
                 "Read each one; leave out what is about something else");
    session.action = [options, &session] { return run(*options, session); };
}

constexpr std::array kExamples{
    Example{"regtool referrers localhost:5000/app:v1",
            "Signatures, SBOMs and whatever else is attached"},
    Example{"regtool referrers --artifact-type application/spdx+json --jq '.referrers[].digest' "
            "localhost:5000/app:v1",
            "The digests of one kind"},
    Example{"regtool referrers --platform linux/arm64 --strict localhost:5000/app:v1",
            "What refers to the manifest of one platform, each checked"},
};

}  // namespace

constinit const CommandSpec kReferrers{
    .path = "referrers",
    .alias = "",
    .group = "Supply chain",
    .summary = "List what refers to an image",
    .description =
        "Lists the manifests that name IMAGE as their subject: asks the registry's referrers API, "
        "or where it has none reads the tag that clients keep instead (sha256-…). Of an index "
        "those of the index itself, unless --platform descends into it; the first line says whose "
        "they are. A registry's list is a claim: with --strict each manifest is read, its own word "
        "on its type is shown, and what is about another image is left out with a warning. An OCI "
        "layout is searched. JSON keys: image, subject, referrers (digest, media_type, "
        "artifact_type, size, annotations).",
    .examples = kExamples,
    .declare = declare};

}  // namespace regtool::cli
