#pragma once

#include <memory>
#include <stop_token>

#include "regtool/http/client.hpp"

namespace regtool::http {

/// Ends every call also when `all` is stopped: a source that reads in the background stops for who
/// no longer reads it, and would wait for a silent server whatever the user says. Thread-safe.
/// Borrows `inner`.
[[nodiscard]] std::unique_ptr<HttpClient> make_stopping_client(HttpClient& inner,
                                                               std::stop_token all);

}  // namespace regtool::http
