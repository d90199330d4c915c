#include "regtool/base/output_file.hpp"

#include <fcntl.h>

#include <cerrno>
#include <string>
#include <utility>

#include "regtool/base/error.hpp"

namespace regtool::base {

bool is_written_straight(const std::filesystem::path& path) {
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (error || !std::filesystem::exists(status) || std::filesystem::is_directory(status)) {
        return false;
    }
    if (!std::filesystem::is_regular_file(status)) {
        return true;
    }
    // The name of a descriptor that leads to a file.
    const auto folder = std::filesystem::canonical("." / path.parent_path(), error);
    return folder == "/dev" || folder.string().starts_with("/proc/");
}

OutputFile::OutputFile(std::filesystem::path path) : path_(std::move(path)) {
    if (!is_written_straight(path_)) {
        file_.emplace(path_);
        return;
    }
    straight_ = UniqueFd(::open(path_.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
    if (!straight_.valid()) {
        throw IoError(path_.string(), "cannot open", errno);
    }
}

void OutputFile::write(std::span<const std::byte> bytes) {
    if (file_) {
        file_->write(bytes);
    } else {
        write_all(straight_.get(), bytes, path_.string());
    }
}

void OutputFile::commit(AtomicFile::Sync sync) {
    if (file_) {
        file_->commit(0, sync);
    } else {
        straight_.close(path_.string());
    }
}

}  // namespace regtool::base
