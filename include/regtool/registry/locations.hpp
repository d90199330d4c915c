#pragma once

#include <functional>
#include <vector>

#include "regtool/model/reference.hpp"

namespace regtool::registry {

/// A copy of a repository that may be read instead of it.
struct Mirror {
    enum class Serves { everything, digests, tags };

    model::Repository repository;
    Serves serves = Serves::everything;
};

/// Where a repository is really read from: its mirrors in the order of their trial, then its own
/// place.
struct Locations {
    std::vector<Mirror> mirrors;
    model::Repository primary;
};

/// Thread-safe. Throws AccessDenied for a repository that the user's configuration blocks.
using Locate = std::function<Locations(const model::Repository&)>;

}  // namespace regtool::registry
