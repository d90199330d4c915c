#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "regtool/base/error.hpp"
#include "regtool/base/guarded.hpp"
#include "regtool/base/text.hpp"
#include "serve/refusal.hpp"
#include "serve/storage.hpp"

namespace regtool::serve {

namespace {

/// How much may be held, and how much is.
struct Budget {
    std::uint64_t limit;
    std::atomic<std::uint64_t> used{0};
};

/// Bytes in a file that has no name anywhere and goes with its last descriptor.
class MemoryBlob final : public IncomingBlob {
  public:
    explicit MemoryBlob(std::shared_ptr<Budget> budget)
        : budget_(std::move(budget)), fd_(::memfd_create("regtool-blob", MFD_CLOEXEC)) {
        if (!fd_.valid()) {
            throw base::IoError("memory", "cannot create a file", errno);
        }
    }

    ~MemoryBlob() override { budget_->used -= charged_; }

    MemoryBlob(const MemoryBlob&) = delete;
    MemoryBlob& operator=(const MemoryBlob&) = delete;
    MemoryBlob(MemoryBlob&&) = delete;
    MemoryBlob& operator=(MemoryBlob&&) = delete;

    void append(std::span<const std::byte> bytes) override {
        charged_ += bytes.size();
        if ((budget_->used += bytes.size()) > budget_->limit) {
            throw Refusal(413, code::kDenied,
                          "this registry keeps at most " + base::human_size(budget_->limit) +
                              " in memory, and that is used up");
        }
        base::write_all(fd_.get(), bytes, "memory");
        size_ += bytes.size();
    }

    [[nodiscard]] int fd() const noexcept override { return fd_.get(); }

    [[nodiscard]] std::uint64_t size() const noexcept override { return size_; }

  private:
    std::shared_ptr<Budget> budget_;
    base::UniqueFd fd_;
    std::uint64_t charged_ = 0;
    std::uint64_t size_ = 0;
};

class MemoryStorage final : public Storage {
  public:
    explicit MemoryStorage(std::uint64_t limit_bytes) : budget_(std::make_shared<Budget>()) {
        budget_->limit = limit_bytes;
        index_.with([](Index& index) { index.text = empty_layout_index(); });
    }

    std::optional<OpenBlob> open_blob(const model::Digest& digest) override {
        return blobs_.with([&](const auto& blobs) -> std::optional<OpenBlob> {
            const auto found = blobs.find(digest.str());
            if (found == blobs.end()) {
                return std::nullopt;
            }
            base::UniqueFd copy(::fcntl(found->second->fd(), F_DUPFD_CLOEXEC, 0));
            if (!copy.valid()) {
                throw base::IoError("memory", "cannot open", errno);
            }
            return OpenBlob{std::move(copy), found->second->size()};
        });
    }

    std::unique_ptr<IncomingBlob> begin_blob() override {
        return std::make_unique<MemoryBlob>(budget_);
    }

    void commit(std::unique_ptr<IncomingBlob> blob, const model::Digest& digest) override {
        blobs_.with([&](auto& blobs) { blobs.insert_or_assign(digest.str(), std::move(blob)); });
    }

    bool remove_blob(const model::Digest& digest) override {
        return blobs_.with([&](auto& blobs) { return blobs.erase(digest.str()) != 0; });
    }

    IndexState index(const std::string& known_stamp) override {
        return index_.with([&](const Index& index) {
            std::string stamp = std::to_string(index.version);
            return IndexState{stamp, stamp == known_stamp ? std::string() : index.text};
        });
    }

    void edit_index(const std::function<void(nlohmann::ordered_json&)>& edit) override {
        index_.with([&](Index& index) {
            nlohmann::ordered_json document = parse_layout_index(index.text);
            edit(document);
            index.text = dump_layout_index(document);
            ++index.version;
        });
    }

  private:
    struct Index {
        std::string text;
        std::uint64_t version = 1;
    };

    std::shared_ptr<Budget> budget_;
    base::Guarded<std::map<std::string, std::unique_ptr<IncomingBlob>>> blobs_;
    base::Guarded<Index> index_;
};

}  // namespace

std::unique_ptr<Storage> make_memory_storage(std::uint64_t limit_bytes) {
    return std::make_unique<MemoryStorage>(limit_bytes);
}

}  // namespace regtool::serve
