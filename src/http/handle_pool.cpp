#include "http/handle_pool.hpp"

#include <algorithm>

namespace regtool::http {

std::unique_ptr<Transfer> TransferPool::take(const std::string& origin) {
    auto transfer = idle_.with([&](auto& idle) -> std::unique_ptr<Transfer> {
        const auto found = std::find_if(idle.rbegin(), idle.rend(), [&](const auto& candidate) {
            return candidate->origin == origin;
        });
        if (found == idle.rend()) {
            return nullptr;
        }
        std::unique_ptr<Transfer> taken = std::move(*found);
        idle.erase(std::next(found).base());
        return taken;
    });
    if (!transfer) {
        transfer = std::make_unique<Transfer>();
        transfer->origin = origin;
    }
    return transfer;
}

void TransferPool::give_back(std::unique_ptr<Transfer> transfer) {
    idle_.with([&](auto& idle) {
        if (idle.size() >= kMaxIdle) {
            idle.erase(idle.begin());
        }
        idle.push_back(std::move(transfer));
    });
}

}  // namespace regtool::http
