#include "http/transport.hpp"

#include <cstdlib>

#include "http/proxy.hpp"

namespace regtool::http {

namespace {

std::optional<std::string> process_environment(const char* name) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing sets variables
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

}  // namespace

ExchangeContext Transport::context_for(const HttpRequest& request, std::stop_token stop) const {
    const Url url = Url::parse(request.url);
    ExchangeContext context{options_, log_, std::move(stop),
                            choose_proxy(url, options_.proxy, process_environment)};
    if (!request.named_by.empty()) {
        const std::string namer = origin_of(request.named_by);
        context.allow_local =
            namer == url.origin() ||
            local_origins_.with([&](const auto& local) { return local.contains(namer); }) ||
            (options_.allow_private &&
             (options_.allow_private(url.host()) || options_.allow_private(url.host_port())));
    }
    return context;
}

void Transport::learn(const HttpRequest& request, const Exchange& exchange) {
    if (exchange.reached_local()) {
        local_origins_.with([&](auto& local) { local.insert(origin_of(request.url)); });
    }
}

}  // namespace regtool::http
