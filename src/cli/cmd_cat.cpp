#include <array>
#include <memory>

#include "cli/arguments.hpp"
#include "cli/image_view_argument.hpp"
#include "cli/session.hpp"
#include "cli/specs.hpp"
#include "regtool/ops/file_reader.hpp"

namespace regtool::cli {

namespace {

struct Options {
    std::string image;
    std::vector<std::string> paths;
    bool verify = false;
};

base::ExitCode run(const Options& options, Session& session) {
    const OpenedView opened =
        open_view_argument(session, options.image, ops::ViewUse::contents, options.verify);
    for (const ops::FoundFile& file : ops::find_contents(*opened.view, options.paths)) {
        session.log().info(file.path + " is in layer " + std::to_string(file.layer));
        const auto content = opened.view->contents->open(file.layer, file.entry);
        stream::pump(*content, session.out().bytes());
    }
    session.out().flush();
    report_fetched(session, *opened.view);
    return base::ExitCode::ok;
}

void declare(Arguments& app, Session& session) {
    auto options = std::make_shared<Options>();
    app.add_option("IMAGE", options->image, "Image to look into")->required();
    app.add_option("PATH", options->paths, "Files whose bytes to write")->required();
    add_verify(app, options->verify);
    session.action = [options, &session] { return run(*options, session); };
}

constexpr std::array kExamples{
    Example{"regtool cat alpine:stable /etc/os-release", "What is this image made of?"},
    Example{"regtool cat -v localhost:5000/app:v1 /etc/passwd",
            "And how much of it had to be fetched"},
};

}  // namespace

constinit const CommandSpec kCat{
    .path = "cat",
    .alias = "",
    .group = "Look inside layers",
    .summary = "Write the bytes of files of an image",
    .description =
        "Symbolic and hard links are followed within the image. Layers are read from the top down "
        "and only until the answer is certain: a file of the top layer costs the top layer alone. "
        "A layer that is read is read to its end and verified before the first byte is written, "
        "because its last entry of a name is the one that counts. All paths are looked up before "
        "anything is written. Of a layer whose index is in the cache (see warm), or that has a "
        "table of contents of its own which the manifest vouches for (eStargz, zstd:chunked) or a "
        "SOCI index, only the part that holds the file is fetched, each piece of it verified "
        "before it is used; --verify reads the layer whole all the same. -v says what was fetched "
        "of which layer.",
    .examples = kExamples,
    .declare = declare};

}  // namespace regtool::cli
