#pragma once

#include <functional>
#include <string>
#include <vector>

#include "regtool/base/log.hpp"
#include "regtool/http/client.hpp"

namespace regtool::registry {

/// What a reader of pages made of one.
struct PageTaken {
    std::size_t entries = 0;
    bool wants_more = true;
};

/// Walks pages by their Link headers, on the same origin only, with guards against lists that never
/// end (LST-02…05, LST-08, T-11, T-26). `take` gets every answer, whatever its status.
void follow_pages(http::HttpClient& http,
                  http::HttpRequest first,
                  const std::string& what,
                  const std::function<PageTaken(const http::HttpResponse&)>& take,
                  const std::stop_token& stop);

/// What distinguishes the two listings of names.
struct Listing {
    std::string what;       ///< for messages: "tags of alpine"
    std::string reference;  ///< for error facts
    std::string member;     ///< the array in each page: "tags", "repositories"
    bool (*is_valid)(std::string_view name) = nullptr;
};

/// Walks the pages of a listing. `page` returns false to stop.
void walk_pages(http::HttpClient& http,
                http::HttpRequest first,
                const Listing& listing,
                const std::function<bool(std::vector<std::string>)>& page,
                base::Log& log,
                const std::stop_token& stop);

}  // namespace regtool::registry
