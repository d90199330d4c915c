#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <stop_token>
#include <thread>
#include <tuple>

#include "regtool/base/error.hpp"
#include "regtool/base/guarded.hpp"
#include "regtool/base/text.hpp"
#include "serve/file_hash.hpp"
#include "serve/incoming_file.hpp"
#include "serve/refusal.hpp"
#include "serve/storage.hpp"
#include "store/safe_open.hpp"

namespace regtool::serve {

namespace {

constexpr std::size_t kMaxLayoutFileBytes = 4096;
constexpr std::string_view kLayoutFile = R"({"imageLayoutVersion":"1.0.0"})";
constexpr const char* kLockName = ".regtool.lock";
/// How long a request waits for another program that is writing to the layout.
constexpr std::chrono::seconds kLockPatience{10};
/// Entries of the memory of verified files; beyond it all are verified again.
constexpr std::size_t kMostVerified = 100'000;

/// What tells that a file is still the one that was looked at.
using FileIdentity = std::tuple<dev_t, ino_t, off_t, std::int64_t>;

FileIdentity identity_of(int fd, const std::string& where) {
    struct stat facts {};

    if (::fstat(fd, &facts) != 0) {
        throw base::IoError(where, "cannot read", errno);
    }
    constexpr std::int64_t kNanoseconds = 1'000'000'000;
    return {facts.st_dev, facts.st_ino, facts.st_size,
            facts.st_ctim.tv_sec * kNanoseconds + facts.st_ctim.tv_nsec};
}

std::string stamp_of(const FileIdentity& identity) {
    const auto& [device, inode, size, changed] = identity;
    return std::to_string(device) + ":" + std::to_string(inode) + ":" + std::to_string(size) + ":" +
           std::to_string(changed);
}

class FolderStorage final : public Storage {
  public:
    FolderStorage(std::string path, base::UniqueFd root, std::stop_token stop, base::Log& log)
        : path_(std::move(path)), root_(std::move(root)), stop_(std::move(stop)), log_(log) {}

    std::optional<OpenBlob> open_blob(const model::Digest& digest) override {
        if (!digest.verifier()) {
            return std::nullopt;
        }
        try {
            const auto folder = algorithm_folder(digest);
            if (!folder) {
                return std::nullopt;
            }
            auto fd =
                store::open_file_at(folder->get(), std::string(digest.encoded()), where(digest));
            if (!fd || !is_verified(*fd, digest)) {
                return std::nullopt;
            }
            const std::uint64_t size = store::size_of(*fd, where(digest));
            return OpenBlob{std::move(*fd), size};
        } catch (const base::IntegrityError& error) {  // a link, a FIFO: as if it were not there
            log_.warn(error.message());
            return std::nullopt;
        }
    }

    std::unique_ptr<IncomingBlob> begin_blob() override {
        return std::make_unique<IncomingFile>(root_.get(), path_);
    }

    void commit(std::unique_ptr<IncomingBlob> blob, const model::Digest& digest) override {
        auto& file = dynamic_cast<IncomingFile&>(*blob);
        make_folders(digest);
        const auto folder = algorithm_folder(digest);
        if (!folder) {
            throw base::IoError(where(digest), "cannot write", ENOENT);
        }
        file.rename_into(folder->get(), std::string(digest.encoded()), where(digest));
        remember(digest, identity_of(file.fd(), where(digest)));
    }

    bool remove_blob(const model::Digest& digest) override {
        const auto folder = algorithm_folder(digest);
        const std::string name(digest.encoded());
        if (!folder || ::unlinkat(folder->get(), name.c_str(), 0) != 0) {
            if (folder && errno != ENOENT) {
                throw base::IoError(where(digest), "cannot remove", errno);
            }
            return false;
        }
        return true;
    }

    IndexState index(const std::string& known_stamp) override {
        const auto file = open_index();
        IndexState state;
        state.stamp = stamp_of(identity_of(file.get(), index_path()));
        if (state.stamp != known_stamp) {
            state.text = store::read_small(file, kMaxLayoutIndexBytes, index_path());
        }
        return state;
    }

    void edit_index(const std::function<void(nlohmann::ordered_json&)>& edit) override {
        const base::UniqueFd lock = take_lock();
        nlohmann::ordered_json document =
            parse_layout_index(store::read_small(open_index(), kMaxLayoutIndexBytes, index_path()));
        edit(document);
        replace("index.json", dump_layout_index(document));
    }

    /// Writes what a layout must have and this folder has not.
    void complete() {
        const base::UniqueFd lock = take_lock();
        store::make_folder_at(root_.get(), "blobs", path_ + "/blobs");
        if (!store::open_file_at(root_.get(), "index.json", index_path())) {
            replace("index.json", empty_layout_index());
        }
        if (!store::open_file_at(root_.get(), "oci-layout", path_ + "/oci-layout")) {
            replace("oci-layout", kLayoutFile);
        }
    }

    /// Throws when what is there is no layout that can be served.
    void check() {
        const auto file = store::open_file_at(root_.get(), "oci-layout", path_ + "/oci-layout");
        if (!file) {
            throw base::IoError(path_, "is no OCI image layout: it has no file oci-layout", 0);
        }
        const auto layout = nlohmann::ordered_json::parse(
            store::read_small(*file, kMaxLayoutFileBytes, path_ + "/oci-layout"), nullptr, false);
        if (!layout.is_object() || !layout.contains("imageLayoutVersion") ||
            layout["imageLayoutVersion"] != "1.0.0") {
            throw base::IoError(path_ + "/oci-layout", "is not of imageLayoutVersion 1.0.0", 0);
        }
        (void)parse_layout_index(
            store::read_small(open_index(), kMaxLayoutIndexBytes, index_path()));
    }

    void remove_leftovers() { remove_stale_incoming_files(root_.get()); }

  private:
    [[nodiscard]] std::string index_path() const { return path_ + "/index.json"; }

    [[nodiscard]] std::string where(const model::Digest& digest) const {
        return path_ + "/blobs/" + std::string(digest.algorithm()) + "/" +
               std::string(digest.encoded());
    }

    [[nodiscard]] base::UniqueFd open_index() const {
        auto file = store::open_file_at(root_.get(), "index.json", index_path());
        if (!file) {
            throw base::IoError(index_path(), "cannot open", ENOENT);
        }
        return std::move(*file);
    }

    [[nodiscard]] std::optional<base::UniqueFd> algorithm_folder(
        const model::Digest& digest) const {
        const auto blobs = store::open_folder_at(root_.get(), "blobs", path_ + "/blobs");
        if (!blobs) {
            return std::nullopt;
        }
        const std::string algorithm(digest.algorithm());
        return store::open_folder_at(blobs->get(), algorithm, path_ + "/blobs/" + algorithm);
    }

    void make_folders(const model::Digest& digest) const {
        store::make_folder_at(root_.get(), "blobs", path_ + "/blobs");
        const auto blobs = store::open_folder_at(root_.get(), "blobs", path_ + "/blobs");
        if (blobs) {
            const std::string algorithm(digest.algorithm());
            store::make_folder_at(blobs->get(), algorithm, path_ + "/blobs/" + algorithm);
        }
    }

    void remember(const model::Digest& digest, const FileIdentity& identity) {
        verified_.with([&](auto& files) {
            if (files.size() >= kMostVerified) {
                files.clear();
            }
            files.insert_or_assign(digest.str(), identity);
        });
    }

    /// A file is hashed when it is first asked for and again when it has changed: a disk or a
    /// stranger may have put other bytes there, and a client that is told "it is here" does not
    /// send it again (T-38).
    [[nodiscard]] bool is_verified(const base::UniqueFd& fd, const model::Digest& digest) {
        const FileIdentity identity = identity_of(fd.get(), where(digest));
        const bool known = verified_.with([&](const auto& files) {
            const auto found = files.find(digest.str());
            return found != files.end() && found->second == identity;
        });
        if (known) {
            return true;
        }
        if (hash_of_file(fd.get(), *digest.verifier(), where(digest), stop_) != digest) {
            log_.warn(base::printable(where(digest)) +
                      " has other bytes than its name says: it is not served");
            return false;
        }
        remember(digest, identity);
        return true;
    }

    [[nodiscard]] base::UniqueFd take_lock() const {
        base::UniqueFd lock(::openat(root_.get(), kLockName,
                                     O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666));
        if (!lock.valid()) {
            base::IoError error(path_ + "/" + kLockName, "cannot open", errno);
            error.set_hint("to serve a folder that cannot be written: regtool serve --read-only");
            throw error;
        }
        const auto deadline = std::chrono::steady_clock::now() + kLockPatience;
        while (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
            if (errno != EWOULDBLOCK && errno != EINTR) {
                throw base::IoError(path_ + "/" + kLockName, "cannot lock", errno);
            }
            if (stop_.stop_requested()) {
                throw_stopping();
            }
            if (std::chrono::steady_clock::now() > deadline) {
                throw Refusal(503, code::kUnknown, "another program is writing to this layout")
                    .with("Retry-After", "1");
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        return lock;
    }

    void replace(const std::string& name, std::string_view text) const {
        IncomingFile file(root_.get(), path_);
        file.append(base::as_bytes(text));
        file.rename_into(root_.get(), name, path_ + "/" + name);
    }

    std::string path_;
    base::UniqueFd root_;
    std::stop_token stop_;
    base::Log& log_;
    base::Guarded<std::map<std::string, FileIdentity>> verified_;
};

}  // namespace

std::unique_ptr<Storage> open_folder_storage(const std::string& path,
                                             bool read_only,
                                             std::stop_token stop,
                                             base::Log& log) {
    namespace fs = std::filesystem;
    std::error_code ignored;
    if (!read_only && !fs::exists(path)) {
        std::error_code failure;
        fs::create_directories(path, failure);
        if (failure) {
            throw base::IoError(path, "cannot create", failure.value());
        }
    }
    auto storage =
        std::make_unique<FolderStorage>(path, store::open_folder(path), std::move(stop), log);
    if (!read_only) {
        if (!fs::exists(path + "/oci-layout", ignored) && !fs::is_empty(path, ignored)) {
            base::IoError error(path, "is neither an OCI image layout nor an empty folder", 0);
            error.set_hint("name a new folder, or a layout: regtool serve --root DIR");
            throw error;
        }
        storage->complete();
        storage->remove_leftovers();
    }
    storage->check();
    return storage;
}

}  // namespace regtool::serve
