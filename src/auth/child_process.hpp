#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "regtool/base/secret.hpp"

namespace regtool::auth {

struct ChildResult {
    int exit_code = -1;  ///< -1: ended by a signal
    std::string out;
    std::string err;
    bool timed_out = false;
    bool too_large = false;  ///< more than the limit on stdout; the child was killed
};

struct ChildLimits {
    std::size_t max_out_bytes = std::size_t{64} << 10;
    std::size_t max_err_bytes = std::size_t{4} << 10;
    std::chrono::milliseconds timeout{60'000};
};

/// Runs a program with one argument, feeds `input` and collects both outputs. No shell; inherited
/// descriptors are closed; variables that may hold our secrets (REGTOOL_*, DOCKER_AUTH_CONFIG) are
/// not passed on. Throws IoError when it cannot be started, Cancelled when stopped. The child is
/// never left behind.
[[nodiscard]] ChildResult run_child(const std::string& program,
                                    const std::string& argument,
                                    const base::Secret& input,
                                    const ChildLimits& limits,
                                    const std::stop_token& stop);

/// The program's path, from the absolute entries of a PATH text; nullopt when there is none that
/// may be executed.
[[nodiscard]] std::optional<std::string> find_program(const std::string& name,
                                                      const std::string& path);

}  // namespace regtool::auth
