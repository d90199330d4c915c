#include <unistd.h>

#include <array>
#include <memory>

#include "cli/arguments.hpp"
#include "cli/image_argument.hpp"
#include "cli/session.hpp"
#include "cli/specs.hpp"
#include "regtool/base/fd.hpp"
#include "regtool/base/text.hpp"
#include "regtool/model/manifest.hpp"
#include "regtool/model/media_type.hpp"
#include "regtool/ops/image_choice.hpp"
#include "regtool/ui/render.hpp"

namespace regtool::cli {

namespace {

using base::ExitCode;

struct GetOptions {
    std::string image;
};

ExitCode run_get(const GetOptions& options, Session& session) {
    const auto store = session.open(options.image);
    const model::Manifest manifest =
        ops::choose_manifest(*store, session.platform(), session.stop());
    session.out().document(manifest.bytes());
    return ExitCode::ok;
}

void declare_get(Arguments& app, Session& session) {
    auto options = std::make_shared<GetOptions>();
    app.add_option("IMAGE", options->image, "Image to read")->required();
    add_layout_flags(app, session);
    session.action = [options, &session] { return run_get(*options, session); };
}

ExitCode run_head(const GetOptions& options, Session& session) {
    const auto store = session.open(options.image);
    ops::BlobFacts facts;
    if (const auto platform = session.platform()) {
        const model::Manifest manifest = ops::choose_manifest(*store, platform, session.stop());
        facts = {manifest.digest().str(), manifest.media_type(), manifest.bytes().size()};
    } else {
        const model::Descriptor descriptor = store->resolve(session.stop());
        facts = {descriptor.digest.str(), descriptor.media_type, descriptor.size};
    }
    ui::show(session.out(), facts);
    return ExitCode::ok;
}

void declare_head(Arguments& app, Session& session) {
    auto options = std::make_shared<GetOptions>();
    app.add_option("IMAGE", options->image, "Image to look up")->required();
    session.action = [options, &session] { return run_head(*options, session); };
}

struct PutOptions {
    std::string image;
    std::string file = "-";
    std::string media_type;
};

std::string read_manifest_file(const std::string& file) {
    if (file != "-") {
        return base::read_file(file, model::kMaxManifestBytes);
    }
    stream::FdSource source(STDIN_FILENO, "standard input");
    stream::StringSink sink(model::kMaxManifestBytes);
    stream::pump(source, sink);
    return std::move(sink.text());
}

/// What is wrong with it is the user's file or option, no answer of a registry.
model::Manifest parse_manifest_file(const PutOptions& options) {
    if (!options.media_type.empty() && !model::is_valid_media_type(options.media_type)) {
        throw base::UsageError("--media-type: '" + base::printable(options.media_type, 100) +
                               "' is no media type");
    }
    const std::string bytes = read_manifest_file(options.file);
    try {
        return model::Manifest::parse(bytes, options.media_type);
    } catch (const base::IntegrityError&) {
        if (options.media_type.empty()) {
            throw;
        }
        throw base::UsageError("--media-type: the manifest says itself that it is something else");
    } catch (const base::InvalidDocument& error) {
        throw base::IoError(options.file == "-" ? "standard input" : options.file, error.message(),
                            0);
    }
}

ExitCode run_put(const PutOptions& options, Session& session) {
    const model::Reference target = store::registry_reference(options.image);
    const model::Manifest manifest = parse_manifest_file(options);
    if (target.digest() && *target.digest() != manifest.digest()) {
        throw base::IntegrityError("the manifest hashes to " + manifest.digest().str() +
                                   ", not to " + target.digest()->str());
    }
    session.named_registry().put_manifest(target, manifest, session.stop());
    const model::Digest digest = target.digest().value_or(manifest.digest());
    ui::show(session.out(),
             ops::BlobFacts{digest.str(), manifest.media_type(), manifest.bytes().size()});
    return ExitCode::ok;
}

void declare_put(Arguments& app, Session& session) {
    auto options = std::make_shared<PutOptions>();
    app.add_option("IMAGE", options->image, "Name to put it under: a tag or REPO@DIGEST")
        ->required();
    app.add_option("FILE", options->file, "Manifest to send; - or nothing is standard input");
    app.add_option("--media-type", options->media_type,
                   "Media type, where the manifest does not say its own")
        ->type_name("TYPE");
    session.action = [options, &session] { return run_put(*options, session); };
}

constexpr std::array kGetExamples{
    Example{"regtool manifest alpine:stable", "What a tag names: an index where there is one"},
    Example{"regtool manifest --platform linux/arm64 alpine", "The manifest of one platform"},
    Example{"regtool manifest --jq '.layers[-1].digest' localhost:5000/app:v1",
            "The digest of the top layer"},
    Example{"regtool manifest alpine | sha256sum", "The exact bytes, so the hash is the digest"},
};
constexpr std::array kHeadExamples{
    Example{"regtool manifest head alpine:stable",
            "Digest, media type and size without a download"},
    Example{"regtool manifest head --jq .size localhost:5000/app:v1", "The size alone"},
};
constexpr std::array kPutExamples{
    Example{"regtool manifest put localhost:5000/app:copy manifest.json", "Put a file under a tag"},
    Example{"regtool manifest localhost:5000/app:v1 | regtool manifest put localhost:5000/app:v2",
            "The same bytes under another tag"},
};

}  // namespace

constinit const CommandSpec kManifestGet{.path = "manifest",
                                         .alias = "manifest get",
                                         .group = "Look at an image",
                                         .summary = "Print a manifest or index, byte for byte",
                                         .description =
                                             "Prints the manifest's exact bytes: their hash is the "
                                             "image's digest. Of an index the index "
                                             "itself is printed, unless --platform descends into "
                                             "it. On a terminal the JSON is indented and "
                                             "coloured; --raw shows it as it is.",
                                         .examples = kGetExamples,
                                         .declare = declare_get};

constinit const CommandSpec kManifestHead{
    .path = "manifest head",
    .alias = "",
    .group = "Look at an image",
    .summary = "Show a manifest's digest, media type and size",
    .description =
        "Asks with HEAD, which registries do not count as a pull; where a registry sends no digest "
        "the "
        "manifest is read and hashed. JSON keys: digest, media_type, size.",
    .examples = kHeadExamples,
    .declare = declare_head};

constinit const CommandSpec kManifestPut{
    .path = "manifest put",
    .alias = "",
    .group = "Look at an image",
    .summary = "Put a manifest under a tag or digest",
    .description =
        "Sends the bytes as they are. The manifest is checked first, and the digest that the "
        "registry "
        "answers with must be that of the bytes. JSON keys: digest, media_type, size.",
    .examples = kPutExamples,
    .declare = declare_put};

}  // namespace regtool::cli
