#pragma once

#include <functional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "regtool/base/log.hpp"
#include "regtool/http/client.hpp"

namespace regtool::registry {

/// What distinguishes the two listings of the API.
struct Listing {
    std::string what;       ///< for messages: "tags of alpine"
    std::string reference;  ///< for error facts
    std::string member;     ///< the array in each page: "tags", "repositories"
    bool (*is_valid)(std::string_view name) = nullptr;
};

/// Walks the pages of a listing, following Link headers on the same origin only, with guards
/// against lists that never end (LST-02…05, LST-08, T-11, T-26). `page` returns false to stop.
void walk_pages(http::HttpClient& http,
                http::HttpRequest first,
                const Listing& listing,
                const std::function<bool(std::vector<std::string>)>& page,
                base::Log& log,
                const std::stop_token& stop);

}  // namespace regtool::registry
