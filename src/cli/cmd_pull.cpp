#include <array>
#include <filesystem>
#include <memory>

#include "cli/arguments.hpp"
#include "cli/copy_command.hpp"
#include "cli/copy_names.hpp"
#include "cli/session.hpp"
#include "cli/specs.hpp"
#include "regtool/base/text.hpp"
#include "regtool/store/transport.hpp"

namespace regtool::cli {

namespace {

using base::ExitCode;
using store::Location;
using store::Transport;

struct Options {
    std::vector<std::string> words;  ///< pull: IMAGE… DST, push: SRC IMAGE
    CopyFlags flags;
    std::vector<std::string> also;
};

bool names_transport(std::string_view place) {
    for (const Transport transport :
         {Transport::registry, Transport::layout, Transport::layout_archive,
          Transport::docker_archive, Transport::folder}) {
        const std::string_view prefix = store::to_string(transport);
        if (place.starts_with(prefix) && place.substr(prefix.size()).starts_with(":")) {
            return true;
        }
    }
    return false;
}

bool is_tar(std::string_view place) {
    return place == "-" || place.ends_with(".tar");
}

/// A bare folder is an OCI layout, a bare .tar what docker load takes.
std::string local_destination(const std::string& place) {
    if (names_transport(place)) {
        return place;
    }
    if (is_tar(place)) {
        return "docker-archive:" + place;
    }
    if (place.find(':') != std::string::npos) {
        base::UsageError error("'" + base::printable(place) + "' is neither a folder nor a .tar");
        error.set_hint("pull writes to this machine (oci:" + base::printable(place) +
                       " for a folder and a name); copy writes to registries");
        throw error;
    }
    return "oci:" + place;
}

/// A bare folder is what is in it; a bare .tar is read in either form.
std::string local_source(const std::string& place) {
    if (names_transport(place)) {
        return place;
    }
    const std::string path = place.substr(0, place.find(':'));
    if (std::error_code error; std::filesystem::is_directory(path, error)) {
        const bool is_layout =
            std::filesystem::exists(std::filesystem::path(path) / "oci-layout", error);
        return (is_layout ? "oci:" : "dir:") + place;
    }
    if (is_tar(path)) {
        return "docker-archive:" + place;
    }
    base::UsageError error("'" + base::printable(place) + "' is neither a folder nor a .tar");
    error.set_hint("push reads from this machine; copy reads from registries");
    throw error;
}

ExitCode run_pull(const Options& options, Session& session) {
    const std::string destination = local_destination(options.words.back());
    const Location place = store::parse_location(destination);
    if (place.transport == Transport::registry) {
        base::UsageError error("pull writes to this machine");
        error.set_hint("regtool copy writes to registries");
        throw error;
    }
    const std::vector<std::string> images(options.words.begin(), options.words.end() - 1);
    if (images.size() > 1 && place.name) {
        throw base::UsageError("several images cannot all be called '" +
                               base::printable(*place.name) + "'");
    }
    const auto target = session.open_target(destination);
    std::vector<ops::CopyItem> items;
    for (const std::string& image : images) {
        ops::CopyItem item{session.open(image), {}};
        item.names = place.name ? std::vector{*place.name}
                                : names_of_pulled(image, place, images.size() == 1);
        items.push_back(std::move(item));
    }
    CopyFlags flags = options.flags;
    flags.copy.platforms = platform_list(session);
    flags.copy.one_image = place.transport == Transport::docker_archive;
    (void)run_copy(session, flags, items, *target);
    return ExitCode::ok;
}

ExitCode run_push(const Options& options, Session& session) {
    const std::string& destination = options.words.back();
    if (store::parse_location(destination).transport != Transport::registry) {
        base::UsageError error("push writes to a registry");
        error.set_hint("regtool copy writes to every transport");
        throw error;
    }
    const auto target = session.open_target(destination);
    ops::CopyItem item{session.open(local_source(options.words.front())), {}};
    if (const auto name = target->wanted_name()) {
        item.names.push_back(*name);
    }
    item.names.insert(item.names.end(), options.also.begin(), options.also.end());
    CopyFlags flags = options.flags;
    flags.copy.platforms = platform_list(session);
    (void)run_copy(session, flags, {std::move(item)}, *target);
    return ExitCode::ok;
}

void declare_pull(Arguments& app, Session& session) {
    auto options = std::make_shared<Options>();
    app.add_option("IMAGE", options->words,
                   "Images, then the folder, .tar or other place on this machine")
        ->required()
        ->expected(2, -1)
        ->type_name("IMAGE... DST");
    add_copy_flags(app, options->flags, session);
    session.action = [options, &session] { return run_pull(*options, session); };
}

void declare_push(Arguments& app, Session& session) {
    auto options = std::make_shared<Options>();
    options->words.resize(2);
    app.add_option("SRC", options->words.front(),
                   "Folder (OCI layout or dir), .tar, or an image of any local transport")
        ->required();
    app.add_option("IMAGE", options->words.back(), "Where to in a registry")->required();
    app.add_option("--also", options->also, "Another tag for the same image; repeatable")
        ->type_name("TAG");
    add_copy_flags(app, options->flags, session);
    session.action = [options, &session] { return run_push(*options, session); };
}

constexpr std::array kPullExamples{
    Example{"regtool pull alpine:3.19 layout", "All platforms into an OCI layout folder"},
    Example{"regtool pull --platform linux/amd64 alpine:3.19 alpine.tar",
            "One image into a file for docker load"},
    Example{"regtool pull localhost:5000/app:v1 localhost:5000/db:v2 layout",
            "Several images into one layout"},
};
constexpr std::array kPushExamples{
    Example{"regtool push layout:3.19 localhost:5000/alpine:3.19", "From an OCI layout folder"},
    Example{"regtool push alpine.tar localhost:5000/alpine:3.19 --also latest",
            "What docker save wrote, under two tags"},
};

}  // namespace

constinit const CommandSpec kPull{
    .path = "pull",
    .alias = "",
    .group = "Copy and change",
    .summary = "Copy images to a folder or an archive on this machine",
    .description =
        "The last word says where to: a bare folder is an OCI layout, a name that ends in .tar "
        "(and -, standard output) an archive for docker load; oci:, oci-archive:, docker-archive: "
        "and dir: name the others. A layout that is there is extended; an image is called by its "
        "tag in it, several in one pull and those in a docker-archive by their whole reference, "
        "unless the place names one. All platforms are copied unless --platform says which; a "
        "docker-archive holds one, by default this machine's.\n\n"
        "Bytes that are there already are hashed again and kept; a pull that was killed goes on "
        "inside the blob. No name stands for anything new before all of it was verified. Options, "
        "output and JSON keys are those of regtool copy.",
    .examples = kPullExamples,
    .declare = declare_pull};

constinit const CommandSpec kPush{
    .path = "push",
    .alias = "",
    .group = "Copy and change",
    .summary = "Copy an image from a folder or an archive to a registry",
    .description =
        "SRC is a bare folder (an OCI layout, with :NAME where it has several images, or a dir), a "
        "name that ends in .tar (what docker save wrote, or - for standard input), or oci:, "
        "oci-archive:, docker-archive: or dir: and what they name. Blobs that the registry has "
        "are skipped. Options, output and JSON keys are those of regtool copy.",
    .examples = kPushExamples,
    .declare = declare_push};

}  // namespace regtool::cli
