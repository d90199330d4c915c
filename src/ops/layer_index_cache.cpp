#include "regtool/ops/layer_index_cache.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <string>
#include <vector>

#include "ops/spooled_file.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/fd.hpp"
#include "regtool/base/text.hpp"
#include "regtool/stream/writing_sink.hpp"

namespace regtool::ops {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kIndex = ".index";
constexpr std::string_view kFacts = ".facts";
constexpr std::string_view kBlob = ".blob";
/// A temporary file that is older belongs to nobody any more.
constexpr auto kAbandonedAfter = std::chrono::hours(24);
constexpr mode_t kOwnerOnly = 0700;
constexpr const char* kNotOurs = "is not a folder that only this user can write to";

struct Kept {
    fs::path path;
    fs::file_time_type used;
    std::uint64_t bytes = 0;
};

/// What another process removes meanwhile is left out.
std::vector<Kept> kept_files(const fs::path& folder) {
    std::vector<Kept> files;
    std::error_code failed;
    for (fs::directory_iterator at(folder, failed), end; !failed && at != end;
         at.increment(failed)) {
        std::error_code gone;
        const Kept file{at->path(), at->last_write_time(gone), at->file_size(gone)};
        if (!gone) {
            files.push_back(file);
        }
    }
    return files;
}

void forget(const fs::path& file) {
    std::error_code ignored;
    fs::remove(file, ignored);
}

void mark_used(const fs::path& file) {
    std::error_code ignored;  // it is only used less recently then
    fs::last_write_time(file, fs::file_time_type::clock::now(), ignored);
}

}  // namespace

LayerIndexCache::LayerIndexCache(const fs::path& folder, std::uint64_t max_bytes)
    : folder_(folder / "layers"), max_bytes_(max_bytes) {}

fs::path LayerIndexCache::file_of(const model::Digest& layer, std::string_view ending) const {
    std::string name(layer.algorithm());
    name += '-';
    name += layer.encoded();
    name += ending;
    return folder_ / name;
}

bool LayerIndexCache::is_ours() const {
    struct stat facts {};

    return ::lstat(folder_.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode) &&
           facts.st_uid == ::geteuid() && (facts.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

std::string LayerIndexCache::complaint() const {
    std::error_code error;
    // A parent that is no folder, or may not be looked into, is told of as well.
    const bool absent = fs::symlink_status(folder_, error).type() == fs::file_type::not_found &&
                        (!fs::exists(folder_.parent_path(), error) ||
                         fs::is_directory(folder_.parent_path(), error));
    return absent || is_ours() ? "" : folder_.string() + " " + kNotOurs;
}

base::UniqueFd LayerIndexCache::open(const fs::path& file) const {
    if (!is_ours()) {
        return {};
    }
    try {
        return open_regular_file(file.string(), O_NOFOLLOW);
    } catch (const base::IoError&) {
        return {};
    }
}

std::optional<std::string> LayerIndexCache::read(const fs::path& file,
                                                 std::size_t max_bytes) const {
    const base::UniqueFd opened = open(file);
    if (!opened.valid()) {
        return std::nullopt;
    }
    try {
        stream::FdSource source(opened.get(), file.string());
        stream::StringSink bytes(max_bytes);
        stream::pump(source, bytes);
        return std::move(bytes.text());
    } catch (const base::Error&) {
        forget(file);
        return std::nullopt;
    }
}

void LayerIndexCache::make_folder() const {
    std::error_code failed;
    fs::create_directories(folder_.parent_path(), failed);
    if (!failed && ::mkdir(folder_.c_str(), kOwnerOnly) != 0 && errno != EEXIST) {
        failed = std::error_code(errno, std::generic_category());
    }
    if (failed) {
        throw base::IoError(folder_.string(), "cannot create", failed.value());
    }
    if (!is_ours()) {
        base::IoError error(folder_.string(), kNotOurs, 0);
        error.set_hint("regtool --cache-dir DIR names another place");
        throw error;
    }
}

void LayerIndexCache::write(const fs::path& file,
                            const std::function<void(stream::Sink&)>& fill) const {
    make_folder();
    base::AtomicFile whole(file);
    stream::WritingSink sink(whole);
    fill(sink);
    whole.commit();
    evict();
}

std::optional<layer::LayerIndex> LayerIndexCache::find(const model::Descriptor& layer) const {
    const fs::path file = file_of(layer.digest, kIndex);
    base::UniqueFd opened = open(file);
    if (!opened.valid()) {
        return std::nullopt;
    }
    try {
        layer::LayerIndex index = layer::read_layer_index(std::move(opened));
        if (index.layer == layer.digest && index.layer_bytes == layer.size) {
            mark_used(file);
            return index;
        }
    } catch (const base::Error&) {  // made anew by the next full read
    }
    forget(file);
    return std::nullopt;
}

void LayerIndexCache::put(const layer::LayerIndex& index) const {
    write(file_of(index.layer, kIndex),
          [&index](stream::Sink& file) { layer::write_layer_index(index, file); });
}

std::uint64_t LayerIndexCache::bytes_of(const model::Digest& layer) const {
    std::error_code absent;
    const std::uintmax_t bytes = fs::file_size(file_of(layer, kIndex), absent);
    return absent ? 0 : bytes;
}

LayerFacts LayerIndexCache::find_facts(const model::Digest& layer) const {
    const fs::path file = file_of(layer, kFacts);
    const auto bytes = read(file, kMaxFactsBytes);
    if (!bytes) {
        return {};
    }
    try {
        LayerFacts facts = read_content_facts(layer, *bytes);
        mark_used(file);
        return facts;
    } catch (const base::Error&) {
        forget(file);
        return {};
    }
}

void LayerIndexCache::put_facts(const model::Digest& layer, const LayerFacts& facts) const {
    write(file_of(layer, kFacts), [&](stream::Sink& file) {
        file.write(base::as_bytes(write_content_facts(layer, facts)));
    });
}

std::optional<std::string> LayerIndexCache::find_blob(const model::Descriptor& blob) const {
    const auto algorithm = blob.digest.verifier();
    const fs::path file = file_of(blob.digest, kBlob);
    auto bytes =
        algorithm ? read(file, static_cast<std::size_t>(blob.size)) : std::optional<std::string>();
    if (!bytes) {
        return std::nullopt;
    }
    if (model::Digest::of(*algorithm, *bytes) != blob.digest) {
        forget(file);
        return std::nullopt;
    }
    mark_used(file);
    return bytes;
}

void LayerIndexCache::put_blob(const model::Digest& blob, std::string_view bytes) const {
    write(file_of(blob, kBlob), [&](stream::Sink& file) { file.write(base::as_bytes(bytes)); });
}

void LayerIndexCache::evict() const {
    std::vector<Kept> files = kept_files(folder_);
    std::sort(files.begin(), files.end(),
              [](const Kept& a, const Kept& b) { return a.used > b.used; });
    std::uint64_t total = 0;
    for (const Kept& file : files) {
        const fs::path ending = file.path.extension();
        if (ending != kIndex && ending != kFacts && ending != kBlob) {
            if (file.used + kAbandonedAfter < fs::file_time_type::clock::now()) {
                forget(file.path);
            }
            continue;
        }
        total += file.bytes;
        if (total > max_bytes_) {
            forget(file.path);
        }
    }
}

}  // namespace regtool::ops
