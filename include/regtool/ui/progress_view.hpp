#pragma once

#include <memory>

#include "regtool/base/clock.hpp"
#include "regtool/ops/progress.hpp"
#include "regtool/ui/terminal.hpp"

namespace regtool::ui {

enum class ProgressMode { automatic, bar, plain, json, none };

/// How long work looks on stderr. bar: one line for each transfer and one for the whole (bytes,
/// speed, time left), redrawn ten times a second, shown only after 300 ms so that short work stays
/// quiet; plain: a line when an item ends and every 10 s; json: events, one object a line; none.
/// automatic: bar on a terminal, else none for work under 10 s and plain after. Thread-safe. The
/// destructor clears the bars.
class ProgressView : public ops::ProgressListener {
  public:
    /// Takes the bars off the screen so that other text can be written; they come back with the
    /// next event.
    virtual void pause() noexcept = 0;
};

[[nodiscard]] std::unique_ptr<ProgressView> make_progress_view(ProgressMode mode,
                                                               int fd,
                                                               const Terminal& terminal,
                                                               base::Clock& clock);

}  // namespace regtool::ui
