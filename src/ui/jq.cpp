#include "regtool/ui/jq.hpp"

extern "C" {
#include <jq.h>
#include <jv.h>
}

#include <vector>

#include "regtool/base/error.hpp"
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
}

}  // namespace regtool::ui
