#include "http/host_gate.hpp"

#include <algorithm>

#include "regtool/base/error.hpp"

namespace regtool::http {

namespace {

/// 1 s, 2 s, 4 s … 32 s.
std::chrono::seconds interval(int probes) {
    constexpr int kMostDoublings = 5;
    return std::chrono::seconds(1LL << std::min(probes, kMostDoublings));
}

}  // namespace

void HostGate::pause(const std::string& origin, TimePoint until) {
    hosts_.with([&](auto& hosts) {
        Host& host = hosts[origin];
        host.paused_until = std::max(host.paused_until, until);
    });
}

bool HostGate::enter(const std::string& origin, TimePoint now) {
    return hosts_.with([&](auto& hosts) {
        const auto found = hosts.find(origin);
        if (found == hosts.end()) {
            return true;
        }
        Host& host = found->second;
        if (now < host.paused_until) {
            return false;
        }
        if (host.failures < kFailuresInARow) {
            return true;
        }
        if (now < host.next_probe) {
            return false;
        }
        host.probing = true;
        host.next_probe = now + interval(host.probes + 1);
        return true;
    });
}

HostGate::TimePoint HostGate::opens_at(const std::string& origin) const {
    return hosts_.with([&](const auto& hosts) {
        const auto found = hosts.find(origin);
        if (found == hosts.end()) {
            return TimePoint{};
        }
        const Host& host = found->second;
        return host.failures < kFailuresInARow ? host.paused_until
                                               : std::max(host.paused_until, host.next_probe);
    });
}

void HostGate::succeeded(const std::string& origin) {
    hosts_.with([&](auto& hosts) {
        const auto found = hosts.find(origin);
        if (found != hosts.end()) {
            found->second.failures = 0;
            found->second.probes = 0;
            found->second.probing = false;
        }
    });
}

void HostGate::failed(const std::string& origin, int status, TimePoint now) {
    hosts_.with([&](auto& hosts) {
        Host& host = hosts[origin];
        host.last_status = status;
        if (host.failures >= kFailuresInARow) {
            // Requests that were already on their way when it began to fail do not count.
            host.probes += host.probing ? 1 : 0;
            host.probing = false;
        } else if (++host.failures < kFailuresInARow) {
            return;
        }
        host.next_probe = std::max(host.next_probe, now + interval(host.probes));
    });
}

void HostGate::require_hope(const std::string& origin) const {
    const Host host = hosts_.with([&](const auto& hosts) {
        const auto found = hosts.find(origin);
        return found == hosts.end() ? Host{} : found->second;
    });
    if (host.failures < kFailuresInARow || host.probes < probes_) {
        return;
    }
    const std::string words =
        origin + " is not asked any more: " + std::to_string(host.failures + host.probes) +
        " requests in a row failed";
    if (host.last_status != 0) {
        throw base::RegistryError(
            words + ", the last with status " + std::to_string(host.last_status), host.last_status);
    }
    throw base::TransportError(base::TransportPhase::connect, false, words);
}

}  // namespace regtool::http
