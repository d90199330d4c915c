#include <algorithm>
#include <array>
#include <exception>
#include <memory>
#include <nlohmann/json.hpp>
#include <variant>

#include "cli/arguments.hpp"
#include "cli/session.hpp"
#include "cli/specs.hpp"
#include "regtool/ops/image_choice.hpp"

namespace regtool::cli {

namespace {

using base::ExitCode;

struct Options {
    std::vector<std::string> images;
    bool full = false;
};

struct Row {
    std::string name;
    std::string repository;
    std::string digest;
};

void show(Session& session, const Options& options, const std::vector<Row>& rows) {
    ui::Output& out = session.out();
    if (out.structured()) {
        out.begin_list();
        for (const Row& row : rows) {
            out.item({{"reference", row.name}, {"digest", row.digest}});
        }
        out.end_list();
        return;
    }
    for (const Row& row : rows) {
        const std::string digest = options.full ? row.repository + "@" + row.digest : row.digest;
        out.line(rows.size() == 1 || options.full ? digest : digest + " " + row.name);
    }
}

/// One image, of any transport.
Row resolve_one(Session& session, const std::string& image) {
    const auto store = session.open(image);
    const auto platform = session.platform();
    const std::string digest =
        platform ? ops::choose_manifest(*store, platform, session.stop()).digest().str()
                 : store->resolve(session.stop()).digest.str();
    return {store->name(), store->repository_name(), digest};
}

/// Many images of registries share one fan-out.
std::vector<Row> resolve_many(Session& session, const std::vector<std::string>& images) {
    std::vector<model::Reference> references;
    std::vector<Row> rows;
    for (const std::string& image : images) {
        references.push_back(store::registry_reference(image));
        rows.push_back(
            {references.back().familiar(), references.back().repository().familiar(), ""});
    }
    std::exception_ptr first_error;
    session.registry().resolve_many(
        references,
        [&](const registry::RegistryClient::Resolved& resolved) {
            if (const auto* descriptor = std::get_if<model::Descriptor>(&resolved.result)) {
                rows[resolved.index].digest = descriptor->digest.str();
            } else if (!first_error) {
                first_error = std::get<std::exception_ptr>(resolved.result);
            }
        },
        session.stop());
    if (first_error) {
        std::rethrow_exception(first_error);
    }
    return rows;
}

ExitCode run(const Options& options, Session& session) {
    std::vector<Row> rows;
    const bool all_in_registries =
        std::all_of(options.images.begin(), options.images.end(), store::is_registry_image);
    if (options.images.size() > 1 && session.options.platform.empty() && all_in_registries) {
        rows = resolve_many(session, options.images);
    } else {
        for (const std::string& image : options.images) {
            rows.push_back(resolve_one(session, image));
        }
    }
    if (rows.size() == 1 && session.out().structured()) {
        session.out().object({{"reference", rows[0].name}, {"digest", rows[0].digest}});
        return ExitCode::ok;
    }
    show(session, options, rows);
    return ExitCode::ok;
}

void declare(Arguments& app, Session& session) {
    auto options = std::make_shared<Options>();
    app.add_option("IMAGE", options->images, "Images to resolve")->required();
    app.add_flag("--full", options->full, "Print REPO@DIGEST");
    session.action = [options, &session] { return run(*options, session); };
}

constexpr std::array kExamples{
    Example{"regtool digest alpine:stable", "Where a tag points"},
    Example{"regtool digest --full localhost:5000/app:v1", "A name that cannot move"},
    Example{"regtool digest --platform linux/arm64 alpine", "The manifest of one platform"},
};

}  // namespace

constinit const CommandSpec kDigest{.path = "digest",
                                    .alias = "",
                                    .group = "Look at an image",
                                    .summary = "Print the digest that a name points to",
                                    .description =
                                        "Asks with HEAD; where the registry sends no digest the "
                                        "manifest is read and hashed. Several "
                                        "images are asked for at once, and each line then names "
                                        "its image. All must exist. JSON keys: "
                                        "reference, digest; several images give an array.",
                                    .examples = kExamples,
                                    .declare = declare};

}  // namespace regtool::cli
