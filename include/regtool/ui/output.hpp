#pragma once

#include <cstddef>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>

#include "regtool/stream/source.hpp"
#include "regtool/ui/terminal.hpp"

namespace regtool::ui {

enum class Format { text, json, ndjson };
enum class Layout {
    automatic,
    pretty,
    raw
};  ///< automatic: pretty on a terminal, the exact bytes elsewhere

struct OutputOptions {
    Format format = Format::text;
    std::string jq;  ///< expression of --jq; implies json
    Layout layout = Layout::automatic;
    Terminal terminal;  ///< of stdout
};

/// stdout: results and nothing else. Buffered in blocks; call flush() before the process ends and
/// before anything that must come after the result. One thread at a time. Throws ClosedPipe when
/// the reader went away, IoError otherwise; UsageError for a --jq expression that does not compile,
/// InvalidDocument for one that fails.
class Output {
  public:
    Output(int fd, OutputOptions options);
    ~Output();
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;
    Output(Output&&) = delete;
    Output& operator=(Output&&) = delete;

    [[nodiscard]] Format format() const noexcept;
    /// True when a result goes out as JSON (format json, ndjson or --jq).
    [[nodiscard]] bool structured() const noexcept;
    [[nodiscard]] const Terminal& terminal() const noexcept;

    /// Text as it is. Escape peers' text with base::printable first.
    void text(std::string_view text);
    /// text and a newline.
    void line(std::string_view text);
    /// Raw bytes (blobs, archives): for piping; never altered.
    [[nodiscard]] stream::Sink& bytes();

    /// A JSON document that was fetched: its exact bytes, unless shown to a person (terminal or
    /// --pretty: indented, coloured, control characters escaped) or filtered by --jq.
    void document(std::string_view json_bytes);

    /// One result object in the chosen structured format.
    void object(const nlohmann::ordered_json& object);

    /// A listing: one array with format json, a line for each with ndjson and --jq. begin, item…,
    /// end.
    void begin_list();
    void item(const nlohmann::ordered_json& object);
    void end_list();

    void flush();
    /// For the way out of a failure: writes the text and items that are still buffered, but drops
    /// raw bytes, whose blob turned out wrong.
    void flush_finished();

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace regtool::ui
