#pragma once

#include <functional>
#include <string>

#include "cli/arguments.hpp"
#include "cli/confirmation.hpp"
#include "cli/session.hpp"
#include "regtool/store/transport.hpp"
#include "regtool/ui/render.hpp"

namespace regtool::cli {

/// What the commands that delete have in common.
struct DeletionFlags {
    bool yes = false;
    bool ignore_missing = false;
};

void add_deletion_flags(Arguments& app, DeletionFlags& flags);

/// Runs it; what is not there may be as good as deleted (DEL-06).
[[nodiscard]] base::ExitCode allow_missing(const DeletionFlags& flags,
                                           Session& session,
                                           const std::function<base::ExitCode()>& work);

/// Throws UsageError for a place of a kind that nothing can be deleted from.
[[nodiscard]] store::Location deletable_location(const std::string& image);

/// Finds out what goes with the image, says it, asks, and deletes it under all its names.
[[nodiscard]] base::ExitCode delete_image(const std::string& image,
                                          const DeletionFlags& flags,
                                          Session& session);

}  // namespace regtool::cli
