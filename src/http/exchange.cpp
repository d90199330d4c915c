#include "http/exchange.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cstdio>

#include "http/address.hpp"
#include "http/sound_headers.hpp"
#include "http/transport_errors.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"

namespace regtool::http {

namespace {

constexpr std::size_t kMaxHeaderBytes = std::size_t{128} << 10;
constexpr std::size_t kMaxHeaderLines = 200;
constexpr int kMaxInterimAnswers = 8;
/// A registry hashes or moves a blob before it answers the closing request: 300 s of the
/// default 60.
constexpr int kStallsToAnswerAnUpload = 5;
constexpr std::uint64_t kUploadDigestBytesPerSecond = 50'000'000;

/// How long the headers of an answer may take: half of what a body may stand still, 30 s of 60 s.
std::chrono::milliseconds answer_limit(const HttpRequest& request, const ExchangeContext& context) {
    std::chrono::milliseconds limit = context.options.stall_timeout / 2;
    if (request.method == Method::put && limit.count() > 0) {
        const std::uint64_t size = context.upload_size.value_or(request.body.size());
        limit = context.options.stall_timeout * kStallsToAnswerAnUpload +
                std::chrono::seconds(size / kUploadDigestBytesPerSecond);
    }
    return limit;
}

}  // namespace

Exchange::Exchange(CurlHandle& handle, const HttpRequest& request, ExchangeContext context)
    : handle_(handle),
      context_(std::move(context)),
      url_(Url::parse(request.url)),
      method_(request.method),
      max_body_bytes_(request.max_body_bytes),
      watch_(context_.options.stall_timeout, answer_limit(request, context_)) {
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
        const auto began = std::chrono::steady_clock::now();
        const std::size_t got = exchange.context_.upload->read(
            std::as_writable_bytes(std::span<char>(data, size * count)));
        exchange.watch_.excuse(std::chrono::steady_clock::now() - began);
        exchange.uploaded_ += got;
        exchange.upload_done_ = got == 0 || exchange.uploaded_ == exchange.context_.upload_size;
        return got;
    } catch (...) {
        exchange.failure_ = std::current_exception();
        return CURL_READFUNC_ABORT;
    }
}

/// libcurl found that the server had dropped an idle connection: the body starts anew on another
/// one (F-38).
int Exchange::on_rewind(void* self, curl_off_t offset, int origin) {
    auto& exchange = *static_cast<Exchange*>(self);
    if (offset != 0 || origin != SEEK_SET || exchange.context_.upload_again == nullptr) {
        return CURL_SEEKFUNC_CANTSEEK;
    }
    try {
        exchange.second_upload_ = (*exchange.context_.upload_again)();
        exchange.context_.upload = exchange.second_upload_.get();
        exchange.uploaded_ = 0;
        exchange.upload_done_ = false;
        return CURL_SEEKFUNC_OK;
    } catch (...) {
        exchange.failure_ = std::current_exception();
        return CURL_SEEKFUNC_FAIL;
    }
}

int Exchange::on_progress(void* self,
                          curl_off_t /*down_total*/,
                          curl_off_t down,
                          curl_off_t /*up_total*/,
                          curl_off_t up) {
    auto& exchange = *static_cast<Exchange*>(self);
    return exchange.context_.stop.stop_requested() || exchange.stalled(down + up) ? 1 : 0;
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

StallWatch::Phase Exchange::phase() {
    using Phase = StallWatch::Phase;
    if (!connected_) {
        curl_off_t ready = 0;
        (void)curl_easy_getinfo(handle_.get(), CURLINFO_PRETRANSFER_TIME_T, &ready);
        connected_ = ready > 0;
    }
    if (headers_done_) {
        return Phase::receiving;
    }
    if (!connected_) {
        return Phase::connecting;
    }
    return context_.upload != nullptr && !upload_done_ ? Phase::sending : Phase::waiting;
}

bool Exchange::stalled(curl_off_t moved) {
    const auto now = std::chrono::steady_clock::now();
    const std::chrono::duration<double> elapsed = now - began_;
    const auto rate = static_cast<double>(context_.options.limit_rate_bytes_per_second);
    if (rate > 0 && static_cast<double>(moved) > rate * elapsed.count()) {
        watch_.restart(now);  // it is us who wait
    }
    stalled_ = watch_.late(now, phase(), static_cast<std::uint64_t>(moved));
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
    if (control || colon == std::string_view::npos || !is_header_name(line.substr(0, colon))) {
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
    require_sound_headers(response_, url_.host_port());
    if (response_.ok() && context_.receiver != nullptr && method_ != Method::head) {
        context_.receiver->on_head(response_);
    }
}

void Exchange::take_body(std::span<const std::byte> bytes) {
    if (context_.receiver != nullptr && response_.ok()) {
        const auto began = std::chrono::steady_clock::now();
        context_.receiver->on_body(bytes);
        watch_.excuse(std::chrono::steady_clock::now() - began);
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
        throw_stalled();
    }
    // libcurl has no other word for a header line of more than 100 KB.
    if (code == CURLE_OUT_OF_MEMORY && connected_ && !headers_done_) {
        throw base::RegistryError("the answer of " + url_.host_port() + " has too long a header");
    }
    if (code == CURLE_WEIRD_SERVER_REPLY || code == CURLE_UNSUPPORTED_PROTOCOL) {
        throw base::RegistryError(url_.host_port() + " does not speak proper HTTP: " +
                                  base::printable(error_text_.data(), 200));
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

void Exchange::throw_stalled() const {
    const bool waiting = watch_.phase() == StallWatch::Phase::waiting;
    const std::string limit = std::to_string(watch_.limit().count()) + " ms";
    base::TransportError error(base::TransportPhase::receive, true,
                               url_.host_port() +
                                   (waiting ? " does not answer: no headers within "
                                            : " stalled: next to nothing moved for ") +
                                   limit);
    error.set_hint("--stall-timeout D to wait longer");
    throw error;
}

void Exchange::throw_refused_address() const {
    base::RegistryError error("refused to follow a registry's word to " + url_.host_port() +
                              ": it is an address inside a private network");
    error.facts().url = base::redacted_url(url_.text());
    throw error;
}

}  // namespace regtool::http
