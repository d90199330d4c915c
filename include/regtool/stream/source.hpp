#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>

namespace regtool::stream {

/// Pull bytes. One thread at a time.
class Source {
  public:
    Source() = default;
    virtual ~Source() = default;
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;
    Source(Source&&) = delete;
    Source& operator=(Source&&) = delete;

    /// Reads 1…out.size() bytes; blocks until there is one; 0 means the end. `out` is never empty.
    /// Throws the Error of whatever is behind it. After a throw or 0 the only further use is
    /// destruction.
    [[nodiscard]] virtual std::size_t read(std::span<std::byte> out) = 0;
};

/// Push bytes. One thread at a time. Throws the Error of whatever is behind it.
class Sink {
  public:
    Sink() = default;
    virtual ~Sink() = default;
    Sink(const Sink&) = delete;
    Sink& operator=(const Sink&) = delete;
    Sink(Sink&&) = delete;
    Sink& operator=(Sink&&) = delete;

    virtual void write(std::span<const std::byte> bytes) = 0;
};

/// Reads from memory that it owns.
class StringSource final : public Source {
  public:
    explicit StringSource(std::string bytes) : bytes_(std::move(bytes)) {}

    [[nodiscard]] std::size_t read(std::span<std::byte> out) override;

  private:
    std::string bytes_;
    std::size_t position_ = 0;
};

/// Reads a file descriptor that it borrows (stdin, an open file).
class FdSource final : public Source {
  public:
    FdSource(int fd, std::string path_for_message) : fd_(fd), path_(std::move(path_for_message)) {}

    [[nodiscard]] std::size_t read(std::span<std::byte> out) override;

  private:
    int fd_;
    std::string path_;
};

/// Reads a file, or at most `count` bytes of it, from an offset of its own without moving the
/// descriptor's position, so that several can read one at once. Borrows the descriptor.
class PositionedSource final : public Source {
  public:
    PositionedSource(int fd,
                     std::string path_for_message,
                     std::uint64_t position = 0,
                     std::uint64_t count = std::numeric_limits<std::uint64_t>::max())
        : fd_(fd), path_(std::move(path_for_message)), position_(position), left_(count) {}

    [[nodiscard]] std::size_t read(std::span<std::byte> out) override;

  private:
    int fd_;
    std::string path_;
    std::uint64_t position_;
    std::uint64_t left_;
};

/// Collects into memory, at most `limit` bytes: one more throws InvalidDocument.
class StringSink final : public Sink {
  public:
    explicit StringSink(std::size_t limit) : limit_(limit) {}

    void write(std::span<const std::byte> bytes) override;

    [[nodiscard]] std::string& text() noexcept { return text_; }

  private:
    std::size_t limit_;
    std::string text_;
};

/// Counts and drops.
class NullSink final : public Sink {
  public:
    void write(std::span<const std::byte>) override {}
};

/// Gathers small pieces into blocks of 256 KiB before they reach a file descriptor: a download
/// delivers 16 KiB at a time, and that many small writes cost a third more processor time. Call
/// flush() at the end.
class FdSink final : public Sink {
  public:
    FdSink(int fd, std::string path_for_message);
    void write(std::span<const std::byte> bytes) override;
    void flush();

  private:
    int fd_;
    std::string path_;
    std::string buffer_;
};

/// Reads `source` to its end into `sink` in blocks of 256 KiB; returns the number of bytes.
std::uint64_t pump(Source& source, Sink& sink);

}  // namespace regtool::stream
