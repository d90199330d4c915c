#include "store/archive_output.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "regtool/base/error.hpp"

namespace regtool::store {

ArchiveOutput::ArchiveOutput(const std::string& path)
    : where_(path == "-" ? "standard output" : path) {
    if (path != "-") {
        named_.emplace(path);
        return;
    }
    stdout_ = base::UniqueFd(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0));
    if (!stdout_.valid()) {
        throw base::IoError(where_, "cannot open", errno);
    }
}

void ArchiveOutput::write(std::span<const std::byte> bytes) {
    if (named_) {
        named_->write(bytes);
    } else {
        base::write_all(stdout_.get(), bytes, where_);
    }
    size_ += bytes.size();
}

bool ArchiveOutput::cut(std::uint64_t size) {
    base::AtomicFile* file = named_ ? named_->file() : nullptr;
    if (file == nullptr) {
        return size == size_;
    }
    file->cut(size);
    size_ = size;
    return true;
}

void ArchiveOutput::commit() {
    if (named_) {
        named_->commit(base::AtomicFile::Sync::yes);
    } else {
        stdout_.close(where_);
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
