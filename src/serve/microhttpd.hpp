#pragma once

#include <microhttpd.h>

namespace regtool::serve {

/// The functions of libmicrohttpd that are used. Loaded by hand: linking it, and GnuTLS behind it,
/// would cost the start of every other command.
struct MicroHttpd {
    decltype(&MHD_start_daemon) start_daemon = nullptr;
    decltype(&MHD_stop_daemon) stop_daemon = nullptr;
    decltype(&MHD_quiesce_daemon) quiesce_daemon = nullptr;
    decltype(&MHD_lookup_connection_value) lookup_connection_value = nullptr;
    decltype(&MHD_get_connection_info) get_connection_info = nullptr;
    decltype(&MHD_create_response_from_buffer) create_response_from_buffer = nullptr;
    decltype(&MHD_create_response_from_fd_at_offset64) create_response_from_fd = nullptr;
    decltype(&MHD_add_response_header) add_response_header = nullptr;
    decltype(&MHD_queue_response) queue_response = nullptr;
    decltype(&MHD_destroy_response) destroy_response = nullptr;
};

/// Throws UsageError with a hint where the library is missing. It stays loaded.
[[nodiscard]] MicroHttpd load_microhttpd();

}  // namespace regtool::serve
