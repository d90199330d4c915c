#include "http/transport_errors.hpp"

#include <netdb.h>

#include <cerrno>
#include <system_error>

#include "http/proxy.hpp"
#include "regtool/base/text.hpp"

namespace regtool::http {

namespace {

using base::TransportError;
using base::TransportPhase;

/// libcurl does not say whether a name is unknown or its server does not answer; the resolver,
/// asked again, does.
bool name_may_come_back(const std::string& host) {
    addrinfo* found = nullptr;
    const int code = getaddrinfo(host.c_str(), nullptr, nullptr, &found);
    if (code == 0) {
        freeaddrinfo(found);
        return true;
    }
    return code == EAI_AGAIN;
}

TransportError resolve_error(const Url& url, const std::string& proxy) {
    const bool temporary = name_may_come_back(url.host());
    TransportError error(TransportPhase::resolve, temporary,
                         "cannot resolve " + url.host() + ": " +
                             (temporary ? "the name server does not answer" : "no such host"));
    if (!proxy.empty()) {
        error.add_context("a proxy is set: " + shown_proxy(proxy));
    }
    return error;
}

TransportError verify_error(const Url& url, const std::string& detail) {
    TransportError error(TransportPhase::certificate, false,
                         "the certificate of " + url.host_port() + " does not verify: " + detail);
    if (detail.find("expired") != std::string::npos ||
        detail.find("not yet valid") != std::string::npos) {
        error.add_context("this machine's clock may be wrong");
    }
    error.set_hint("--cacert FILE to trust its authority, or --insecure-tls " + url.host_port() +
                   " to trust anyone");
    return error;
}

/// OpenSSL's words for an answer that is no TLS record.
bool speaks_plain_http(const std::string& detail) {
    return detail.find("wrong version number") != std::string::npos ||
           detail.find("packet length too long") != std::string::npos ||
           detail.find("http request") != std::string::npos;
}

TransportError tls_error(const Url& url, const std::string& detail) {
    if (speaks_plain_http(detail)) {
        TransportError error(TransportPhase::tls, false, url.host_port() + " does not speak TLS");
        error.set_hint("--plain-http " + url.host_port());
        return error;
    }
    const bool broken = detail.find("SSL_ERROR_SYSCALL") != std::string::npos ||
                        detail.find("reset") != std::string::npos ||
                        detail.find("unexpected eof") != std::string::npos;
    return {TransportPhase::tls, broken,
            "TLS handshake with " + url.host_port() + " failed: " + detail};
}

/// The user's own certificates: nothing was sent yet.
TransportError certificate_file_error(const Url& url, const std::string& detail) {
    TransportError error(
        TransportPhase::tls, false,
        "the certificate files for " + url.host_port() + " cannot be used: " + detail);
    error.set_hint(
        "certificates and keys are PEM files; --cert FILE needs its --key FILE, without a "
        "passphrase");
    return error;
}

TransportError proxy_error(const std::string& proxy, const std::string& detail, bool retryable) {
    return {TransportPhase::proxy, retryable, "proxy " + shown_proxy(proxy) + " failed: " + detail};
}

TransportError connect_error(const Url& url,
                             const std::string& detail,
                             const CurlHandle& handle,
                             const std::string& proxy) {
    if (!proxy.empty()) {
        return proxy_error(proxy, detail, true);
    }
    // libcurl's own words do not say why.
    const auto reason = static_cast<int>(handle.get_long<CURLINFO_OS_ERRNO>());
    return {TransportPhase::connect, true,
            "cannot connect to " + url.host_port() + ": " +
                (reason == ECONNREFUSED ? std::string("connection refused")
                 : reason != 0          ? std::system_category().message(reason)
                                        : detail)};
}

TransportPhase phase_of_timeout(const CurlHandle& handle) {
    curl_off_t ready = 0;
    (void)curl_easy_getinfo(handle.get(), CURLINFO_PRETRANSFER_TIME_T, &ready);
    return ready == 0 ? TransportPhase::connect : TransportPhase::receive;
}

}  // namespace

base::TransportError transport_error(CURLcode code,
                                     const std::string& detail,
                                     const Url& url,
                                     const CurlHandle& handle,
                                     const std::string& proxy) {
    const std::string words =
        base::printable(detail.empty() ? curl_easy_strerror(code) : detail, 300);
    // By number: libcurl has a hundred codes, most of them for protocols that are never spoken.
    switch (static_cast<int>(code)) {
        case CURLE_COULDNT_RESOLVE_HOST:
            return resolve_error(url, proxy);
        case CURLE_COULDNT_RESOLVE_PROXY:
            return proxy_error(proxy, words, false);
        case CURLE_COULDNT_CONNECT:
            return connect_error(url, words, handle, proxy);
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_ISSUER_ERROR:
            return verify_error(url, words);
        case CURLE_SSL_CONNECT_ERROR:
            return tls_error(url, words);
        case CURLE_SSL_CACERT_BADFILE:
        case CURLE_SSL_CERTPROBLEM:
            return certificate_file_error(url, words);
        case CURLE_OPERATION_TIMEDOUT:
            return {phase_of_timeout(handle), true,
                    "no answer from " + url.host_port() + " in time: " + words};
        case CURLE_SEND_ERROR:
            return {TransportPhase::send, true,
                    "connection to " + url.host_port() + " broke while sending: " + words};
        case CURLE_SEND_FAIL_REWIND:
            // An idle connection that the server had dropped, and a chunk that is not sent twice by
            // itself: whoever sent it asks how far the upload came (F-38).
            return {TransportPhase::send, true,
                    "connection to " + url.host_port() + " was dropped while sending"};
        case CURLE_PARTIAL_FILE:
            return {TransportPhase::receive, true,
                    "the answer of " + url.host_port() + " ended early: " + words};
        case CURLE_GOT_NOTHING:
        case CURLE_RECV_ERROR:
        case CURLE_HTTP2:
        case CURLE_HTTP2_STREAM:
            // With a proxy, a refused CONNECT arrives here too.
            if (!proxy.empty() && words.find("CONNECT") != std::string::npos) {
                return proxy_error(proxy, words, words.find("407") == std::string::npos);
            }
            return {TransportPhase::receive, true,
                    "connection to " + url.host_port() + " broke: " + words};
        default:
            return {TransportPhase::receive, false,
                    "transfer with " + url.host_port() + " failed: " + words};
    }
}

}  // namespace regtool::http
