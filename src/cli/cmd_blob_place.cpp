#include <array>
#include <memory>

#include "cli/arguments.hpp"
#include "cli/image_argument.hpp"
#include "cli/session.hpp"
#include "cli/specs.hpp"
#include "regtool/ops/blob_placer.hpp"
#include "regtool/ui/render.hpp"

namespace regtool::cli {

namespace {

using base::ExitCode;

ops::PlacingTools tools_of(Session& session) {
    return {session.named_registry(), session.progress(), session.stop()};
}

struct PutOptions {
    std::string repository;
    std::string file = "-";
    std::string digest;
};

ExitCode run_put(const PutOptions& options, Session& session) {
    const auto repository = model::Repository::parse(options.repository);
    const auto digest =
        options.digest.empty() ? std::nullopt : std::optional(model::Digest::parse(options.digest));
    ui::show(session.out(),
             ops::put_blob_file(tools_of(session), options.file, digest, repository));
    return ExitCode::ok;
}

void declare_put(Arguments& app, Session& session) {
    auto options = std::make_shared<PutOptions>();
    app.add_option("REPO", options->repository, "Repository to put it into")->required();
    app.add_option("FILE", options->file, "File to send; - or nothing is standard input");
    app.add_option("--digest", options->digest,
                   "What the bytes must hash to; exit code 7 otherwise")
        ->type_name("DIGEST");
    session.action = [options, &session] { return run_put(*options, session); };
}

/// REPO@DIGEST. Throws UsageError for anything else.
model::Reference blob_reference(const std::string& text) {
    model::Reference reference = store::registry_reference(text);
    if (!reference.digest()) {
        throw base::UsageError(reference.familiar() + " names no blob: REPO@DIGEST does");
    }
    return reference;
}

struct MoveOptions {
    std::string source;
    std::string target;
    ops::BlobSelector selector;
};

ExitCode run_mount(const MoveOptions& options, Session& session) {
    const model::Reference source = blob_reference(options.source);
    const auto target = model::Repository::parse(options.target);
    const ops::BlobPlacement placed =
        ops::mount_blob(tools_of(session), source.repository(), *source.digest(), target);
    const bool mounted = placed.how == ops::Placed::mounted;
    if (mounted || session.out().structured()) {
        ui::show(session.out(), placed);
    }
    if (!mounted) {
        session.log().warn(
            "not mounted: the registry wants the bytes (regtool blob copy sends "
            "them)");
    }
    return mounted ? ExitCode::ok : ExitCode::no;
}

void declare_mount(Arguments& app, Session& session) {
    auto options = std::make_shared<MoveOptions>();
    app.add_option("SRC_REPO@DIGEST", options->source, "Blob to take over")->required();
    app.add_option("DST_REPO", options->target, "Repository of the same registry")->required();
    session.action = [options, &session] { return run_mount(*options, session); };
}

ExitCode run_copy(const MoveOptions& options, Session& session) {
    const auto target = model::Repository::parse(options.target);
    const OpenedBlob opened = open_blob_argument(session, options.source, options.selector);
    ui::show(session.out(), ops::copy_blob(tools_of(session), *opened.store, opened.blob, target));
    return ExitCode::ok;
}

void declare_copy(Arguments& app, Session& session) {
    auto options = std::make_shared<MoveOptions>();
    app.add_option("BLOB", options->source, "REPO@DIGEST, or an IMAGE with --layer or --config")
        ->required();
    app.add_option("DST_REPO", options->target, "Repository to put it into")->required();
    add_blob_selector(app, options->selector);
    session.action = [options, &session] { return run_copy(*options, session); };
}

constexpr std::array kPutExamples{
    Example{"regtool blob put localhost:5000/app layer.tar.gz", "A file; prints REPO@DIGEST"},
    Example{"tar -c folder | gzip | regtool blob put localhost:5000/app", "From a pipe"},
};
constexpr std::array kMountExamples{
    Example{"regtool blob mount localhost:5000/app@sha256:"
            "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef localhost:5000/other",
            "No byte is moved"},
    Example{"regtool blob mount \"$(regtool blob put localhost:5000/app layer.tar.gz)\" "
            "localhost:5000/other",
            "Put once, used in two repositories"},
};
constexpr std::array kCopyExamples{
    Example{"regtool blob copy localhost:5000/app:v1 --layer 0 localhost:5000/other",
            "The lowest layer of an image"},
    Example{"regtool blob copy localhost:5000/app@sha256:"
            "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef other.example/app",
            "To another registry"},
};

}  // namespace

constinit const CommandSpec kBlobPut{
    .path = "blob put",
    .alias = "",
    .group = "Blobs",
    .summary = "Upload a blob",
    .description =
        "Hashes the file and uploads it, unless the repository has it already; prints REPO@DIGEST. "
        "Standard input is kept in an unnamed file under $TMPDIR first. The upload is resumed "
        "where "
        "the registry stopped, and counts only when the registry has the very bytes. JSON keys: "
        "reference, digest, size, action (uploaded, present).",
    .examples = kPutExamples,
    .declare = declare_put};

constinit const CommandSpec kBlobMount{
    .path = "blob mount",
    .alias = "",
    .group = "Blobs",
    .summary = "Take a blob over from another repository of the same registry",
    .description =
        "Asks the registry to let another repository have the blob without moving bytes. Exit code "
        "1 when it will not. JSON keys: reference, digest, size, action (mounted, not_mounted).",
    .examples = kMountExamples,
    .declare = declare_mount};

constinit const CommandSpec kBlobCopy{
    .path = "blob copy",
    .alias = "",
    .group = "Blobs",
    .summary = "Copy a blob into another repository",
    .description =
        "Mounts it where both repositories are in one registry and the registry agrees; else reads "
        "and uploads it at once, verified, with nothing on disk. A blob that is there is not sent. "
        "Prints REPO@DIGEST. JSON keys: reference, digest, size, action (uploaded, mounted, "
        "present).",
    .examples = kCopyExamples,
    .declare = declare_copy};

}  // namespace regtool::cli
