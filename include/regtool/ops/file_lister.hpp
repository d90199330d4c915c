#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "regtool/layer/merged_tree.hpp"
#include "regtool/ops/file_report.hpp"

namespace regtool::ops {

using RowSink = std::function<void(const FileRow&)>;

[[nodiscard]] FileRow file_row(const layer::MergedTree& tree, layer::MergedTree::NodeId node);

struct ListQuery {
    std::string path = "/";
    bool recursive = false;
    bool deleted = false;  ///< also what layers deleted
};

/// What is in a folder, in the order of names; of anything else itself. A link to a folder is
/// followed. Throws NotFound.
void list_files(const layer::MergedTree& tree, const ListQuery& query, const RowSink& row);

struct SizeBound {
    enum class Side { below, exactly, above } side = Side::exactly;
    std::uint64_t bytes = 0;
};

/// "+N", "-N" or "N" with a unit k, M, G (1024) or none (bytes). Throws UsageError.
[[nodiscard]] SizeBound parse_size_bound(const std::string& text);

struct FindQuery {
    std::string path = "/";
    std::string name{};   ///< shell pattern for the last part; empty: any
    std::string regex{};  ///< extended, anywhere in the absolute path; empty: any
    std::string types{};  ///< letters f d l c b p s; empty: any
    std::optional<SizeBound> size{};
    bool setuid = false;  ///< setuid or setgid files
    std::optional<std::int64_t> newer{};
};

/// The objects at and below a path that meet every condition, parents first. Throws NotFound,
/// UsageError for a pattern that does not compile.
void find_files(const layer::MergedTree& tree, const FindQuery& query, const RowSink& row);

}  // namespace regtool::ops
