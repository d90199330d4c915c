#include "regtool/registry/endpoint.hpp"

namespace regtool::registry {

namespace {

constexpr std::string_view kHub = "docker.io";
constexpr std::string_view kHubUrl = "https://registry-1.docker.io";
constexpr std::string_view kDefaultHttps = "443";

}  // namespace

Endpoints::Endpoints(PlainHttp plain_http, Probe probe, PlainHttp may_be_plain)
    : plain_http_(std::move(plain_http)),
      probe_(std::move(probe)),
      may_be_plain_(std::move(may_be_plain)) {}

std::string Endpoints::base_url(const model::RegistryHost& registry, std::stop_token stop) {
    if (registry.str() == kHub) {
        known_.with([&](auto& known) { known.emplace(registry, kHubUrl); });
        return std::string(kHubUrl);
    }
    // Probed under the lock, so that many workers of one command probe a host once.
    return known_.with([&](auto& known) {
        const auto found = known.find(registry);
        if (found != known.end()) {
            return found->second;
        }
        http::Scheme scheme = http::Scheme::https;
        if (plain_http_(registry)) {
            scheme = http::Scheme::http;
        } else if (registry.is_loopback() || (may_be_plain_ && may_be_plain_(registry))) {
            const std::string port =
                registry.port().empty() ? std::string(kDefaultHttps) : registry.port();
            scheme = probe_(registry.host(), port, stop);
        }
        std::string url = (scheme == http::Scheme::http ? "http://" : "https://") + registry.str();
        known.emplace(registry, url);
        return url;
    });
}

std::optional<model::RegistryHost> Endpoints::registry_of(std::string_view origin) const {
    return known_.with([&](const auto& known) -> std::optional<model::RegistryHost> {
        for (const auto& [registry, url] : known) {
            if (http::origin_of(url) == origin) {
                return registry;
            }
        }
        return std::nullopt;
    });
}

}  // namespace regtool::registry
