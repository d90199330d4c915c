#include "serve/microhttpd.hpp"

#include <string>

#include "regtool/base/error.hpp"
#include "regtool/base/shared_library.hpp"

namespace regtool::serve {

namespace {}  // namespace

MicroHttpd load_microhttpd() {
    const base::SharedLibrary library("libmicrohttpd.so.12");
    if (!library) {
        base::UsageError error("serve needs libmicrohttpd, which is not installed");
        error.set_hint("apt-get install libmicrohttpd12");
        throw error;
    }
    const auto find = [&library](const char* name, auto& function) {
        if (!library.find(name, function)) {
            throw base::UsageError(std::string("serve: this libmicrohttpd has no ") + name);
        }
    };
    MicroHttpd mhd;
    find("MHD_start_daemon", mhd.start_daemon);
    find("MHD_stop_daemon", mhd.stop_daemon);
    find("MHD_quiesce_daemon", mhd.quiesce_daemon);
    find("MHD_lookup_connection_value", mhd.lookup_connection_value);
    find("MHD_get_connection_info", mhd.get_connection_info);
    find("MHD_create_response_from_buffer", mhd.create_response_from_buffer);
    find("MHD_create_response_from_fd_at_offset64", mhd.create_response_from_fd);
    find("MHD_add_response_header", mhd.add_response_header);
    find("MHD_queue_response", mhd.queue_response);
    find("MHD_destroy_response", mhd.destroy_response);
    return mhd;
}

}  // namespace regtool::serve
