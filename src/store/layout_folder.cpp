#include "regtool/store/layout_folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "regtool/base/error.hpp"
#include "regtool/base/json.hpp"
#include "regtool/base/text.hpp"
#include "store/content.hpp"
#include "store/safe_open.hpp"

namespace regtool::store {

namespace {

constexpr std::string_view kLockName = "index.json.lock";

/// False when it would have to wait and `how` says LOCK_NB.
bool lock(int fd, int how, const std::string& where) {
    while (::flock(fd, how) != 0) {
        if (errno == EWOULDBLOCK) {
            return false;
        }
        if (errno != EINTR) {
            throw base::IoError(where, "cannot lock", errno);
        }
    }
    return true;
}

/// Held by the one who changes the index. The file stays: removing it would let two hold "the"
/// lock.
class Lock {
  public:
    Lock(int folder, const std::string& where) {
        constexpr mode_t kEveryone = 0666;  // less the umask: whoever may write the layout may lock
        fd_ = base::UniqueFd(::openat(folder, std::string(kLockName).c_str(),
                                      O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
                                      kEveryone));
        if (!fd_.valid()) {
            throw base::IoError(where, "cannot lock", errno);
        }
        (void)lock(fd_.get(), LOCK_EX, where);
    }

  private:
    base::UniqueFd fd_;
};

void write_whole(const std::string& path, std::string_view text) {
    base::AtomicFile file(path);
    file.write(base::as_bytes(text));
    file.commit(0, base::AtomicFile::Sync::yes);
}

bool belongs_to_layout(const std::string& name) {
    return name == "blobs" || name == kLayoutMarker || name == kLayoutIndexName ||
           name == kLockName || name.starts_with(".regtool-");
}

}  // namespace

LayoutFolder::LayoutFolder(std::string path, base::UniqueFd folder)
    : path_(std::move(path)), folder_(std::move(folder)) {}

LayoutFolder LayoutFolder::open(const std::string& path) {
    LayoutFolder layout(path, open_folder(path));
    layout.check_marker();
    auto blobs = open_folder_at(layout.folder_.get(), "blobs", path + "/blobs");
    if (!blobs) {
        throw base::InvalidDocument(path + " is no OCI layout: it has no folder 'blobs'");
    }
    layout.blobs_ = std::move(*blobs);
    if (!open_file_at(layout.folder_.get(), std::string(kLayoutIndexName), path + "/index.json")) {
        throw base::InvalidDocument(path + " is no OCI layout: it has no file 'index.json'");
    }
    return layout;
}

void LayoutFolder::require_writable(const std::string& path) {
    std::error_code error;
    std::string stranger;
    for (const auto& entry : std::filesystem::directory_iterator(path, error)) {
        const std::string name = entry.path().filename();
        if (name == kLayoutMarker) {
            return;
        }
        if (!belongs_to_layout(name)) {
            stranger = name;
        }
    }
    if (error && error != std::errc::no_such_file_or_directory) {
        throw base::IoError(path, "cannot read", error.value());
    }
    if (!stranger.empty()) {
        base::UsageError refusal(path + " is no OCI layout: it holds '" +
                                 base::printable(stranger, 100) + "' and no 'oci-layout'");
        refusal.set_hint("name a new or an empty folder");
        throw refusal;
    }
}

LayoutFolder LayoutFolder::create(const std::string& path) {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error) {
        throw base::IoError(path, "cannot create", error.value());
    }
    require_writable(path);
    make_folder_at(open_folder(path).get(), "blobs", path + "/blobs");
    auto layout = find(path);
    if (!layout) {
        throw base::IoError(path + "/blobs", "cannot open", ENOENT);
    }
    return std::move(*layout);
}

std::optional<LayoutFolder> LayoutFolder::find(const std::string& path) {
    auto folder = open_folder_at(AT_FDCWD, path + "/.", path);
    if (!folder) {
        return std::nullopt;
    }
    LayoutFolder layout(path, std::move(*folder));
    auto blobs = open_folder_at(layout.folder_.get(), "blobs", path + "/blobs");
    if (!blobs) {
        return std::nullopt;
    }
    layout.blobs_ = std::move(*blobs);
    if (layout.has_marker()) {
        layout.check_marker();
    }
    return layout;
}

bool LayoutFolder::has_marker() const {
    return open_file_at(folder_.get(), std::string(kLayoutMarker), path_ + "/oci-layout")
        .has_value();
}

void LayoutFolder::check_marker() const {
    const std::string where = path_ + "/oci-layout";
    const auto file = open_file_at(folder_.get(), std::string(kLayoutMarker), where);
    if (!file) {
        throw base::InvalidDocument(path_ + " is no OCI layout: it has no file 'oci-layout'");
    }
    check_layout_marker(read_small(*file, kMaxLayoutMarkerBytes, where), where);
}

std::optional<LayoutIndex> LayoutFolder::read_index() const {
    const std::string where = path_ + "/index.json";
    const auto file = open_file_at(folder_.get(), std::string(kLayoutIndexName), where);
    return file ? std::optional(
                      LayoutIndex::parse(read_small(*file, kMaxLayoutIndexBytes, where), where))
                : std::nullopt;
}

LayoutIndex LayoutFolder::index() const {
    return read_index().value_or(LayoutIndex());
}

std::optional<base::UniqueFd> LayoutFolder::open_blob(const model::Digest& digest) const {
    const std::string algorithm(digest.algorithm());
    const auto folder = open_folder_at(blobs_.get(), algorithm, path_ + "/blobs/" + algorithm);
    return folder ? open_file_at(folder->get(), std::string(digest.encoded()),
                                 path_ + "/" + blob_name(digest))
                  : std::nullopt;
}

std::string LayoutFolder::new_blob_path(const model::Digest& digest) const {
    const std::string algorithm(digest.algorithm());
    const std::string where = path_ + "/blobs/" + algorithm;
    make_folder_at(blobs_.get(), algorithm, where);
    (void)open_folder_at(blobs_.get(), algorithm, where);  // refuses a link
    return path_ + "/" + blob_name(digest);
}

void LayoutFolder::sync_blobs(const std::set<model::Digest>& digests,
                              const std::stop_token& stop) const {
    std::set<std::string> algorithms;
    for (const model::Digest& digest : digests) {
        check_stop(stop);
        if (const auto blob = open_blob(digest)) {
            sync_to_disk(blob->get(), path_ + "/" + blob_name(digest));
        }
        algorithms.emplace(digest.algorithm());
    }
    for (const std::string& algorithm : algorithms) {
        const std::string where = path_ + "/blobs/" + algorithm;
        if (const auto folder = open_folder_at(blobs_.get(), algorithm, where)) {
            sync_to_disk(folder->get(), where);
        }
    }
}

std::optional<std::uint64_t> LayoutFolder::remove_blob(const model::Digest& digest) const {
    const std::string where = path_ + "/" + blob_name(digest);
    const auto blob = open_blob(digest);
    const auto folder = open_folder_at(blobs_.get(), std::string(digest.algorithm()), where);
    if (!blob || !folder) {
        return std::nullopt;
    }
    const std::uint64_t size = size_of(*blob, where);
    if (::unlinkat(folder->get(), std::string(digest.encoded()).c_str(), 0) != 0 &&
        errno != ENOENT) {
        throw base::IoError(where, "cannot remove", errno);
    }
    return size;
}

// The lock is on the folder `blobs` itself: it is there in every layout, whoever made it, and
// taking the lock changes nothing on the disk.
void LayoutFolder::share_blobs() const {
    (void)lock(blobs_.get(), LOCK_SH, path_ + "/blobs");
}

void LayoutFolder::own_blobs() const {
    if (!lock(blobs_.get(), LOCK_EX | LOCK_NB, path_ + "/blobs")) {
        base::IoError error(path_, "is being written to by another program", 0);
        error.set_hint("try again when that copy or 'regtool serve' has ended");
        throw error;
    }
}

void LayoutFolder::update_index(const std::function<void(LayoutIndex&)>& edit) const {
    const Lock lock(folder_.get(), path_);
    const auto before = read_index();
    LayoutIndex after = before.value_or(LayoutIndex());
    edit(after);
    if (!has_marker()) {
        write_whole(path_ + "/oci-layout", kLayoutMarkerText);
    }
    const std::string text = after.text();
    if (!before || before->text() != text) {
        if (text.size() > kMaxLayoutIndexBytes) {
            throw base::IoError(path_ + "/index.json", "would grow too large", EFBIG);
        }
        write_whole(path_ + "/index.json", text);
        sync_to_disk(folder_.get(), path_);
    }
}

std::string blob_name(const model::Digest& digest) {
    return "blobs/" + std::string(digest.algorithm()) + "/" + std::string(digest.encoded());
}

void check_layout_marker(const std::string& text, const std::string& where) {
    const auto json = base::parse_json(text, where);
    const auto version = json.is_object() ? json.find("imageLayoutVersion") : json.end();
    if (version == json.end() || !version->is_string()) {
        throw base::InvalidDocument(where + ": imageLayoutVersion is missing");
    }
    if (version->get<std::string>() != "1.0.0") {
        throw base::InvalidDocument(where + ": imageLayoutVersion is '" +
                                    base::printable(version->get<std::string>(), 50) +
                                    "', only 1.0.0 is known");
    }
}

}  // namespace regtool::store
