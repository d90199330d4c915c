#include "regtool/ui/messages.hpp"

#include <unistd.h>

#include <mutex>
#include <nlohmann/json.hpp>

#include "regtool/base/text.hpp"

namespace regtool::ui {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kRed = "\x1b[31;1m";
constexpr std::string_view kYellow = "\x1b[33;1m";
constexpr std::string_view kCyan = "\x1b[36m";
constexpr std::string_view kReset = "\x1b[0m";
constexpr std::size_t kMaxFieldBytes = 1024;

std::string painted(std::string_view text, std::string_view color, bool use_color) {
    return use_color ? std::string(color) + std::string(text) + std::string(kReset)
                     : std::string(text);
}

class MessageLog final : public base::Log {
  public:
    MessageLog(int fd, MessageOptions options, ProgressView* progress)
        : fd_(fd), options_(std::move(options)), progress_(progress) {}

    void warn(std::string_view message) noexcept override {
        if (!options_.quiet) {
            print("warning:", kYellow, message);
        }
    }

    void info(std::string_view message) noexcept override {
        if (options_.verbosity > 0 && !options_.quiet) {
            print("info:", kCyan, message);
        }
    }

    void trace(std::string_view message) noexcept override {
        if (options_.trace) {
            print("", "", message);
        }
    }

    bool tracing() const noexcept override { return options_.trace; }

  private:
    void print(std::string_view label, std::string_view color, std::string_view message) noexcept {
        try {
            std::string line;
            if (!label.empty()) {
                line = painted(label, color, options_.terminal.color) + " ";
            }
            line += base::printable(message) + "\n";
            const std::scoped_lock lock(mutex_);
            if (progress_ != nullptr) {
                progress_->pause();
            }
            // Nobody can be told that stderr is gone.
            [[maybe_unused]] const ssize_t written = write(fd_, line.data(), line.size());
        } catch (...) {  // a message is not worth the work it speaks of
            return;
        }
    }

    int fd_;
    MessageOptions options_;
    ProgressView* progress_;
    std::mutex mutex_;
};

std::string words_of(const base::RegistryErrorEntry& entry) {
    std::string words = base::printable(entry.code, 64);
    if (!entry.message.empty()) {
        words += ": " + base::printable(entry.message, kMaxFieldBytes);
    }
    if (!entry.detail.empty()) {
        words += " (" + base::printable(entry.detail, kMaxFieldBytes) + ")";
    }
    return words;
}

Json optional_text(const std::string& text) {
    return text.empty() ? Json(nullptr) : Json(text);
}

}  // namespace

std::unique_ptr<base::Log> make_message_log(int fd,
                                            MessageOptions options,
                                            ProgressView* progress) {
    return std::make_unique<MessageLog>(fd, std::move(options), progress);
}

std::string render_error_text(const base::Error& error, const Terminal& terminal) {
    std::string text =
        painted("error:", kRed, terminal.color) + " " + base::printable(error.message()) + "\n";
    for (const std::string& line : error.context()) {
        text += "  " + base::printable(line) + "\n";
    }
    for (const base::RegistryErrorEntry& entry : error.facts().registry_errors) {
        text += "  the registry says: " + words_of(entry) + "\n";
    }
    if (!error.hint().empty()) {
        text +=
            painted("hint:", kCyan, terminal.color) + " " + base::printable(error.hint()) + "\n";
    }
    return text;
}

std::string render_error_json(const base::Error& error) {
    const base::ErrorFacts& facts = error.facts();
    Json json;
    json["kind"] = base::to_string(error.kind());
    json["code"] = optional_text(facts.code);
    json["http_status"] = facts.http_status == 0 ? Json(nullptr) : Json(facts.http_status);
    json["reference"] = optional_text(facts.reference);
    json["message"] = error.message();
    json["hint"] = optional_text(error.hint());
    json["exit_code"] = static_cast<int>(error.exit_code());
    if (!facts.method.empty()) {
        json["method"] = facts.method;
        json["url"] = facts.url;
    }
    if (!error.context().empty()) {
        json["context"] = error.context();
    }
    for (const base::RegistryErrorEntry& entry : facts.registry_errors) {
        json["registry_errors"].push_back(
            {{"code", entry.code}, {"message", entry.message}, {"detail", entry.detail}});
    }
    return base::printable_json(json.dump(-1, ' ', false, Json::error_handler_t::replace)) + "\n";
}

}  // namespace regtool::ui
