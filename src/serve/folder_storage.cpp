#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <stop_token>
#include <tuple>

#include "regtool/base/error.hpp"
#include "regtool/base/guarded.hpp"
#include "regtool/base/text.hpp"
#include "regtool/store/layout_folder.hpp"
#include "serve/file_hash.hpp"
#include "serve/incoming_file.hpp"
#include "serve/storage.hpp"
#include "store/safe_open.hpp"

namespace regtool::serve {

namespace {

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
    FolderStorage(store::LayoutFolder layout, std::stop_token stop, base::Log& log)
        : layout_(std::move(layout)),
          root_(store::open_folder(layout_.path())),
          stop_(std::move(stop)),
          log_(log) {}

    std::optional<OpenBlob> open_blob(const model::Digest& digest) override {
        if (!digest.verifier()) {
            return std::nullopt;
        }
        try {
            auto fd = layout_.open_blob(digest);
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
        return std::make_unique<IncomingFile>(root_.get(), layout_.path());
    }

    void commit(std::unique_ptr<IncomingBlob> blob, const model::Digest& digest) override {
        auto& file = dynamic_cast<IncomingFile&>(*blob);
        file.rename_to(layout_.new_blob_path(digest));
        remember(digest, identity_of(file.fd(), where(digest)));
    }

    bool remove_blob(const model::Digest& digest) override {
        return layout_.remove_blob(digest).has_value();
    }

    IndexState index(const std::string& known_stamp) override {
        const std::string path = layout_.path() + "/index.json";
        const auto file =
            store::open_file_at(root_.get(), std::string(store::kLayoutIndexName), path);
        if (!file) {
            throw base::IoError(path, "cannot open", ENOENT);
        }
        IndexState state;
        state.stamp = stamp_of(identity_of(file->get(), path));
        if (state.stamp != known_stamp) {
            state.text = store::read_small(*file, store::kMaxLayoutIndexBytes, path);
        }
        return state;
    }

    void edit_index(const std::function<void(nlohmann::ordered_json&)>& edit) override {
        layout_.update_index([&](store::LayoutIndex& index) {
            nlohmann::ordered_json document = parse_layout_index(index.text());
            edit(document);
            index = store::LayoutIndex::parse(dump_layout_index(document), "index.json");
        });
    }

    /// Makes room in a layout that is to be written: `oci-layout` and `index.json` where they are
    /// missing, and no files that killed runs left.
    void prepare() {
        layout_.share_blobs();
        layout_.update_index([](store::LayoutIndex&) {});
        remove_stale_incoming_files(root_.get());
    }

  private:
    [[nodiscard]] std::string where(const model::Digest& digest) const {
        return layout_.path() + "/" + store::blob_name(digest);
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

    store::LayoutFolder layout_;
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
    if (read_only) {
        return std::make_unique<FolderStorage>(store::LayoutFolder::open(path), std::move(stop),
                                               log);
    }
    auto storage =
        std::make_unique<FolderStorage>(store::LayoutFolder::create(path), std::move(stop), log);
    try {
        storage->prepare();
    } catch (base::IoError& error) {
        error.set_hint("to serve a folder that cannot be written: regtool serve --read-only");
        throw;
    }
    return storage;
}

}  // namespace regtool::serve
