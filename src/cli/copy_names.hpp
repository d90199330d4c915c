#pragma once

#include <optional>
#include <string>
#include <vector>

#include "regtool/store/transport.hpp"

namespace regtool::cli {

// What images are called in a place when nobody says it.

/// Of `pull`: by its tag in a layout where it comes alone, else by its whole reference.
[[nodiscard]] std::vector<std::string> names_of_pulled(const std::string& image,
                                                       const store::Location& place,
                                                       bool alone);

/// Of `copy --all-tags`: what `name` of `from` becomes in `to`. A registry knows tags alone, Docker
/// whole references, the others take what they get. nullopt for an image without a name. Throws
/// UsageError where a name says too little.
[[nodiscard]] std::optional<std::string> name_of_copied(const std::string& name,
                                                        const store::Location& from,
                                                        const store::Location& to);

}  // namespace regtool::cli
