#include <algorithm>
#include <array>

#include "cli/command.hpp"
#include "cli/specs.hpp"

namespace regtool::cli {

namespace {

constexpr std::array kCommands{
    // Look at an image
    &kInspect,
    &kManifestGet,
    &kManifestHead,
    &kManifestPut,
    &kManifestDelete,
    &kManifestDiff,
    &kConfig,
    &kDigest,
    &kHistory,
    &kSize,
    &kTags,
    &kCatalog,
    &kExists,
    // Look inside layers
    &kLayerLs,
    &kLayerGet,
    &kLs,
    &kCat,
    &kFind,
    &kBlame,
    &kExtract,
    &kExport,
    &kDiff,
    &kWaste,
    &kWarm,
    // Blobs
    &kBlobGet,
    &kBlobHead,
    &kBlobSize,
    &kBlobVerify,
    &kBlobPut,
    &kBlobMount,
    &kBlobCopy,
    &kBlobDelete,
    // Copy and change
    &kCopy,
    &kPull,
    &kPush,
    &kRetag,
    &kDelete,
    // Supply chain
    &kReferrers,
    // Access and self
    &kLogin,
    &kLogout,
    &kAuthGet,
    &kAuthToken,
    &kApi,
    &kDoctor,
    &kServe,
    &kConfigGet,
    &kCompletion,
    &kVersionCommand,
    &kHelp,
};

const CommandSpec* find_path(std::string_view path) {
    const auto found =
        std::find_if(kCommands.begin(), kCommands.end(), [path](const CommandSpec* spec) {
            return spec->path == path || (!spec->alias.empty() && spec->alias == path);
        });
    return found == kCommands.end() ? nullptr : *found;
}

}  // namespace

std::span<const CommandSpec* const> commands() noexcept {
    return kCommands;
}

const CommandSpec* find_command(const std::vector<std::string>& words, std::size_t& used) {
    if (words.size() >= 2) {
        used = 2;
        if (const CommandSpec* spec = find_path(words[0] + " " + words[1])) {
            return spec;
        }
    }
    used = 1;
    return words.empty() ? nullptr : find_path(words[0]);
}

bool is_command_group(std::string_view word) {
    return std::any_of(kCommands.begin(), kCommands.end(), [word](const CommandSpec* spec) {
        return spec->path.size() > word.size() && spec->path.substr(0, word.size()) == word &&
               spec->path[word.size()] == ' ';
    });
}

}  // namespace regtool::cli
