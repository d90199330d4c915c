#include <array>
#include <memory>

#include "cli/deletion.hpp"
#include "cli/specs.hpp"
#include "regtool/base/text.hpp"
#include "regtool/ops/deleter.hpp"
#include "regtool/ops/layout_deleter.hpp"
#include "regtool/store/transport.hpp"

namespace regtool::cli {

namespace {

using base::ExitCode;

struct Options {
    std::string image;
    DeletionFlags flags;
    bool untag = false;
    bool by_dummy = false;
};

void require_name(bool has_name, bool has_digest) {
    if (!has_name || has_digest) {
        throw base::UsageError("--untag takes a tag, not a digest");
    }
}

ExitCode untag(const model::Reference& reference, const Options& options, Session& session) {
    require_name(reference.tag().has_value(), reference.digest().has_value());
    confirm("remove the tag " + reference.familiar(), {}, options.flags.yes, session.stop());
    base::SystemRandom random;
    ui::show(session.out(),
             ops::untag(session.named_registry(), random, reference,
                        options.by_dummy ? ops::Untagging::by_dummy : ops::Untagging::plain,
                        session.stop()));
    return ExitCode::ok;
}

ExitCode untag_layout(const store::Location& location, const Options& options, Session& session) {
    require_name(location.name.has_value(), location.digest.has_value());
    confirm("remove the name " + location.str(), {}, options.flags.yes, session.stop());
    ui::show(session.out(), ops::untag_in_layout(location));
    return ExitCode::ok;
}

ExitCode run(const Options& options, Session& session) {
    const store::Location location = deletable_location(options.image);
    return allow_missing(options.flags, session, [&] {
        if (!options.untag) {
            return delete_image(options.image, options.flags, session);
        }
        return location.transport == store::Transport::layout
                   ? untag_layout(location, options, session)
                   : untag(store::registry_reference(options.image), options, session);
    });
}

void declare(Arguments& app, Session& session) {
    auto options = std::make_shared<Options>();
    app.add_option("IMAGE", options->image, "Image to delete")->required();
    auto* untag = app.add_flag("--untag", options->untag, "Remove the tag alone; the image stays");
    app.add_flag("--by-dummy", options->by_dummy,
                 "Where tags cannot be deleted: move the tag to an empty manifest, delete that")
        ->needs(untag);
    add_deletion_flags(app, options->flags);
    session.action = [options, &session] { return run(*options, session); };
}

constexpr std::array kExamples{
    Example{"regtool delete localhost:5000/app:v1", "Shows what goes with it, and asks"},
    Example{"regtool delete --yes localhost:5000/app:v1", "In a script"},
    Example{"regtool delete --untag --yes localhost:5000/app:v1", "The name alone"},
    Example{"regtool rm --yes --ignore-missing oci:layout:v1",
            "From a folder: gone afterwards, whatever was there"},
};
}  // namespace

constinit const CommandSpec kDelete{
    .path = "delete",
    .alias = "rm",
    .group = "Copy and change",
    .summary = "Delete an image with all its tags, or one tag alone",
    .description =
        "Resolves IMAGE and deletes its manifest by digest: every tag of that digest goes with it. "
        "First these tags are named (the repository's tags are listed and resolved, 10,000 at "
        "most), the indexes that list the manifest, and how much refers to it; then the question "
        "is "
        "asked on the terminal. Elsewhere --yes is needed: without it nothing happens, exit code "
        "2. "
        "The registry frees the space of layers by its own garbage collection.\n\n"
        "--untag removes only the tag. Registries that cannot do so say so (exit code 3); with "
        "--by-dummy the tag is then moved to an empty manifest, and that is deleted.\n\n"
        "From an OCI layout folder (oci:DIR:NAME, oci:DIR@DIGEST) the image goes with all its "
        "names, and with it the manifests and blobs that nothing else in the folder needs; with "
        "--untag the name alone goes. The index is replaced first, whole: a kill in between leaves "
        "a layout that can be read. While a copy into it or regtool serve runs, the folder is in "
        "use (exit code 10). Archives and dir: folders are written as a whole: nothing is deleted "
        "from them.\n\n"
        "JSON keys: reference, digest, tags, tags_complete, used_by (tags of indexes), referrers "
        "(digests), unknown (what could not be found out), deleted, and for a layout freed (blobs, "
        "bytes).",
    .examples = kExamples,
    .declare = declare};

}  // namespace regtool::cli
