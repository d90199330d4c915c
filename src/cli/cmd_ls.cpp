#include <array>
#include <memory>

#include "cli/arguments.hpp"
#include "cli/image_view_argument.hpp"
#include "cli/session.hpp"
#include "cli/specs.hpp"
#include "regtool/base/clock.hpp"
#include "regtool/base/text.hpp"
#include "regtool/ops/file_lister.hpp"
#include "regtool/ui/render.hpp"

namespace regtool::cli {

namespace {

using base::ExitCode;

struct LsOptions {
    std::string image;
    ops::ListQuery query;
    bool details = false;
    bool verify = false;
};

ExitCode run_ls(const LsOptions& options, Session& session) {
    const OpenedView opened =
        open_view_argument(session, options.image, ops::ViewUse::names, options.verify);
    const layer::MergedTree tree = ops::merge_layers(*opened.view, session.options.jobs);
    report_fetched(session, *opened.view);
    const ui::FileNames names =
        options.query.recursive ? ui::FileNames::paths : ui::FileNames::last_parts;
    ui::Output& out = session.out();
    out.begin_list();
    ops::list_files(tree, options.query, [&](const ops::FileRow& row) {
        ui::show_item(out, row, names, options.details);
    });
    out.end_list();
    return ExitCode::ok;
}

void declare_ls(Arguments& app, Session& session) {
    auto options = std::make_shared<LsOptions>();
    app.add_option("IMAGE", options->image, "Image to look into")->required();
    app.add_option("PATH", options->query.path, "Folder or file, / when left out");
    app.add_flag("-l", options->details, "Mode, owner, size, time and layer of each");
    app.add_flag("-R,--recursive", options->query.recursive, "All below, with whole paths");
    app.add_flag("--all", options->query.deleted, "Also what a layer deleted, and which one");
    add_verify(app, options->verify);
    session.action = [options, &session] { return run_ls(*options, session); };
}

struct FindOptions {
    std::string image;
    ops::FindQuery query;
    std::string size;
    std::string newer;
    bool verify = false;
};

/// A date alone means its beginning.
std::int64_t parse_time(const std::string& text) {
    constexpr std::size_t kDateBytes = 10;
    const auto time = base::parse_rfc3339(text.size() == kDateBytes ? text + "T00:00:00Z" : text);
    if (!time) {
        throw base::UsageError("--newer '" + base::printable(text, 50) +
                               "': a time as 2025-01-31 or 2025-01-31T12:00:00Z");
    }
    return *time;
}

ExitCode run_find(FindOptions& options, Session& session) {
    if (!options.size.empty()) {
        options.query.size = ops::parse_size_bound(options.size);
    }
    if (!options.newer.empty()) {
        options.query.newer = parse_time(options.newer);
    }
    const OpenedView opened =
        open_view_argument(session, options.image, ops::ViewUse::names, options.verify);
    const layer::MergedTree tree = ops::merge_layers(*opened.view, session.options.jobs);
    report_fetched(session, *opened.view);
    ui::Output& out = session.out();
    out.begin_list();
    ops::find_files(tree, options.query, [&](const ops::FileRow& row) {
        ui::show_item(out, row, ui::FileNames::paths, false);
    });
    out.end_list();
    return ExitCode::ok;
}

void declare_find(Arguments& app, Session& session) {
    auto options = std::make_shared<FindOptions>();
    app.add_option("IMAGE", options->image, "Image to look into")->required();
    app.add_option("PATH", options->query.path, "Where to begin, / when left out");
    app.add_option("--name", options->query.name, "Last part of the path matches this pattern")
        ->type_name("GLOB");
    app.add_option("--regex", options->query.regex, "Path matches this extended regular expression")
        ->type_name("REGEX");
    app.add_option("--type", options->query.types,
                   "One or more of f file, d folder, l link, c b devices, p pipe, s socket")
        ->type_name("TYPES");
    app.add_option("--size", options->size,
                   "Files of more (+N), less (-N) or just N bytes; k, M, G for 1024 of them")
        ->type_name("[+-]N");
    app.add_flag("--setuid", options->query.setuid, "Setuid and setgid files");
    app.add_option("--newer", options->newer, "Changed after this time")->type_name("TIME");
    add_verify(app, options->verify);
    session.action = [options, &session] { return run_find(*options, session); };
}

constexpr std::array kLsExamples{
    Example{"regtool ls alpine:stable /etc", "What is in a folder"},
    Example{"regtool ls -l localhost:5000/app:v1 /usr/bin", "With mode, owner, size and layer"},
    Example{"regtool ls -R --all localhost:5000/app:v1", "Everything, also what was deleted"},
};
constexpr std::array kFindExamples{
    Example{"regtool find localhost:5000/app:v1 --setuid", "Files that run as another user"},
    Example{"regtool find localhost:5000/app:v1 /usr --size +1M --jq '.[] | .path'",
            "Large files below /usr"},
    Example{"regtool find localhost:5000/app:v1 --name '*.pem' --newer 2025-01-01",
            "Certificates younger than a date"},
};

}  // namespace

constinit const CommandSpec kLs{
    .path = "ls",
    .alias = "",
    .group = "Look inside layers",
    .summary = "List files of an image as a container would see them",
    .description =
        "Merges the layers (whiteouts, opaque folders, hard and symbolic links) and lists what is "
        "in a folder of the result, in the order of names; a link to a folder is followed. Layers "
        "are read two at a time and verified, but for those whose index is in the cache (see "
        "warm) and those with a table of contents of their own that the manifest vouches for "
        "(eStargz, zstd:chunked) or a SOCI index, of which the table alone is fetched; -v says "
        "what was fetched and what it was checked against, --verify reads them all the same. With "
        "-l each line has "
        "mode, owner, size, time and the layer that put the name there, with -R it has the whole "
        "path. JSON keys of each element: layer, type, path, link_target, mode, uid, gid, user, "
        "group, size, mtime, device, links (names with the same content), deleted_by (a layer, or "
        "null); names that are no UTF-8 come with a path_base64 beside them.",
    .examples = kLsExamples,
    .declare = declare_ls};

constinit const CommandSpec kFind{
    .path = "find",
    .alias = "",
    .group = "Look inside layers",
    .summary = "Find files of an image by name, type, size, mode or time",
    .description =
        "Lists the paths of the merged view that meet every condition, parents before children. "
        "A file with several names counts by each. The JSON keys are those of ls.",
    .examples = kFindExamples,
    .declare = declare_find};

}  // namespace regtool::cli
