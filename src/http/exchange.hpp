#pragma once

#include <array>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "http/curl_handle.hpp"
#include "http/stall_watch.hpp"
#include "http/url.hpp"
#include "regtool/base/log.hpp"
#include "regtool/http/client.hpp"
#include "regtool/http/host_settings.hpp"

namespace regtool::http {

/// What an exchange needs to know beyond its request.
struct ExchangeContext {
    ExchangeContext(const ClientOptions& client_options,
                    base::Log& message_log,
                    std::stop_token stop_token,
                    std::string proxy_url)
        : options(client_options),
          log(message_log),
          stop(std::move(stop_token)),
          proxy(std::move(proxy_url)) {}

    const ClientOptions& options;
    base::Log& log;
    std::stop_token stop;
    std::string proxy;
    bool allow_local = true;                      ///< connecting to private addresses is fine
    bool http2 = false;                           ///< offer it over TLS
    BodyReceiver* receiver = nullptr;             ///< streams a 2xx body
    stream::Source* upload = nullptr;             ///< body of the request
    const SourceFactory* upload_again = nullptr;  ///< makes that body anew
    std::optional<std::uint64_t> upload_size;
};

/// One request and its answer on one easy handle: options, header and body collection, limits,
/// stall timer, error mapping. Must stay where it is while the transfer runs (libcurl holds its
/// address). Used by one thread.
class Exchange {
  public:
    Exchange(CurlHandle& handle, const HttpRequest& request, ExchangeContext context);
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;
    Exchange(Exchange&&) = delete;
    Exchange& operator=(Exchange&&) = delete;
    ~Exchange() = default;

    /// The answer, after libcurl ended the transfer with `code`. Throws what a callback threw,
    /// Cancelled, TransportError, RegistryError.
    [[nodiscard]] HttpResponse finish(CURLcode code);
    /// Whether the peer's address was private; known after the transfer.
    [[nodiscard]] bool reached_local() const;

  private:
    static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
    static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
    static std::size_t on_upload(char* data, std::size_t size, std::size_t count, void* self);
    static int on_rewind(void* self, curl_off_t offset, int origin);
    static int on_progress(
        void* self, curl_off_t down_total, curl_off_t down, curl_off_t up_total, curl_off_t up);
    static curl_socket_t on_open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);

    void set_connection_options();
    void set_tls_options();
    void set_request_options(const HttpRequest& request);
    void set_callbacks();
    void take_header(std::string_view line);
    void take_status_line(std::string_view line);
    void end_of_headers();
    void take_body(std::span<const std::byte> bytes);
    [[nodiscard]] bool stalled(curl_off_t moved);
    [[nodiscard]] StallWatch::Phase phase();
    void trace_request(const HttpRequest& request) const;
    void show_as_curl(const HttpRequest& request) const;
    void trace_response() const;
    [[noreturn]] void throw_refused_address() const;
    [[noreturn]] void throw_stalled() const;

    CurlHandle& handle_;
    ExchangeContext context_;
    Url url_;
    Method method_;
    std::size_t max_body_bytes_;
    HeaderList header_lines_;
    std::array<char, CURL_ERROR_SIZE> error_text_{};
    HttpResponse response_;
    std::exception_ptr failure_;  ///< what a callback threw: no exception may pass libcurl
    std::size_t header_bytes_ = 0;
    int interim_answers_ = 0;
    bool headers_done_ = false;
    bool body_cut_ = false;  ///< an error body was long enough
    bool stalled_ = false;
    bool address_refused_ = false;
    bool upload_done_ = false;
    std::uint64_t uploaded_ = 0;  ///< bytes of the body that libcurl has taken
    bool connected_ = false;
    std::unique_ptr<stream::Source> second_upload_;
    StallWatch watch_;
    std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

}  // namespace regtool::http
