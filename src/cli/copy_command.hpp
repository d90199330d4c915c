#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/session.hpp"
#include "regtool/ops/copier.hpp"

namespace regtool::cli {

class Arguments;

/// The options that copy, pull and push share.
struct CopyFlags {
    ops::CopyOptions copy;
    std::string digest_file;
    std::string compress;
    std::optional<int> compress_level;
    std::string manifest_format;
};

void add_copy_flags(Arguments& app, CopyFlags& flags, Session& session);

/// Copies with --platform, --jobs and the rest, shows the report, writes --digest-file.
[[nodiscard]] ops::CopyReport run_copy(Session& session,
                                       const CopyFlags& flags,
                                       const std::vector<ops::CopyItem>& items,
                                       store::ImageTarget& target);

/// --platform, a comma list here.
[[nodiscard]] std::vector<model::Platform> platform_list(const Session& session);

}  // namespace regtool::cli
