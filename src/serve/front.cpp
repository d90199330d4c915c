#include "serve/front.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <array>

#include "regtool/base/text.hpp"

namespace regtool::serve {

namespace {

/// A refused body up to this many bytes is read and dropped, so that the answer arrives on a
/// connection that can go on; a larger one ends the connection.
constexpr std::uint64_t kDroppedAtMost = std::uint64_t{16} << 20;

std::string address_of(const sockaddr* address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (address == nullptr) {
        return "-";
    }
    const bool v6 = address->sa_family == AF_INET6;
    const void* const bytes =
        v6 ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr)
           : static_cast<const void*>(&reinterpret_cast<const sockaddr_in*>(address)->sin_addr);
    return ::inet_ntop(address->sa_family, bytes, text.data(), text.size()) == nullptr
               ? "-"
               : std::string(text.data());
}

Reply unauthorized_reply() {
    return error_reply(Refusal(401, code::kUnauthorized, "a user and a password are needed")
                           .with("WWW-Authenticate", "Basic realm=\"regtool\", charset=\"UTF-8\""));
}

}  // namespace

struct Front::Request {
    std::string target;
    std::string method;
    std::string user;
    std::chrono::steady_clock::time_point begun_at;
    bool begun = false;
    /// A body is announced that is not worth reading before the answer.
    bool answer_at_once = false;
    bool sized = false;  ///< the body's length is known
    std::uint64_t dropped = 0;
    std::unique_ptr<BodyTaker> taker;
    std::optional<Reply> reply;
    std::uint64_t reply_bytes = 0;
};

Front::Front(const MicroHttpd& mhd, Handler& handler, std::optional<Htpasswd> users, base::Log& log)
    : mhd_(mhd), handler_(handler), users_(std::move(users)), log_(log) {}

void* Front::on_target(void* self, const char* target, MHD_Connection*) noexcept {
    try {
        auto request = std::make_unique<Request>();
        request->target = target;
        request->begun_at = std::chrono::steady_clock::now();
        static_cast<Front*>(self)->active_.fetch_add(1, std::memory_order_acq_rel);
        return request.release();
    } catch (...) {  // out of memory: on_request ends the connection
        return nullptr;
    }
}

Outcome Front::decide(Request& request, const RequestHead& head) {
    if (users_) {
        auto user = users_->user_of(head.header("Authorization").value_or(std::string_view{}));
        if (!user) {
            return unauthorized_reply();
        }
        request.user = std::move(*user);
    }
    return handler_.begin(head);
}

void Front::begin(Request& request, MHD_Connection* connection, const char* method) {
    request.begun = true;
    request.method = method;
    const RequestHead head{
        request.method, request.target,
        [this, connection](const char* name) -> std::optional<std::string_view> {
            const char* value = mhd_.lookup_connection_value(connection, MHD_HEADER_KIND, name);
            return value == nullptr ? std::nullopt : std::optional<std::string_view>(value);
        }};
    const auto length = head.content_length();
    request.sized = length.has_value();
    Outcome outcome = decide(request, head);
    if (auto* taker = std::get_if<std::unique_ptr<BodyTaker>>(&outcome)) {
        request.taker = std::move(*taker);
        return;
    }
    request.reply = std::move(std::get<Reply>(outcome));
    request.answer_at_once =
        length.value_or(0) > kDroppedAtMost || (head.header("Expect") && length.value_or(1) > 0);
}

/// False when the client sends more than is worth dropping.
bool Front::take(Request& request, std::string_view body) const {
    if (request.taker) {
        try {
            request.taker->take(base::as_bytes(body));
            return true;
        } catch (...) {  // the answer waits until the body has been read
            request.reply = handler_.reply_to_failure();
            request.taker.reset();
        }
    }
    request.dropped += body.size();
    return request.sized || request.dropped <= kDroppedAtMost;
}

MHD_Result Front::send(Request& request, MHD_Connection* connection) const {
    if (request.taker) {
        try {
            request.reply = request.taker->finish();
        } catch (...) {
            request.reply = handler_.reply_to_failure();
        }
        request.taker.reset();
    }
    Reply& reply = *request.reply;
    request.reply_bytes = reply.body_size();
    MHD_Response* response = nullptr;
    auto* file = std::get_if<FileBody>(&reply.body);
    if (file != nullptr && file->size > 0) {
        response = mhd_.create_response_from_fd(file->size, file->fd.get(), file->offset);
        if (response != nullptr) {
            (void)file->fd.release();  // the response closes it
        }
    } else {
        std::string none;
        std::string& text = file != nullptr ? none : std::get<std::string>(reply.body);
        response =
            mhd_.create_response_from_buffer(text.size(), text.data(), MHD_RESPMEM_MUST_COPY);
    }
    if (response == nullptr) {
        return MHD_NO;
    }
    reply.with("Docker-Distribution-API-Version", "registry/2.0")
        .with("X-Content-Type-Options", "nosniff");
    for (const auto& [name, value] : reply.headers) {
        (void)mhd_.add_response_header(response, name.c_str(),
                                       value.c_str());  // no memory: left out
    }
    const MHD_Result queued =
        mhd_.queue_response(connection, static_cast<unsigned>(reply.status), response);
    mhd_.destroy_response(response);
    return queued;
}

MHD_Result Front::on_request(void* self,
                             MHD_Connection* connection,
                             const char*,
                             const char* method,
                             const char*,
                             const char* body,
                             std::size_t* body_size,
                             void** request_slot) noexcept {
    auto& front = *static_cast<Front*>(self);
    auto* const request = static_cast<Request*>(*request_slot);
    if (request == nullptr) {
        return MHD_NO;
    }
    try {
        if (!request->begun) {
            front.begin(*request, connection, method);
            // An answer before the body would end the connection: it waits for the next call.
            return request->answer_at_once ? front.send(*request, connection) : MHD_YES;
        }
        if (*body_size > 0) {
            const bool going_on = front.take(*request, {body, *body_size});
            *body_size = 0;
            return going_on ? MHD_YES : MHD_NO;
        }
        return front.send(*request, connection);
    } catch (...) {  // no memory even for the answer
        return MHD_NO;
    }
}

void Front::on_completed(void* self,
                         MHD_Connection* connection,
                         void** request_slot,
                         MHD_RequestTerminationCode reason) noexcept {
    auto& front = *static_cast<Front*>(self);
    const std::unique_ptr<Request> request(static_cast<Request*>(*request_slot));
    *request_slot = nullptr;
    if (!request) {
        return;
    }
    try {
        front.log_access(*request, connection, reason == MHD_REQUEST_TERMINATED_COMPLETED_OK);
    } catch (...) {  // a line less in the log
        request->reply.reset();
    }
    request->taker.reset();  // an upload that broke off can be taken up again from here on
    front.active_.fetch_sub(1, std::memory_order_acq_rel);
}

void Front::log_access(const Request& request, MHD_Connection* connection, bool complete) const {
    const MHD_ConnectionInfo* const info =
        mhd_.get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const std::chrono::duration<double, std::milli> took =
        std::chrono::steady_clock::now() - request.begun_at;
    log_.info(fmt::format("{} {} \"{} {}\" {} {} {:.1f} ms{}",
                          address_of(info == nullptr ? nullptr : info->client_addr),
                          request.user.empty() ? "-" : base::printable(request.user, 100),
                          base::printable(request.method, 20), base::printable(request.target, 500),
                          request.reply ? std::to_string(request.reply->status) : "-",
                          request.reply_bytes, took.count(), complete ? "" : " (broken off)"));
}

}  // namespace regtool::serve
