#pragma once

#include <chrono>
#include <map>
#include <string>

#include "regtool/base/guarded.hpp"

namespace regtool::http {

/// Holds requests back from hosts that asked for a pause (RAT-06) or failed again and again: after
/// kFailuresInARow one request at a time goes out, ever more seldom, until one succeeds or the
/// host is given up (T-55). Shared by all requests of a run. Thread-safe; it is told the time.
class HostGate {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;

    static constexpr int kFailuresInARow = 10;

    /// `probes`: how many single requests to a failing host may fail before it is given up.
    explicit HostGate(int probes) : probes_(probes) {}

    /// No request to this origin before `until`.
    void pause(const std::string& origin, TimePoint until);
    /// Whether a request may go out now; where a host fails, a yes is for this one request.
    [[nodiscard]] bool enter(const std::string& origin, TimePoint now);
    /// The moment to ask again after enter() said no.
    [[nodiscard]] TimePoint opens_at(const std::string& origin) const;
    void succeeded(const std::string& origin);
    /// `status` is 0 for a failed transfer.
    void failed(const std::string& origin, int status, TimePoint now);
    /// Throws TransportError or, where it answered, RegistryError when nobody asks this host any
    /// more.
    void require_hope(const std::string& origin) const;

  private:
    struct Host {
        TimePoint paused_until{};
        int failures = 0;
        int last_status = 0;
        int probes = 0;  ///< failed since it counts as failing
        bool probing = false;
        TimePoint next_probe{};
    };

    int probes_;
    base::Guarded<std::map<std::string, Host>> hosts_;
};

}  // namespace regtool::http
