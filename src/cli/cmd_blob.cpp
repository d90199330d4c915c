#include <array>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/arguments.hpp"
#include "cli/blob_writer.hpp"
#include "cli/image_argument.hpp"
#include "cli/session.hpp"
#include "cli/specs.hpp"
#include "regtool/ui/render.hpp"

namespace regtool::cli {

namespace {

using base::ExitCode;

struct Options {
    std::string blob;
    ops::BlobSelector selector;
    BlobOutput output;
};

ExitCode run_get(const Options& options, Session& session) {
    const OpenedBlob opened = open_blob_argument(session, options.blob, options.selector);
    write_blob(session, *opened.store, opened.blob, options.output);
    return ExitCode::ok;
}

/// What the registry says of a blob; its size must be that of the manifest where one names it.
ops::BlobFacts look_up(const Options& options, Session& session) {
    const OpenedBlob opened = open_blob_argument(session, options.blob, options.selector);
    const model::Digest& digest = opened.blob.expected.digest;
    const auto info = opened.store->blob_info(digest, session.stop());
    if (!info) {
        base::NotFound error("no blob " + digest.str() + " in " + opened.store->repository_name());
        error.facts().reference = opened.store->name();
        if (opened.store->repository()) {
            error.facts().http_status = 404;
        }
        throw error;
    }
    ops::BlobFacts facts;
    facts.digest = digest.str();
    facts.media_type = opened.blob.media_type.empty() ? info->media_type : opened.blob.media_type;
    facts.size = info->size_known ? std::optional(info->size) : opened.blob.expected.size;
    if (info->size_known && opened.blob.expected.size && *opened.blob.expected.size != info->size) {
        throw base::IntegrityError("blob " + digest.str() + " has " + std::to_string(info->size) +
                                   " bytes, its descriptor says " +
                                   std::to_string(*opened.blob.expected.size));
    }
    return facts;
}

ExitCode run_head(const Options& options, Session& session) {
    ui::show(session.out(), look_up(options, session));
    return ExitCode::ok;
}

ExitCode run_size(const Options& options, Session& session) {
    const ops::BlobFacts facts = look_up(options, session);
    if (!facts.size) {
        throw base::RegistryError("the registry does not say the size of " + facts.digest);
    }
    if (session.out().structured()) {
        session.out().object({{"digest", facts.digest}, {"size", *facts.size}});
    } else {
        session.out().line(std::to_string(*facts.size));
    }
    return ExitCode::ok;
}

std::shared_ptr<Options> declare_common(Arguments& app) {
    auto options = std::make_shared<Options>();
    app.add_option("BLOB", options->blob, "REPO@DIGEST, or an IMAGE with --layer or --config")
        ->required();
    add_blob_selector(app, options->selector);
    return options;
}

void declare_get(Arguments& app, Session& session) {
    auto options = declare_common(app);
    add_blob_output(app, options->output);
    session.action = [options, &session] { return run_get(*options, session); };
}

void declare_head(Arguments& app, Session& session) {
    auto options = declare_common(app);
    session.action = [options, &session] { return run_head(*options, session); };
}

void declare_size(Arguments& app, Session& session) {
    auto options = declare_common(app);
    session.action = [options, &session] { return run_size(*options, session); };
}

constexpr std::array kGetExamples{
    Example{"regtool blob get localhost:5000/app:v1 --layer -1 -o top.tar.gz",
            "The top layer, verified"},
    Example{"regtool blob get localhost:5000/app:v1 --config | jq .", "The configuration"},
};
constexpr std::array kHeadExamples{
    Example{"regtool blob head localhost:5000/app:v1 --layer 0",
            "Digest, media type and size of the lowest layer"},
    Example{"regtool blob head --format json localhost:5000/app:v1 --config",
            "The same of the configuration, as JSON"},
};
constexpr std::array kSizeExamples{
    Example{"regtool blob size localhost:5000/app:v1 --layer -1",
            "Bytes of the top layer, digits alone"},
    Example{"test \"$(regtool blob size localhost:5000/app:v1 --layer 0)\" -lt 50000000",
            "A limit in a script"},
};

}  // namespace

constinit const CommandSpec kBlobGet{.path = "blob get",
                                     .alias = "",
                                     .group = "Blobs",
                                     .summary = "Read a blob, verified",
                                     .description =
                                         "Without -o the bytes go to standard output as they "
                                         "arrive: trust them only after exit code 0. "
                                         "With -o the file appears when size and digest were found "
                                         "right. A transfer that breaks is resumed.",
                                     .examples = kGetExamples,
                                     .declare = declare_get};

constinit const CommandSpec kBlobHead{
    .path = "blob head",
    .alias = "",
    .group = "Blobs",
    .summary = "Show a blob's digest, media type and size",
    .description =
        "Asks the registry with HEAD; nothing is downloaded. JSON keys: digest, media_type, size.",
    .examples = kHeadExamples,
    .declare = declare_head};

constinit const CommandSpec kBlobSize{.path = "blob size",
                                      .alias = "",
                                      .group = "Blobs",
                                      .summary = "Print a blob's size in bytes",
                                      .description =
                                          "Prints the content length, digits alone, as the "
                                          "registry says it. JSON keys: digest, size.",
                                      .examples = kSizeExamples,
                                      .declare = declare_size};

}  // namespace regtool::cli
