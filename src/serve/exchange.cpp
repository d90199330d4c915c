#include "serve/exchange.hpp"

#include <nlohmann/json.hpp>

#include "regtool/base/text.hpp"

namespace regtool::serve {

std::optional<std::uint64_t> RequestHead::content_length() const {
    const auto text = header("Content-Length");
    return text ? base::parse_decimal(base::trim(*text)) : std::nullopt;
}

std::uint64_t Reply::body_size() const {
    if (const auto* file = std::get_if<FileBody>(&body)) {
        return file->size;
    }
    return std::get<std::string>(body).size();
}

Reply json_reply(std::string body, std::string_view content_type) {
    Reply reply;
    reply.body = std::move(body);
    reply.with("Content-Type", std::string(content_type));
    return reply;
}

Reply error_reply(const Refusal& refusal) {
    nlohmann::ordered_json entry{{"code", refusal.code()}, {"message", refusal.message()}};
    const nlohmann::ordered_json envelope{
        {"errors", nlohmann::ordered_json::array({std::move(entry)})}};
    // A message may quote what a client sent: bytes that are no UTF-8 must not make the answer
    // fail.
    Reply reply = json_reply(
        envelope.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n",
        "application/json");
    reply.status = refusal.status();
    for (const auto& [name, value] : refusal.headers()) {
        reply.with(name, value);
    }
    return reply;
}

}  // namespace regtool::serve
