#include <array>
#include <memory>

#include "cli/arguments.hpp"
#include "cli/session.hpp"
#include "cli/specs.hpp"
#include "regtool/ops/retagger.hpp"
#include "regtool/ui/render.hpp"

namespace regtool::cli {

namespace {

struct Options {
    std::string image;
    std::vector<std::string> names;
    std::string if_digest;
    bool no_clobber = false;
};

base::ExitCode run(const Options& options, Session& session) {
    const model::Reference source = store::registry_reference(options.image);
    std::vector<model::Reference> targets;
    for (const std::string& name : options.names) {
        targets.push_back(ops::parse_retag_target(source, name));
    }
    ops::RetagOptions retag;
    retag.no_clobber = options.no_clobber;
    if (!options.if_digest.empty()) {
        retag.if_digest = model::Digest::parse(options.if_digest);
    }
    ui::show(session.out(),
             ops::retag(session.named_registry(), source, targets, retag, session.stop()));
    return base::ExitCode::ok;
}

void declare(Arguments& app, Session& session) {
    auto options = std::make_shared<Options>();
    app.add_option("IMAGE", options->image, "Image to name anew")->required();
    app.add_option("NEW", options->names, "Tags, or whole references in the same registry")
        ->required();
    app.add_option("--if-digest", options->if_digest,
                   "Only if IMAGE is still at this digest; exit code 8 otherwise")
        ->type_name("DIGEST");
    app.add_flag("--no-clobber", options->no_clobber,
                 "Leave names alone that have another digest; exit code 8");
    session.action = [options, &session] { return run(*options, session); };
}

constexpr std::array kExamples{
    Example{"regtool retag localhost:5000/app:v1 stable latest", "Two more names for an image"},
    Example{"regtool retag localhost:5000/app:v1 localhost:5000/released/app:v1",
            "In another repository"},
    Example{"regtool retag --if-digest "
            "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef "
            "localhost:5000/app:rc v2",
            "Only if the tag has not moved since it was tested"},
};

}  // namespace

constinit const CommandSpec kRetag{
    .path = "retag",
    .alias = "",
    .group = "Copy and change",
    .summary = "Give an image another name, with the very same bytes",
    .description =
        "Puts the manifest's very bytes under each new name; the digest that the registry then has "
        "must "
        "be the same. No layer is moved. A new name in another repository of the registry gets the "
        "blobs "
        "by mounting. --if-digest and --no-clobber are checked for all names before the first is "
        "changed; "
        "registries have no lock, so two writers at the same moment are not excluded. JSON keys: "
        "source, "
        "digest, targets (reference, digest, previous, unchanged).",
    .examples = kExamples,
    .declare = declare};

}  // namespace regtool::cli
