#pragma once

#include <cstddef>
#include <functional>

namespace regtool::ops {

/// Runs work(0) … work(count - 1) on up to `jobs` threads, each index once, and waits for all. The
/// first exception is rethrown after the running ones have ended; indexes not begun by then are
/// left out.
void parallel_for(std::size_t count, int jobs, const std::function<void(std::size_t)>& work);

}  // namespace regtool::ops
