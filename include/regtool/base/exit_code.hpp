#pragma once

namespace regtool::base {

/// What the process says to its caller. One table for all commands; `regtool help exit-codes`
/// prints it.
enum class ExitCode : int {
    ok = 0,
    no = 1,
    usage = 2,
    registry = 3,
    auth = 4,
    network = 5,
    limited = 6,
    integrity = 7,
    precondition = 8,
    partial = 9,
    local = 10,
    internal = 70,
    timeout = 124,
    interrupted = 130,
    closed_pipe = 141,
    terminated = 143,
};

}  // namespace regtool::base
