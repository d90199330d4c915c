#include "regtool/stream/pipe.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "regtool/stream/writing_sink.hpp"

namespace regtool::stream {

namespace {

/// The ring grows in blocks of this size, so that a small body costs one block and not the whole
/// capacity.
constexpr std::size_t kBlockBytes = std::size_t{64} << 10;
/// A sleeping reader is woken for this much at once: a download delivers 16 KiB at a time, and a
/// wake-up for each of them costs more than carrying the bytes.
constexpr std::size_t kReadBatchBytes = std::size_t{64} << 10;
/// … but it looks for itself this often, so that the last bytes before a stall do not wait for
/// more.
constexpr std::chrono::milliseconds kReaderPatience{10};

}  // namespace

/// Both sides copy outside the lock: the writer touches only free places of the ring and the
/// reader only filled ones, and `filled` changes after the copy.
struct BoundedPipe::State {
    explicit State(std::size_t capacity_bytes)
        : capacity(std::max<std::size_t>(capacity_bytes, 1)),
          block_bytes(std::min(capacity, kBlockBytes)),
          blocks((capacity + block_bytes - 1) / block_bytes),
          read_batch(std::clamp<std::size_t>(capacity / 2, 1, kReadBatchBytes)),
          write_batch(std::max<std::size_t>(capacity / 4, 1)) {}

    /// Calls `piece(place, count)` for each stretch of the ring from `position`; moves it on.
    template <typename Piece>
    void walk(std::size_t& position, std::size_t count, Piece piece) {
        while (count != 0) {
            const std::size_t offset = position % block_bytes;
            const std::size_t step = std::min(count, block_bytes - offset);
            auto& block = blocks[position / block_bytes];
            if (!block) {
                block = std::make_unique_for_overwrite<std::byte[]>(block_bytes);
            }
            piece(block.get() + offset, step);
            position = (position + step) % (blocks.size() * block_bytes);
            count -= step;
        }
    }

    /// Blocks for room; returns how many of `wanted` bytes fit now.
    std::size_t claim_room(std::size_t wanted) {
        std::unique_lock lock(mutex);
        if (filled == capacity) {
            writable.wait(lock, [this] { return reader_gone || capacity - filled >= write_batch; });
        }
        if (reader_gone) {
            throw PipeClosed();
        }
        writer_copies = true;
        return std::min(wanted, capacity - filled);
    }

    void end_writing(std::exception_ptr reason) noexcept {
        {
            const std::lock_guard lock(mutex);
            if (writer_done) {
                return;
            }
            writer_done = true;
            error = std::move(reason);
        }
        readable.notify_all();
    }

    const std::size_t capacity;
    const std::size_t block_bytes;
    std::vector<std::unique_ptr<std::byte[]>> blocks;
    const std::size_t read_batch;
    const std::size_t write_batch;

    std::mutex mutex;
    std::condition_variable readable;
    std::condition_variable writable;
    std::size_t filled = 0;
    std::size_t read_position = 0;
    std::size_t write_position = 0;
    bool writer_copies = false;
    bool writer_done = false;
    bool reader_gone = false;
    std::exception_ptr error;
};

BoundedPipe::BoundedPipe(std::size_t capacity_bytes)
    : state_(std::make_unique<State>(capacity_bytes)) {}

BoundedPipe::~BoundedPipe() = default;

void BoundedPipe::write(std::span<const std::byte> bytes) {
    State& state = *state_;
    while (!bytes.empty()) {
        const std::size_t count = state.claim_room(bytes.size());
        state.walk(state.write_position, count, [&bytes](std::byte* place, std::size_t step) {
            std::memcpy(place, bytes.data(), step);
            bytes = bytes.subspan(step);
        });
        bool wake = false;
        {
            const std::lock_guard lock(state.mutex);
            state.filled += count;
            state.writer_copies = false;
            wake = state.filled >= state.read_batch;
        }
        if (wake) {
            state.readable.notify_one();
        }
    }
}

void BoundedPipe::close() noexcept {
    state_->end_writing(nullptr);
}

void BoundedPipe::abort(std::exception_ptr error) noexcept {
    state_->end_writing(std::move(error));
}

std::size_t BoundedPipe::read(std::span<std::byte> out) {
    State& state = *state_;
    std::unique_lock lock(state.mutex);
    while (state.filled == 0 && !state.writer_done) {
        state.readable.wait_for(lock, kReaderPatience, [&state] {
            return state.filled >= state.read_batch || state.writer_done;
        });
    }
    if (state.filled == 0) {
        if (state.error) {
            std::rethrow_exception(state.error);
        }
        return 0;
    }
    const std::size_t count = std::min(out.size(), state.filled);
    lock.unlock();
    state.walk(state.read_position, count, [&out](const std::byte* place, std::size_t step) {
        std::memcpy(out.data(), place, step);
        out = out.subspan(step);
    });
    lock.lock();
    state.filled -= count;
    if (state.filled == 0 && !state.writer_copies) {
        // Starting over keeps a slow stream within the blocks that it has.
        state.read_position = 0;
        state.write_position = 0;
    }
    const bool wake = state.capacity - state.filled >= state.write_batch;
    lock.unlock();
    if (wake) {
        state.writable.notify_one();
    }
    return count;
}

void BoundedPipe::close_reader() noexcept {
    {
        const std::lock_guard lock(state_->mutex);
        state_->reader_gone = true;
    }
    state_->writable.notify_all();
}

namespace {

/// PipeClosed needs no case of its own: the reader that it speaks of is not there to see it.
void run_producer(const ProducerSource::Produce& produce,
                  BoundedPipe& pipe,
                  const std::stop_token& stop) noexcept {
    std::exception_ptr error;
    try {
        WritingSink sink(pipe);
        produce(sink, stop);
    } catch (...) {
        error = std::current_exception();
    }
    // Moved, outside the handler: from here on the exception belongs to the reader's thread alone.
    pipe.abort(std::move(error));
}

}  // namespace

struct ProducerSource::State {
    State(Produce to_run, std::size_t capacity_bytes)
        : pipe(capacity_bytes),
          produce(std::move(to_run)),
          thread([this](const std::stop_token& stop) { run_producer(produce, pipe, stop); }) {}

    BoundedPipe pipe;
    Produce produce;
    std::jthread thread;
};

ProducerSource::ProducerSource(Produce produce, std::size_t capacity_bytes)
    : state_(std::make_unique<State>(std::move(produce), capacity_bytes)) {}

ProducerSource::~ProducerSource() {
    state_->thread.request_stop();
    state_->pipe.close_reader();
}

std::size_t ProducerSource::read(std::span<std::byte> out) {
    return state_->pipe.read(out);
}

}  // namespace regtool::stream
