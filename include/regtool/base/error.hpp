#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "regtool/base/exit_code.hpp"

namespace regtool::base {

/// The closed set of ways in which a command can fail; each maps to one exit code.
enum class ErrorKind {
    usage,
    document,
    not_found,
    access,
    integrity,
    registry,
    limited,
    precondition,
    transport,
    io,
    partial,
    timeout,
    interrupted,
    terminated,
    internal,
};

/// The name that JSON errors carry in `kind`: "usage", "document", "not_found", …
[[nodiscard]] std::string_view to_string(ErrorKind kind) noexcept;

/// The exit code of a kind, one table for all commands. A broken document counts as `registry`.
[[nodiscard]] ExitCode exit_code_of(ErrorKind kind) noexcept;

/// One entry of a registry's error envelope (distribution-spec, "Error Codes"). Text is as
/// received: escape before it reaches a terminal.
struct RegistryErrorEntry {
    std::string code;
    std::string message;
    std::string detail;
};

/// Facts that some failures carry besides their words. Empty string or 0 means "not known".
struct ErrorFacts {
    std::string reference;  ///< the image, repository or blob that was asked for
    std::string method;     ///< HTTP method of the request that failed
    std::string url;        ///< redacted: no query, no user info
    int http_status = 0;
    std::string code;  ///< first registry error code, e.g. MANIFEST_UNKNOWN, or a transport phase
    std::vector<RegistryErrorEntry> registry_errors;
};

/// Base of everything that regtool throws on purpose.
///
/// `what()` is WHAT of the line `error: WHAT: WHY` when `why` is given apart, else the whole line.
/// Context lines are added on the way up, innermost first, and printed below it. Values only: safe
/// to copy and to carry between threads.
class Error : public std::exception {
  public:
    Error(ErrorKind kind, std::string message);

    [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }

    [[nodiscard]] ErrorKind kind() const noexcept { return kind_; }

    [[nodiscard]] ExitCode exit_code() const noexcept { return exit_code_of(kind_); }

    [[nodiscard]] const std::string& message() const noexcept { return message_; }

    [[nodiscard]] const std::vector<std::string>& context() const noexcept { return context_; }

    [[nodiscard]] const std::string& hint() const noexcept { return hint_; }

    [[nodiscard]] const ErrorFacts& facts() const noexcept { return facts_; }

    [[nodiscard]] ErrorFacts& facts() noexcept { return facts_; }

    /// Adds one line below the error. Call in `catch (Error& e) { e.add_context(…); throw; }`.
    Error& add_context(std::string line);
    /// The command that would mend it. A later call wins only when none was set before.
    Error& set_hint(std::string hint);
    /// Puts `WHAT: ` in front of the message.
    Error& prefix(std::string_view what);

  private:
    ErrorKind kind_;
    std::string message_;
    std::vector<std::string> context_;
    std::string hint_;
    ErrorFacts facts_;
};

/// Bad flag, bad reference, no such platform: nothing was changed (exit 2).
class UsageError : public Error {
  public:
    explicit UsageError(std::string message) : Error(ErrorKind::usage, std::move(message)) {}
};

/// A manifest, configuration, archive or configuration file that breaks its format (exit 3; files
/// on disk use IoError or UsageError).
class InvalidDocument : public Error {
  public:
    explicit InvalidDocument(std::string message)
        : Error(ErrorKind::document, std::move(message)) {}
};

/// A definite no, said by a 404 (exit 1).
class NotFound : public Error {
  public:
    explicit NotFound(std::string message) : Error(ErrorKind::not_found, std::move(message)) {}
};

/// 401 or 403 after authentication, or a credential helper that failed (exit 4).
class AccessDenied : public Error {
  public:
    explicit AccessDenied(std::string message) : Error(ErrorKind::access, std::move(message)) {}
};

/// Bytes do not match their digest, size or diffID, or content was refused as unsafe (exit 7).
class IntegrityError : public Error {
  public:
    explicit IntegrityError(std::string message)
        : Error(ErrorKind::integrity, std::move(message)) {}
};

/// The registry refused or answered nonsense (exit 3), or is limiting us (exit 6: status 429).
class RegistryError : public Error {
  public:
    explicit RegistryError(std::string message, int http_status = 0);
};

/// The tag moved, exists, is immutable; the plan is stale (exit 8).
class PreconditionError : public Error {
  public:
    explicit PreconditionError(std::string message)
        : Error(ErrorKind::precondition, std::move(message)) {}
};

/// Where a transfer broke.
enum class TransportPhase {
    resolve,
    connect,
    tls,
    certificate,  ///< TLS works, and nobody vouches for the peer
    proxy,
    send,
    receive,
};

[[nodiscard]] std::string_view to_string(TransportPhase phase) noexcept;

/// The network failed: name, connection, TLS, stall, broken transfer (exit 5).
class TransportError : public Error {
  public:
    TransportError(TransportPhase phase, bool retryable, std::string message);

    [[nodiscard]] TransportPhase phase() const noexcept { return phase_; }

    /// False for what a repeat cannot mend, such as a certificate that does not verify.
    [[nodiscard]] bool retryable() const noexcept { return retryable_; }

  private:
    TransportPhase phase_;
    bool retryable_;
};

/// A file, folder or stream of this machine (exit 10).
class IoError : public Error {
  public:
    /// `error_number` is an errno value, or 0 when the message says it all.
    IoError(std::string path, std::string_view action, int error_number);

    [[nodiscard]] int error_number() const noexcept { return error_number_; }

  private:
    int error_number_;
};

/// A signal or the deadline of --timeout ended the work (exit 130, 143 or 124).
class Cancelled : public Error {
  public:
    explicit Cancelled(ErrorKind reason);
};

/// Some of many failed (exit 9). The report on stdout says which and with what code.
class PartialFailure : public Error {
  public:
    PartialFailure(std::size_t failed, std::size_t total);
};

/// stdout's reader went away: ends the work with exit 141 and no message.
class ClosedPipe : public std::exception {
  public:
    [[nodiscard]] const char* what() const noexcept override { return "closed pipe"; }
};

}  // namespace regtool::base
