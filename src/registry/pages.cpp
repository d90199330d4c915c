#include "registry/pages.hpp"

#include <nlohmann/json.hpp>
#include <set>

#include "regtool/base/error.hpp"
#include "regtool/base/json.hpp"
#include "regtool/base/text.hpp"
#include "regtool/registry/error_body.hpp"
#include "regtool/registry/link_header.hpp"

namespace regtool::registry {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxPages = 10'000;
constexpr std::size_t kMaxEntries = 10'000'000;
constexpr int kMaxFruitlessPages = 2;

std::vector<std::string> names_of(const http::HttpResponse& response,
                                  const Listing& listing,
                                  std::size_t& skipped) {
    Json json;
    try {
        json = base::parse_json(response.body, listing.what);
    } catch (base::Error&) {
        const bool is_error = !parse_error_body(response.body).empty();
        const auto type = response.headers.get("Content-Type").value_or("");
        if (is_error || type.find("html") != std::string_view::npos) {
            throw_for_response(http::Method::get, response, listing.what, listing.reference);
        }
        throw;
    }
    std::vector<std::string> names;
    const auto array = json.is_object() ? json.find(listing.member) : json.end();
    if (!json.is_object() || json.contains("errors")) {
        throw_for_response(http::Method::get, response, listing.what, listing.reference);
    }
    if (array == json.end() || !array->is_array()) {
        return names;  // null or missing is an empty list (LST-01)
    }
    names.reserve(array->size());
    for (const Json& item : *array) {
        if (item.is_string() && listing.is_valid(item.get_ref<const std::string&>())) {
            names.push_back(item.get<std::string>());
        } else {
            ++skipped;
        }
    }
    return names;
}

/// The next page's URL, which must be on this registry: a listing may not send us elsewhere.
std::string next_url(const http::HttpResponse& response,
                     const std::string& target,
                     const std::string& what) {
    std::string url;
    try {
        url = http::resolve_url(response.url, target);
    } catch (const base::UsageError& error) {
        throw base::RegistryError(what + ": the next page has an " + error.message());
    }
    if (http::origin_of(url) != http::origin_of(response.url)) {
        throw base::RegistryError(what + ": the next page is on another server, " +
                                  base::redacted_url(url));
    }
    return url;
}

}  // namespace

void follow_pages(http::HttpClient& http,
                  http::HttpRequest first,
                  const std::string& what,
                  const std::function<PageTaken(const http::HttpResponse&)>& take,
                  const std::stop_token& stop) {
    std::set<std::string> seen;
    std::size_t total = 0;
    int fruitless = 0;
    http::HttpRequest request = std::move(first);
    while (true) {
        if (!seen.insert(request.url).second || seen.size() > kMaxPages || total > kMaxEntries ||
            fruitless > kMaxFruitlessPages) {
            throw base::RegistryError(what + ": the list goes round in circles and is incomplete");
        }
        http::HttpResponse response;
        PageTaken taken{};
        try {
            response = http.send(request, stop);
            taken = take(response);
        } catch (base::Error& error) {
            if (seen.size() > 1) {
                error.add_context("the list is incomplete: it breaks off after " +
                                  std::to_string(total) + " entries");
            }
            throw;
        }
        fruitless = taken.entries == 0 ? fruitless + 1 : 0;
        total += taken.entries;
        const auto next = next_link(response.headers.get_all("Link"));
        if (!taken.wants_more || !next) {
            return;
        }
        request.url = next_url(response, *next, what);
    }
}

void walk_pages(http::HttpClient& http,
                http::HttpRequest first,
                const Listing& listing,
                const std::function<bool(std::vector<std::string>)>& page,
                base::Log& log,
                const std::stop_token& stop) {
    std::size_t skipped = 0;
    const http::Method method = first.method;
    follow_pages(
        http, std::move(first), listing.what,
        [&](const http::HttpResponse& response) {
            if (!response.ok()) {
                throw_for_response(method, response, listing.what, listing.reference);
            }
            std::vector<std::string> names = names_of(response, listing, skipped);
            const std::size_t entries = names.size();
            return PageTaken{entries, page(std::move(names))};
        },
        stop);
    if (skipped > 0) {
        log.warn(listing.what + ": " + std::to_string(skipped) +
                 (skipped == 1 ? " entry is no valid name and is"
                               : " entries are no valid names and are") +
                 " left out");
    }
}

}  // namespace regtool::registry
