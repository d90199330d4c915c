#include <algorithm>

#include "registry/pages.hpp"
#include "registry/requests.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "regtool/registry/registry_client.hpp"

namespace regtool::registry {

namespace {

constexpr std::size_t kMaxPageBytes = std::size_t{64} << 20;
/// Registries refuse or clamp more (LST-06).
constexpr std::uint64_t kMaxPageSize = 1000;

std::string query_of(const TagsOptions& options) {
    std::string query;
    if (options.page_size > 0) {
        query = "n=" + std::to_string(std::min(options.page_size, kMaxPageSize));
    }
    if (!options.last.empty()) {
        query += (query.empty() ? "last=" : "&last=") + base::percent_encode(options.last);
    }
    return query.empty() ? "" : "?" + query;
}

http::HttpRequest listing_request(const std::string& url, std::string scope) {
    http::HttpRequest request;
    request.url = url;
    request.scopes = {std::move(scope)};
    request.max_body_bytes = kMaxPageBytes;
    return request;
}

}  // namespace

void RegistryClient::tags(const model::Repository& named,
                          const TagsOptions& options,
                          const std::function<bool(std::vector<std::string>)>& page,
                          std::stop_token stop) {
    // A mirror holds only some tags: its list would be taken for the whole.
    const model::Repository repository = locate_ ? locate_(named).primary : named;
    const std::string url = endpoints_.base_url(repository.registry(), stop) + "/v2/" +
                            repository.path() + "/tags/list";
    const Listing listing{"tags of " + repository.familiar(), repository.str(), "tags",
                          [](std::string_view name) { return model::is_valid_tag(name); }};
    walk_pages(http_,
               listing_request(url + query_of(options), repository_scope(repository, "pull")),
               listing, page, log_, stop);
}

void RegistryClient::catalog(const model::RegistryHost& registry,
                             const TagsOptions& options,
                             const std::function<bool(std::vector<std::string>)>& page,
                             std::stop_token stop) {
    const std::string url = endpoints_.base_url(registry, stop) + "/v2/_catalog";
    const Listing listing{
        "catalog of " + registry.str(), registry.str(), "repositories",
        [](std::string_view name) { return model::is_valid_repository_path(name); }};
    try {
        walk_pages(http_, listing_request(url + query_of(options), "registry:catalog:*"), listing,
                   page, log_, stop);
    } catch (base::Error& error) {
        const int status = error.facts().http_status;
        if (status != 403 && status != 404 && status != 405 && status != 401) {
            throw;
        }
        const std::string words = registry.str() + " does not offer a catalog";
        const auto raise = [&](auto refused) {
            refused.facts() = error.facts();
            for (const std::string& line : error.context()) {
                refused.add_context(line);
            }
            throw refused;
        };
        if (status == 401 || status == 403) {
            base::AccessDenied denied(words);
            denied.set_hint("regtool login " + registry.str() + ", if it may need credentials");
            raise(std::move(denied));
        }
        raise(base::RegistryError(words, status));
    }
}

}  // namespace regtool::registry
