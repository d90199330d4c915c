#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "cli/arguments.hpp"
#include "cli/session.hpp"
#include "cli/specs.hpp"
#include "regtool/base/error.hpp"
#include "regtool/ops/differ.hpp"
#include "regtool/ui/render.hpp"

namespace regtool::cli {

namespace {

using base::ExitCode;

struct Options {
    std::string before;
    std::string after;
    std::vector<std::string> only;
    bool semantic = false;
    bool markdown = false;
};

void select_parts(ops::DiffOptions& diff, const std::vector<std::string>& only) {
    if (only.empty()) {
        return;
    }
    const auto named = [&only](const char* part) {
        return std::find(only.begin(), only.end(), part) != only.end();
    };
    diff.manifest = named("manifest");
    diff.config = named("config");
    diff.files = named("files");
    diff.packages = named("packages");
}

ExitCode run(const Options& options, Session& session) {
    if (options.markdown && session.out().structured()) {
        throw base::UsageError("--github is a form of text: leave out --format and --jq");
    }
    ops::DiffOptions diff;
    select_parts(diff, options.only);
    diff.depth = options.semantic ? ops::DiffDepth::semantic : ops::DiffDepth::exact;
    diff.platform = session.platform();
    diff.jobs = session.options.jobs;
    const auto before = session.open(options.before);
    const auto after = session.open(options.after);
    const ops::DiffResult result = ops::diff_images(*before, *after, diff, session.progress(),
                                                    session.stop(), session.index_cache());
    for (const std::string& line : result.fetched) {
        session.log().info(line);
    }
    for (const std::string& note : result.report.notes) {
        session.log().warn(note);
    }
    if (options.markdown) {
        ui::show_markdown(session.out(), result.report);
    } else {
        ui::show(session.out(), result.report);
    }
    return result.report.same() ? ExitCode::ok : ExitCode::no;
}

void declare(Arguments& app, Session& session) {
    auto options = std::make_shared<Options>();
    app.add_option("A", options->before, "Image to compare from")->required();
    app.add_option("B", options->after, "Image to compare to")->required();
    app.add_option("--only", options->only, "manifest, config, files or packages; may be repeated")
        ->type_name("PART")
        ->allow_extra_args(false)
        ->one_of({"manifest", "config", "files", "packages"});
    app.add_flag("--semantic", options->semantic,
                 "Pass over times, hard links and how layers are stored");
    app.add_flag("--github", options->markdown,
                 "Markdown for a pull request or a job summary; also --format github");
    session.options.command_formats["github"] = [options] { options->markdown = true; };
    session.action = [options, &session] { return run(*options, session); };
}

constexpr std::array kExamples{
    Example{"regtool diff localhost:5000/app:v1 localhost:5000/app:v2", "What a release changes"},
    Example{"regtool diff --only packages debian:12.10 debian:12.11", "Which packages moved"},
    Example{"regtool diff --semantic oci:build1:app oci:build2:app",
            "Whether two builds hold the same"},
    Example{"regtool diff --jq '.files[] | select(.what[]? == \"mode\") | .path' "
            "localhost:5000/app:v1 localhost:5000/app:v2",
            "Files whose permissions changed"},
};

}  // namespace

constinit const CommandSpec kDiff{
    .path = "diff",
    .alias = "",
    .group = "Look inside layers",
    .summary = "Compare two images: manifest, configuration, packages, files",
    .description =
        "Exits with 0 when nothing differs (and prints nothing), with 1 when something does. Of "
        "two "
        "indexes the index is compared as well as the image for the platform. Lines begin with + "
        "(only in B), - (only in A) or ~ (in both, and different).\n\n"
        "Files are compared in the merged view, as a container would see them: type, content, "
        "mode, "
        "owner, time, link target, device numbers, extended attributes and number of hard links. "
        "Layers that both images have are read once, and none when all are the same; a file's "
        "bytes "
        "are compared only where two different entries of one size stand for it. Packages are "
        "those "
        "of dpkg (status, status.d), apk and rpm (rpmdb.sqlite, which needs libsqlite3); where an "
        "older database of rpm's differs a warning says that it was not compared. What was read is "
        "kept in the cache folder: comparing the same images again reads nothing.\n\n"
        "--semantic passes over what a container would not notice: times, numbers of hard links, "
        "the order and the compression of layers, and media types.\n\n"
        "JSON keys: same, before and after (reference, digest), and of the parts that were "
        "compared "
        "manifest and config (field, before, after: values, null where there is none), packages "
        "(manager, name, before, after: lists of version, architecture), files (path, change: "
        "added, removed or changed, what, before, after: the keys of layer ls), notes.",
    .examples = kExamples,
    .declare = declare};

}  // namespace regtool::cli
