#include <array>
#include <memory>

#include "cli/arguments.hpp"
#include "cli/image_view_argument.hpp"
#include "cli/session.hpp"
#include "cli/specs.hpp"
#include "regtool/ops/blamer.hpp"
#include "regtool/ops/history.hpp"
#include "regtool/ops/waste_finder.hpp"
#include "regtool/ui/render.hpp"

namespace regtool::cli {

namespace {

using base::ExitCode;

struct BlameOptions {
    std::string image;
    std::string path;
    bool verify = false;
};

ExitCode run_blame(const BlameOptions& options, Session& session) {
    const OpenedView opened =
        open_view_argument(session, options.image, ops::ViewUse::names, options.verify);
    const ops::HistoryReport history =
        ops::read_history(*opened.store, session.platform(), session.stop());
    const layer::MergedTree tree =
        ops::merge_layers(*opened.view, session.options.jobs, {.keep_changes = true});
    report_fetched(session, *opened.view);
    const ops::BlameReport report = ops::blame(*opened.view, tree, history, options.path);
    if (!report.history_matched) {
        session.log().warn(
            "history and layers differ in number, so layers are shown without their commands");
    }
    ui::show(session.out(), report);
    return ExitCode::ok;
}

void declare_blame(Arguments& app, Session& session) {
    auto options = std::make_shared<BlameOptions>();
    app.add_option("IMAGE", options->image, "Image to look into")->required();
    app.add_option("PATH", options->path, "File, folder or link, also one that was deleted")
        ->required();
    add_verify(app, options->verify);
    session.action = [options, &session] { return run_blame(*options, session); };
}

struct WasteOptions {
    std::string image;
    bool verify = false;
};

ExitCode run_waste(const WasteOptions& options, Session& session) {
    const OpenedView opened =
        open_view_argument(session, options.image, ops::ViewUse::names, options.verify);
    const layer::MergedTree tree = ops::merge_layers(*opened.view, session.options.jobs);
    report_fetched(session, *opened.view);
    ui::show(session.out(), ops::find_waste(*opened.view, tree));
    return ExitCode::ok;
}

void declare_waste(Arguments& app, Session& session) {
    auto options = std::make_shared<WasteOptions>();
    app.add_option("IMAGE", options->image, "Image to look into")->required();
    add_verify(app, options->verify);
    session.action = [options, &session] { return run_waste(*options, session); };
}

constexpr std::array kBlameExamples{
    Example{"regtool blame alpine:stable /etc/passwd", "Which layer added or replaced it?"},
    Example{"regtool blame localhost:5000/app:v1 /etc/motd --jq '.steps[-1].created_by'",
            "The command that touched it last"},
};
constexpr std::array kWasteExamples{
    Example{"regtool waste localhost:5000/app:v1", "Bytes that every pull pays for in vain"},
    Example{"regtool waste localhost:5000/app:v1 --jq '.telling[] | .path'",
            "Deleted files that may hold secrets"},
};

}  // namespace

constinit const CommandSpec kBlame{
    .path = "blame",
    .alias = "",
    .group = "Look inside layers",
    .summary = "Tell which layer added, replaced or deleted a path",
    .description =
        "Shows what each layer did to a path, oldest first, with the step of the history that made "
        "the layer. Links on the way are followed, the path itself is taken as it is. A path that "
        "was deleted has its story too; one that no layer ever had is exit code 1. JSON keys: "
        "reference, path, exists, layers_matched, steps (layer, layer_digest, change: added, "
        "replaced, attributes or deleted, entry: the archive's own name, type, size, link_target, "
        "step, created_by).",
    .examples = kBlameExamples,
    .declare = declare_blame};

constinit const CommandSpec kWaste{
    .path = "waste",
    .alias = "",
    .group = "Look inside layers",
    .summary = "Show bytes that are shipped but hidden by later layers",
    .description =
        "Sums up the contents of files that later layers replaced or deleted: they are pulled by "
        "everyone and can be downloaded by everyone. One row for each entry that hid something and "
        "layer that ships it, largest first; bytes are unpacked ones. Deleted files whose names "
        "suggest a secret (.npmrc, id_rsa, *.pem and the like) are named: names alone are looked "
        "at, so this is no scanner for secrets. JSON keys: reference, shipped, hidden, rows and "
        "telling (path, how: deleted or replaced, layer, by_layer, files, bytes).",
    .examples = kWasteExamples,
    .declare = declare_waste};

}  // namespace regtool::cli
