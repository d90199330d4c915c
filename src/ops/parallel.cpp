#include "regtool/ops/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace regtool::ops {

void parallel_for(std::size_t count, int jobs, const std::function<void(std::size_t)>& work) {
    const std::size_t workers = std::min(count, static_cast<std::size_t>(std::max(jobs, 1)));
    if (workers <= 1) {
        for (std::size_t i = 0; i < count; ++i) {
            work(i);
        }
        return;
    }
    std::atomic<std::size_t> next{0};
    std::mutex mutex;
    std::exception_ptr first_error;
    const auto run = [&] {
        for (std::size_t i = next++; i < count; i = next++) {
            try {
                work(i);
            } catch (...) {  // carried to the caller's thread
                const std::scoped_lock lock(mutex);
                if (!first_error) {
                    first_error = std::current_exception();
                }
                next = count;
            }
        }
    };
    {
        std::vector<std::jthread> threads;
        threads.reserve(workers);
        for (std::size_t i = 0; i < workers; ++i) {
            threads.emplace_back(run);
        }
    }
    if (first_error) {
        std::rethrow_exception(first_error);
    }
}

}  // namespace regtool::ops
