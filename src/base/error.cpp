#include "regtool/base/error.hpp"

#include <cstring>
#include <system_error>

namespace regtool::base {

std::string_view to_string(ErrorKind kind) noexcept {
    switch (kind) {
        case ErrorKind::usage:
            return "usage";
        case ErrorKind::document:
            return "document";
        case ErrorKind::not_found:
            return "not_found";
        case ErrorKind::access:
            return "access";
        case ErrorKind::integrity:
            return "integrity";
        case ErrorKind::registry:
            return "registry";
        case ErrorKind::limited:
            return "limited";
        case ErrorKind::precondition:
            return "precondition";
        case ErrorKind::transport:
            return "network";
        case ErrorKind::io:
            return "local";
        case ErrorKind::partial:
            return "partial";
        case ErrorKind::timeout:
            return "timeout";
        case ErrorKind::interrupted:
            return "interrupted";
        case ErrorKind::terminated:
            return "terminated";
        case ErrorKind::internal:
            return "internal";
    }
    return "internal";
}

ExitCode exit_code_of(ErrorKind kind) noexcept {
    switch (kind) {
        case ErrorKind::usage:
            return ExitCode::usage;
        case ErrorKind::document:
        case ErrorKind::registry:
            return ExitCode::registry;
        case ErrorKind::not_found:
            return ExitCode::no;
        case ErrorKind::access:
            return ExitCode::auth;
        case ErrorKind::integrity:
            return ExitCode::integrity;
        case ErrorKind::limited:
            return ExitCode::limited;
        case ErrorKind::precondition:
            return ExitCode::precondition;
        case ErrorKind::transport:
            return ExitCode::network;
        case ErrorKind::io:
            return ExitCode::local;
        case ErrorKind::partial:
            return ExitCode::partial;
        case ErrorKind::timeout:
            return ExitCode::timeout;
        case ErrorKind::interrupted:
            return ExitCode::interrupted;
        case ErrorKind::terminated:
            return ExitCode::terminated;
        case ErrorKind::internal:
            return ExitCode::internal;
    }
    return ExitCode::internal;
}

Error::Error(ErrorKind kind, std::string message) : kind_(kind), message_(std::move(message)) {}

Error& Error::add_context(std::string line) {
    context_.push_back(std::move(line));
    return *this;
}

Error& Error::set_hint(std::string hint) {
    if (hint_.empty()) {
        hint_ = std::move(hint);
    }
    return *this;
}

Error& Error::prefix(std::string_view what) {
    message_ = std::string(what) + ": " + message_;
    return *this;
}

namespace {

constexpr int kTooManyRequests = 429;

std::string io_message(const std::string& path, std::string_view action, int error_number) {
    std::string message = path + ": " + std::string(action);
    if (error_number != 0) {
        message += ": " + std::generic_category().message(error_number);
    }
    return message;
}

std::string cancelled_message(ErrorKind reason) {
    if (reason == ErrorKind::timeout) {
        return "stopped: --timeout ran out";
    }
    return reason == ErrorKind::terminated ? "stopped: terminated" : "stopped: interrupted";
}

}  // namespace

RegistryError::RegistryError(std::string message, int http_status)
    : Error(http_status == kTooManyRequests ? ErrorKind::limited : ErrorKind::registry,
            std::move(message)) {
    facts().http_status = http_status;
}

std::string_view to_string(TransportPhase phase) noexcept {
    switch (phase) {
        case TransportPhase::resolve:
            return "RESOLVE";
        case TransportPhase::connect:
            return "CONNECT";
        case TransportPhase::tls:
            return "TLS";
        case TransportPhase::certificate:
            return "CERTIFICATE";
        case TransportPhase::proxy:
            return "PROXY";
        case TransportPhase::send:
            return "SEND";
        case TransportPhase::receive:
            return "RECEIVE";
    }
    return "RECEIVE";
}

TransportError::TransportError(TransportPhase phase, bool retryable, std::string message)
    : Error(ErrorKind::transport, std::move(message)), phase_(phase), retryable_(retryable) {
    facts().code = std::string(to_string(phase));
}

IoError::IoError(std::string path, std::string_view action, int error_number)
    : Error(ErrorKind::io, io_message(path, action, error_number)), error_number_(error_number) {}

Cancelled::Cancelled(ErrorKind reason) : Error(reason, cancelled_message(reason)) {}

PartialFailure::PartialFailure(std::size_t failed, std::size_t total)
    : Error(ErrorKind::partial,
            std::to_string(failed) + " of " + std::to_string(total) + " failed") {}

}  // namespace regtool::base
