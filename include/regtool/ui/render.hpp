#pragma once

#include <string>
#include <vector>

#include "regtool/ops/blob_report.hpp"
#include "regtool/ops/copy_report.hpp"
#include "regtool/ops/delete_report.hpp"
#include "regtool/ops/diff_report.hpp"
#include "regtool/ops/doctor_report.hpp"
#include "regtool/ops/file_report.hpp"
#include "regtool/ops/history_report.hpp"
#include "regtool/ops/inspect_report.hpp"
#include "regtool/ops/layer_report.hpp"
#include "regtool/ops/referrers_report.hpp"
#include "regtool/ops/retag_report.hpp"
#include "regtool/ops/size_report.hpp"
#include "regtool/ops/tags_report.hpp"
#include "regtool/ops/warm_report.hpp"
#include "regtool/ui/output.hpp"

namespace regtool::ui {

// Each shows one result in the output's format: text for people, or the JSON object whose keys the
// man page lists. Text and JSON of a result stand side by side in render_<result>.cpp.

void show(Output& out, const ops::BlameReport& report);
void show(Output& out, const ops::CopyReport& report);
void show(Output& out, const ops::DiffReport& report);
void show(Output& out, const ops::DoctorReport& report);
void show(Output& out, const ops::HistoryReport& report);
void show(Output& out, const ops::InspectReport& report);
void show(Output& out, const ops::SizeReport& report);
void show(Output& out, const ops::RetagReport& report);
void show(Output& out, const ops::BlobFacts& facts);
void show(Output& out, const ops::WarmReport& report);
void show(Output& out, const ops::WasteReport& report);

/// As Markdown that fits into a comment on GitHub: rows that do not are counted alone.
void show_markdown(Output& out, const ops::DiffReport& report);

/// "moved: 3 blobs (31.4 MB), 2 manifests, 1 mounted (5.0 MB)": what goes to stderr after a copy.
[[nodiscard]] std::string copy_summary(const ops::CopyReport& report);
void show(Output& out, const ops::BlobPlacement& placement);
void show(Output& out, const ops::ReferrersReport& report);
void show(Output& out, const ops::DeleteReport& report);

/// Part of a listing: call between Output::begin_list and end_list. Text is one line.
void show_item(Output& out, const ops::BlobVerification& verification);
void show_item(Output& out, const ops::LayerEntryRow& row);

/// How text names a file of the merged view.
enum class FileNames { last_parts, paths };
/// `details`: as a line of `ls -l`, with the layer.
void show_item(Output& out, const ops::FileRow& row, FileNames names, bool details);

/// Tags as a list of names, or with `details` as a table (text collects the rows until finish()).
class TagView {
  public:
    TagView(Output& out, bool details) : out_(out), details_(details) { out_.begin_list(); }

    void add(const ops::TagRow& row);
    void finish();

  private:
    Output& out_;
    bool details_;
    std::vector<ops::TagRow> rows_;
};

}  // namespace regtool::ui
