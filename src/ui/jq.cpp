#include "regtool/ui/jq.hpp"

extern "C" {
#include <jq.h>
#include <jv.h>
}

#include <unistd.h>

#include <vector>

#include "regtool/base/error.hpp"
#include "regtool/base/fd.hpp"
#include "regtool/base/shared_library.hpp"
#include "regtool/base/text.hpp"

namespace regtool::ui {

namespace {

/// The functions of libjq that are used. Loaded by hand: linking libjq would cost every start.
struct Library {
    decltype(&jq_init) init = nullptr;
    decltype(&jq_teardown) teardown = nullptr;
    decltype(&jq_compile) compile = nullptr;
    decltype(&jq_start) start = nullptr;
    decltype(&jq_next) next = nullptr;
    decltype(&jq_set_error_cb) set_error_cb = nullptr;
    decltype(&jq_set_input_cb) set_input_cb = nullptr;
    decltype(&jq_set_debug_cb) set_debug_cb = nullptr;
    decltype(&jq_set_attr) set_attr = nullptr;
    decltype(&jq_halted) halted = nullptr;
    decltype(&jq_get_exit_code) get_exit_code = nullptr;
    decltype(&jq_get_error_message) get_error_message = nullptr;
    decltype(&jv_string) string = nullptr;
    decltype(&jv_array) array = nullptr;
    decltype(&jv_number_value) number_value = nullptr;
    decltype(&jv_invalid) invalid = nullptr;
    decltype(&jv_parse_sized) parse_sized = nullptr;
    decltype(&jv_dump_string) dump_string = nullptr;
    decltype(&jv_string_value) string_value = nullptr;
    decltype(&jv_string_length_bytes) string_length = nullptr;
    decltype(&jv_get_kind) get_kind = nullptr;
    decltype(&jv_copy) copy = nullptr;
    decltype(&jv_free) free = nullptr;
    decltype(&jv_invalid_has_msg) invalid_has_msg = nullptr;
    decltype(&jv_invalid_get_msg) invalid_get_msg = nullptr;
};

Library load() {
    const base::SharedLibrary library("libjq.so.1");
    if (!library) {
        base::UsageError error("--jq needs libjq, which is not installed");
        error.set_hint("apt-get install libjq1");
        throw error;
    }
    const auto find = [&library](const char* name, auto& function) {
        if (!library.find(name, function)) {
            throw base::UsageError(std::string("--jq: this libjq has no ") + name);
        }
    };
    Library jq;
    find("jq_init", jq.init);
    find("jq_teardown", jq.teardown);
    find("jq_compile", jq.compile);
    find("jq_start", jq.start);
    find("jq_next", jq.next);
    find("jq_set_error_cb", jq.set_error_cb);
    find("jq_set_input_cb", jq.set_input_cb);
    find("jq_set_debug_cb", jq.set_debug_cb);
    find("jq_set_attr", jq.set_attr);
    find("jq_halted", jq.halted);
    find("jq_get_exit_code", jq.get_exit_code);
    find("jq_get_error_message", jq.get_error_message);
    find("jv_string", jq.string);
    find("jv_array", jq.array);
    find("jv_number_value", jq.number_value);
    find("jv_invalid", jq.invalid);
    find("jv_parse_sized", jq.parse_sized);
    find("jv_dump_string", jq.dump_string);
    find("jv_string_value", jq.string_value);
    find("jv_string_length_bytes", jq.string_length);
    find("jv_get_kind", jq.get_kind);
    find("jv_copy", jq.copy);
    find("jv_free", jq.free);
    find("jv_invalid_has_msg", jq.invalid_has_msg);
    find("jv_invalid_get_msg", jq.invalid_get_msg);
    return jq;
}

}  // namespace

struct JqFilter::Impl {
    Library jq = load();
    jq_state* state = nullptr;
    std::vector<std::string> complaints;

    Impl() : state(jq.init()) {
        if (state == nullptr) {
            throw base::Error(base::ErrorKind::internal, "libjq does not start");
        }
    }

    ~Impl() { jq.teardown(&state); }

    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    Impl(Impl&&) = delete;
    Impl& operator=(Impl&&) = delete;

    static void on_error(void* self, jv message) noexcept {
        auto& impl = *static_cast<Impl*>(self);
        try {
            impl.complaints.push_back(impl.text_of(message));
        } catch (...) {  // no memory for a message: the failure itself is still reported
            impl.complaints.clear();
        }
    }

    /// There is one document, which was given.
    static jv no_input(jq_state* /*state*/, void* self) noexcept {
        return static_cast<Impl*>(self)->jq.invalid();
    }

    /// Of `debug`, as jq itself shows it.
    static void on_debug(void* self, jv message) noexcept {
        try {
            const std::string line = static_cast<Impl*>(self)->text_of(message) + "\n";
            base::write_all(STDERR_FILENO, base::as_bytes(line), "standard error");
        } catch (...) {  // what the filter gives is the same without it
            return;
        }
    }

    /// Without these a filter that imports a module ends the program.
    void name_no_modules() const {
        jq.set_attr(state, jq.string("JQ_LIBRARY_PATH"), jq.array());
        jq.set_attr(state, jq.string("JQ_ORIGIN"), jq.string("/"));
        jq.set_attr(state, jq.string("PROGRAM_ORIGIN"), jq.string("/"));
    }

    /// What halt_error says, and halt with a code of failure, is an error as any other.
    void check_halt() const {
        if (jq.halted(state) == 0) {
            return;
        }
        const jv code = jq.get_exit_code(state);
        const bool failed = jq.get_kind(code) == JV_KIND_NUMBER && jq.number_value(code) != 0;
        jq.free(code);
        const jv message = jq.get_error_message(state);
        std::string why = "the filter halted";
        if (jq.get_kind(message) == JV_KIND_INVALID) {
            jq.free(message);
        } else {
            why = text_of(message);
        }
        if (failed) {
            throw base::InvalidDocument("--jq failed: " + base::printable(why, 400));
        }
    }

    /// Consumes `value`.
    std::string text_of(jv value) const {
        if (jq.get_kind(value) != JV_KIND_STRING) {
            value = jq.dump_string(value, 0);
        }
        const auto size = static_cast<std::size_t>(jq.string_length(jq.copy(value)));
        std::string text(jq.string_value(value), size);
        jq.free(value);
        return text;
    }

    /// Consumes `value`.
    [[noreturn]] void throw_message(jv value, const std::string& what) const {
        std::string text = text_of(jq.invalid_get_msg(value));
        throw base::InvalidDocument(what + base::printable(text, 400));
    }
};

JqFilter::JqFilter(const std::string& expression) : impl_(std::make_unique<Impl>()) {
    impl_->jq.set_error_cb(impl_->state, &Impl::on_error, impl_.get());
    impl_->jq.set_input_cb(impl_->state, &Impl::no_input, impl_.get());
    impl_->jq.set_debug_cb(impl_->state, &Impl::on_debug, impl_.get());
    impl_->name_no_modules();
    if (impl_->jq.compile(impl_->state, expression.c_str()) == 0) {
        base::UsageError error("the expression of --jq does not compile");
        for (const std::string& line : impl_->complaints) {
            error.add_context(base::printable(line, 400));
        }
        throw error;
    }
}

JqFilter::~JqFilter() = default;

void JqFilter::run(std::string_view json,
                   bool indented,
                   const std::function<void(std::string_view)>& out) {
    const Library& jq = impl_->jq;
    jv input = jq.parse_sized(json.data(), static_cast<int>(json.size()));
    if (jq.get_kind(input) == JV_KIND_INVALID) {
        impl_->throw_message(input, "--jq cannot read the document: ");
    }
    const int flags = indented ? JV_PRINT_PRETTY | JV_PRINT_INDENT_FLAGS(2) : 0;
    jq.start(impl_->state, input, 0);
    jv result = jq.next(impl_->state);
    while (jq.get_kind(result) != JV_KIND_INVALID) {
        const bool is_string = jq.get_kind(result) == JV_KIND_STRING;
        const std::string text = impl_->text_of(is_string ? result : jq.dump_string(result, flags));
        out(text);
        result = jq.next(impl_->state);
    }
    if (jq.invalid_has_msg(jq.copy(result)) != 0) {
        impl_->throw_message(result, "--jq failed: ");
    }
    jq.free(result);
    impl_->check_halt();
}

}  // namespace regtool::ui
