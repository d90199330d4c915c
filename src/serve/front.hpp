#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "regtool/base/log.hpp"
#include "serve/exchange.hpp"
#include "serve/handler.hpp"
#include "serve/htpasswd.hpp"
#include "serve/microhttpd.hpp"

namespace regtool::serve {

/// Where libmicrohttpd's callbacks meet the handler: who is asking, the body's way in, the answer's
/// way out, and a line of the access log. Thread-safe.
class Front {
  public:
    /// Borrows all but `users`.
    Front(const MicroHttpd& mhd, Handler& handler, std::optional<Htpasswd> users, base::Log& log);

    /// Requests that have begun and not ended.
    [[nodiscard]] int active() const noexcept { return active_.load(std::memory_order_acquire); }

    // The library's callbacks; `self` is a Front. No exception leaves them.

    static void* on_target(void* self, const char* target, MHD_Connection* connection) noexcept;
    static MHD_Result on_request(void* self,
                                 MHD_Connection* connection,
                                 const char* path,
                                 const char* method,
                                 const char* version,
                                 const char* body,
                                 std::size_t* body_size,
                                 void** request) noexcept;
    static void on_completed(void* self,
                             MHD_Connection* connection,
                             void** request,
                             MHD_RequestTerminationCode reason) noexcept;

  private:
    struct Request;

    void begin(Request& request, MHD_Connection* connection, const char* method);
    [[nodiscard]] Outcome decide(Request& request, const RequestHead& head);
    [[nodiscard]] bool take(Request& request, std::string_view body) const;
    [[nodiscard]] MHD_Result send(Request& request, MHD_Connection* connection) const;
    void log_access(const Request& request, MHD_Connection* connection, bool complete) const;

    const MicroHttpd& mhd_;
    Handler& handler_;
    std::optional<Htpasswd> users_;
    base::Log& log_;
    std::atomic<int> active_{0};
};

}  // namespace regtool::serve
