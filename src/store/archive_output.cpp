#include "store/archive_output.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "regtool/base/error.hpp"

namespace regtool::store {

namespace {

bool is_pipe_or_device(const std::string& path) {
    struct stat facts {};

    return ::stat(path.c_str(), &facts) == 0 && !S_ISREG(facts.st_mode) && !S_ISDIR(facts.st_mode);
}

}  // namespace

ArchiveOutput::ArchiveOutput(const std::string& path)
    : where_(path == "-" ? "standard output" : path) {
    if (path == "-") {
        straight_ = base::UniqueFd(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0));
    } else if (is_pipe_or_device(path)) {
        straight_ = base::UniqueFd(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
    } else {
        file_.emplace(path);
        return;
    }
    if (!straight_.valid()) {
        throw base::IoError(where_, "cannot open", errno);
    }
}

void ArchiveOutput::write(std::span<const std::byte> bytes) {
    if (file_) {
        file_->write(bytes);
    } else {
        base::write_all(straight_.get(), bytes, where_);
    }
    size_ += bytes.size();
}

bool ArchiveOutput::cut(std::uint64_t size) {
    if (!file_) {
        return size == size_;
    }
    file_->cut(size);
    size_ = size;
    return true;
}

void ArchiveOutput::commit() {
    if (file_) {
        file_->commit(0, base::AtomicFile::Sync::yes);
    } else {
        straight_.close(where_);
    }
}

void require_archive_output(const std::string& path) {
    if (path == "-" && ::isatty(STDOUT_FILENO) != 0) {
        base::UsageError error("an archive is not for a terminal");
        error.set_hint("name a file, or let a program read it");
        throw error;
    }
}

}  // namespace regtool::store
