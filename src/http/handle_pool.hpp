#pragma once

#include <memory>
#include <string>
#include <vector>

#include "http/curl_handle.hpp"
#include "regtool/base/guarded.hpp"

namespace regtool::http {

/// One easy handle in a multi of its own: the multi keeps the connections, can be woken when the
/// work is to stop, and is never shared between threads (sharing a connection cache is unsafe in
/// libcurl 7.88).
struct Transfer {
    CurlHandle handle;
    CurlMulti multi;
    std::string origin;  ///< where its live connection leads
};

/// Idle transfers, found again by origin so that their connections are reused. Thread-safe.
class TransferPool {
  public:
    [[nodiscard]] std::unique_ptr<Transfer> take(const std::string& origin);
    void give_back(std::unique_ptr<Transfer> transfer);

  private:
    static constexpr std::size_t kMaxIdle = 32;
    base::Guarded<std::vector<std::unique_ptr<Transfer>>> idle_;
};

}  // namespace regtool::http
