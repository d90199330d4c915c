#include "serve/microhttpd.hpp"

#include <dlfcn.h>

#include <string>

#include "regtool/base/error.hpp"

namespace regtool::serve {

namespace {

template <class Function>
void find(void* handle, const char* name, Function& function) {
    function = reinterpret_cast<Function>(dlsym(handle, name));
    if (function == nullptr) {
        throw base::UsageError(std::string("serve: this libmicrohttpd has no ") + name);
    }
}

}  // namespace

MicroHttpd load_microhttpd() {
    void* handle = dlopen("libmicrohttpd.so.12", RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) {
        base::UsageError error("serve needs libmicrohttpd, which is not installed");
        error.set_hint("apt-get install libmicrohttpd12");
        throw error;
    }
    MicroHttpd mhd;
    find(handle, "MHD_start_daemon", mhd.start_daemon);
    find(handle, "MHD_stop_daemon", mhd.stop_daemon);
    find(handle, "MHD_quiesce_daemon", mhd.quiesce_daemon);
    find(handle, "MHD_lookup_connection_value", mhd.lookup_connection_value);
    find(handle, "MHD_get_connection_info", mhd.get_connection_info);
    find(handle, "MHD_create_response_from_buffer", mhd.create_response_from_buffer);
    find(handle, "MHD_create_response_from_fd_at_offset64", mhd.create_response_from_fd);
    find(handle, "MHD_add_response_header", mhd.add_response_header);
    find(handle, "MHD_queue_response", mhd.queue_response);
    find(handle, "MHD_destroy_response", mhd.destroy_response);
    return mhd;
}

}  // namespace regtool::serve
