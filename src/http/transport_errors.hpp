#pragma once

#include <string>

#include "http/curl_handle.hpp"
#include "http/url.hpp"
#include "regtool/base/error.hpp"
#include "regtool/http/message.hpp"

namespace regtool::http {

/// What a failed transfer means, in words that name the host, with the command that would mend it.
/// `detail` is libcurl's error buffer.
[[nodiscard]] base::TransportError transport_error(CURLcode code,
                                                   const std::string& detail,
                                                   const Url& url,
                                                   const CurlHandle& handle,
                                                   const std::string& proxy);

}  // namespace regtool::http
