#pragma once

#include <set>

#include "regtool/base/guarded.hpp"
#include "regtool/registry/locations.hpp"

namespace regtool::cli {

/// Hosts that a run meets only as mirrors. What the user typed as --creds is for the registry that
/// was named, not for them (MIR-06). Thread-safe.
class MirrorHosts {
  public:
    /// `named` as typed, and where registries.conf leads it.
    void learn(const model::Repository& named, const registry::Locations& places) {
        hosts_.with([&](Hosts& hosts) {
            hosts.named.insert(named.registry());
            hosts.named.insert(places.primary.registry());
            for (const registry::Mirror& mirror : places.mirrors) {
                hosts.mirrors.insert(mirror.repository.registry());
            }
        });
    }

    [[nodiscard]] bool is_mirror_only(const model::RegistryHost& host) const {
        return hosts_.with([&](const Hosts& hosts) {
            return hosts.mirrors.contains(host) && !hosts.named.contains(host);
        });
    }

  private:
    struct Hosts {
        std::set<model::RegistryHost> named;
        std::set<model::RegistryHost> mirrors;
    };

    base::Guarded<Hosts> hosts_;
};

}  // namespace regtool::cli
