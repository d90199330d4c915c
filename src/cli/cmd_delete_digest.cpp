#include <array>
#include <memory>

#include "cli/deletion.hpp"
#include "cli/specs.hpp"
#include "regtool/base/text.hpp"
#include "regtool/store/open_store.hpp"

namespace regtool::cli {

namespace {

using base::ExitCode;

struct Options {
    std::string image;
    DeletionFlags flags;
};

/// REPO@DIGEST or oci:DIR@DIGEST. Throws UsageError for a tag, which could have moved.
void require_digest(const std::string& image) {
    const store::Location location = deletable_location(image);
    const bool has_digest = location.transport == store::Transport::registry
                                ? store::registry_reference(image).digest().has_value()
                                : location.digest.has_value();
    if (!has_digest) {
        base::UsageError error(base::printable(image, 200) +
                               " has no digest: REPO@DIGEST is wanted");
        error.set_hint("regtool delete " + base::printable(image, 200));
        throw error;
    }
}

ExitCode run_manifest(const Options& options, Session& session) {
    require_digest(options.image);
    return allow_missing(options.flags, session,
                         [&] { return delete_image(options.image, options.flags, session); });
}

ExitCode run_blob(const Options& options, Session& session) {
    const model::Reference reference = store::registry_reference(options.image);
    require_digest(options.image);
    const model::Repository& repository = reference.repository();
    ops::DeleteReport report;
    report.reference = repository.familiar() + "@" + reference.digest()->str();
    report.digest = reference.digest()->str();
    confirm("delete blob " + report.reference,
            {"images of the repository that have it can no longer be read"}, options.flags.yes,
            session.stop());
    return allow_missing(options.flags, session, [&] {
        session.named_registry().delete_blob(repository, *reference.digest(), session.stop());
        report.deleted = true;
        ui::show(session.out(), report);
        return ExitCode::ok;
    });
}

template <ExitCode (*Run)(const Options&, Session&)>
void declare_by_digest(Arguments& app, Session& session) {
    auto options = std::make_shared<Options>();
    app.add_option("REPO@DIGEST", options->image, "What to delete")->required();
    add_deletion_flags(app, options->flags);
    session.action = [options, &session] { return Run(*options, session); };
}

constexpr std::array kManifestExamples{
    Example{"regtool manifest delete \"$(regtool digest --full localhost:5000/app:v1)\"",
            "Shows what goes with it, and asks"},
    Example{"regtool manifest delete --yes localhost:5000/app@sha256:"
            "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
            "In a script"},
};
constexpr std::array kBlobExamples{
    Example{"regtool blob delete localhost:5000/app@sha256:"
            "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
            "Asks first"},
    Example{"regtool blob delete --yes --ignore-missing localhost:5000/app@sha256:"
            "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
            "In a script"},
};

}  // namespace

constinit const CommandSpec kManifestDelete{
    .path = "manifest delete",
    .alias = "",
    .group = "Look at an image",
    .summary = "Delete a manifest by its digest, with all its tags",
    .description =
        "As delete, of exactly this digest (of a layout folder too: oci:DIR@DIGEST). Names the "
        "tags that go with it and asks; elsewhere "
        "than on a terminal --yes is needed. JSON keys: reference, digest, tags, tags_complete, "
        "used_by, referrers, unknown, deleted; for a layout freed.",
    .examples = kManifestExamples,
    .declare = declare_by_digest<run_manifest>};

constinit const CommandSpec kBlobDelete{
    .path = "blob delete",
    .alias = "",
    .group = "Blobs",
    .summary = "Delete a blob from a repository",
    .description =
        "Asks on the terminal; elsewhere --yes is needed. Whether an image still has the blob is "
        "not looked up. Not every registry lets clients delete blobs. JSON keys: reference, "
        "digest, tags, tags_complete, used_by, referrers, unknown, deleted.",
    .examples = kBlobExamples,
    .declare = declare_by_digest<run_blob>};

}  // namespace regtool::cli
