#include "regtool/ui/output.hpp"

#include <nlohmann/json.hpp>
#include <optional>

#include "regtool/base/error.hpp"
#include "regtool/base/fd.hpp"
#include "regtool/base/json.hpp"
#include "regtool/base/text.hpp"
#include "regtool/ui/jq.hpp"
#include "ui/json_color.hpp"

namespace regtool::ui {

namespace {

constexpr std::size_t kBufferBytes = std::size_t{64} << 10;
constexpr const char* kName = "standard output";
constexpr int kIndent = 2;

using Json = nlohmann::ordered_json;

std::string dump(const Json& json, int indent) {
    return base::printable_json(json.dump(indent, ' ', false, Json::error_handler_t::replace));
}

}  // namespace

struct Output::Impl {
    class Bytes final : public stream::Sink {
      public:
        explicit Bytes(Impl& impl) : impl_(impl) {}

        void write(std::span<const std::byte> bytes) override {
            impl_.raw = true;
            impl_.put(base::as_text(bytes));
        }

      private:
        Impl& impl_;
    };

    Impl(int out, OutputOptions given) : fd(out), options(std::move(given)) {
        if (!options.jq.empty()) {
            filter.emplace(options.jq);
        }
    }

    int fd;
    OutputOptions options;
    std::optional<JqFilter> filter;
    std::string buffer;
    Bytes sink{*this};
    bool raw = false;  ///< bytes of a blob were written
    std::size_t items = 0;
    std::string collected;  ///< a whole listing, when --jq wants it as one array

    void put(std::string_view text) {
        if (buffer.size() + text.size() > kBufferBytes) {
            flush();
        }
        if (text.size() >= kBufferBytes) {
            base::write_all(fd, base::as_bytes(text), kName);
        } else {
            buffer += text;
        }
    }

    void put_line(std::string_view text) {
        put(text);
        put("\n");
    }

    void flush() {
        // Emptied first: what could not be written once must not be tried again on the way out.
        const std::string pending = std::exchange(buffer, {});
        if (!pending.empty()) {
            base::write_all(fd, base::as_bytes(pending), kName);
        }
        buffer.reserve(kBufferBytes);
    }

    [[nodiscard]] bool for_people() const {
        return options.layout == Layout::pretty ||
               (options.layout == Layout::automatic && options.terminal.is_terminal);
    }

    [[nodiscard]] std::string colored(std::string text) const {
        return options.terminal.color ? color_json(text) : text;
    }

    void run_filter(std::string_view json) {
        filter->run(json, for_people(), [this](std::string_view result) {
            put_line(options.terminal.is_terminal ? base::printable_json(result)
                                                  : std::string(result));
        });
    }

    [[nodiscard]] bool wants_whole_list() const {
        return filter && options.format != Format::ndjson;
    }
};

Output::Output(int fd, OutputOptions options)
    : impl_(std::make_unique<Impl>(fd, std::move(options))) {}

Output::~Output() = default;

Format Output::format() const noexcept {
    if (!impl_->options.jq.empty() && impl_->options.format == Format::text) {
        return Format::json;
    }
    return impl_->options.format;
}

bool Output::structured() const noexcept {
    return format() != Format::text;
}

const Terminal& Output::terminal() const noexcept {
    return impl_->options.terminal;
}

void Output::text(std::string_view text) {
    impl_->put(text);
}

void Output::line(std::string_view text) {
    impl_->put_line(text);
    // A person reads along; a pipe gets whole blocks.
    if (impl_->options.terminal.is_terminal) {
        impl_->flush();
    }
}

stream::Sink& Output::bytes() {
    return impl_->sink;
}

void Output::document(std::string_view json_bytes) {
    if (impl_->filter) {
        impl_->run_filter(json_bytes);
    } else if (impl_->for_people()) {
        impl_->put_line(impl_->colored(base::printable_json(base::indent_json(json_bytes))));
    } else {
        impl_->put(json_bytes);
    }
}

void Output::object(const Json& object) {
    if (impl_->filter) {
        impl_->run_filter(object.dump(-1, ' ', false, Json::error_handler_t::replace));
    } else if (format() == Format::ndjson || impl_->options.layout == Layout::raw) {
        impl_->put_line(dump(object, -1));
    } else {
        impl_->put_line(impl_->colored(dump(object, kIndent)));
    }
}

void Output::begin_list() {
    impl_->items = 0;
    impl_->collected.clear();
    if (impl_->wants_whole_list()) {
        impl_->collected = "[";
    }
}

void Output::item(const Json& object) {
    const bool first = impl_->items++ == 0;
    if (impl_->wants_whole_list()) {
        impl_->collected += (first ? "" : ",");
        impl_->collected += object.dump(-1, ' ', false, Json::error_handler_t::replace);
    } else if (impl_->filter) {
        impl_->run_filter(object.dump(-1, ' ', false, Json::error_handler_t::replace));
    } else if (format() == Format::ndjson) {
        impl_->put_line(dump(object, -1));
    } else {
        impl_->put(first ? "[\n  " : ",\n  ");
        impl_->put(impl_->colored(dump(object, -1)));
    }
}

void Output::end_list() {
    if (impl_->wants_whole_list()) {
        impl_->run_filter(impl_->collected + "]");
    } else if (format() == Format::json) {
        impl_->put(impl_->items == 0 ? "[]\n" : "\n]\n");
    }
}

void Output::flush() {
    impl_->flush();
}

void Output::flush_finished() {
    if (!impl_->raw) {
        impl_->flush();
    }
}

}  // namespace regtool::ui
