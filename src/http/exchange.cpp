#include "http/exchange.hpp"

#include <sys/socket.h>

#include <algorithm>

#include "http/address.hpp"
#include "http/transport_errors.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"

namespace regtool::http {

namespace {

constexpr std::size_t kMaxHeaderBytes = std::size_t{128} << 10;
constexpr std::size_t kMaxHeaderLines = 200;
constexpr int kMaxInterimAnswers = 8;
/// A registry hashes or moves a blob before it answers the closing request.
constexpr std::chrono::seconds kAnswerToUpload{300};
constexpr std::uint64_t kUploadDigestBytesPerSecond = 50'000'000;

}  // namespace

Exchange::Exchange(CurlHandle& handle, const HttpRequest& request, ExchangeContext context)
    : handle_(handle),
      context_(std::move(context)),
      url_(Url::parse(request.url)),
      method_(request.method),
      max_body_bytes_(request.max_body_bytes),
      last_activity_(std::chrono::steady_clock::now()) {
    if (!context_.allow_local && is_local_literal(url_.host())) {
        throw_refused_address();
    }
    handle_.reset();
    set_connection_options();
    set_tls_options();
    set_request_options(request);
    set_callbacks();
    if (context_.log.tracing()) {
        trace_request(request);
    }
    if (context_.options.show_curl_line) {
        show_as_curl(request);
    }
}

void Exchange::set_callbacks() {
    handle_.set<CURLOPT_HEADERFUNCTION>(&Exchange::on_header);
    handle_.set<CURLOPT_HEADERDATA>(this);
    handle_.set<CURLOPT_WRITEFUNCTION>(&Exchange::on_body);
    handle_.set<CURLOPT_WRITEDATA>(this);
    handle_.set<CURLOPT_XFERINFOFUNCTION>(&Exchange::on_progress);
    handle_.set<CURLOPT_XFERINFODATA>(this);
    handle_.set<CURLOPT_NOPROGRESS>(0L);
    handle_.set<CURLOPT_OPENSOCKETFUNCTION>(&Exchange::on_open_socket);
    handle_.set<CURLOPT_OPENSOCKETDATA>(this);
    handle_.set<CURLOPT_ERRORBUFFER>(error_text_.data());
    handle_.set<CURLOPT_PRIVATE>(this);
}

std::size_t Exchange::on_header(char* data, std::size_t size, std::size_t count, void* self) {
    auto& exchange = *static_cast<Exchange*>(self);
    try {
        exchange.take_header({data, size * count});
        return size * count;
    } catch (...) {
        exchange.failure_ = std::current_exception();
        return 0;
    }
}

std::size_t Exchange::on_body(char* data, std::size_t size, std::size_t count, void* self) {
    auto& exchange = *static_cast<Exchange*>(self);
    try {
        exchange.take_body(base::as_bytes({data, size * count}));
        return exchange.body_cut_ ? 0 : size * count;
    } catch (...) {
        exchange.failure_ = std::current_exception();
        return 0;
    }
}

std::size_t Exchange::on_upload(char* data, std::size_t size, std::size_t count, void* self) {
    auto& exchange = *static_cast<Exchange*>(self);
    try {
        const std::size_t got = exchange.context_.upload->read(
            std::as_writable_bytes(std::span<char>(data, size * count)));
        // Waiting for our own source is not the peer's stall.
        exchange.last_activity_ = std::chrono::steady_clock::now();
        exchange.upload_done_ = exchange.upload_done_ || got == 0;
        return got;
    } catch (...) {
        exchange.failure_ = std::current_exception();
        return CURL_READFUNC_ABORT;
    }
}

int Exchange::on_progress(void* self,
                          curl_off_t /*down_total*/,
                          curl_off_t down,
                          curl_off_t /*up_total*/,
                          curl_off_t up) {
    auto& exchange = *static_cast<Exchange*>(self);
    return exchange.context_.stop.stop_requested() || exchange.stalled(down, up) ? 1 : 0;
}

curl_socket_t Exchange::on_open_socket(void* self,
                                       curlsocktype /*purpose*/,
                                       curl_sockaddr* address) {
    auto& exchange = *static_cast<Exchange*>(self);
    // Through a proxy the address is the proxy's own, which the user chose (PXY-06).
    if (!exchange.context_.allow_local && exchange.context_.proxy.empty() &&
        is_local_address(address->addr)) {
        exchange.address_refused_ = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

bool Exchange::stalled(curl_off_t down, curl_off_t up) {
    const auto now = std::chrono::steady_clock::now();
    if (down + up != bytes_seen_) {
        bytes_seen_ = down + up;
        last_activity_ = now;
        return false;
    }
    std::chrono::milliseconds limit = context_.options.stall_timeout;
    if (upload_done_) {
        const std::uint64_t size = context_.upload_size.value_or(0);
        limit = std::max<std::chrono::milliseconds>(
            limit, kAnswerToUpload + std::chrono::seconds(size / kUploadDigestBytesPerSecond));
    }
    stalled_ = limit.count() > 0 && now - last_activity_ > limit;
    return stalled_;
}

void Exchange::take_status_line(std::string_view line) {
    if (response_.status >= 100 && response_.status < 200 &&
        ++interim_answers_ > kMaxInterimAnswers) {
        throw base::RegistryError(url_.host_port() + " sends interim answers without end");
    }
    response_.headers = Headers();
    const std::size_t blank = line.find(' ');
    const std::string_view digits =
        blank == std::string_view::npos ? std::string_view() : line.substr(blank + 1, 3);
    response_.status = static_cast<int>(base::parse_decimal(digits).value_or(0));
}

void Exchange::take_header(std::string_view line) {
    header_bytes_ += line.size();
    if (header_bytes_ > kMaxHeaderBytes || response_.headers.lines().size() > kMaxHeaderLines) {
        throw base::RegistryError("the answer of " + url_.host_port() + " has too many headers");
    }
    last_activity_ = std::chrono::steady_clock::now();
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) {
        line.remove_suffix(1);
    }
    if (headers_done_) {
        return;  // a trailer: nothing here uses them
    }
    if (line.substr(0, 5) == "HTTP/") {
        take_status_line(line);
        return;
    }
    if (line.empty()) {
        if (response_.status >= 200) {
            end_of_headers();
        }
        return;
    }
    const bool control = std::any_of(line.begin(), line.end(), [](char c) {
        return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
    });
    const std::size_t colon = line.find(':');
    if (control || colon == std::string_view::npos || colon == 0) {
        throw base::RegistryError(url_.host_port() + " sends a malformed header");
    }
    response_.headers.add(std::string(line.substr(0, colon)),
                          std::string(base::trim(line.substr(colon + 1))));
}

void Exchange::end_of_headers() {
    headers_done_ = true;
    response_.url = url_.text();
    if (context_.log.tracing()) {
        trace_response();
    }
    if (!response_.ok()) {
        return;
    }
    const auto encoding = response_.headers.get("Content-Encoding");
    if (encoding && !encoding->empty() && !base::equals_ignore_case(*encoding, "identity")) {
        throw base::RegistryError("the answer of " + url_.host_port() + " is encoded as '" +
                                      base::printable(*encoding, 40) +
                                      "', which was not asked for and hides the bytes to verify",
                                  response_.status);
    }
    if (context_.receiver != nullptr && method_ != Method::head) {
        context_.receiver->on_head(response_);
    }
}

void Exchange::take_body(std::span<const std::byte> bytes) {
    if (context_.receiver != nullptr && response_.ok()) {
        context_.receiver->on_body(bytes);
        // A slow consumer is not a stalled peer.
        last_activity_ = std::chrono::steady_clock::now();
        return;
    }
    const std::size_t limit = response_.ok() ? max_body_bytes_ : kMaxErrorBodyBytes;
    if (bytes.size() > limit - response_.body.size()) {
        if (response_.ok()) {
            throw base::RegistryError(
                "the answer of " + url_.host_port() + " is larger than " + base::human_size(limit),
                response_.status);
        }
        body_cut_ = true;
        return;
    }
    response_.body.append(base::as_text(bytes));
}

HttpResponse Exchange::finish(CURLcode code) {
    if (failure_) {
        std::rethrow_exception(failure_);
    }
    if (context_.stop.stop_requested()) {
        throw base::Cancelled(base::ErrorKind::interrupted);
    }
    if (address_refused_) {
        throw_refused_address();
    }
    if (stalled_) {
        base::TransportError error(
            base::TransportPhase::receive, true,
            url_.host_port() + " stalled: nothing moved for " +
                std::to_string(context_.options.stall_timeout.count() / 1000) + " s");
        error.set_hint("--stall-timeout D to wait longer");
        throw error;
    }
    if (code != CURLE_OK && !body_cut_) {
        throw transport_error(code, error_text_.data(), url_, handle_, context_.proxy);
    }
    if (response_.status < 200) {
        throw base::RegistryError(url_.host_port() + " does not speak HTTP");
    }
    response_.http_version =
        handle_.get_long<CURLINFO_HTTP_VERSION>() == CURL_HTTP_VERSION_2_0 ? "2" : "1.1";
    return std::move(response_);
}

bool Exchange::reached_local() const {
    return context_.proxy.empty() && is_local_literal(handle_.get_text<CURLINFO_PRIMARY_IP>());
}

void Exchange::throw_refused_address() const {
    base::RegistryError error("refused to follow a registry's word to " + url_.host_port() +
                              ": it is an address inside a private network");
    error.facts().url = base::redacted_url(url_.text());
    throw error;
}

}  // namespace regtool::http
