#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <variant>

#include "regtool/http/message.hpp"
#include "regtool/stream/source.hpp"

namespace regtool::http {

/// Receives a streamed answer. Calls come from the thread that called download().
class BodyReceiver {
  public:
    BodyReceiver() = default;
    virtual ~BodyReceiver() = default;
    BodyReceiver(const BodyReceiver&) = delete;
    BodyReceiver& operator=(const BodyReceiver&) = delete;
    BodyReceiver(BodyReceiver&&) = delete;
    BodyReceiver& operator=(BodyReceiver&&) = delete;

    /// Once, before the first byte of a 2xx body. A throw ends the transfer and reaches the caller.
    virtual void on_head(const HttpResponse& head) = 0;
    virtual void on_body(std::span<const std::byte> bytes) = 0;
};

/// Makes the body of an upload anew for each attempt.
using SourceFactory = std::function<std::unique_ptr<stream::Source>()>;

/// What a producer of many requests says when it is asked for the next one.
struct NextRequest {
    enum class State { ready, later, done };

    State state = State::done;
    HttpRequest request;  ///< with ready
    /// With ready: comes back in Completion. The producer's own number.
    std::size_t tag = 0;
    /// With later: ask again after a completion, or at this moment.
    std::chrono::steady_clock::time_point not_before{};
};

struct Completion {
    std::size_t tag = 0;
    std::variant<HttpResponse, std::exception_ptr> result;
};

using RequestProducer = std::function<NextRequest()>;
using CompletionHandler = std::function<void(Completion)>;

/// The seam of the whole network: everything above talks to this, tests replace it. Thread-safe:
/// every method may be called from several threads at once. A status is an answer, not an
/// exception; TransportError, Cancelled and RegistryError (oversize or undecodable answers) are
/// thrown.
class HttpClient {
  public:
    HttpClient() = default;
    virtual ~HttpClient() = default;
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;
    HttpClient(HttpClient&&) = delete;
    HttpClient& operator=(HttpClient&&) = delete;

    /// One small exchange; the body of the answer is collected (any status; error bodies up to
    /// kMaxErrorBodyBytes).
    [[nodiscard]] virtual HttpResponse send(const HttpRequest& request, std::stop_token stop) = 0;

    /// Many small exchanges at a bounded window over few connections (HTTP/2 where TLS offers it).
    /// Pulls requests from `next` and hands results to `done`, both on the calling thread, in order
    /// of completion. Memory does not grow with their number.
    virtual void send_many(const RequestProducer& next,
                           const CompletionHandler& done,
                           std::stop_token stop) = 0;

    /// One exchange whose 2xx body is streamed; other bodies are collected into the answer.
    /// HTTP/1.1.
    [[nodiscard]] virtual HttpResponse download(const HttpRequest& request,
                                                BodyReceiver& receiver,
                                                std::stop_token stop) = 0;

    /// Sends `size` bytes (or chunked transfer coding when unknown) as the body. HTTP/1.1.
    [[nodiscard]] virtual HttpResponse upload(const HttpRequest& request,
                                              const SourceFactory& body,
                                              std::optional<std::uint64_t> size,
                                              std::stop_token stop) = 0;
};

}  // namespace regtool::http
