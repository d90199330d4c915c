#include <array>
#include <memory>

#include "cli/arguments.hpp"
#include "cli/file_sink.hpp"
#include "cli/image_view_argument.hpp"
#include "cli/session.hpp"
#include "cli/specs.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/output_file.hpp"
#include "regtool/ops/exporter.hpp"
#include "regtool/ops/extractor.hpp"

namespace regtool::cli {

namespace {

using base::ExitCode;

struct ExtractOptions {
    std::string image;
    std::vector<std::string> paths;
    std::string folder;
    layer::DiskWriterOptions disk;
};

void report_skipped(Session& session, const layer::DiskWriterCounts& counts) {
    const auto say = [&session](std::size_t count, const std::string& what) {
        if (count > 0) {
            session.log().warn(std::to_string(count) + " " + what);
        }
    };
    say(counts.devices, "devices and pipes left out (made by root with --devices)");
    say(counts.sockets, "sockets left out");
    say(counts.xattrs, "extended attributes could not be set");
    session.log().info(std::to_string(counts.files) + " files written");
}

ExitCode run_extract(const ExtractOptions& options, Session& session) {
    const OpenedView opened = open_view_argument(session, options.image, ops::ViewUse::unpack);
    const layer::MergedTree tree = ops::merge_layers(*opened.view, session.options.jobs);
    const layer::DiskWriterCounts counts =
        ops::extract_tree(*opened.view, tree, options.paths, options.folder, options.disk);
    report_fetched(session, *opened.view);
    report_skipped(session, counts);
    return ExitCode::ok;
}

void declare_extract(Arguments& app, Session& session) {
    auto options = std::make_shared<ExtractOptions>();
    app.add_option("IMAGE", options->image, "Image to take files from")->required();
    app.add_option("PATH", options->paths, "Files and folders; all when left out");
    app.add_option("-C,--directory", options->folder, "Folder to write into, made when missing")
        ->type_name("DIR")
        ->required();
    app.add_flag("--devices", options->disk.devices, "As root: make devices and pipes too");
    app.add_flag("--preserve", options->disk.special_bits,
                 "Keep setuid, setgid and sticky bits also for others than root");
    app.add_flag_callback(
        "--allow-collisions", [options] { options->disk.collisions = layer::Collisions::allow; },
        "Where case does not count in DIR: the last of two such names wins");
    session.action = [options, &session] { return run_extract(*options, session); };
}

struct ExportOptions {
    std::string image;
    std::string file;
};

void write_tar(Session& session,
               ops::ImageView& view,
               const layer::MergedTree& tree,
               stream::Sink& sink) {
    const std::size_t left_out = ops::export_tree(view, tree, sink);
    if (left_out > 0) {
        session.log().warn(std::to_string(left_out) + " sockets left out: no tar can hold them");
    }
}

ExitCode run_export(const ExportOptions& options, Session& session) {
    const bool to_stdout = options.file.empty() || options.file == "-";
    if (options.file.empty() && session.out().terminal().is_terminal) {
        base::UsageError error("will not write a tar to a terminal");
        error.set_hint("-o FILE, or -o - to write it all the same");
        throw error;
    }
    const OpenedView opened = open_view_argument(session, options.image, ops::ViewUse::unpack);
    const layer::MergedTree tree = ops::merge_layers(*opened.view, session.options.jobs);
    report_fetched(session, *opened.view);
    if (to_stdout) {
        write_tar(session, *opened.view, tree, session.out().bytes());
        session.out().flush();
        return ExitCode::ok;
    }
    base::OutputFile file(options.file);
    FileSink sink(file);
    write_tar(session, *opened.view, tree, sink);
    sink.flush();
    file.commit();
    return ExitCode::ok;
}

void declare_export(Arguments& app, Session& session) {
    auto options = std::make_shared<ExportOptions>();
    app.add_option("IMAGE", options->image, "Image to read")->required();
    app.add_option("-o,--output", options->file,
                   "Write to this file, which appears only when it is whole")
        ->type_name("FILE");
    session.action = [options, &session] { return run_export(*options, session); };
}

constexpr std::array kExtractExamples{
    Example{"regtool extract alpine:stable -C rootfs", "The whole file system"},
    Example{"regtool extract localhost:5000/app:v1 /etc/passwd /usr/share -C out",
            "Parts of it, under the same paths"},
};
constexpr std::array kExportExamples{
    Example{"regtool export alpine:stable | tar -t", "Every path of the merged view"},
    Example{"regtool export localhost:5000/app:v1 -o app.tar", "For docker import"},
};

}  // namespace

constinit const CommandSpec kExtract{
    .path = "extract",
    .alias = "",
    .group = "Look inside layers",
    .summary = "Write files of an image into a folder",
    .description =
        "Writes the merged view, or parts of it, below DIR with modes, times, hard links and, "
        "where permitted, extended attributes; owners when root runs it. No path, link or device "
        "of the image leaves DIR, and no symbolic link in DIR is followed. What stands in the way "
        "is replaced, but for a folder with something in it. Layers are verified, and compared "
        "with the configuration's diff IDs, before the first file is written; of a layer that left "
        "an index in the cache only what holds the files is read, and each part verified as it "
        "comes. A PATH's own last link is written as a link. Where DIR lies on a file system on "
        "which case does not count, "
        "names of the image that would take each other's place are refused with exit code 7.",
    .examples = kExtractExamples,
    .declare = declare_extract};

constinit const CommandSpec kExport{
    .path = "export",
    .alias = "",
    .group = "Look inside layers",
    .summary = "Write the merged file system of an image as one tar",
    .description =
        "The same image gives the same bytes: files in the order of layers and archives, then "
        "folders, links and devices in the order of names, so that tar sets the times of folders "
        "last; owners, modes, times and extended attributes are kept. Layers are fetched once, "
        "verified and compared with the configuration's diff IDs "
        "before the first byte is written; until the end their stored bytes wait in an unnamed "
        "file in $TMPDIR or /var/tmp. Layers that left an index in the cache are read as they are "
        "written, and each part is verified before it is.",
    .examples = kExportExamples,
    .declare = declare_export};

}  // namespace regtool::cli
