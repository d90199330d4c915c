#pragma once

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "regtool/base/fd.hpp"
#include "regtool/layer/layer_reader.hpp"
#include "regtool/stream/source.hpp"

namespace regtool::layer {

/// What to do about two names that the file system takes for one (LAY-29, T-50).
enum class Collisions {
    refuse_where_case_folds,  ///< where a probe in the folder shows that case does not count
    refuse,                   ///< remembers each object also elsewhere, which costs memory
    allow,                    ///< the last one wins
};

struct DiskWriterOptions {
    bool devices = false;       ///< make device nodes and pipes, as root
    bool special_bits = false;  ///< keep setuid, setgid and sticky also for others than root
    Collisions collisions = Collisions::refuse_where_case_folds;
};

/// What was left out or could not be set.
struct DiskWriterCounts {
    std::size_t files = 0;  ///< made, of all types but folders
    std::size_t devices = 0;
    std::size_t sockets = 0;
    std::size_t xattrs = 0;
};

/// Makes the objects of a merged view below one folder. Paths are those of MergedTree: relative,
/// without "..", parents made before. No symbolic link is ever followed, neither one of the image
/// nor one that stands there already, so that nothing leaves the folder (T-13 to T-15). What stands
/// in the way of an object is removed, but for a folder with something in it. Owners are set by
/// root only (LAY-23). One thread at a time. Throws IoError; IntegrityError for a name that would
/// take the place of another of this run.
class DiskWriter {
  public:
    /// Makes the folder when it is missing.
    DiskWriter(std::string folder, DiskWriterOptions options);

    /// Makes it with full access for the owner: end_folder() sets what it is to have (LAY-24).
    /// Whether it was not there before.
    bool begin_folder(std::string_view path);
    void end_folder(std::string_view path, const Entry& entry);
    /// Instead of end_folder(), for one that was there: gives it back the mode that it had.
    void leave_folder(std::string_view path);
    void file(std::string_view path, const Entry& entry, stream::Source& content);
    /// Symbolic links, devices, pipes and sockets.
    void other(std::string_view path, const Entry& entry);
    /// Another name for a file that was made before.
    void link(std::string_view path, std::string_view target);

    [[nodiscard]] const DiskWriterCounts& counts() const noexcept { return counts_; }

  private:
    struct Place {
        int folder = -1;  ///< borrowed until the next call
        std::string name;
    };

    [[nodiscard]] Place place_of(std::string_view path);
    [[nodiscard]] base::UniqueFd open_folder(std::string_view path) const;
    [[nodiscard]] std::string shown(std::string_view path) const;
    void make_room(const Place& place, std::string_view path) const;
    void remember(int fd, std::string_view path);
    void remember(const Place& place, std::string_view path);
    void refuse_own(dev_t device, ino_t number, std::string_view path) const;
    template <class Set>
    void set_xattrs(const Entry& entry, const Set& set);
    void set_attributes(int fd, std::string_view path, const Entry& entry);
    void set_link_attributes(const Place& place, std::string_view path, const Entry& entry);
    void make_node(const Place& place, std::string_view path, const Entry& entry);
    [[nodiscard]] unsigned mode_of(const Entry& entry) const;

    std::string root_path_;
    DiskWriterOptions options_;
    DiskWriterCounts counts_;
    bool is_root_ = false;
    bool remembers_ = false;
    std::set<std::pair<dev_t, ino_t>> made_;  ///< what this run made, where names may collide
    std::map<std::string, unsigned, std::less<>> modes_before_;  ///< of folders without access
    base::UniqueFd root_;
    base::UniqueFd parent_;  ///< of the last path: neighbours follow each other
    std::string parent_path_;
};

}  // namespace regtool::layer
