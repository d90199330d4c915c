#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "regtool/base/exit_code.hpp"

namespace regtool::ops {

enum class Verdict { good, note, warning, failure };

/// "good", "note", "warning", "failure"
[[nodiscard]] constexpr std::string_view to_string(Verdict verdict) noexcept {
    switch (verdict) {
        case Verdict::good:
            return "good";
        case Verdict::note:
            return "note";
        case Verdict::warning:
            return "warning";
        case Verdict::failure:
            return "failure";
    }
    return "failure";
}

/// One thing that was looked at. Text may come from a peer: escape before it is shown.
struct Finding {
    std::string area;  ///< "dns", "tls", "credentials", …
    Verdict verdict = Verdict::good;
    std::string text;
    std::string advice;  ///< what to do, when there is something
};

struct DoctorReport {
    std::string subject;
    std::vector<Finding> findings;
    base::ExitCode code = base::ExitCode::ok;  ///< of the first failure
};

}  // namespace regtool::ops
