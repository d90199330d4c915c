#include "regtool/ui/progress_view.hpp"

#include <unistd.h>

#include "ui/progress_views.hpp"

namespace regtool::ui {

namespace {

class SilentProgress final : public ProgressView {
  public:
    Id started(std::string_view /*label*/,
               std::optional<std::uint64_t> /*total*/) noexcept override {
        return 0;
    }

    void advanced(Id /*id*/, std::uint64_t /*bytes*/) noexcept override {}

    void finished(Id /*id*/, ops::TransferEnd /*how*/) noexcept override {}

    void pause() noexcept override {}
};

}  // namespace

std::unique_ptr<ProgressView> make_progress_view(ProgressMode mode,
                                                 int fd,
                                                 const Terminal& terminal,
                                                 base::Clock& clock) {
    if (mode == ProgressMode::automatic && terminal.is_terminal) {
        mode = ProgressMode::bar;
    }
    switch (mode) {
        case ProgressMode::bar:
            return make_bar_progress(fd, terminal, clock);
        case ProgressMode::plain:
            return make_plain_progress(fd, PlainStart::at_once, clock);
        case ProgressMode::automatic:
            return make_plain_progress(fd, PlainStart::when_long, clock);
        case ProgressMode::json:
            return make_json_progress(fd, clock);
        case ProgressMode::none:
            break;
    }
    return std::make_unique<SilentProgress>();
}

void write_progress(int fd, std::string_view text) noexcept {
    // Progress that nobody can see is not worth an error.
    [[maybe_unused]] const ssize_t written = write(fd, text.data(), text.size());
}

}  // namespace regtool::ui
