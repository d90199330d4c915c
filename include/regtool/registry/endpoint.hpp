#pragma once

#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "regtool/base/guarded.hpp"
#include "regtool/http/curl_client.hpp"
#include "regtool/model/reference.hpp"

namespace regtool::registry {

/// Where a registry's API is. docker.io is served by registry-1.docker.io (REF-03). The scheme is
/// https unless the host is named by --plain-http, or is a loopback literal that answers a TLS
/// hello with something else (INS-01), or is allowed to be insecure and does the same (INS-04); it
/// is decided once for each host and run. Thread-safe.
class Endpoints {
  public:
    using PlainHttp = std::function<bool(const model::RegistryHost&)>;
    using Probe =
        std::function<http::Scheme(std::string_view host, std::string_view port, std::stop_token)>;

    /// `may_be_plain` names hosts besides loopback that are probed; none when it is empty.
    Endpoints(PlainHttp plain_http, Probe probe, PlainHttp may_be_plain = {});

    /// "https://registry-1.docker.io", "http://127.0.0.1:5000": no trailing slash.
    [[nodiscard]] std::string base_url(const model::RegistryHost& registry, std::stop_token stop);
    /// The registry whose base_url has this origin; for the auth floor.
    [[nodiscard]] std::optional<model::RegistryHost> registry_of(std::string_view origin) const;

  private:
    PlainHttp plain_http_;
    Probe probe_;
    PlainHttp may_be_plain_;
    base::Guarded<std::map<model::RegistryHost, std::string>> known_;
};

}  // namespace regtool::registry
