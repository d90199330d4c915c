#include "http/curl_handle.hpp"

#include <cstdlib>

#include "regtool/base/error.hpp"

namespace regtool::http {

namespace {

void check_multi(CURLMcode code) {
    if (code != CURLM_OK) {
        throw base::Error(base::ErrorKind::internal,
                          std::string("libcurl: ") + curl_multi_strerror(code));
    }
}

}  // namespace

void initialise_curl() {
    static const bool kInitialised = [] {
        // libcurl would write the session keys of every connection to the file named there
        // (TLS-12).
        unsetenv("SSLKEYLOGFILE");  // NOLINT(concurrency-mt-unsafe): before the first thread
        if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
            throw base::Error(base::ErrorKind::internal, "libcurl does not start");
        }
        return true;
    }();
    (void)kInitialised;
}

CurlHandle::CurlHandle() : handle_(curl_easy_init()) {
    if (!handle_) {
        throw base::Error(base::ErrorKind::internal, "libcurl gives no handle");
    }
}

void CurlHandle::check(CURLcode code) {
    if (code != CURLE_OK) {
        throw base::Error(base::ErrorKind::internal,
                          std::string("libcurl refuses an option: ") + curl_easy_strerror(code));
    }
}

CurlMulti::CurlMulti() : handle_(curl_multi_init()) {
    if (!handle_) {
        throw base::Error(base::ErrorKind::internal, "libcurl gives no handle");
    }
}

void CurlMulti::limit_connections(long per_host) {
    check_multi(curl_multi_setopt(handle_.get(), CURLMOPT_MAX_HOST_CONNECTIONS, per_host));
    check_multi(curl_multi_setopt(handle_.get(), CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX));
}

void CurlMulti::add(CurlHandle& handle) {
    check_multi(curl_multi_add_handle(handle_.get(), handle.get()));
}

void CurlMulti::remove(CurlHandle& handle) noexcept {
    (void)curl_multi_remove_handle(handle_.get(), handle.get());  // fails only when not added
}

int CurlMulti::perform() {
    int running = 0;
    check_multi(curl_multi_perform(handle_.get(), &running));
    return running;
}

void CurlMulti::wait(int timeout_ms) {
    check_multi(curl_multi_poll(handle_.get(), nullptr, 0, timeout_ms, nullptr));
}

void CurlMulti::wake() noexcept {
    (void)curl_multi_wakeup(handle_.get());  // a lost wake-up costs one poll interval
}

CurlMulti::Finished CurlMulti::next_finished() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(handle_.get(), &left)) {
        if (message->msg == CURLMSG_DONE) {
            return {message->easy_handle, message->data.result};
        }
    }
    return {};
}

}  // namespace regtool::http
