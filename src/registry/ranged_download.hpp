#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>

#include "regtool/registry/registry_client.hpp"
#include "regtool/stream/source.hpp"

namespace regtool::registry {

/// Fetches part of a blob; several threads call it at once.
using RangeFetcher =
    std::function<void(ByteRange range, stream::Sink& sink, const std::stop_token& stop)>;

/// Bytes that one request asks for. Memory is this times the number of connections.
inline constexpr std::uint64_t kRangeBytes = std::uint64_t{4} << 20;

/// Reads the bytes from `first` to the end of `size` over `connections` at once, for servers that
/// limit the speed of each. The parts reach `sink` in order, on the calling thread, so that it can
/// verify while they come; no more than `connections` parts are held. A part whose transfer breaks
/// is asked for again from where it broke, at most `retries` times. Rethrows the first failure
/// after all threads have ended.
void fetch_by_ranges(const RangeFetcher& fetch,
                     std::uint64_t first,
                     std::uint64_t size,
                     int connections,
                     int retries,
                     stream::Sink& sink,
                     const std::stop_token& stop);

}  // namespace regtool::registry
