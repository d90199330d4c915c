#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <stop_token>

#include "regtool/stream/source.hpp"

namespace regtool::stream {

/// Bytes that a pipe holds at most; with the codec window and curl's buffer this is the memory of
/// one read.
inline constexpr std::size_t kPipeCapacityBytes = std::size_t{1} << 20;

/// The only hand-over of bytes between threads: fixed capacity, one writer, one reader.
///
/// The writer ends with close() or abort(error); the reader sees the end or that very error, after
/// the bytes written before it. A reader that goes away makes the writer's next write throw
/// PipeClosed. Each end's destructor ends its side, so nothing waits without a peer.
class BoundedPipe {
  public:
    /// Thrown to the writer when the reader is gone; never shown to a user.
    class PipeClosed : public std::exception {
      public:
        [[nodiscard]] const char* what() const noexcept override { return "reader is gone"; }
    };

    explicit BoundedPipe(std::size_t capacity_bytes = kPipeCapacityBytes);
    ~BoundedPipe();
    BoundedPipe(const BoundedPipe&) = delete;
    BoundedPipe& operator=(const BoundedPipe&) = delete;
    BoundedPipe(BoundedPipe&&) = delete;
    BoundedPipe& operator=(BoundedPipe&&) = delete;

    /// Blocks while full. Throws PipeClosed when the reader is gone.
    void write(std::span<const std::byte> bytes);
    void close() noexcept;
    void abort(std::exception_ptr error) noexcept;

    /// Blocks while empty. 0 after close(); rethrows what abort() was given.
    [[nodiscard]] std::size_t read(std::span<std::byte> out);
    /// The reader wants no more.
    void close_reader() noexcept;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Runs `produce(sink, stop)` on a thread of its own and hands over what it writes. Destruction
/// stops the token, closes the pipe and joins. An exception of `produce` reaches the reader as it
/// is. Hash inside `produce`, with a VerifyingSink: that is the thread with time to spare.
class ProducerSource final : public Source {
  public:
    using Produce = std::function<void(Sink&, std::stop_token)>;

    explicit ProducerSource(Produce produce, std::size_t capacity_bytes = kPipeCapacityBytes);
    ~ProducerSource() override;
    ProducerSource(const ProducerSource&) = delete;
    ProducerSource& operator=(const ProducerSource&) = delete;
    ProducerSource(ProducerSource&&) = delete;
    ProducerSource& operator=(ProducerSource&&) = delete;
    [[nodiscard]] std::size_t read(std::span<std::byte> out) override;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace regtool::stream
